"""Seasons and hours of rules, by Beijing time (UTC+8 all year), over arrays of moments."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Ints, Mask
from anlan.monitoring.engine.rules import Season

BEIJING_US = 8 * 3600 * SECOND
MINUTE_US = 60 * SECOND
DAY_US = 86400 * SECOND


def in_season(moment: Ints, season: Season | None) -> Mask:
    """Tell which moments (µs) lie in the season, its last day included; all of them without one."""
    if season is None:
        return np.ones(len(moment), dtype=bool)
    days = (moment + BEIJING_US).astype("datetime64[us]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    number = (months.astype(np.int64) % 12 + 1) * 100 + (days - months).astype(np.int64) + 1
    first, last = season.first[0] * 100 + season.first[1], season.last[0] * 100 + season.last[1]
    after, before = number >= first, number <= last
    return np.asarray(after & before if first <= last else after | before, dtype=bool)


def in_hours(moment: Ints, hours: tuple[int, int] | None) -> Mask:
    """Tell which moments lie in [from, to), minutes of the day; from > to runs over midnight."""
    if hours is None:
        return np.ones(len(moment), dtype=bool)
    minute = (moment + BEIJING_US) % DAY_US // MINUTE_US
    first, last = hours
    after, before = minute >= first, minute < last
    return np.asarray(after & before if first <= last else after | before, dtype=bool)


def edges(after: int, upto: int, hours: tuple[int, int] | None, seasons: bool) -> Ints:
    """Return the moments in (after, upto] at which hours begin or end, or a day that may begin a season."""
    if hours is None and not seasons:
        return np.empty(0, dtype=np.int64)
    day = (after + BEIJING_US) // DAY_US * DAY_US - BEIJING_US
    days = np.arange(day, upto + 1, DAY_US, dtype=np.int64)
    minutes = ([0] if seasons else []) + (list(hours) if hours is not None else [])
    found = (days[:, None] + np.array(minutes, dtype=np.int64) * MINUTE_US).ravel()
    return np.unique(found[(found > after) & (found <= upto)])
