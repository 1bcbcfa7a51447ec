"""Stop-lines: the first reading that reaches the number (水到停止线)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class Reading(NamedTuple):
    """A value of a metric at a place (code), in the metric's unit, at a time."""

    place: str
    metric: str
    value: float
    at: datetime


def first_crossing(readings: Sequence[Reading], limit: float) -> Reading | None:
    """Return the earliest reading at or above the limit ("以上" includes the figure itself); None when there is none."""
    over = [reading for reading in readings if reading.value >= limit]
    return min(over, key=lambda reading: reading.at, default=None)


def latest(readings: Sequence[Reading]) -> Reading:
    """Return the latest of one or more readings."""
    return max(readings, key=lambda reading: reading.at)
