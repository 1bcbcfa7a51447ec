"""From facts to proposals: what the plans ask for now, upward at once, downward after a quiet time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.engine import plan as rulebook
from anlan.response.engine.triggers import Verdict, verdicts
from anlan.response.events import LevelQuiet
from anlan.response.models import Level, LevelProposal, Plan
from anlan.response.selectors.facts import facts_now
from anlan.response.selectors.plans import plans_near, plans_touched, rules_of, standing, tracks
from anlan.response.services.proposals import level_propose
from anlan.warning.services.moment import pinned

SYSTEM = Actor.system("response")


def levels_consider(
    *,
    areas: Sequence[str],
    cause: str,
    at: datetime,
    colour: str = "",
    dated: bool = False,
    metrics: Collection[str] | None = None,
    hazard: str = "",
    incident: UUID | None = None,
) -> list[LevelProposal]:
    """A fact about `areas` has come up (`cause` "warning:…", "signal:…", "stopline:…", "incident:…" or "level:…"):
    propose what the plans there ask for, on every track it concerns, at the fact's own time. A plan of single events
    proposes for each event by itself; `incident` names the one the fact is about, and spares the others.

    `colour` spares the look where it can change nothing; `metrics` (by default what such a cause speaks of) and `hazard`
    spare every plan that doesn't speak of them. `dated`: the fact belongs to the past that is replayed, so that the
    track "history" is concerned too.
    """
    speaks = _SPEAKS.get(cause.partition(":")[0], ()) if metrics is None else metrics
    opened: list[LevelProposal] = []
    for plan in plans_touched(at, areas, speaks, hazard):
        rules = rules_of(plan)
        for track in tracks():
            if (track == "history" and not dated) or _settled(plan, rules, track, colour):
                continue
            facts = facts_now(rules, track, at, incident if rules.per == "incident" else None)
            for event, verdict in sorted(verdicts(rules, facts).items()):
                row = _propose(plan, track, UUID(event) if event else None, verdict, cause, at)
                opened += [row] if row is not None else []
    return opened


# What the facts of a cause are about, so far as the plans' conditions go; any other cause may touch every metric.
_SPEAKS = {
    "warning": ("warning", "rain_colour"),
    "signal": ("rain_colour", "reservoir_over_limit"),
    "stopline": ("reservoir_over_limit",),
}


def _settled(plan: Plan, rules: rulebook.Plan, track: str, colour: str) -> bool:
    """Is a level in force or proposed already that no rain of this colour could top? Cheap: no facts are read."""
    if not colour:
        return False
    rank = rulebook.COLOUR_RANK.get(colour, 0)
    reach = [
        rule.level
        for rule in rules.levels
        for trigger in rule.triggers
        for condition in trigger.any_of
        if condition.colour is not None and rulebook.COLOUR_RANK[condition.colour] <= rank
    ]
    if not reach:
        return True
    now = standing(plan, track)
    if now.level is not None and now.level.quiet_since is not None:
        return False
    held = [number for number in (now.number, now.up.level if now.up else 0) if number]
    return bool(held) and min(held) <= min(reach)


def _propose(
    plan: Plan, track: str, incident: UUID | None, verdict: Verdict, cause: str, at: datetime
) -> LevelProposal | None:
    now = standing(plan, track, incident)
    if now.level is not None and now.level.quiet_since is not None and verdict.level <= now.number:
        quiet_set(now.level, None, at)
    if now.number and verdict.level >= now.number:
        return None
    return level_propose(
        by=SYSTEM, plan=plan, level=verdict.level, explanation=verdict.explanation, trigger=verdict.trigger,
        cause=cause, track=track, incident=incident, at=at,
    )  # fmt: skip


def levels_quieten(*, areas: Sequence[str], at: datetime, incident: UUID | None = None) -> int:
    """A fact about `areas` has gone (signal cleared, warning ended, an event's grade lowered): where a level's triggers
    hold no longer, its quiet time begins at `at`. Return for how many levels. A level whose quiet time runs already is
    left alone; `incident` looks at the levels of that event alone."""
    near = plans_near(at, areas)
    rows = Level.objects.filter(plan__in=near, track="main", until__isnull=True, quiet_since__isnull=True)
    if incident is not None:
        rows = rows.filter(incident=incident)
    found = [
        row
        for row in rows.select_related("plan").defer("plan__body").order_by("id")
        if _asked(row, at) in _BELOW[row.level]
    ]
    return sum(quiet_set(row, at, at) for row in found)


# Levels less grave than each, 0 (none) included.
_BELOW = {level: frozenset({0, *range(level + 1, 5)}) for level in (1, 2, 3, 4)}


def _asked(row: Level, at: datetime) -> int:
    """The level the plan asks for now, for the event this one answers or for its area; 0 for none."""
    rules = rules_of(row.plan)
    event = str(row.incident_id) if row.incident_id else ""
    verdict = verdicts(rules, facts_now(rules, row.track, at, row.incident_id)).get(event)
    return verdict.level if verdict is not None else 0


def quiet_set(row: Level, since: datetime | None, at: datetime, *, again: bool = True) -> bool:
    """Note since when a level's triggers no longer hold (None: they hold again), and when to look at it next. False where
    a person has ended or changed the level meanwhile: that one is looked at no more."""
    wait = timedelta(hours=rules_of(row.plan).end.quiet_h)
    with pinned(at):
        if not Level.objects.select_for_update().only("id").filter(pk=row.pk, until__isnull=True).exists():
            return False
        row.quiet_since = since
        row.review_at = since + wait if since is not None and again else None
        row.save(update_fields=["quiet_since", "review_at"])
        event = LevelQuiet(response=str(row.pk), track=row.track, level=row.level, since=since, review_at=row.review_at)
        record(event, by=SYSTEM, about=f"level:{row.pk}", division=row.division, at=at)
    return True


def levels_review(*, at: datetime) -> int:
    """At exactly `at`: levels whose quiet time is over. Still below their triggers, the lower level (or the end) is
    proposed to the post that decided. Return how many levels were looked at."""
    with pinned(at):
        rows = list(
            Level.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("plan")
            .defer("plan__body")
            .filter(review_at__lte=at, until__isnull=True)
            .order_by("review_at", "id")
        )
        for row in rows:
            asked = _asked(row, at)
            if asked not in _BELOW[row.level]:
                quiet_set(row, None, at)
                continue
            quiet_set(row, row.quiet_since, at, again=False)
            rules = rules_of(row.plan)
            level_propose(
                by=SYSTEM, plan=row.plan, level=asked, trigger="end", cause=f"level:{row.pk}", track=row.track,
                incident=row.incident_id, explanation=_calm(rules, row, asked), at=at,
            )  # fmt: skip
    return len(rows)


def _calm(rules: rulebook.Plan, row: Level, asked: int) -> dict[str, Any]:
    to_zh = f"降为{rulebook.NUMERALS[asked]}级" if asked else "终止响应"
    to_en = f"lower it to level {rulebook.NUMERALS_EN[asked]}" if asked else "end the response"
    check_zh = "；".join(words.zh for words in rules.end.conditions)
    check_en = "; ".join(words.en for words in rules.end.conditions)
    numeral = rulebook.NUMERALS[row.level]
    return {
        "zh": f"{rules.end.quiet_h:g}小时内不再符合{numeral}级启动条件，建议{to_zh}；请先确认：{check_zh}。",
        "en": f"For {rules.end.quiet_h:g} hours the conditions of level {rulebook.NUMERALS_EN[row.level]} no longer hold: {to_en}. "
        f"First confirm: {check_en}.",
        "citation": {
            "zh": f"《{rules.name.zh}》第{rules.version}版，终止条件",
            "en": f"{rules.name.en}, version {rules.version}, end conditions",
        },
        "plan": f"{rules.code} v{rules.version}",
        "mark": rules.end.mark,
        "facts": [],
        "count": 0,
    }
