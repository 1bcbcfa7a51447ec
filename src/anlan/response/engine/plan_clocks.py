"""When a plan must be reviewed and drilled next (评估、演练周期), from the rules of its area and what was done with it last."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from anlan.response.engine.text import Words

State = Literal["ok", "soon", "overdue"]


class Cycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At least once in `months`, for plans of these `areas` and `hazards` (none named: all). The strictest one holds."""

    months: int
    basis: Words
    mark: str
    areas: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()


class Cycles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cycles of plans, and how many days before its end one is shown as coming."""

    version: str
    lead_days: int
    review: tuple[Cycle, ...]
    drill: tuple[Cycle, ...]
    filing_days: int


class Due(NamedTuple):
    """What is due by when, on what ground; `state` on the day that was asked for."""

    by: date
    state: State
    basis: Words
    mark: str


def due(
    cycles: Sequence[Cycle],
    *,
    area: str,
    hazards: Sequence[str],
    last: date,
    stated: date | None,
    today: date,
    lead: int,
) -> Due:
    """Return when the next one is due: months after `last` by the strictest cycle that fits, or the day the plan itself
    states when that is earlier and was stated after the last one. ValueError when no cycle fits."""
    fitting = [c for c in cycles if _fits(c.areas, (area,)) and _fits(c.hazards, hazards)]
    if not fitting:
        raise ValueError("no cycle holds for this plan")
    strictest = min(fitting, key=lambda cycle: cycle.months)
    by, basis, mark = months_after(last, strictest.months), strictest.basis, strictest.mark
    if stated is not None and last < stated < by:
        by, basis, mark = stated, Words("预案自定日期", "the date the plan itself states"), ""
    left = (by - today).days
    return Due(by, "overdue" if left < 0 else "soon" if left <= lead else "ok", basis, mark)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months on; the month's last day where it has no such day.

    >>> months_after(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _fits(prefixes: Sequence[str], codes: Sequence[str]) -> bool:
    return not prefixes or any(code.startswith(prefix) for prefix in prefixes for code in codes)
