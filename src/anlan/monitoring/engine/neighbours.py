"""Rain that stands alone among its neighbours (与邻站不符): pure, over whole sets of readings.

A gauge that reports much in an hour in which every gauge around it stays nearly dry is more likely broken than lucky.
Summer cells are small, so the figures are far apart. Platform defaults (mark G).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Columns, Floats, Ints, Mask, openings
from anlan.monitoring.engine.lines import MILLIONTHS, Lines, find, millionths, totals
from anlan.monitoring.engine.rules import SeriesDef

HOUR_US = 3600 * SECOND
MUCH_MM, SHARE, NEAR_KM, NEIGHBOURS = 80.0, 0.02, 10.0, 4
EARTH_KM = 6371.0


def alone(series: Sequence[SeriesDef], rows: Columns) -> Mask:
    """Tell which rows of rain gauges are the chief part (over half) of an hour's sum of at least 80 mm, ending at them,
    while each of the four or more gauges within 10 km that were heard in that hour had under 2 % of it."""
    index = {item.number: place for place, item in enumerate(series)}
    rain = np.array([item.kind == "increment" and item.station_kind == "rain" for item in series], dtype=bool)
    place = np.array([index.get(number, -1) for number in rows.series.tolist()], dtype=np.int64)
    marked = np.zeros(len(rows), dtype=bool)
    if not rain.any():
        return marked
    mine = np.flatnonzero((place >= 0) & rain[np.maximum(place, 0)] & np.isfinite(rows.value))
    lines = _lines(place[mine], rows.at[mine], rows.value[mine], len(series))
    sums = _hour(lines, place[mine], rows.at[mine])
    much = mine[(sums >= MUCH_MM) & (rows.value[mine] * 2 > sums)]
    for row in much.tolist():
        near = _near(series, int(place[row]), rain)
        moments = np.full(len(near), rows.at[row])
        heard = find(lines, near, moments) > find(lines, near, moments - HOUR_US)
        own = _hour(lines, place[row : row + 1], rows.at[row : row + 1])[0]
        others = _hour(lines, near[heard], moments[heard])
        marked[row] = len(others) >= NEIGHBOURS and bool((others < SHARE * own).all())
    return marked


def _lines(place: Ints, at: Ints, value: Floats, count: int) -> Lines:
    order = np.lexsort((np.arange(len(at)), at, place))
    place, at, value = place[order], at[order], value[order]
    first = openings(place, at)
    place, at, value = place[first], at[first], value[first]
    start = np.searchsorted(place, np.arange(count))
    stop = np.searchsorted(place, np.arange(count), side="right")
    total = np.cumsum(millionths(value))
    base = np.concatenate((np.zeros(1, dtype=np.int64), total))[start]
    return Lines(at, value, total, start, stop, base, np.zeros(count, dtype=np.int64))


def _hour(lines: Lines, place: Ints, at: Ints) -> Floats:
    upto, after = find(lines, place, at), find(lines, place, at - HOUR_US)
    return np.asarray((totals(lines, place, upto) - totals(lines, place, after)) / MILLIONTHS, dtype=np.float64)


def _near(series: Sequence[SeriesDef], place: int, rain: Mask) -> Ints:
    """Return the rain gauges within NEAR_KM of one, by great circle."""
    lon, lat = np.radians([item.lon for item in series]), np.radians([item.lat for item in series])
    half = np.sin((lat - lat[place]) / 2) ** 2 + np.cos(lat) * np.cos(lat[place]) * np.sin((lon - lon[place]) / 2) ** 2
    far = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    near = rain & (far <= NEAR_KM)
    near[place] = False
    return np.flatnonzero(near)
