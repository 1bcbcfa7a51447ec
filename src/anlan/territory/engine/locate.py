"""Which division a point lies in: an R-tree over outlines, exact test on the few whose box holds the point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


class Locator:
    """Answers points with the code of the outline they lie in. Outlines share borders and don't overlap.

    A point on a common border belongs to the first of the neighbours in code order, so that the answer never depends
    on the order the outlines came in.
    """

    def __init__(self, outlines: Sequence[tuple[str, BaseGeometry]]) -> None:
        ordered = sorted(outlines, key=lambda pair: pair[0])
        self.codes = [code for code, _ in ordered]
        self.shapes = [shape for _, shape in ordered]
        self.tree = shapely.STRtree(self.shapes)

    def find(self, lon: float, lat: float) -> str:
        """Return the code for one point in degrees, "" when it lies in none."""
        return self.find_many([lon], [lat])[0]

    def find_many(self, lons: Sequence[float], lats: Sequence[float]) -> list[str]:
        """Return one code per point, "" where a point lies in none."""
        points = shapely.points(np.asarray(lons, float), np.asarray(lats, float))
        found = [""] * len(lons)
        pairs = self.tree.query(points, predicate="intersects")
        for point, outline in sorted(zip(*pairs.tolist(), strict=True)):
            found[point] = found[point] or self.codes[outline]
        return found
