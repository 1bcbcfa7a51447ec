"""Coordinate reference systems of the interfaces: turned at the edge, for inside is WGS-84 longitude and latitude.

CGCS2000 (EPSG:4490) differs from WGS-84 by centimetres and is taken as it is. Arrays in, arrays out.
Source of the projection: EPSG guidance note 7-2, method 1024 (Popular Visualisation Pseudo Mercator).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_RADIUS = 6378137.0
_MOST_LAT = 85.0511287798066  # where the map is as high as it is wide
_DEGREES, _METRES = 7, 2  # decimals given out: a centimetre


@dataclass(frozen=True)
class Crs:
    """One reference system: its address, a name, and how its two numbers come about."""

    uri: str
    name: str
    latitude_first: bool = False
    mercator: bool = False

    def turn(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """Return degrees as the first and second number of this system."""
        if self.mercator:
            north = np.clip(lat, -_MOST_LAT, _MOST_LAT)
            y = _RADIUS * np.log(np.tan(np.pi / 4 + np.radians(north) / 2))
            return np.round(_RADIUS * np.radians(lon), _METRES), np.round(y, _METRES)
        first, second = (lat, lon) if self.latitude_first else (lon, lat)
        return np.round(first, _DEGREES), np.round(second, _DEGREES)

    def back(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Return longitude and latitude in degrees of two numbers of this system."""
        if self.mercator:
            lat = np.degrees(2 * np.arctan(np.exp(np.clip(second / _RADIUS, -700, 700))) - np.pi / 2)
            return np.degrees(first / _RADIUS), lat
        return (second, first) if self.latitude_first else (first, second)


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "WGS 84 (longitude, latitude)")
SYSTEMS = {
    system.uri: system
    for system in (
        CRS84,
        Crs("http://www.opengis.net/def/crs/EPSG/0/4326", "WGS 84", latitude_first=True),
        Crs("http://www.opengis.net/def/crs/EPSG/0/4490", "CGCS2000", latitude_first=True),
        Crs("http://www.opengis.net/def/crs/EPSG/0/3857", "WGS 84 / Pseudo-Mercator", mercator=True),
    )
}


def geometry_turned(geometry: dict[str, Any] | None, to: Crs) -> dict[str, Any] | None:
    """Return a GeoJSON geometry with its coordinates in another system."""
    if geometry is None or to is CRS84:
        return geometry
    if geometry["type"] == "GeometryCollection":
        return {**geometry, "geometries": [geometry_turned(part, to) for part in geometry["geometries"]]}
    return {**geometry, "coordinates": _turned(geometry["coordinates"], to)}


def _turned(coordinates: Any, to: Crs) -> Any:
    if not coordinates:
        return coordinates
    if isinstance(coordinates[0], int | float):
        first, second = to.turn(np.array([coordinates[0]], float), np.array([coordinates[1]], float))
        return [float(first[0]), float(second[0])]
    if isinstance(coordinates[0][0], int | float):
        points = np.array([point[:2] for point in coordinates], float)
        return np.stack(to.turn(points[:, 0], points[:, 1]), axis=1).tolist()
    return [_turned(part, to) for part in coordinates]


def box_back(numbers: tuple[float, float, float, float], system: Crs) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees of a box given in another system: its lower and upper corner.

    Latitudes are cut at the poles. Longitudes are brought into ±180; a box over the antimeridian comes out with west
    greater than east, one as wide as the world as the world.
    """
    lon, lat = system.back(np.array(numbers[0::2], float), np.array(numbers[1::2], float))
    west, east = float(lon[0]), float(lon[1])
    south, north = (float(value) for value in np.clip(lat, -90.0, 90.0))
    if east - west >= 360:
        return -180.0, south, 180.0, north
    return _wrapped(west), south, _wrapped(east), north


def _wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180
