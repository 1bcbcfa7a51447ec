"""Estimated points: villages scattered round their township's point, inside the county's outline."""

from __future__ import annotations

import math

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.ids import draw
from anlan.territory.engine.estimate import outline_of
from anlan.territory.engine.spec import Unit, World

KM_PER_DEGREE = 111.32
# How far villages lie from their township's point, km: an estimate by kind of township, not a measured size.
REACH_KM = {"subdistrict": 0.9, "town": 4.0, "township": 4.0, "quasi": 1.5}
TRIES = 6


def scatter(world: World, township: Unit, *key: object, reach_km: float | None = None) -> tuple[float, float]:
    """Return an estimated (lon, lat) near `township`, 5 decimals, that follows from seed and `key` alone.

    The point lies inside the county's outline when the township's own point does; each failed try halves the reach.
    """
    if township.lon is None or township.lat is None:
        raise ValueError(f"township without a point: {township.code}")
    outline = outline_of(world.outlines, township.code)
    reach = reach_km or REACH_KM.get(township.kind, 2.0)
    for attempt in range(TRIES):
        lon, lat = _around(township.lon, township.lat, reach, world.seed, *key, attempt)
        if outline is None or inside(outline, lon, lat):
            return lon, lat
        reach /= 2
    return township.lon, township.lat


def inside(outline: BaseGeometry, lon: float, lat: float) -> bool:
    """Is the point within the outline?"""
    return bool(shapely.contains_xy(outline, lon, lat))


def _around(lon: float, lat: float, reach_km: float, *key: object) -> tuple[float, float]:
    distance = reach_km * math.sqrt(draw(*key, "r")) / KM_PER_DEGREE
    angle = 2 * math.pi * draw(*key, "a")
    east = distance * math.cos(angle) / math.cos(math.radians(lat))
    return round(lon + east, 5), round(lat + distance * math.sin(angle), 5)
