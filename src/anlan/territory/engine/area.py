"""Areas from GeoJSON, and every kind of area by name. What can't be read is refused with where it is wrong and what helps.

Read are Polygon, MultiPolygon, Feature, FeatureCollection (all that its features cover together) and
GeometryCollection. A Point with the property `radius_km` is a circle, a LineString (or Point) with `buffer_km` a buffer.
Longitudes may run beyond ±180 (181 is -179). An edge longer than 180 degrees that doesn't end on ±180 is read as
crossing longitude 180 the short way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import Invalid
from anlan.territory.engine.curve import Floats
from anlan.territory.engine.drawn import fold
from anlan.territory.engine.extent import (
    Area,
    Buffered,
    Circle,
    Divisions,
    Near,
    Polygonal,
    Several,
    area_of,
    box,
    buffered,
    circle,
)

__all__ = [
    "Area", "AreaFault", "Buffered", "Circle", "Divisions", "Near", "Polygonal", "Several", "area_from_geojson", "area_of",
    "box", "buffered", "circle",
]  # fmt: skip

MOST_VERTICES = 2_000_000
MOST_KM = 20_100.0  # half way round the earth: a circle of that radius is everything


class AreaFault(Invalid):
    """An area can't be taken as it is. `remedy` (zh, en) says what to do; `at` is [lon, lat] where that is known."""

    def __init__(
        self,
        code: str,
        words: tuple[str, str],
        remedy: tuple[str, str],
        *,
        value: Any = None,
        at: list[float] | None = None,
    ) -> None:
        extra: dict[str, Any] = {"remedy": {"zh": remedy[0], "en": remedy[1]}}
        if at is not None:
            extra["at"] = at
        zh, en = f"{words[0]}{remedy[0]}", f"{words[1]} {remedy[1]}"
        super().__init__(code=f"area.{code}", zh=zh, en=en, field="area", value=value, **extra)
        self.remedy, self.at = remedy, at


def area_from_geojson(found: Any) -> Area:
    """Return the area of a parsed GeoJSON object; AreaFault when it isn't one."""
    near: list[Near] = []
    shapes: list[BaseGeometry] = []
    for geometry, properties in _geometries(found, {}, 0):
        part = _near(geometry, properties)
        if part is not None:
            near.append(part)
        else:
            shapes.append(_shape(geometry))
    if not near and not shapes:
        raise AreaFault("empty", ("这里面没有区域。", "There is no area in this."), _KINDS)
    parts: tuple[Polygonal | Near, ...] = tuple(near)
    if shapes:
        parts = (Polygonal(shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)), *parts)
    return parts[0] if len(parts) == 1 else Several(parts)


_KINDS = (
    "请给出多边形，或带 radius_km 属性的点，或带 buffer_km 属性的线。",
    "Give polygons, or a point with the property radius_km, or a line with the property buffer_km.",
)
_HOW = (
    "请按 GeoJSON（RFC 7946）给出经纬度坐标：[[经度, 纬度], ...]。",
    "Give coordinates as GeoJSON (RFC 7946) does: [[longitude, latitude], ...].",
)


