"""The area of a CAP message (预警区域): polygons and circles on the globe, together (CAP 1.2 §3.2.4).

Several polygons and circles are a union: the standard has no holes, so a second polygon inside a first one takes nothing
away from it. Holes there are only in areas of our own, which come as `territory` areas.

The standard is silent on longitude 180, so real files do as they like. Read here: longitudes may run beyond ±180; an
edge of more than 180 degrees goes the short way round, unless it runs all of the way from one side of the map to the
other (-180 to 180); a ring that goes once round the globe holds the pole of the hemisphere most of it lies in. Edges are
straight in degrees, circles are in great-circle kilometres on the IUGG mean radius; what lies on the edge lies inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import Invalid
from anlan.territory.engine.area import MOST_KM
from anlan.territory.engine.curve import Floats
from anlan.territory.engine.drawn import fold
from anlan.territory.engine.extent import Area, Near, Polygonal, Several, area_of, circle
from anlan.territory.engine.sphere import RADIUS_KM

Circle = tuple[float, float, float]
"""Longitude, latitude, kilometres."""

MOST_DEGREES = 540.0
_BANDS = 256  # of latitude, that a circle is drawn in: less than 1 % too large
_SPARE = 1e-9  # degrees: rounding is far less
_DECIMALS = 10  # a shift by a whole turn leaves the decimals that were written


def cap_area(polygons: Sequence[ArrayLike], circles: Sequence[Circle] = ()) -> Area | None:
    """The union of rings [n, 2] (longitude, latitude) and circles; None where there is neither.

    An outline that crosses itself is mended: what it goes round is inside. Raises Invalid `cap.area` for a ring of
    fewer than three different points and for coordinates or radii that can't be.
    """
    shapes = [ring_area(ring) for ring in polygons]
    near = [circle_area(*one) for one in circles]
    parts: tuple[Polygonal | Near, ...] = tuple(near)
    if shapes:
        parts = (Polygonal(shapely.union_all(shapes) if len(shapes) > 1 else shapes[0]), *parts)
    return None if not parts else parts[0] if len(parts) == 1 else Several(parts)


def circle_area(lon: float, lat: float, km: float) -> Near:
    """Everything within `km` by great circle, the rim included; 0 is a point. Raises Invalid for what can't be."""
    if not (abs(lon) <= MOST_DEGREES and abs(lat) <= 90.0 and 0.0 <= km <= MOST_KM):
        raise _refused(
            f"圆 {lon}, {lat}, {km} 超出范围：经度 ±540，纬度 ±90，半径 0 至 {MOST_KM:g} 公里。",
            f"The circle {lon}, {lat}, {km} is beyond longitude ±540, latitude ±90 or 0 to {MOST_KM:g} km; correct it.",
            [lon, lat, km],
        )
    return circle(_within(lon), lat, km)


def ring_area(ring: ArrayLike) -> BaseGeometry:
    """One ring [n, 2] as a valid (multi)polygon within ±180; closed if it is open. Raises Invalid."""
    points = np.asarray(ring, np.float64)
    sound = points.ndim == 2 and points.shape[1:] == (2,) and bool(np.isfinite(points).all())
    if not sound or (np.abs(points[:, 0]) > MOST_DEGREES).any() or (np.abs(points[:, 1]) > 90.0).any():
        raise _refused(
            "多边形坐标超出范围；请给出 [经度, 纬度]，单位为度。",
            "Coordinates of a polygon are out of range; give [longitude, latitude] in degrees.",
            points[:4].tolist(),
        )
    if len(np.unique(points, axis=0)) < 3:
        raise _refused(
            "多边形不足三个不同的点；请补全。",
            "The polygon has fewer than three different points; complete it.",
            points[:4].tolist(),
        )
    if (points[0] != points[-1]).any():
        points = np.vstack([points, points[:1]])
    running = _unrolled(points)
    turn = running[-1, 0] - running[0, 0]
    if abs(turn) > 180.0:
        pole = 90.0 if points[:-1, 1].mean() >= 0.0 else -90.0
        running = np.vstack([running, [[running[-1, 0], pole], [running[0, 0], pole]]])
    outline = area_of(shapely.Polygon(running)).geometry
    folded = fold(outline)
    return folded if folded is outline else _decimals(folded)


