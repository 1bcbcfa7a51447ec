"""Which readings are believed (质量控制): each value by itself, and against its neighbours in time.

Both depend on what readings there are, never on the order they came in: a value that stands alone is doubted until the
next one agrees with it, and is then believed after all. A doubtful value is kept, shown, and counts in nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Codes, Floats, Ints, Mask, openings
from anlan.monitoring.engine.lines import millionths
from anlan.monitoring.engine.rules import Checks

GOOD, NEGATIVE, TOO_HIGH, FUTURE, JUMP, STEP, STUCK, SPIKE, RATE, DEVICE, ISOLATED = range(11)
IN_TIME = (JUMP, STEP, STUCK)  # codes that the neighbours in time decide
HOUR_US = 3600 * SECOND


class Believed(NamedTuple):
    """Checks of every series as arrays (NaN: not checked), in the order of the catalogue."""

    low: Floats
    high: Floats
    hour_most: Floats
    burst_most: Floats
    step_most: Floats
    step_floor: Floats
    stuck_us: Floats
    ahead_us: Ints
    wrap: Floats
    isolated: Mask


def believed(checks: Sequence[Checks], isolated: Sequence[bool]) -> Believed:
    """Lay the checks of many series out as arrays."""

    def column(name: str) -> Floats:
        return np.array([np.nan if (v := getattr(c, name)) is None else float(v) for c in checks], dtype=np.float64)

    return Believed(
        column("low"), column("high"), column("hour_most"), column("burst_most"), column("step_most"),
        column("step_floor"), column("stuck_s") * SECOND,
        np.array([c.ahead_s for c in checks], dtype=np.int64) * SECOND, column("wrap"),
        np.array(isolated, dtype=bool),
    )  # fmt: skip


def by_itself(known: Believed, series: Ints, at: Ints, value: Floats, given: Codes, received: Ints) -> Codes:
    """Return the code each value has by itself: as the source gave it, else isolated, from the future, out of range or
    more in one reading than believed. What is no number counts as too high."""
    codes = given.astype(np.int16).copy()
    with np.errstate(invalid="ignore"):
        for code, wrong in (
            (RATE, value > known.burst_most[series]),
            (NEGATIVE, value < known.low[series]),
            (TOO_HIGH, ~np.isfinite(value) | (value > known.high[series])),
            (FUTURE, at > received + known.ahead_us[series]),
            (ISOLATED, known.isolated[series]),
        ):
            codes[wrong & (given == GOOD)] = code
    return codes


def allowed(known: Believed, series: Ints, passed: Ints) -> Floats:
    """Return how far a value may move in the time that passed (µs); NaN where steps aren't checked."""
    return np.maximum(known.step_most[series] * passed / HOUR_US, known.step_floor[series])


def in_time(known: Believed, series: Ints, at: Ints, value: Floats, amounts: Mask) -> Codes:
    """Return the code each value has among its neighbours in time. Rows sorted by series, then time, all good by
    themselves; `amounts` marks rows whose values add up (they are checked by the hour, states by step and stillness).

    STEP: further than allowed from the value before, the one before that, and the one after. STUCK: no change for as
    long as is believed. JUMP: brings the hour's sum over what is believed.
    """
    codes = np.zeros(len(at), dtype=np.int16)
    if len(at) == 0:
        return codes
    states = ~amounts
    checked = states & ~np.isnan(known.step_most[series])
    if checked.any():
        codes[checked & ~_agrees(known, series, at, value)] = STEP
    stuck = states & ~np.isnan(known.stuck_us[series])
    if stuck.any():
        codes[stuck & (at - run_start(series, at, value) >= known.stuck_us[series])] = STUCK
    hourly = amounts & ~np.isnan(known.hour_most[series])
    if hourly.any():
        codes[hourly & (_hour_sums(series, at, value) > millionths(known.hour_most)[series])] = JUMP
    return codes


def _agrees(known: Believed, series: Ints, at: Ints, value: Floats) -> Mask:
    """Tell which values lie within reach of a neighbour; the first of a series agrees with nothing and is believed."""
    fine = np.zeros(len(at), dtype=bool)
    for shift in (1, 2, -1):
        first, second = (
            (slice(shift, None), slice(None, -shift)) if shift > 0 else (slice(None, shift), slice(-shift, None))
        )
        same = series[first] == series[second]
        far = np.abs(value[first] - value[second]) > allowed(known, series[first], np.abs(at[first] - at[second]))
        fine[first] |= same & ~far
    opening = openings(series)
    return fine | opening


def run_start(series: Ints, at: Ints, value: Floats) -> Ints:
    """Return since when each value has stood without a change (µs)."""
    turn = openings(series, value)
    return at[np.maximum.accumulate(np.where(turn, np.arange(len(at)), 0))]


def _hour_sums(series: Ints, at: Ints, value: Floats) -> Ints:
    """Return the sum over the hour that ends at each reading, millionths."""
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(millionths(value))))
    opening = openings(series)
    start = np.maximum.accumulate(np.where(opening, np.arange(len(at)), 0))
    low, high = start.copy(), np.arange(len(at))
    target = at - HOUR_US
    for _ in range(int((high - low).max(initial=0) + 1).bit_length()):  # first reading later than an hour before
        middle = (low + high) >> 1
        going = low < high
        before = going & (at[middle] <= target)
        low = np.where(before, middle + 1, low)
        high = np.where(going & ~before, middle, high)
    return running[np.arange(len(at)) + 1] - running[low]
