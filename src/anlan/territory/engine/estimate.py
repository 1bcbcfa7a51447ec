"""Estimated points for divisions whose list knows none: inside the county's outline, else round the one above."""

from __future__ import annotations

import math
from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.ids import draw
from anlan.territory.codes import COUNTY, TOWNSHIP, parent_of
from anlan.territory.engine.spec import Unit

TRIES = 24
SPREAD_DEG = {COUNTY: 0.25, TOWNSHIP: 0.12}
MIDDLE = (105.0, 35.0)  # where nothing at all is known; nobody may take it for a place


def outline_of(outlines: Mapping[str, BaseGeometry], code: str) -> BaseGeometry | None:
    """Return the outline a division of county level or below lies in; of a prefecture without counties, that one's."""
    return outlines.get(code[:6]) or outlines.get(code[:4] if code[4:6] == "00" else "")


def points_filled(units: Mapping[str, Unit], outlines: Mapping[str, BaseGeometry]) -> dict[str, Unit]:
    """Return all units with a point, coord_src "est_fill" where it was made up here. `units`: any order, no villages.

    Follows from the code alone. Points of those above are taken from outlines or from the units below them.
    """
    found = dict(units)
    for code in sorted(found, key=lambda code: (len(code), code)):
        if found[code].lon is None:
            lon, lat = _point(code, found, outlines)
            found[code] = found[code]._replace(lon=round(lon, 5), lat=round(lat, 5), coord_src="est_fill")
    return found


def _point(code: str, units: Mapping[str, Unit], outlines: Mapping[str, BaseGeometry]) -> tuple[float, float]:
    outline = outline_of(outlines, code) if len(code) >= 6 else outlines.get(code)
    if outline is not None and len(code) > 6:
        return _within(code, outline)
    if outline is not None:
        middle = outline.representative_point()
        return middle.x, middle.y
    known = [u for c, u in units.items() if c != code and c.startswith(code) and u.lon is not None]
    if known:
        return sum(u.lon or 0 for u in known) / len(known), sum(u.lat or 0 for u in known) / len(known)
    above = units.get(parent_of(code))
    lon, lat = (above.lon, above.lat) if above and above.lon is not None and above.lat is not None else MIDDLE
    spread = SPREAD_DEG.get(units[code].level, 1.0) * math.sqrt(draw("estimate", code, "r"))
    angle = 2 * math.pi * draw("estimate", code, "a")
    return lon + spread * math.cos(angle), lat + spread * math.sin(angle)


def _within(code: str, outline: BaseGeometry) -> tuple[float, float]:
    west, south, east, north = outline.bounds
    for attempt in range(TRIES):
        lon = west + (east - west) * draw("estimate", code, attempt, "x")
        lat = south + (north - south) * draw("estimate", code, attempt, "y")
        if shapely.contains_xy(outline, round(lon, 5), round(lat, 5)):
            return lon, lat
    middle = outline.representative_point()
    return middle.x, middle.y
