"""Water level or depth over time through dated points: straight lines between, constant before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Curve(NamedTuple):
    """Readings of one station: epoch seconds and metres."""

    at: NDArray[np.int64]
    value: NDArray[np.float64]


def curve(code: str, points: Sequence[tuple[str, int, float]], after: int, until: int, step_s: int) -> Curve:
    """Return the readings of station `code` every `step_s` in (after, until], to the centimetre.

    `points` are (station, epoch second, metres) of all stations. A dated point always lies on the curve, and is
    itself a reading when it falls on a step. Raises ValueError for a station without points or times not rising.
    """
    own = [(at, value) for station, at, value in points if station == code]
    times = np.array([at for at, _ in own], dtype=np.int64)
    if len(own) == 0 or bool((np.diff(times) <= 0).any()):
        raise ValueError(f"station {code} needs points with rising times")
    at = np.arange(after + step_s, until + 1, step_s, dtype=np.int64)
    return Curve(at, np.round(np.interp(at, times, [value for _, value in own]), 2))
