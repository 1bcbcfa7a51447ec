"""Which division a point lies in: an R-tree over outlines, exact test on the few whose box holds the point.

Outlines of several levels may be given together; the answer is the lowest. What no outline tells may still be guessed
from the seats of government below it, but a guess is kept apart from the answer and never made from an estimated point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

MEAN_RADIUS_KM = 6371.0088
MOST_KM = 30.0  # a seat further away says nothing about whose land a point is


class Located(NamedTuple):
    """Where a point lies. `code`: the lowest division whose outline holds it, "" when none does. `estimate`: the
    division below `code` (or, where there are no outlines at all, any) whose seat is nearest, `km` away; "" when none
    is near enough. Only `code` is certain."""

    code: str
    estimate: str = ""
    km: float | None = None


class Locator:
    """Answers points with the code of the outline they lie in. Outlines of one level share borders and don't overlap.

    Of outlines one inside the other the lowest answers. A point on a common border belongs to the first of the
    neighbours in code order, so that the answer never depends on the order the outlines came in.
    """

    def __init__(self, outlines: Sequence[tuple[str, BaseGeometry]]) -> None:
        ordered = sorted(outlines, key=lambda pair: (-len(pair[0]), pair[0]))
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


class Seats:
    """Seats of government (政府驻地) by division: code, longitude, latitude in degrees. Surveyed ones only."""

    def __init__(self, rows: Sequence[tuple[str, float, float]]) -> None:
        ordered = sorted(rows)
        self.codes = [code for code, _, _ in ordered]
        self.lon = np.radians(np.array([lon for _, lon, _ in ordered], dtype=float))
        self.lat = np.radians(np.array([lat for _, _, lat in ordered], dtype=float))

    def nearest(self, lon: float, lat: float, inside: str = "", most_km: float = MOST_KM) -> tuple[str, float] | None:
        """Return (code, km) of the nearest seat of a division below `inside`, by great circle on the mean radius; the
        first in code order where two are equally near, None where none is within `most_km`."""
        chosen = self._below(inside)
        if not chosen.size:
            return None
        x, y = np.radians(lon), np.radians(lat)
        half = np.sin((self.lat[chosen] - y) / 2) ** 2
        half += np.cos(self.lat[chosen]) * np.cos(y) * np.sin((self.lon[chosen] - x) / 2) ** 2
        km = 2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(half))
        best = int(np.argmin(km))
        return (self.codes[chosen[best]], float(km[best])) if km[best] <= most_km else None

    def _below(self, inside: str) -> NDArray[np.intp]:
        """Places of the seats right below `inside`: of the highest level that has any seat there."""
        within = [at for at, code in enumerate(self.codes) if code.startswith(inside) and code != inside]
        level = min((len(self.codes[at]) for at in within), default=0)
        return np.array([at for at in within if len(self.codes[at]) == level], dtype=np.intp)


def locate(locator: Locator, seats: Seats, lon: float, lat: float, most_km: float = MOST_KM) -> Located:
    """Return where a point in degrees lies: surely by outline, and perhaps by the nearest seat below.

    A point outside every outline, where there are outlines, lies in no division of the territory: nothing is guessed.
    """
    code = locator.find(lon, lat) if locator.codes else ""
    if locator.codes and not code:
        return Located("")
    near = seats.nearest(lon, lat, code, most_km)
    return Located(code, near[0], round(near[1], 2)) if near else Located(code)
