"""Checks of single values (质量控制): a doubtful value is kept and marked, and never raises a signal alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GOOD, NEGATIVE, TOO_HIGH, FUTURE, JUMP = 0, 1, 2, 3, 4


class Limits(NamedTuple):
    """What is believed of one value: its range in the unit of the kind, and how far ahead of the clock it may lie."""

    low: float
    high: float
    ahead_s: int


def judge(at: Ints, value: Floats, now: int, limits: Limits) -> Ints:
    """Return a quality code per value: 0 good, 1 below the range, 2 above it, 3 from the future. NaN is too high."""
    codes = np.zeros(len(at), dtype=np.int64)
    codes[~(value <= limits.high)] = TOO_HIGH
    codes[value < limits.low] = NEGATIVE
    codes[at > now + limits.ahead_s] = FUTURE
    return codes


def judge_hour(sums_1h: Floats, codes: Ints, most: float) -> Ints:
    """Mark values that bring an hour's sum over `most` (mm): more than has ever been measured here."""
    return np.where((codes == GOOD) & (sums_1h > most), JUMP, codes)
