"""Functions of geometries: every stored one is a point, so the shape that was written is asked which points it means.

Exact by GEOS, planar in degrees of WGS 84, as SensorThings servers do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.site.sta.errors import unreadable
from anlan.site.sta.functions import composed
from anlan.site.sta.terms import Geo, Shape, Term, Value, as_kind, mismatch

Box = tuple[float, float, float, float]
Points = Callable[[Box | None, bool], NDArray[np.float64]]
"""Given a box (None: everywhere) and whether past points count too: the points in it, shape (n, 2), lon and lat."""

TESTS: dict[str, Callable[[Any, Any], Any]] = {
    "geo.intersects": shapely.intersects, "st_intersects": shapely.intersects, "st_equals": shapely.equals,
    "st_disjoint": shapely.disjoint, "st_touches": shapely.touches, "st_within": shapely.within,
    "st_overlaps": shapely.overlaps, "st_crosses": shapely.crosses, "st_contains": shapely.contains,
}  # fmt: skip
GEOMETRIC = (*TESTS, "st_relate", "geo.distance", "geo.length")
_PATTERN = re.compile("[012TF*]{9}")


def geometric(name: str, arguments: list[Value], points: Points, field: str) -> Term:
    """Return a function of geometries. Raises Unreadable for what can't be reckoned."""
    wanted = {"geo.length": 1, "st_relate": 3}.get(name, 2)
    if len(arguments) != wanted:
        raise unreadable(field, name, f"函数 {name} 需要 {wanted} 个参数。", f"{name} takes {wanted} arguments.")
    shapes = [_geo(value, field) for value in arguments[:2]]
    if name == "geo.length":
        length = float(shapely.length(shapes[0].shape)) if isinstance(shapes[0], Shape) else 0.0
        return _number(length)
    one, other = shapes
    if name == "geo.distance":
        return _distance(one, other, field)
    return _tested(_test(name, arguments, field), name, one, other, points, field)


def _test(name: str, arguments: list[Value], field: str) -> Callable[[Any, Any], Any]:
    if name != "st_relate":
        return TESTS[name]
    pattern = str(as_kind(arguments[2], "text", field).given or "").upper()
    if not _PATTERN.fullmatch(pattern):
        raise unreadable(field, pattern[:40], "关系模式应为9个字符（0、1、2、T、F、*）。",
                         "Write a pattern of nine characters out of 0, 1, 2, T, F and *.")  # fmt: skip
    return lambda one, other: shapely.relate_pattern(one, other, pattern)


def _tested(test: Callable[[Any, Any], Any], name: str, one: Geo | Shape, other: Geo | Shape, points: Points,
            field: str) -> Term:  # fmt: skip
    """Return where a relation holds: the points for which it does are looked up before."""
    if isinstance(one, Shape) and isinstance(other, Shape):
        return Term("bool", "true" if bool(test(one.shape, other.shape)) else "false", (), False)
    if isinstance(one, Geo) and isinstance(other, Geo):
        raise unreadable(field, name, "请把一列几何与写出的图形比较，如 geography'POLYGON((…))'。",
                         "Compare a column with a shape that is written, e.g. geography'POLYGON((…))'.")  # fmt: skip
    column = one if isinstance(one, Geo) else other
    shape = one.shape if isinstance(one, Shape) else other.shape  # type: ignore[union-attr]
    apart = name in ("st_disjoint", "st_relate")  # these may hold far from the shape
    found = points(None if apart else shape.bounds, column.past)  # type: ignore[union-attr]
    shapely.prepare(shape)
    spots = shapely.points(found) if len(found) else np.array([], dtype=object)
    holds = test(spots, shape) if isinstance(one, Geo) else test(np.broadcast_to(shape, len(spots)), spots)
    picked = found[np.asarray(holds, dtype=bool)]
    inside = Term("bool", "(%s::float8[])", (picked[:, 0].tolist(),), False)
    beside = Term("bool", "(%s::float8[])", (picked[:, 1].tolist(),), False)
    sql = "(({0}, {1}) IN (SELECT * FROM unnest({2}, {3})))"
    return composed("bool", sql, [column.lon, column.lat, inside, beside])  # type: ignore[union-attr]


def _distance(one: Geo | Shape, other: Geo | Shape, field: str) -> Term:
    """Return the distance in degrees."""
    if isinstance(one, Shape) and isinstance(other, Shape):
        return _number(float(shapely.distance(one.shape, other.shape)))
    ends: list[Term] = []
    for end in (one, other):
        if isinstance(end, Geo):
            ends += [end.lon, end.lat]
        elif end.shape.geom_type == "Point":
            ends += [_number(end.shape.x), _number(end.shape.y)]
        else:
            raise unreadable(field, end.shape.geom_type, "距离只能算到点；面请用 st_within 或 geo.intersects。",
                             "Distances are to points; ask st_within or geo.intersects of areas.")  # fmt: skip
    return composed("number", "sqrt(power({0} - {2}, 2) + power({1} - {3}, 2))", ends)


def _geo(value: Value, field: str) -> Geo | Shape:
    if isinstance(value, Geo | Shape):
        return value
    raise mismatch(value, "geo", field)


def _number(value: float) -> Term:
    return Term("number", "%s::float8", (value,), False, value)
