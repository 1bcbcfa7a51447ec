"""Who had answered after how long (应答曲线): the share of those called, minute by minute, by role and by level.

Pure: arrays in, arrays out. Everybody called counts from the moment the warning was issued, also who was only reached
when the call climbed; who never answered keeps the curve below 1 for ever.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from anlan.review.engine.rows import Call, Record, minutes

Json = dict[str, Any]
GRID: Final = (*(n / 4 for n in range(20)), *(n / 2 for n in range(10, 30)), *(float(n) for n in range(15, 91)))
"""The minutes since issue at which the share is given: closer together at first, when most answer."""


def answered_shares(waits: Sequence[float], called: int, grid: Sequence[float] = GRID) -> list[float]:
    """Return for each moment of `grid` the share (0 to 1, four decimals) of `called` whose answer came by then.

    `waits`: minutes until each answer, in any order. Raises ValueError when more answered than were called.

    >>> answered_shares([1.0, 2.5], 4, [0, 1, 2, 3])
    [0.0, 0.25, 0.25, 0.5]
    """
    if len(waits) > called:
        raise ValueError(f"{len(waits)} answers of {called} people called")
    ordered = sorted(waits)
    return [round(bisect_right(ordered, moment) / called, 4) if called else 0.0 for moment in grid]


def time_to(share: float, waits: Sequence[float], called: int) -> float | None:
    """Return the minutes until `share` of all called had answered (two decimals), None when that never happened.

    >>> time_to(0.5, [3.0, 1.0, 9.0], 4)
    3.0
    """
    needed = math.ceil(round(share * called, 9))
    return round(sorted(waits)[needed - 1], 2) if 0 < needed <= len(waits) else None


def curves(record: Record, grid: Sequence[float] = GRID) -> Json:
    """Return {minutes: the grid, all, by_tier, by_role}; each curve is {called, answered, shares, to_50, to_90}."""
    issued = {warning.id: warning.issued_at for warning in record.warnings}
    calls = [call for call in record.calls if call.warning in issued]
    return {
        "minutes": list(grid),
        "all": _curve(calls, issued, grid),
        "by_tier": _grouped(calls, issued, grid, lambda call: call.tier),
        "by_role": _grouped(calls, issued, grid, lambda call: call.role),
    }


def _grouped(
    calls: Iterable[Call], issued: Mapping[str, datetime], grid: Sequence[float], key: Callable[[Call], str]
) -> dict[str, Json]:
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return {name: _curve(groups[name], issued, grid) for name in sorted(groups)}


def _curve(calls: Sequence[Call], issued: Mapping[str, datetime], grid: Sequence[float]) -> Json:
    waits = [minutes(issued[call.warning], call.answered_at) for call in calls if call.answered_at is not None]
    return {
        "called": len(calls),
        "answered": len(waits),
        "shares": answered_shares(waits, len(calls), grid),
        "to_50": time_to(0.5, waits, len(calls)),
        "to_90": time_to(0.9, waits, len(calls)),
    }


TIERS: Final = ("city", "county", "township", "village", "site")


def red_items(record: Record) -> Json:
    """Return what is still to be done at the end: {missing: required channels not used, [{number, at, colour,
    channels}] by warning; unanswered: {count, by_tier, by_role}, everybody called who never answered}."""
    missing: dict[str, list[str]] = {}
    for use in record.missing:
        missing.setdefault(use.warning, []).append(use.channel)
    silent = [call for call in record.calls if call.answered_at is None]
    return {
        "missing": [
            {"number": w.number, "at": w.issued_at.isoformat(), "colour": w.colour, "channels": sorted(missing[w.id])}
            for w in sorted(record.warnings, key=lambda w: (w.issued_at, w.number))
            if w.id in missing
        ],
        "unanswered": {
            "count": len(silent),
            "by_tier": {tier: n for tier in TIERS if (n := sum(call.tier == tier for call in silent))},
            "by_role": {role: sum(call.role == role for call in silent) for role in sorted({c.role for c in silent})},
        },
    }
