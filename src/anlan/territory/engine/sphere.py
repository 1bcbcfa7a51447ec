"""Distances on the sphere: haversine between points, and from points to great-circle arcs. Degrees in, kilometres out.

The sphere has the mean earth radius 6371.0088 km (IUGG, R1). Against the ellipsoid a distance is off by up to 0.5 %,
which is what every haversine is off by; what matters here is that one formula decides everywhere.
"""

from __future__ import annotations

import numpy as np

from anlan.territory.engine.curve import Floats

RADIUS_KM = 6371.0088
KM_PER_DEGREE = RADIUS_KM * np.pi / 180.0


def great_circle_km(lon1: Floats | float, lat1: Floats | float, lon2: Floats | float, lat2: Floats | float) -> Floats:
    """Return the great-circle distance by haversine; arguments broadcast."""
    y1, y2 = np.radians(lat1), np.radians(lat2)
    sy = np.sin((y2 - y1) * 0.5)
    sx = np.sin(np.radians(np.subtract(lon2, lon1)) * 0.5)
    return np.asarray(
        2.0 * RADIUS_KM * np.arcsin(np.sqrt(np.minimum(sy * sy + np.cos(y1) * np.cos(y2) * sx * sx, 1.0)))
    )


def unit(lon: Floats, lat: Floats) -> Floats:
    """Return unit vectors [n, 3] of points."""
    x, y = np.radians(np.asarray(lon, np.float64)), np.radians(np.asarray(lat, np.float64))
    return np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=-1)


def arc_km(p: Floats, a: Floats, b: Floats) -> Floats:
    """Return the distance from points to the shorter great-circle arcs a-b, all unit vectors [..., 3], broadcasting.

    Where the foot of the perpendicular falls on the arc, it is the distance to the arc's great circle, else that to the
    nearer end. An arc of no length is a point.
    """
    ends = np.minimum(chord_km(p, a), chord_km(p, b))
    normal = np.cross(a, b)
    length = np.sqrt((normal * normal).sum(-1))
    within = (length > 0) & ((np.cross(normal, a) * p).sum(-1) >= 0) & ((np.cross(normal, b) * p).sum(-1) <= 0)
    sine = np.abs((normal * p).sum(-1)) / np.where(length > 0, length, 1.0)
    return np.where(within, RADIUS_KM * np.arcsin(np.minimum(sine, 1.0)), ends)


def chord_km(p: Floats, q: Floats) -> Floats:
    """Return the distance between points as unit vectors [..., 3], broadcasting; sound for the nearest ones too."""
    gap = p - q
    return np.asarray(2.0 * RADIUS_KM * np.arcsin(np.minimum(np.sqrt((gap * gap).sum(-1)) * 0.5, 1.0)))
