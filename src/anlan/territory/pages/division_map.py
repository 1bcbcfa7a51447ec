"""A division and those below it as a small drawing with links: it needs no script and prints."""

from __future__ import annotations

from math import cos, radians
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.territory.selectors.outlines import outlines_below

WIDE, HIGH, EDGE = 320.0, 240.0, 6.0
FINE = 0.003  # of the drawing's larger side: finer detail can't be seen


class Land(NamedTuple):
    """One outline: its division's code, the SVG path, and whether it is the division the drawing is of."""

    code: str
    path: str
    own: bool


class Drawing(NamedTuple):
    """A drawing `WIDE` by `HIGH`: outlines, the larger first, and the seat (None where there is no point)."""

    lands: list[Land]
    seat: tuple[float, float] | None


def drawing(code: str, lon: float | None, lat: float | None) -> Drawing | None:
    """Return the drawing of a division, None where neither it nor any below has an outline. One query."""
    found = outlines_below(code)
    if not found:
        return None
    west, south, east, north = shapely.total_bounds(list(found.values())).tolist()
    narrow = cos(radians((south + north) / 2))
    wide, high = (east - west) * narrow, north - south
    scale = min((WIDE - 2 * EDGE) / max(wide, 1e-9), (HIGH - 2 * EDGE) / max(high, 1e-9))
    left, top = (WIDE - wide * scale) / 2, (HIGH - high * scale) / 2

    def put(x: float, y: float) -> tuple[float, float]:
        return round(left + (x - west) * narrow * scale, 1), round(top + (north - y) * scale, 1)

    fine = max(wide, high) * FINE
    lands = [Land(key, _path(land.simplify(fine), put), key == code) for key, land in sorted(found.items())]
    lands.sort(key=lambda land: not land.own)
    return Drawing(lands, put(lon, lat) if lon is not None and lat is not None else None)


def _path(shape: BaseGeometry, put: Any) -> str:
    parts = []
    for polygon in shapely.get_parts(shape).tolist():
        for ring in (polygon.exterior, *polygon.interiors):
            corners = " ".join(f"{x},{y}" for x, y in (put(*at[:2]) for at in ring.coords[:-1]))
            parts.append(f"M{corners}Z")
    return "".join(parts)
