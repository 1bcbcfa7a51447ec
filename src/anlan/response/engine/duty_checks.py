"""When a desk is checked at random: one moment drawn in each equal part of a week. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

WEEK = timedelta(days=7)


def check_moment(begins: datetime, a_week: int, number: int, draw: float) -> datetime:
    """Return the moment of check `number` (from 0): in its part of the week, counted from `begins`, where `draw` in [0, 1)
    says. On a full second."""
    part = WEEK / a_week
    return (begins + number * part + draw * part).replace(microsecond=0)


def check_number(begins: datetime, a_week: int, at: datetime) -> int:
    """Return the number of the part `at` lies in, not below 0."""
    return max(0, (at - begins) // (WEEK / a_week))