def circle_polygon(lon: float, lat: float, km: float) -> BaseGeometry:
    """A polygon in degrees within ±180 that holds the circle wholly and is less than 1 % larger; a point for 0 km.

    The circle is cut into bands of latitude; each corner is as far out as the circle is anywhere in the two bands it
    touches. A circle that holds a pole reaches all around.
    """
    lon, angle, middle = _within(lon), km / RADIUS_KM, np.radians(lat)
    if angle <= 0.0:
        return shapely.Point(lon, lat)
    if angle >= np.pi:
        return shapely.box(-180.0, -90.0, 180.0, 90.0)
    north, south = lat + np.degrees(angle) > 90.0 - _SPARE, lat - np.degrees(angle) < -90.0 + _SPARE
    top = 180.0 - lat - np.degrees(angle) if north else lat + np.degrees(angle)
    bottom = -180.0 - lat + np.degrees(angle) if south else lat - np.degrees(angle)
    top, bottom = max(top, bottom) + _SPARE, min(top, bottom) - _SPARE
    y = bottom + (top - bottom) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, _BANDS + 1)))
    out = _half_width(middle, angle, np.radians(y))
    widest = np.sin(middle) / np.cos(angle) if abs(np.sin(middle)) < abs(np.cos(angle)) else 2.0
    band = np.maximum(out[1:], out[:-1])
    if abs(widest) <= 1.0:
        at = np.arcsin(widest)
        here = (np.radians(y[:-1]) <= at) & (at <= np.radians(y[1:]))
        band = np.where(here, np.maximum(band, _half_width(middle, angle, np.array([at]))[0]), band)
    out = np.minimum(np.maximum(np.append(band, band[-1]), np.append(band[:1], band)) + _SPARE, 180.0)
    if north:
        y, out = np.append(y, 90.0), np.append(out, 180.0)
        out[-2] = 180.0
    if south:
        y, out = np.append(-90.0, y), np.append(180.0, out)
        out[1] = 180.0
    sides = np.vstack([np.column_stack([lon + out, y]), np.column_stack([lon - out, y])[::-1]])
    return fold(shapely.make_valid(shapely.Polygon(np.clip(sides, (-MOST_DEGREES, -90.0), (MOST_DEGREES, 90.0)))))


def _half_width(middle: float, angle: float, y: Floats) -> Floats:
    """How far the circle reaches east and west at latitudes y (radians), in degrees: 0 beyond it, 180 all around.

    Haversine solved for the longitude: sound for circles of a metre too.
    """
    left = np.sin(angle * 0.5) ** 2 - np.sin((y - middle) * 0.5) ** 2
    square = np.divide(left, np.cos(middle) * np.cos(y), out=np.sign(left), where=np.cos(y) * np.cos(middle) > 1e-15)
    return np.asarray(np.degrees(2.0 * np.arcsin(np.sqrt(np.clip(square, 0.0, 1.0)))))


def _unrolled(points: Floats) -> Floats:
    """The ring with longitudes that run on where an edge goes the short way across longitude 180."""
    step = np.diff(points[:, 0])
    whole = (np.abs(step) == 360.0) & (np.abs(points[1:, 0]) == 180.0)
    over = (np.abs(step) > 180.0) & ~whole
    running = points.copy()
    running[1:, 0] -= 360.0 * np.cumsum(np.where(over, np.round(step / 360.0), 0.0))
    return running


def _within(lon: float) -> float:
    return lon if -180.0 <= lon <= 180.0 else round((lon + 180.0) % 360.0 - 180.0, _DECIMALS)


def _decimals(geometry: BaseGeometry) -> BaseGeometry:
    """Longitudes as they were written: 190.1 less a turn is -169.9 and not a hair beside it."""
    return shapely.transform(geometry, lambda points: np.round(points, _DECIMALS))


def _refused(zh: str, en: str, value: object) -> Invalid:
    return Invalid(code="cap.area", zh=zh, en=en, field="area", value=value)
