"""From facts to a proposed level: which start conditions hold, the gravest level of them, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from anlan.response.engine.metrics import METRICS, condition_words, covers, speaks_of
from anlan.response.engine.plan import (
    COLOUR_RANK,
    GRADE_RANK,
    NUMERALS,
    NUMERALS_EN,
    Condition,
    LevelRule,
    Plan,
    Source,
    Trigger,
    Words,
)
from anlan.response.engine.statutes import law_text

SHOWN = 8


class Fact(NamedTuple):
    """What is the case now: a firing gauge signal, a warning in force, water over a limit, a figure or grade of an event.

    `areas`: the divisions it speaks of; `text` in the user's words; `ref` names the row ("signal:<uuid>"). `metric` is
    a code of `engine.metrics` with its `value` in that metric's unit (the level, 1 to 4, for another plan's response);
    `colour` for warnings and rain, `metres` over the limit for a reservoir, `grade` for a graded event, `density` for
    an earthquake's place, `plan` for a response. `hazard`: its GB/T 35561 code; `incident`: the event it belongs to,
    "" for the whole area. An empty `metric` is rain (with a colour) or a reservoir (with metres).
    """

    source: Source
    ref: str
    areas: tuple[str, ...]
    at: datetime
    text: Words
    colour: str = ""
    metres: float | None = None
    metric: str = ""
    value: float | None = None
    hazard: str = ""
    incident: str = ""
    grade: str = ""
    density: str = ""
    plan: str = ""


class Verdict(NamedTuple):
    """The level the plan asks for, the trigger that decides, the facts that meet it, and the explanation; `incident`
    is the event they belong to, "" where they speak of the area."""

    level: int
    trigger: str
    facts: tuple[Fact, ...]
    explanation: dict[str, object]
    incident: str = ""


def area_key(code: str) -> str:
    """Return the area a division counts as: its county, or itself when it stands above counties."""
    return code[:6]


def within(plan_area: str, code: str) -> bool:
    """Does a fact about `code` concern the plan's area: inside it, or around all of it?"""
    return code.startswith(plan_area) or plan_area.startswith(code)


def evaluate(plan: Plan, facts: Sequence[Fact], incident: str | None = None) -> Verdict | None:
    """Return the gravest level any trigger of the plan asks for, or None when no trigger holds.

    `incident`: look at this event alone (and at what speaks of the whole area); None looks at every event there is.
    """
    local = [fact for fact in facts if any(within(plan.area, code) for code in fact.areas)]
    if incident is not None:
        local = [fact for fact in local if fact.incident in ("", incident)]
    events = sorted({fact.incident for fact in local} | {""})
    for rule in sorted(plan.levels, key=lambda rule: rule.level):
        for trigger in rule.triggers:
            for condition in trigger.any_of:
                for event in events:
                    met = _met(plan, condition, local, event)
                    if met:
                        belongs = event if any(fact.incident for fact in met) else ""
                        why = _explain(plan, rule, trigger, condition, met)
                        return Verdict(rule.level, trigger.id, met, why, belongs)
    return None


def verdicts(plan: Plan, facts: Sequence[Fact]) -> dict[str, Verdict]:
    """Return what the plan asks for, by event: for a plan of the whole area under "", for one of single events under
    each event that meets a condition."""
    if plan.per == "area":
        found = evaluate(plan, facts)
        return {"": found} if found else {}
    events = sorted({fact.incident for fact in facts if fact.incident})
    asked = ((event, evaluate(plan, facts, event)) for event in events)
    return {event: verdict for event, verdict in asked if verdict is not None and verdict.incident == event}


def _met(plan: Plan, condition: Condition, facts: Sequence[Fact], event: str) -> tuple[Fact, ...]:
    """Return the facts that meet a condition and all its `also`, of one event and the area; () when it doesn't hold."""
    found = [fact for fact in facts if fact.incident in ("", event) and _counts(plan, condition, fact)]
    touched = {area_key(code) for fact in found for code in fact.areas if within(plan.area, code)}
    if len(touched) < max(condition.areas, 1):
        return ()
    for other in condition.also:
        more = _met(plan, other, facts, event)
        if not more:
            return ()
        found += [fact for fact in more if fact not in found]
    return tuple(found)


