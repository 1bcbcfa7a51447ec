"""Shapes on a globe drawn on a flat map: folded into ±180 degrees, and circles in kilometres as polygons in degrees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.territory.engine.curve import Floats
from anlan.territory.engine.sphere import RADIUS_KM, great_circle_km, unit

_CORNERS = 120
# Corners lie outside the circle so far that the straight sides between them don't cut it.
_OUTSIDE = 1.0005 / np.cos(np.pi / _CORNERS)


def fold(geometry: BaseGeometry) -> BaseGeometry:
    """Return a shape whose longitudes run beyond ±180 cut at every odd multiple of 180 and put back within ±180."""
    west, south, east, north = geometry.bounds
    if west >= -180.0 and east <= 180.0:
        return geometry
    parts = []
    for turn in range(int(np.floor((west + 180.0) / 360.0)), int(np.floor((east + 180.0) / 360.0)) + 1):
        window = shapely.box(turn * 360.0 - 180.0, south - 1, turn * 360.0 + 180.0, north + 1)
        piece = shapely.intersection(geometry, window)
        parts.append(shapely.transform(piece, _turned(turn * 360.0)))
    return shapely.union_all([part for part in parts if part.area > 0])


def drawn(arcs: Iterable[tuple[float, float, float, float]], km: float) -> BaseGeometry:
    """Return what lies within `km` of great-circle arcs (lon1, lat1, lon2, lat2) as a polygon a little too large."""
    return shapely.union_all([fold(_around(lon1, lat1, lon2, lat2, km)) for lon1, lat1, lon2, lat2 in arcs])


def _around(lon1: float, lat1: float, lon2: float, lat2: float, km: float) -> BaseGeometry:
    """Return the hull of discs along an arc, in longitudes that run on beyond ±180 where the arc does."""
    a, b = unit(np.array([lon1, lon2]), np.array([lat1, lat2]))
    steps = int(great_circle_km(lon1, lat1, lon2, lat2) / max(km, 1.0)) + 2 if (lon1, lat1) != (lon2, lat2) else 1
    along = [a * (1.0 - t) + b * t for t in np.linspace(0.0, 1.0, steps)] if steps > 1 else [a]
    discs, lon = [], lon1
    for x, y, z in along:
        lon += (float(np.degrees(np.arctan2(y, x))) - lon + 180.0) % 360.0 - 180.0
        discs.append(_disc(lon, float(np.degrees(np.arctan2(z, np.hypot(x, y)))), km))
    hulls = [shapely.union(p, q).convex_hull for p, q in pairwise(discs)]
    return shapely.union_all(hulls or discs)


def _disc(lon: float, lat: float, km: float) -> BaseGeometry:
    """Return a polygon around a circle; one that holds a pole reaches all around and up to it."""
    angle = min(km * _OUTSIDE / RADIUS_KM, np.pi)
    bearing = np.linspace(-np.pi, np.pi, _CORNERS, endpoint=False)
    phi = np.radians(lat)
    sine = np.clip(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing), -1.0, 1.0)
    away = np.arctan2(np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * sine)
    x, y = lon + np.degrees(away), np.degrees(np.arcsin(sine))
    reach, north, south = np.degrees(angle), lat + np.degrees(angle) >= 90.0, lat - np.degrees(angle) <= -90.0
    if north and south:
        return shapely.box(lon - 180.0, -90.0, lon + 180.0, 90.0)
    if north or south:
        return _cap(lon, x, y, 90.0 if north else -90.0)
    return shapely.Polygon(np.column_stack([x, y])) if reach > 0 else shapely.Point(lon, lat)


def _cap(lon: float, x: Floats, y: Floats, pole: float) -> BaseGeometry:
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    ends = [[lon + 180.0, y[-1]], [lon + 180.0, pole], [lon - 180.0, pole], [lon - 180.0, y[0]]]
    return shapely.Polygon(np.vstack([np.column_stack([x, y]), ends])).buffer(0)


def _turned(degrees: float) -> Callable[[Floats], Floats]:
    def turn(points: Floats) -> Floats:
        return np.asarray(points - np.array([degrees, 0.0]))

    return turn
