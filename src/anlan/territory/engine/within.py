"""Which of sorted points lie in an area of any kind."""

from __future__ import annotations

import numpy as np

from anlan.territory.engine import circles, polygons
from anlan.territory.engine.cover import NONE, Cover, Sorted
from anlan.territory.engine.extent import Area, Polygonal, Several

_FEW = 256  # points that are sooner tested than covered by cells


def within(area: Area, points: Sorted) -> Cover:
    """Return which of the points lie in the area, boundary included."""
    if isinstance(area, Several):
        found = np.unique(np.concatenate([within(part, points).positions() for part in area.parts]))
        return Cover(NONE, NONE, found)
    if len(points) > _FEW:
        return polygons.covered(area, points) if isinstance(area, Polygonal) else circles.covered(area, points)
    return Cover(NONE, NONE, np.flatnonzero(area.covers(points.lon, points.lat)))