def condition_met(condition: Condition, facts: Sequence[Fact]) -> bool:
    """Does a condition with all its `also` hold on facts that all speak of one place and one event, whatever the plan?"""
    if not any(_counts(None, condition, fact) for fact in facts):
        return False
    return all(condition_met(other, facts) for other in condition.also)


def _counts(plan: Plan | None, condition: Condition, fact: Fact) -> bool:
    """Does one fact meet a condition, its area count and its `also` apart? `plan` None: no plan's, but a rule of its own."""
    if condition.sources and fact.source not in condition.sources:
        return False
    if fact.hazard and not (
        any(covers(pattern, fact.hazard) for pattern in condition.hazards)
        if plan is None
        else speaks_of(plan, condition, fact.hazard)
    ):
        return False
    kind = METRICS[condition.metric].kind
    if kind == "colour":
        said = fact.metric in ("", "rain_colour", "warning")
        return said and COLOUR_RANK.get(fact.colour, 0) >= COLOUR_RANK[condition.colour or "red"]
    if kind == "metres":
        return fact.metres is not None and fact.metres >= condition.metres
    if fact.metric != condition.metric:
        return False
    if kind == "warning":
        return COLOUR_RANK.get(fact.colour, 0) >= COLOUR_RANK[condition.colour or "red"]
    if kind == "grade":
        return GRADE_RANK.get(fact.grade, 0) >= GRADE_RANK[condition.grade or "ordinary"]
    if kind == "level":
        return fact.plan == condition.plan and fact.value is not None and 1 <= fact.value <= condition.level
    if kind == "flag":
        return fact.value is None or fact.value > 0
    return _in_bounds(condition, fact)


def _in_bounds(condition: Condition, fact: Fact) -> bool:
    """以上 includes the figure itself, 以下 does not (令493 art. 3 reads so)."""
    if fact.value is None or (condition.density and fact.density != condition.density):
        return False
    least = condition.at_least is None or fact.value >= condition.at_least
    return least and (condition.below is None or fact.value < condition.below)


def _explain(
    plan: Plan, rule: LevelRule, trigger: Trigger, condition: Condition, facts: tuple[Fact, ...]
) -> dict[str, object]:
    """Compose the reasons in both languages with the plan's citation; long lists are cut, the count is kept."""
    first = sorted(facts, key=lambda fact: (-COLOUR_RANK.get(fact.colour, 0), fact.at, fact.ref))
    more_zh = f"等{len(facts)}项" if len(facts) > 1 else ""
    more_en = f" and {len(facts) - 1} more" if len(facts) > 1 else ""
    mark_zh = "（默认值，可由预案修改）" if trigger.mark.startswith("G") else ""
    mark_en = " (default, editable in the plan)" if trigger.mark.startswith("G") else ""
    numeral = NUMERALS[rule.level]
    basis = law_text(trigger.law)
    met = condition_words(condition) if len(trigger.any_of) > 1 else trigger.text
    return {
        "zh": f"{first[0].text.zh}{more_zh}，符合{met.zh}{mark_zh}，建议启动{numeral}级响应。",
        "en": f"{first[0].text.en}{more_en}. This meets “{met.en}”{mark_en}: level {NUMERALS_EN[rule.level]} is proposed.",
        "citation": {
            "zh": f"《{plan.name.zh}》第{plan.version}版，启动条件{trigger.id}" + (f"（{basis.zh}）" if basis.zh else ""),
            "en": f"{plan.name.en}, version {plan.version}, start condition {trigger.id}" + (f" ({basis.en})" if basis.en else ""),
        },
        "condition": condition_words(condition).as_dict(),
        "plan": f"{plan.code} v{plan.version}",
        "mark": trigger.mark,
        "facts": [{"ref": f.ref, "at": f.at.isoformat(), **f.text.as_dict()} for f in first[:SHOWN]],
        "count": len(facts),
    }  # fmt: skip
