"""What is wrong in a table of report clocks: unknown words, limits that can't be, rows that could never run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from anlan.response.engine.report_content import LISTS
from anlan.response.engine.report_rules import GRADES, TIERS, WHATS, Limit, Rule

STARTS = {"known", "happened", "level_received", "stable", "figures_changed", *(f"filed:{what}" for what in WHATS)}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_OWERS = {*TIERS, "unit", "authority", "lead"}


def gaps(rules: Iterable[Rule]) -> Sequence[tuple[str, str]]:
    """Return what is wrong, as (rule code, problem)."""
    found = []
    seen: set[str] = set()
    for rule in rules:
        if rule.code in seen:
            found.append((rule.code, "code twice"))
        seen.add(rule.code)
        found += [(rule.code, problem) for problem in _problems(rule)]
    return found


def _problems(rule: Rule) -> Iterator[str]:
    if rule.what not in WHATS:
        yield f"what {rule.what}"
    if rule.start not in STARTS:
        yield f"start {rule.start}"
    if not set(rule.grades) <= set(GRADES) or not set(rule.reach) <= set(GRADES):
        yield "grade"
    if rule.by not in _OWERS or not {*rule.to, *rule.copies, *rule.reach.values()} <= set(TIERS):
        yield "level"
    if rule.content and rule.content not in LISTS:
        yield f"content {rule.content}"
    if rule.mark not in ("S", "G", "D", "L") or not rule.basis.zh or not rule.basis.en:
        yield "mark or basis"
    if not rule.text.zh or not rule.text.en:
        yield "text"
    if rule.limit is not None and not _sound(rule.limit):
        yield "limit"


def _sound(limit: Limit) -> bool:
    kinds = (limit.minutes, limit.days, limit.every_h, limit.daily_at, limit.same_day)
    numbers = (limit.minutes, limit.days, limit.every_h, limit.extend_days)
    times = all(_TIME.fullmatch(time) for time in limit.daily_at)
    return sum(map(bool, kinds)) == 1 and all(0 <= number <= 600_000 for number in numbers) and times