def _geometries(
    found: Any, properties: Mapping[str, Any], depth: int
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return every plain geometry inside with the properties of its feature."""
    if not isinstance(found, Mapping) or not isinstance(found.get("type"), str) or depth > 8:
        raise AreaFault("not_geojson", ("这不是 GeoJSON 对象。", "This is no GeoJSON object."), _KINDS, value=found)
    kind = found["type"]
    if kind == "Feature":
        own = found.get("properties")
        inner = found.get("geometry")
        return [] if inner is None else _geometries(inner, own if isinstance(own, Mapping) else {}, depth + 1)
    if kind in ("FeatureCollection", "GeometryCollection"):
        members = found.get("features" if kind == "FeatureCollection" else "geometries")
        if not isinstance(members, list):
            raise AreaFault("not_geojson", (f"{kind} 里没有成员。", f"The {kind} has no members."), _KINDS)
        return [pair for member in members for pair in _geometries(member, properties, depth + 1)]
    return [(found, properties)]


def _near(geometry: Mapping[str, Any], properties: Mapping[str, Any]) -> Near | None:
    """Return the circle or buffer that a point or line with its property stands for; None for polygons."""
    kind = geometry["type"]
    if kind in ("Polygon", "MultiPolygon"):
        return None
    name = "radius_km" if kind == "Point" and "radius_km" in properties else "buffer_km"
    if kind not in ("Point", "MultiPoint", "LineString", "MultiLineString") or name not in properties:
        words = (f"{kind} 本身不是区域。", f"A {kind} alone is no area.")
        raise AreaFault("kind", words, _KINDS, value=kind)
    km = properties[name]
    if isinstance(km, bool) or not isinstance(km, int | float) or not 0 <= km <= MOST_KM:
        words = (f"{name} 应为 0 至 {MOST_KM:g} 之间的公里数。", f"{name} has to be kilometres from 0 to {MOST_KM:g}.")
        raise AreaFault("distance", words, ("请改正该数值。", "Correct the number."), value=km)
    lines = geometry.get("coordinates")
    nested = lines if kind == "MultiLineString" else [[p] for p in lines] if kind == "MultiPoint" and lines else [lines]
    nested = [[lines]] if kind == "Point" else nested
    ends: list[tuple[float, float, float, float]] = []
    for line in nested if isinstance(nested, list) else []:
        points = _positions(line)
        pairs = pairwise(points) if len(points) > 1 else [(points[0], points[0])]
        ends += [(float(a[0]), float(a[1]), float(b[0]), float(b[1])) for a, b in pairs]
    if not ends:
        raise AreaFault("coordinates", ("没有坐标。", "There are no coordinates."), _HOW)
    return Circle(float(km), tuple(ends)) if kind == "Point" else Buffered(float(km), tuple(ends))


def _shape(geometry: Mapping[str, Any]) -> BaseGeometry:
    """Return a valid polygon or multipolygon within ±180."""
    coordinates = geometry.get("coordinates")
    nested = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not isinstance(nested, list) or not nested or not all(isinstance(part, list) and part for part in nested):
        raise AreaFault("coordinates", ("多边形没有坐标。", "The polygon has no coordinates."), _HOW)
    parts = [_polygon(rings) for rings in nested]
    whole = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    # Parts that overlap cover together what each covers: unambiguous, so they are joined and not refused.
    whole = whole if len(parts) == 1 or whole.is_valid else shapely.union_all(parts)
    return fold(whole)


def _polygon(rings: Sequence[Any]) -> BaseGeometry:
    outlines = [_ring(ring) for ring in rings]
    first = outlines[0]
    # A hole belongs to the turn of the globe its shell is on.
    holes = [ring + np.array([_turn(first, ring), 0.0]) for ring in outlines[1:]]
    polygon = shapely.Polygon(first, holes)
    if polygon.is_valid:
        return polygon
    reason = str(shapely.is_valid_reason(polygon))
    place = re.search(r"\[(\S+) (\S+)\]", reason)
    at = [round(float(place[1]), 7), round(float(place[2]), 7)] if place else None
    where = (f"（在 {at[0]}, {at[1]}）", f" at {at[0]}, {at[1]}") if at else ("", "")
    code, zh, en = next(words for sign, words in _INVALID.items() if sign in reason)
    raise AreaFault(code, (f"{zh}{where[0]}。", f"{en}{where[1]}."), _MEND, at=at, value=reason)


_INVALID = {
    "Hole lies outside": ("hole_outside", "洞在多边形之外", "A hole lies outside the polygon"),
    "nested": ("holes_nested", "洞套着洞", "A hole lies inside another hole"),
    "Too few": ("too_few_points", "一条边界不足三个不同的点", "A ring has fewer than three different points"),
    "": ("self_crossing", "多边形边界自相交", "The outline of the polygon crosses itself"),
}
_MEND = (
    "请在该处调整顶点次序或删去重复的折返；在 QGIS 中可用“修正几何图形”。",
    "Put the vertices there in order or take out the spike; in QGIS, “Fix geometries” does it.",
)


def _turn(shell: Floats, hole: Floats) -> float:
    return float(360.0 * np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360.0))


def _ring(ring: Any) -> Floats:
    """Return a ring [n, 2], closed, its longitudes running on where an edge crosses longitude 180."""
    points = _positions(ring)
    if (points[0] != points[-1]).any():
        points = np.vstack([points, points[:1]])
    if len(points) < 4:
        raise AreaFault(_INVALID["Too few"][0], (f"{_INVALID['Too few'][1]}。", f"{_INVALID['Too few'][2]}."), _MEND)
    step = np.diff(points[:, 0])
    over = (np.abs(step) > 180.0) & (np.abs(points[1:, 0]) != 180.0) & (np.abs(points[:-1, 0]) != 180.0)
    if over.any():
        points[1:, 0] -= 360.0 * np.cumsum(np.where(over, np.sign(step), 0.0))
    return points


def _positions(line: Any) -> Floats:
    """Return positions [n, 2] in degrees, checked; a third number (height) is dropped."""
    if not isinstance(line, list) or not line or len(line) > MOST_VERTICES:
        raise AreaFault("coordinates", ("坐标不是点的列表。", "Coordinates are no list of points."), _HOW, value=line)
    for point in line:
        numbers = isinstance(point, list | tuple) and len(point) >= 2
        if not numbers or any(isinstance(v, bool) or not isinstance(v, int | float) for v in point[:2]):
            raise AreaFault(
                "coordinates", ("坐标里有一项不是点。", "One of the coordinates is no point."), _HOW, value=point
            )
    points = np.array([point[:2] for point in line], np.float64)
    bad = ~(np.isfinite(points).all(axis=1) & (np.abs(points[:, 0]) <= 540.0) & (np.abs(points[:, 1]) <= 90.0))
    if bad.any():
        point = points[bad][0].tolist()
        words = (f"坐标 {point} 超出经纬度范围。", f"The coordinates {point} are beyond longitude and latitude.")
        remedy = (
            "请确认次序是先经度后纬度，且是度而不是米。",
            "See that longitude comes first, and that these are degrees, not metres.",
        )
        raise AreaFault("out_of_range", words, remedy, value=point, at=point if np.isfinite(point).all() else None)
    return points
