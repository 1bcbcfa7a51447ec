"""Areas that a question is asked about: polygons, circles in kilometres, buffers of lines, divisions, several of these.

Every area says by `covers` which points lie in it, boundary included; that is its definition. The point index has to
give the same answer faster. Polygons are read as GeoJSON means them: edges straight in degrees of longitude and latitude.
Circles and buffers are read on the sphere: within so many kilometres by great circle (`sphere`); the edges of a buffered
line are the great circles between its vertices. Longitudes -180 and 180 are one meridian.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.territory.engine.curve import Floats
from anlan.territory.engine.drawn import drawn
from anlan.territory.engine.sphere import arc_km, chord_km, great_circle_km, unit

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Polygonal:
    """Polygons with holes, valid, in degrees within ±180 and ±90. `area_of` makes one of any outline."""

    geometry: BaseGeometry

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Return which points lie inside or on the boundary: GEOS' robust predicate, point by point."""
        found = _intersects(self.geometry, lon, lat)
        seam = np.flatnonzero(np.abs(lon) == 180.0)
        if seam.size:
            found[seam] |= _intersects(self.geometry, -lon[seam], lat[seam])
        return found

    @cached_property
    def edges(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return x1, y1, x2, y2 of every edge of every ring."""
        rings = shapely.get_rings(shapely.get_parts(np.atleast_1d(self.geometry)))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        joined = np.flatnonzero(ring[1:] == ring[:-1])
        x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        return x[joined], y[joined], x[joined + 1], y[joined + 1]


@dataclass(frozen=True)
class Divisions(Polygonal):
    """The outlines of whole divisions. Whoever knows each row's division may answer by the codes instead."""

    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """Everything within `km` of some great-circle arcs; an arc of no length is a point."""

    km: float
    ends: tuple[tuple[float, float, float, float], ...]  # lon1, lat1, lon2, lat2

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Return which points lie at most `km` from any of the arcs."""
        found = np.zeros(len(lon), np.bool_)
        for arc in range(len(self.ends)):
            found |= self.distance(lon, lat, np.full(len(lon), arc)) <= self.km
        return found

    def distance(self, lon: Floats, lat: Floats, arc: NDArray[np.int64]) -> Floats:
        """Return the kilometres from point i to arc number `arc[i]`."""
        a, b = self.vectors
        return arc_km(unit(lon, lat), a[arc], b[arc])

    @cached_property
    def vectors(self) -> tuple[Floats, Floats]:
        """Return the unit vectors [n, 3] of the arcs' first and second ends."""
        ends = np.array(self.ends, np.float64).reshape(-1, 4)
        return unit(ends[:, 0], ends[:, 1]), unit(ends[:, 2], ends[:, 3])

    @cached_property
    def middles(self) -> tuple[Floats, Floats]:
        """Return the unit vectors [n, 3] of the arcs' middles and the kilometres from there to their ends."""
        a, b = self.vectors
        both = a + b
        length = np.sqrt((both * both).sum(-1, keepdims=True))
        # Of opposite points no middle is told: then the first end, with all of the arc around it.
        middle = np.where(length > 1e-6, both / np.maximum(length, 1e-6), a)
        return middle, np.maximum(chord_km(middle, a), chord_km(middle, b))

    @cached_property
    def geometry(self) -> BaseGeometry:
        """Return the area drawn in degrees, a little too large: for maps and for "which divisions touch"."""
        return drawn(self.ends, self.km)


@dataclass(frozen=True)
class Circle(Near):
    """Everything within `km` of one point. `circle` makes one."""

    def distance(self, lon: Floats, lat: Floats, arc: NDArray[np.int64]) -> Floats:
        """Return the kilometres from point i to the centre by haversine."""
        return great_circle_km(lon, lat, self.ends[0][0], self.ends[0][1])


@dataclass(frozen=True)
class Buffered(Near):
    """Everything within `km` of a line. `buffered` makes one."""


@dataclass(frozen=True)
class Several:
    """What lies in any of some areas of different kinds."""

    parts: tuple[Polygonal | Near, ...]

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Return which points lie in any of the parts."""
        found = np.zeros(len(lon), np.bool_)
        for part in self.parts:
            found |= part.covers(lon, lat)
        return found

    @cached_property
    def geometry(self) -> BaseGeometry:
        """Return the parts drawn in degrees."""
        return shapely.union_all([part.geometry for part in self.parts])


Area = Polygonal | Near | Several


def area_of(geometry: BaseGeometry, codes: tuple[str, ...] = ()) -> Polygonal:
    """Return the area of an outline of our own, mended when it isn't valid; with `codes` those divisions' area."""
    sound = geometry if geometry.is_valid else shapely.make_valid(geometry)
    pieces = [part for part in shapely.get_parts(sound) if part.geom_type in ("Polygon", "MultiPolygon")]
    sound = sound if sound.geom_type in ("Polygon", "MultiPolygon") else shapely.union_all(pieces)
    return Divisions(sound, codes) if codes else Polygonal(sound)


def circle(lon: float, lat: float, radius_km: float) -> Circle:
    """Return the circle around a point in degrees."""
    return Circle(float(radius_km), ((float(lon), float(lat), float(lon), float(lat)),))


def buffered(line: BaseGeometry, km: float) -> Buffered:
    """Return the buffer of a LineString, MultiLineString, Point or MultiPoint in degrees."""
    ends = []
    for part in shapely.get_parts(line):
        points = shapely.get_coordinates(part).tolist()
        pairs = pairwise(points) if len(points) > 1 else [(points[0], points[0])]
        ends += [(*a, *b) for a, b in pairs]
    return Buffered(float(km), tuple(ends))


def box(west: float, south: float, east: float, north: float) -> Polygonal:
    """Return a box in degrees; with `west` > `east` the one across longitude 180."""
    if west <= east:
        return Polygonal(shapely.box(west, south, east, north))
    return Polygonal(
        shapely.multipolygons([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
    )


def _intersects(geometry: BaseGeometry, lon: Floats, lat: Floats) -> Mask:
    if len(lon) > 8:
        shapely.prepare(geometry)
    return np.array(shapely.intersects_xy(geometry, lon, lat), np.bool_, ndmin=1)
