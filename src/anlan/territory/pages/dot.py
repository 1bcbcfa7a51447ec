"""Where a row lies, as a small drawing: the outline of its county and a dot. It needs no script and prints."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians
from typing import Any, NamedTuple

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.territory.selectors.near import outline, outline_geometry

WIDE, HIGH, EDGE = 240.0, 150.0, 8.0
FINE = 0.0035


class Dot(NamedTuple):
    """A drawing `WIDE` by `HIGH`: the outline as an SVG path, the dot, and whether it lies inside the frame."""

    path: str
    x: float
    y: float
    inside: bool
    lon: float
    lat: float


def dot(division: str, lon: float | None, lat: float | None) -> Dot | None:
    """Return the drawing of a point (degrees) in its division; None without a point or an outline. Two queries at
    most, the outline's own kept."""
    found = outline(division) if lon is not None and lat is not None else None
    if found is None or lon is None or lat is None:
        return None
    code, box = found
    path, scale, west, north = _drawn(code, box)
    x = EDGE + (lon - west) * cos(radians((box[1] + box[3]) / 2)) * scale
    y = EDGE + (north - lat) * scale
    return Dot(path, round(x, 1), round(y, 1), 0 <= x <= WIDE and 0 <= y <= HIGH, lon, lat)


@lru_cache(maxsize=256)
def _drawn(code: str, box: tuple[float, float, float, float]) -> tuple[str, float, float, float]:
    """Return path, pixels per degree of latitude, and the degrees at the frame's corner."""
    west, south, east, north = box
    narrow = cos(radians((south + north) / 2))
    width, height = (east - west) * narrow, north - south
    scale = min((WIDE - 2 * EDGE) / max(width, 1e-9), (HIGH - 2 * EDGE) / max(height, 1e-9))
    west -= ((WIDE - 2 * EDGE) / scale - width) / narrow / 2
    north += ((HIGH - 2 * EDGE) / scale - height) / 2
    simple = shape(outline_geometry(code)).simplify(max(width, height) * FINE)
    parts = [_ring(ring, west, north, narrow, scale) for ring in _rings(simple)]
    return "".join(parts), scale, west, north


def _rings(shown: BaseGeometry) -> list[Any]:
    polygons = getattr(shown, "geoms", [shown])
    return [polygon.exterior for polygon in polygons if polygon.geom_type == "Polygon"]


def _ring(ring: Any, west: float, north: float, narrow: float, scale: float) -> str:
    points = [f"{EDGE + (x - west) * narrow * scale:.1f} {EDGE + (north - y) * scale:.1f}" for x, y, *_ in ring.coords]
    return "M" + "L".join(points) + "Z"
