"""Which of a million loose points lie in an area, at once and exactly: arrays in, a mask out.

For points that stand in an index already, `territory` answers faster (`PointIndex`); this is for those that come as
they come, the last known positions of people among them. A polygon's box is cut into cells: a cell that no edge comes
near is inside or outside as its middle is; only points of the other cells are tested one by one.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.territory.engine import curve
from anlan.territory.engine.cover import HEAD, Sorted
from anlan.territory.engine.curve import Floats, Ints
from anlan.territory.engine.extent import Area, Circle, Mask, Near, Polygonal, Several
from anlan.territory.engine.raster import spread
from anlan.territory.engine.sphere import KM_PER_DEGREE
from anlan.territory.engine.within import within

_FEW = 4096  # points that are sooner tested one by one
_MANY = 100_000  # points that are sooner put in order than tested one by one
_MOST_CELLS, _LEAST_CELLS = 1024, 64
_OUT, _IN, _EDGE = 0, 1, 2


def inside(area: Area | None, lon: Floats, lat: Floats) -> Mask:
    """Which points (degrees, longitude within ±180) lie in the area, its edge included; none in no area."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if area is None:
        return np.zeros(len(lon), np.bool_)
    if isinstance(area, Several):
        found = np.zeros(len(lon), np.bool_)
        for part in area.parts:
            rest = np.flatnonzero(~found)
            found[rest] = inside(part, lon[rest], lat[rest])
        return found
    if isinstance(area, Polygonal):
        return _in_polygons(area, lon, lat)
    return _near(area, lon, lat)


def _near(area: Near, lon: Floats, lat: Floats) -> Mask:
    """Points within reach: those of other latitudes aren't asked."""
    found = np.zeros(len(lon), np.bool_)
    if isinstance(area, Circle):
        reach = area.km / KM_PER_DEGREE + 1e-9
        near = np.flatnonzero(np.abs(lat - area.ends[0][1]) <= reach)
    else:
        near = np.arange(len(lon))
    found[near] = area.covers(lon[near], lat[near])
    return found


def _in_polygons(area: Polygonal, lon: Floats, lat: Floats) -> Mask:
    found = np.zeros(len(lon), np.bool_)
    west, south, east, north = (float(side) for side in shapely.bounds(area.geometry))
    # Longitude 180 is -180 as well; those points are few and tested by themselves.
    near = np.flatnonzero((lat >= south) & (lat <= north) & (((lon >= west) & (lon <= east)) | (np.abs(lon) == 180.0)))
    if len(near) <= _FEW or not (east > west and north > south):
        found[near] = area.covers(lon[near], lat[near])
        return found
    side = int(np.clip(np.sqrt(len(near) / 4), _LEAST_CELLS, _MOST_CELLS))
    x_of, y_of = side / (east - west), side / (north - south)
    cells = _cells(area, side, west, south, x_of, y_of)
    x, y = lon[near], lat[near]
    column = np.clip((x - west) * x_of, 0, side - 1).astype(np.int64)
    row = np.clip((y - south) * y_of, 0, side - 1).astype(np.int64)
    kind = cells[row, column]
    kind[np.abs(x) == 180.0] = _EDGE
    found[near] = kind == _IN
    test = near[kind == _EDGE]
    found[test] = _tested(area, lon[test], lat[test])
    return found


def _tested(area: Polygonal, lon: Floats, lat: Floats) -> Mask:
    """Test points one by one; where a jagged outline leaves very many, putting them in order first is sooner done."""
    if len(lon) <= _MANY:
        return area.covers(lon, lat)
    code = curve.encode(lon, lat)
    order = np.argsort(code, kind="stable")
    found = np.zeros(len(lon), np.bool_)
    code = code[order]
    found[order[within(area, Sorted(lon[order], lat[order], code, code[::HEAD])).positions()]] = True
    return found


def _cells(area: Polygonal, side: int, west: float, south: float, x_of: float, y_of: float) -> NDArray[np.uint8]:
    """The cells [row, column] of the box: inside, outside, or near an edge."""
    touched = np.zeros((side + 2, side + 2), np.bool_)
    x1, y1, x2, y2 = area.edges
    x1, x2, y1, y2 = (x1 - west) * x_of, (x2 - west) * x_of, (y1 - south) * y_of, (y2 - south) * y_of
    # Places half a cell apart along every edge: what the edge touches is the cell of one of them or beside it.
    count = (2.0 * np.maximum(np.abs(x2 - x1), np.abs(y2 - y1))).astype(np.int64) + 2
    edge, place = _steps(count)
    share = place / (count[edge] - 1)
    column = np.clip(x1[edge] + (x2 - x1)[edge] * share, 0, side - 1).astype(np.int64) + 1
    row = np.clip(y1[edge] + (y2 - y1)[edge] * share, 0, side - 1).astype(np.int64) + 1
    touched[row, column] = True
    wide = touched.copy()
    wide[1:] |= touched[:-1]
    wide[:-1] |= touched[1:]
    touched = wide.copy()
    touched[:, 1:] |= wide[:, :-1]
    touched[:, :-1] |= wide[:, 1:]
    cells = np.full((side, side), _EDGE, np.uint8)
    row, column = np.nonzero(~touched[1:-1, 1:-1])
    middle = np.asarray(west + (column + 0.5) / x_of), np.asarray(south + (row + 0.5) / y_of)
    cells[row, column] = area.covers(*middle)
    return cells


def _steps(count: Ints) -> tuple[Ints, Ints]:
    """Edge and step number of every place, `count` of each edge."""
    place, edge = spread(np.zeros(len(count), np.int64), count)
    return edge, place
