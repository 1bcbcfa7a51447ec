"""Believed readings of every series, sorted by time, in flat arrays; and how they are looked up by the thousand.

A series' readings lie in [start, stop) of the arrays. `total` is a running sum in whole millionths, so that no order of
addition drifts: of amounts and states their values, of counters their increases. What lies before `start` was let go.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import Floats, Ints, spread

MILLIONTHS = 1_000_000


class Lines(NamedTuple):
    """The readings of `len(start)` series. at: µs; value: unit of the series; total: running sum after each reading,
    millionths; base: the running sum before `start`; silence: longest silence of each series, µs."""

    at: Ints
    value: Floats
    total: Ints
    start: Ints
    stop: Ints
    base: Ints
    silence: Ints


def find(lines: Lines, series: Ints, moment: Ints) -> Ints:
    """Return for each (series, moment) the place just after the newest reading at or before the moment; `start` of the
    series when there is none. Both arguments and the result have one shape (n,)."""
    low, high = lines.start[series], lines.stop[series]
    if len(lines.at) == 0:
        return low
    newest = (high > low) & (lines.at[np.maximum(high - 1, 0)] <= moment)
    low = np.where(newest, high, low)  # most questions are about the newest: no search for those
    open_ = np.flatnonzero(low < high)
    lo, hi, asked = low[open_], high[open_], moment[open_]
    for _ in range(int((hi - lo).max(initial=0)).bit_length()):
        middle = (lo + hi) >> 1
        going = lo < hi
        after = going & (lines.at[np.where(going, middle, 0)] <= asked)
        lo = np.where(after, middle + 1, lo)
        hi = np.where(going & ~after, middle, hi)
    low[open_] = lo
    return low


def totals(lines: Lines, series: Ints, place: Ints) -> Ints:
    """Return the running sum just before each place found by `find`, millionths."""
    first = place <= lines.start[series]
    return np.where(first, lines.base[series], lines.total[np.where(first, 0, place - 1)] if len(lines.total) else 0)


def within(lines: Lines, series: Ints, after: Ints, upto: Ints) -> tuple[Ints, Ints]:
    """Return the readings in (after, upto] of each asked series: (places in the arrays, which question each answers)."""
    low = find(lines, series, after)
    return spread(low, find(lines, series, upto) - low)


def increases(value: Floats, first: np.ndarray, before: Floats, wrap: Floats) -> Floats:
    """Return what a counter rose by at each reading: `value` against the one before it (`before` where `first` marks
    the first of a series, NaN when there was none: then nothing). A fall is a counter that started again at 0, or went
    over `wrap` (NaN: it doesn't) when it stood in the last tenth before and stands in the first tenth now."""
    previous = np.empty_like(value)
    previous[1:] = value[:-1]
    previous[first] = before[first]
    wrapped = (previous > 0.9 * wrap) & (value < 0.1 * wrap)
    rise = np.where(value >= previous, value - previous, np.where(wrapped, value + wrap - previous, value))
    return np.where(np.isnan(previous), 0.0, rise)


def millionths(value: Floats) -> Ints:
    """Return values as whole millionths; what is too large for that is held at the largest there is."""
    held = np.clip(np.nan_to_num(value), -9e12, 9e12)
    return np.rint(held * MILLIONTHS).astype(np.int64)
