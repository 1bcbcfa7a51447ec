"""From facts to proposals: what the plans ask for now, upward at once, downward after a quiet time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.kernel.actor import Actor
from anlan.response.engine import plan as rulebook
from anlan.response.engine.triggers import evaluate, within
from anlan.response.models import Level, LevelProposal, Plan
from anlan.response.selectors.facts import facts_now, supports_until
from anlan.response.selectors.plans import plans_valid, rules_of, standing, tracks
from anlan.response.services.proposals import level_propose
from anlan.warning.services.moment import pinned

SYSTEM = Actor.system("response")


def levels_consider(*, areas: Sequence[str], cause: str, at: datetime, colour: str = "") -> list[LevelProposal]:
    """A fact about `areas` has come up (`cause` "warning:…", "signal:…" or "stopline:…"): propose what the plans there
    ask for, on every track it concerns, at the fact's own time. `colour` spares the look where it can change nothing.
    """
    opened: list[LevelProposal] = []
    for plan in plans_valid(at):
        rules = rules_of(plan)
        if not any(within(rules.area, area) for area in areas):
            continue
        for track in tracks():
            if track == "history" and not cause.startswith("warning:"):
                continue
            if _settled(plan, rules, track, colour):
                continue
            proposal = _propose(plan, rules, track, cause, at)
            opened += [proposal] if proposal is not None else []
    return opened


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
    held = [number for number in (now.number, now.up.level if now.up else 0) if number]
    return bool(held) and min(held) <= min(reach)


def _propose(plan: Plan, rules: rulebook.Plan, track: str, cause: str, at: datetime) -> LevelProposal | None:
    verdict = evaluate(rules, facts_now(rules, track, at))
    if verdict is None:
        return None
    now = standing(plan, track)
    if now.number and verdict.level >= now.number:
        return None
    return level_propose(
        by=SYSTEM, plan=plan, level=verdict.level, explanation=verdict.explanation, trigger=verdict.trigger,
        cause=cause, track=track, at=at,
    )  # fmt: skip


def levels_review_soon(*, areas: Sequence[str], at: datetime) -> int:
    """A fact about `areas` has gone (signal cleared, warning ended): have the levels there looked at again at `at`."""
    near = [plan.pk for plan in plans_valid(at) if any(within(plan.division, area) for area in areas)]
    rows = Level.objects.filter(plan__in=near, track="main", until__isnull=True, quiet_since__isnull=True)
    return rows.update(review_at=at)


def levels_review(*, at: datetime) -> int:
    """At exactly `at`: do the triggers of the levels in force still hold? Below them for `quiet_h` hours without a
    break, the lower level (or the end) is proposed to the post that decided. Return how many levels were looked at."""
    with pinned(at):
        rows = list(
            Level.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("plan")
            .filter(review_at__lte=at, until__isnull=True)
            .order_by("review_at", "id")
        )
        for row in rows:
            _review(row, at)
    return len(rows)


def _review(row: Level, at: datetime) -> None:
    rules = rules_of(row.plan)
    if row.track != "main":
        row.review_at = None
        row.save(update_fields=["review_at"])
        return
    verdict = evaluate(rules, facts_now(rules, row.track, at))
    asked = verdict.level if verdict else 0
    quiet = timedelta(hours=rules.end.quiet_h)
    if asked and asked <= row.level:
        row.quiet_since, row.review_at = None, supports_until(rules, at)
    elif row.quiet_since is None:
        row.quiet_since, row.review_at = at, at + quiet
    else:
        row.review_at = None
    row.save(update_fields=["quiet_since", "review_at"])
    if row.quiet_since is not None and at - row.quiet_since >= quiet:
        level_propose(
            by=SYSTEM, plan=row.plan, level=asked, trigger="end", cause=f"level:{row.pk}", track=row.track,
            explanation=_calm(rules, row, asked), at=at,
        )  # fmt: skip


def _calm(rules: rulebook.Plan, row: Level, asked: int) -> dict[str, Any]:
    to_zh = f"降为{rulebook.NUMERALS[asked]}级" if asked else "终止响应"
    to_en = f"lower it to level {rulebook.NUMERALS[asked]}" if asked else "end the response"
    check_zh = "；".join(words.zh for words in rules.end.conditions)
    check_en = "; ".join(words.en for words in rules.end.conditions)
    numeral = rulebook.NUMERALS[row.level]
    return {
        "zh": f"{rules.end.quiet_h:g}小时内不再符合{numeral}级启动条件，建议{to_zh}；请先确认：{check_zh}。",
        "en": f"For {rules.end.quiet_h:g} hours the conditions of level {numeral} no longer hold: {to_en}. "
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
