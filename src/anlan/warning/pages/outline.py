"""Where a message holds, as a small drawing without script: it prints, and a stranger's file can't bring anything in."""

from __future__ import annotations

from math import cos, radians
from typing import Final, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import Invalid
from anlan.warning.engine.spherical import circle_polygon, ring_area
from anlan.warning.services.received_reading import Shape

WIDE: Final = 320.0
HIGH: Final = 240.0
_MOST_SHAPES: Final = 400
_EDGE: Final = 0.08


class Outline(NamedTuple):
    """An SVG path in a box `WIDE` by `HIGH`, and the corners in degrees: west, south, east, north."""

    path: str
    west: float
    south: float
    east: float
    north: float


def outline(shape: Shape) -> Outline | None:
    """Draw the union of rings and circles; None where there is nothing that can be drawn."""
    found = [*_drawn(shape)]
    if not found:
        return None
    whole = shapely.union_all(found)
    west, south, east, north = (float(side) for side in whole.bounds)
    narrow = max(cos(radians((south + north) / 2)), 0.05)
    scale = min(
        WIDE * (1 - 2 * _EDGE) / max((east - west) * narrow, 1e-6), HIGH * (1 - 2 * _EDGE) / max(north - south, 1e-6)
    )
    whole = whole.simplify(0.5 / scale)

    def put(lon: float, lat: float) -> str:
        x = WIDE / 2 + (lon - (west + east) / 2) * narrow * scale
        return f"{x:.1f} {HIGH / 2 - (lat - (south + north) / 2) * scale:.1f}"

    lines = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(whole)).tolist()]
    text = "".join("M" + "L".join(put(x, y) for x, y in line) + "Z" for line in lines)
    return Outline(text, *(round(side, 4) for side in (west, south, east, north)))


def _drawn(shape: Shape) -> list[BaseGeometry]:
    found = []
    for ring in shape.rings[:_MOST_SHAPES]:
        try:
            found.append(ring_area(ring))
        except Invalid:  # told among the findings; the rest is drawn
            continue
    circles = [circle_polygon(*one) for one in shape.circles[:_MOST_SHAPES] if one[2] > 0]
    return [one for one in [*found, *circles] if one.area > 0]
