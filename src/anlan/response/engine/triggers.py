"""From facts to a proposed level: which start conditions hold, the gravest level of them, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from anlan.response.engine.plan import COLOUR_RANK, NUMERALS, Condition, LevelRule, Plan, Trigger, Words

SHOWN = 8


class Fact(NamedTuple):
    """What is the case now: a firing gauge signal, a warning in force, or water over a reservoir's limit.

    `areas`: the divisions it speaks of; `colour` for rain; `metres` over the limit for a reservoir; `text` in the
    user's words; `ref` names the row ("signal:<uuid>").
    """

    source: Literal["signal", "warning", "reading"]
    ref: str
    areas: tuple[str, ...]
    at: datetime
    text: Words
    colour: str = ""
    metres: float | None = None


class Verdict(NamedTuple):
    """The level the plan asks for, the trigger that decides, the facts that meet it, and the explanation."""

    level: int
    trigger: str
    facts: tuple[Fact, ...]
    explanation: dict[str, object]


def area_key(code: str) -> str:
    """Return the area a division counts as: its county, or itself when it stands above counties."""
    return code[:6]


def within(plan_area: str, code: str) -> bool:
    """Does a fact about `code` concern the plan's area: inside it, or around all of it?"""
    return code.startswith(plan_area) or plan_area.startswith(code)


def evaluate(plan: Plan, facts: Sequence[Fact]) -> Verdict | None:
    """Return the gravest level any trigger of the plan asks for, or None when no trigger holds."""
    local = [fact for fact in facts if any(within(plan.area, code) for code in fact.areas)]
    for rule in sorted(plan.levels, key=lambda rule: rule.level):
        for trigger in rule.triggers:
            for condition in trigger.any_of:
                met = _met(plan.area, condition, local)
                if met:
                    return Verdict(rule.level, trigger.id, met, _explain(plan, rule, trigger, met))
    return None


def _met(area: str, condition: Condition, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the facts that meet a condition, or () when it doesn't hold."""
    found = [fact for fact in facts if fact.source in condition.sources and _counts(condition, fact)]
    touched = {area_key(code) for fact in found for code in fact.areas if within(area, code)}
    return tuple(found) if len(touched) >= max(condition.areas, 1) else ()


def _counts(condition: Condition, fact: Fact) -> bool:
    if condition.metric == "rain_colour":
        return COLOUR_RANK.get(fact.colour, 0) >= COLOUR_RANK[condition.colour or "red"]
    return fact.metres is not None and fact.metres >= condition.metres


def _explain(plan: Plan, rule: LevelRule, trigger: Trigger, facts: tuple[Fact, ...]) -> dict[str, object]:
    """Compose the reasons in both languages with the plan's citation; long lists are cut, the count is kept."""
    first = sorted(facts, key=lambda fact: (-COLOUR_RANK.get(fact.colour, 0), fact.at, fact.ref))
    more_zh = f"等{len(facts)}项" if len(facts) > 1 else ""
    more_en = f" and {len(facts) - 1} more" if len(facts) > 1 else ""
    mark_zh = "（默认值，可由预案修改）" if trigger.mark.startswith("G") else ""
    mark_en = " (default, editable in the plan)" if trigger.mark.startswith("G") else ""
    numeral = NUMERALS[rule.level]
    return {
        "zh": f"{first[0].text.zh}{more_zh}，符合{trigger.text.zh}{mark_zh}，建议启动{numeral}级响应。",
        "en": f"{first[0].text.en}{more_en}. This meets “{trigger.text.en}”{mark_en}: level {numeral} is proposed.",
        "citation": {
            "zh": f"《{plan.name.zh}》第{plan.version}版，启动条件{trigger.id}",
            "en": f"{plan.name.en}, version {plan.version}, start condition {trigger.id}",
        },
        "plan": f"{plan.code} v{plan.version}",
        "mark": trigger.mark,
        "facts": [{"ref": f.ref, "at": f.at.isoformat(), **f.text.as_dict()} for f in first[:SHOWN]],
        "count": len(facts),
    }
