"""What a warning's area was drawn as (划定范围): GeoJSON in, CAP's polygons and circles out; basins and townships as shapes.

An outline is what `territory.engine.area` reads: polygons, points with `radius_km`, lines with `buffer_km`. A circle stays
a circle (CAP 1.2 §3.2.4: great-circle kilometres); everything else becomes polygons. CAP knows no holes: of a polygon with
one the outer ring is sent, for nobody inside may be left out. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.territory.engine.area import Circle, Several, area_from_geojson, buffered

DIGITS: Final = 5
# An outline of more corners than this is thinned, to about 30 m.
MOST_CORNERS: Final = 1_000
THIN_DEG: Final = 0.0003
Ring = tuple[tuple[float, float], ...]


def cap_shapes(outline: Mapping[str, Any]) -> tuple[tuple[Ring, ...], tuple[tuple[float, float, float], ...]]:
    """The rings [(lon, lat)], closed, and circles (lon, lat, km) of an outline. Raises AreaFault where it is none."""
    area = area_from_geojson(outline)
    parts = area.parts if isinstance(area, Several) else (area,)
    circles = tuple((*part.ends[0][:2], part.km) for part in parts if isinstance(part, Circle))
    shapes = [part.geometry for part in parts if not isinstance(part, Circle)]
    return tuple(ring for shape in shapes for ring in rings_of(shape)), circles


def rings_of(shape: BaseGeometry) -> tuple[Ring, ...]:
    """The outer rings of a (multi)polygon, rounded, thinned where they have very many corners."""
    sound = shape.simplify(THIN_DEG) if shapely.get_num_coordinates(shape) > MOST_CORNERS else shape
    rings = []
    for part in shapely.get_parts(sound):
        if part.geom_type != "Polygon":
            continue
        points = [(round(x, DIGITS), round(y, DIGITS)) for x, y in shapely.get_coordinates(part.exterior).tolist()]
        kept = [point for n, point in enumerate(points) if n == 0 or point != points[n - 1]]
        if len(kept) >= 4:
            rings.append(tuple(kept))
    return tuple(rings)


def hull_outline(points: Sequence[tuple[float, float]], km: float) -> dict[str, Any]:
    """The GeoJSON geometry of everything within `km` of the hull of some points (lon, lat) in degrees.

    What is known of a basin are its gauges: the hull around them, widened, stands for it until its outline is known.
    """
    hull = shapely.MultiPoint([list(point) for point in points]).convex_hull
    edge = hull.exterior if hull.geom_type == "Polygon" else hull
    whole = (
        shapely.union_all([hull, buffered(edge, km).geometry])
        if hull.geom_type == "Polygon"
        else buffered(edge, km).geometry
    )
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.set_precision(whole.simplify(THIN_DEG), 10**-DIGITS)))
    return found


def cells(points: Sequence[tuple[float, float]], within: BaseGeometry) -> list[BaseGeometry]:
    """For each point (lon, lat) the part of `within` that is nearer to it than to the others; the same for equal points.

    A township's outline where none is known: every spot of the county then belongs to one, so nobody is left out.
    """
    different = list(dict.fromkeys(points))
    if len(different) < 2:
        return [within for _ in points]
    narrow = shapely.voronoi_polygons(shapely.MultiPoint(different), extend_to=within)
    found: dict[tuple[float, float], BaseGeometry] = {}
    parts = shapely.get_parts(narrow)
    tree = shapely.STRtree(parts)
    for point in different:
        at = int(tree.nearest(shapely.Point(point)))
        found[point] = shapely.intersection(parts[at], within)
    return [found[point] for point in points]


def touches(shape: BaseGeometry, area: BaseGeometry) -> bool:
    """Do two shapes share more than an edge? A point or a line inside counts."""
    if not shape.intersects(area):
        return False
    return bool(shape.area == 0 or shape.intersection(area).area > 1e-10)
