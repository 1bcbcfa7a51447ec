"""Coordinates: everything inside is WGS-84 longitude and latitude in degrees; other systems are turned at the edge.

CGCS2000 (China Geodetic Coordinate System 2000) differs from WGS-84 by centimetres, far below the accuracy of any
feature here, and is taken as it is. GCJ-02 is the obfuscation of Chinese web maps, BD-09 Baidu's on top of it. The
forward formula is the public one; the inverse is iterated to below a millimetre. Outside the mainland's bounding
box GCJ-02 equals WGS-84. Arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_A = 6378245.0
_EE = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0


def wgs84_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn WGS-84 degrees into GCJ-02 degrees; arrays of any one shape."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon - 105.0, lat - 35.0
    root, wave = (
        np.sqrt(np.abs(x)),
        (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0,
    )
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = lat / 180.0 * np.pi
    magic = 1.0 - _EE * np.sin(radians) ** 2
    d_lat = d_lat * 180.0 / (_A * (1.0 - _EE) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * np.pi)
    inside = (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def gcj02_to_wgs84(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn GCJ-02 degrees into WGS-84 degrees by iterating the forward formula."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon.copy(), lat.copy()
    for _ in range(8):
        fx, fy = wgs84_to_gcj02(x, y)
        x, y = x + (lon - fx), y + (lat - fy)
    return x, y


def gcj02_to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn GCJ-02 degrees into BD-09 degrees."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn BD-09 degrees into GCJ-02 degrees by iterating the forward formula."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(8):
        fx, fy = gcj02_to_bd09(x, y)
        x, y = x + (lon - fx), y + (lat - fy)
    return x, y


def wgs84_to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn WGS-84 degrees into BD-09 degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Turn BD-09 degrees into WGS-84 degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
