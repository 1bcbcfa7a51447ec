"""A station and its neighbours as a small drawing with links: no script, and it prints."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians
from typing import Any, NamedTuple

from shapely import box, get_parts
from shapely.geometry import shape

from anlan.monitoring.selectors.station import KM_A_DEGREE
from anlan.territory.selectors.near import outline, outline_geometry

WIDE, HIGH = 320.0, 240.0
EDGE_KM, LEAST_KM = 1.2, 0.5
RINGS_KM = (0.2, 0.5, 1, 2, 5, 10, 20)


class Near(NamedTuple):
    """A drawing `WIDE` by `HIGH` with the station in the middle: land as an SVG path, rings (km, radius), neighbours
    with x and y."""

    land: str
    rings: list[tuple[float, float]]
    places: list[dict[str, Any]]


def near_map(station: dict[str, Any], near: list[dict[str, Any]]) -> Near:
    """Return the drawing. Two queries at most, for the outline round the station; it is kept."""
    reach = max([LEAST_KM, *(one["km"] for one in near[:6])]) * EDGE_KM
    scale = HIGH / 2 / reach
    narrow = cos(radians(station["lat"]))

    def put(lon: float, lat: float) -> tuple[float, float]:
        x = WIDE / 2 + (lon - station["lon"]) * narrow * KM_A_DEGREE * scale
        return round(x, 1), round(HIGH / 2 - (lat - station["lat"]) * KM_A_DEGREE * scale, 1)

    places = [{**one, "x": put(one["lon"], one["lat"])[0], "y": put(one["lon"], one["lat"])[1]} for one in near]
    seen = [one for one in places if 4 <= one["x"] <= WIDE - 4 and 4 <= one["y"] <= HIGH - 4]
    high = HIGH / 2 / scale / KM_A_DEGREE
    wide = high * WIDE / HIGH / narrow
    land = _land(
        station["division"],
        round(station["lon"], 3),
        round(station["lat"], 3),
        round(wide * 1.05, 4),
        round(high * 1.05, 4),
    )
    path = "".join("M" + "L".join(f"{x} {y}" for x, y in (put(*at) for at in ring)) + "Z" for ring in land)
    rings = [(km, round(km * scale, 1)) for km in RINGS_KM if reach / 5 <= km <= reach]
    return Near(path, rings, seen)


@lru_cache(maxsize=256)
def _land(
    division: str, lon: float, lat: float, wide: float, high: float
) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Return the rings (degrees) of the outline round a division, cut to a window round a point."""
    found = outline(division)
    if found is None:
        return ()
    window = box(lon - wide, lat - high, lon + wide, lat + high)
    seen = shape(outline_geometry(found[0])).buffer(0).intersection(window).simplify(high / 200)
    parts = [part for part in get_parts(seen).tolist() if part.geom_type == "Polygon"]
    return tuple(tuple((x, y) for x, y, *_ in part.exterior.coords) for part in parts)
