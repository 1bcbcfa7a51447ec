"""How long simulated people take (人员模型): pure, every draw a number in [0, 1) handed in by the caller."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from anlan.readiness.plot import DayNight, Responders, Spread


def triangle(least: float, likely: float, most: float, u: float) -> float:
    """Inverse of the triangular distribution function; u in [0, 1), result in [least, most)."""
    width = most - least
    if width <= 0.0:
        return least
    turn = (likely - least) / width
    if u < turn:
        return least + sqrt(u * width * (likely - least))
    return most - sqrt((1.0 - u) * width * (most - likely))


def spread_at(people: Responders, table: dict[str, DayNight], role: str, at: datetime) -> Spread:
    """The spread of `role` (else "default") at the local hour of `at`."""
    pair = table.get(role) or table["default"]
    first, last = people.day
    return pair.day if first <= at.astimezone(ZoneInfo(people.timezone)).hour < last else pair.night


def delay(spread: Spread, happens: float, long: float) -> timedelta | None:
    """Delay drawn from `spread`, in whole seconds, or None when it never happens. Two draws in [0, 1)."""
    if happens >= spread.chance:
        return None
    least, likely, most = spread.minutes
    return timedelta(seconds=round(60.0 * triangle(least, likely, most, long)))
