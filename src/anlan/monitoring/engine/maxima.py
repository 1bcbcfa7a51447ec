"""The largest moving sums of every series: how much fell at most in any 1, 3, 6, 12 and 24 hours, and when first (极值)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Columns, Floats, Ints, openings
from anlan.monitoring.engine.lines import MILLIONTHS, Lines, find, millionths, totals

HOURS = (1, 3, 6, 12, 24)


class Maxima(NamedTuple):
    """Arrays of shape (series, windows): the largest sum over (t − window, t] and the first t (µs) it was reached at.
    `series`: numbers, sorted. A series without readings isn't there."""

    series: Ints
    value: Floats
    at: Ints


def maxima(rows: Columns, hours: Sequence[int] = HOURS) -> Maxima:
    """Return the largest moving sums over all readings, believed or not; of several for a series and time the first
    counts. Values are added as whole millionths."""
    order = np.lexsort((np.arange(len(rows)), rows.at, rows.series))
    number, at, value = rows.series[order].astype(np.int64), rows.at[order], rows.value[order]
    first = openings(number, at)
    first &= ~np.isnan(value)
    number, at, value = number[first], at[first], value[first]
    series, start, count = np.unique(number, return_index=True, return_counts=True)
    total = np.cumsum(millionths(value))
    base = np.concatenate((np.zeros(1, dtype=np.int64), total))[start]
    lines = Lines(at, value, total, start, start + count, base, np.zeros(len(series), dtype=np.int64))
    row = np.repeat(np.arange(len(series)), count)
    best, when = np.zeros((len(series), len(hours))), np.zeros((len(series), len(hours)), dtype=np.int64)
    for column, hour in enumerate(hours):
        sums = total - totals(lines, row, find(lines, row, at - hour * 3600 * SECOND))
        highest = np.maximum.reduceat(sums, start) if len(start) else np.zeros(0, dtype=np.int64)
        reached = np.flatnonzero(sums == highest[row])
        place = np.unique(row[reached], return_index=True)[1]
        best[:, column], when[:, column] = highest / MILLIONTHS, at[reached[place]]
    return Maxima(series, best, when)
