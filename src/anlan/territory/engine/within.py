"""Which of sorted points lie in an area of any kind."""

from __future__ import annotations

import numpy as np

from anlan.territory.engine import polygons
from anlan.territory.engine.cover import NONE, Cover, Sorted
from anlan.territory.engine.extent import Area, Polygonal

_FEW = 256  # points that are sooner tested than covered by cells


def within(area: Area, points: Sorted) -> Cover:
    """Return which of the points lie in the area, boundary included."""
    if isinstance(area, Polygonal) and len(points) > _FEW:
        return polygons.covered(area, points)
    return Cover(NONE, NONE, np.flatnonzero(area.covers(points.lon, points.lat)))
