"""Moving sums by event time (滑动累计雨量): how much fell at a station in the last 1, 3, 6, 12 and 24 hours.

The sums depend only on which readings exist, never on how they arrived: any batch split, order, lateness or repeat
gives the same sums. Values are added as whole thousandths, so that no order of addition drifts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HOURS: tuple[int, ...] = (1, 3, 6, 12, 24)
SCALE = 1000
_SPAN = np.int64(2**40)  # seconds; more than any epoch, so that one number holds station and time

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Readings(NamedTuple):
    """Distinct readings, sorted by station index, then time. Three arrays of one length; `value` in the station's unit."""

    station: Ints
    at: Ints
    value: Floats

    def where(self, mask: NDArray[np.bool_]) -> Readings:
        """Return the readings the mask picks, in the same order."""
        return Readings(self.station[mask], self.at[mask], self.value[mask])


def epochs(times: Iterable[datetime]) -> Ints:
    """Return whole epoch seconds of aware datetimes of any zone; a naive one raises ValueError.

    The instant counts, not the clock face: 01:30 before and 01:30 after a clock went back are an hour apart.
    """
    seconds = []
    for time in times:
        if time.tzinfo is None:
            raise ValueError(f"a reading's time needs a time zone: {time!r}")
        seconds.append(int(time.timestamp() // 1))
    return np.asarray(seconds, dtype=np.int64)


def distinct(station: Ints, at: Ints, value: Floats) -> Readings:
    """Sort by station and time and keep of each (station, time) the one that stood first in the arrays."""
    order = np.lexsort((np.arange(len(at)), at, station))
    station, at, value = station[order], at[order], value[order]
    first = np.ones(len(at), dtype=bool)
    first[1:] = (station[1:] != station[:-1]) | (at[1:] != at[:-1])
    return Readings(station[first], at[first], value[first])


def window_sums(readings: Readings, station: Ints, at: Ints, hours: Iterable[int] = HOURS) -> Floats:
    """Return sums over (at − h hours, at] for each asked (station, at): array of shape (asked, windows).

    `readings` must be distinct and sorted (see `distinct`). A window with no reading sums to 0.
    """
    spans = np.asarray(tuple(hours), dtype=np.int64) * 3600
    keys = readings.station * _SPAN + readings.at
    thousandths = np.rint(readings.value * SCALE).astype(np.int64)
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(thousandths)))
    ends = station * _SPAN + at
    upper = np.searchsorted(keys, ends, side="right")
    lower = np.searchsorted(keys, ends[:, None] - spans[None, :], side="right")
    sums: Floats = (running[upper][:, None] - running[lower]) / SCALE
    return sums


def latest(readings: Readings, station: Ints, at: Ints) -> Floats:
    """Return the newest value at or before each asked (station, at); NaN where there is none."""
    keys = readings.station * _SPAN + readings.at
    found = np.searchsorted(keys, station * _SPAN + at, side="right") - 1
    known = found >= 0
    safe = np.where(known, found, 0)
    if len(keys) == 0:
        return np.full(len(at), np.nan)
    known &= readings.station[safe] == station
    return np.where(known, readings.value[safe], np.nan)
