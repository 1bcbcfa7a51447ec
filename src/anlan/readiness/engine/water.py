"""Depth at a stop-line post between the points a scenario gives: straight lines, constant after the last point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def depth(points: Sequence[tuple[datetime, float]], moment: datetime) -> float | None:
    """Depth in metres at `moment`, rounded to the centimetre; None before the first point."""
    if moment < points[0][0]:
        return None
    for (t0, d0), (t1, d1) in zip(points, points[1:], strict=False):
        if t0 <= moment < t1:
            return round(d0 + (d1 - d0) * ((moment - t0) / (t1 - t0)), 2)
    return round(points[-1][1], 2)
