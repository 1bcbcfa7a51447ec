"""Which points lie within some kilometres of points or lines, on the sphere: cells wholly within, cells on the rim tested.

Downward from the cell of all cells: how far a cell's middle is from an arc, and how far the cell reaches from its
middle, tell by the triangle inequality whether all of it, none of it or part of it is near. Only arcs that may reach a
cell are asked about its parts. Poles and longitude 180 need no care: distances know neither.
"""

from __future__ import annotations

import numpy as np

from anlan.territory.engine import curve
from anlan.territory.engine.cover import NONE, Cover, Mask, Sorted, joined
from anlan.territory.engine.curve import BITS, Codes, Floats, Ints
from anlan.territory.engine.extent import Near
from anlan.territory.engine.raster import spread
from anlan.territory.engine.sphere import KM_PER_DEGREE

_DEEPEST = 26
_FEW = 32  # pairs of a point and an arc in one cell that are sooner tested than divided
_MARGIN = 1e-3  # km; rounding is a tenth of it at worst, half way round the earth: what is nearer to the rim is tested
_PAIRS = 1 << 14


def covered(area: Near, points: Sorted) -> Cover:
    """Return which of the points lie at most so many kilometres from the arcs, exactly as `area.distance` says of each."""
    arc = np.arange(len(area.ends))
    cell, of, level = np.zeros(1, np.uint64), np.zeros(len(arc), np.int64), 0
    whole: list[tuple[Codes, Codes]] = []
    rim: list[tuple[Ints, Ints, Ints, Ints]] = []
    while len(cell):
        all_in, some_in = _near(area, cell[of], level, arc)
        full = np.zeros(len(cell), np.bool_)
        full[of[all_in]] = True
        shift = np.uint64(2 * (BITS - level))
        whole.append((cell[full] << shift, (cell[full] + np.uint64(1)) << shift))
        open_pair = some_in & ~full[of]
        arc, of = arc[open_pair], of[open_pair]
        count = np.bincount(of, minlength=len(cell))
        low, high = points.runs(cell, level)
        alive = (count > 0) & (low < high)
        done = alive & (((high - low) * count <= _FEW) | (level == _DEEPEST))
        rim.append(_rim(low, high, count, arc, done))
        cell, of, arc = _children(cell, of, arc, alive & ~done)
        level += 1
    first, beyond = joined(*(np.concatenate([pair[side] for pair in whole]) for side in (0, 1)))
    low, high = points.before(first), points.before(beyond)
    return Cover(low[low < high], high[low < high], np.concatenate([_tested(area, points, *found) for found in rim]))


def _near(area: Near, cell: Codes, level: int, arc: Ints) -> tuple[Mask, Mask]:
    """Return whether each cell lies wholly within reach of its arc, and whether any of it may."""
    size = 360.0 / 2.0**level
    column, row = curve.deinterleave(cell)
    south = row * size - 90.0
    north = np.minimum(south + size, 90.0)
    lon, lat = np.asarray((column + 0.5) * size - 180.0), np.asarray((south + north) * 0.5)
    flat = np.where((south <= 0.0) & (north >= 0.0), 0.0, np.minimum(np.abs(south), np.abs(north)))
    reach = KM_PER_DEGREE * 0.5 * ((north - south) + size * np.cos(np.radians(flat)))
    km: Floats = area.distance(lon, lat, arc)
    return km + reach <= area.km - _MARGIN, km - reach <= area.km + _MARGIN


def _rim(low: Ints, high: Ints, count: Ints, arc: Ints, done: Mask) -> tuple[Ints, Ints, Ints, Ints]:
    """Return positions from and before, and how many of the arcs, by cell, of the cells to be tested."""
    return low[done], high[done], count[done], arc[np.repeat(done, count)]


def _children(cell: Codes, of: Ints, arc: Ints, further: Mask) -> tuple[Codes, Ints, Ints]:
    """Return the four parts of some cells with their arcs. Pairs stand by cell."""
    number = np.cumsum(further) - 1
    stays = further[of]
    of, arc = number[of[stays]], arc[stays]
    parts = (cell[further] << np.uint64(2))[None, :] | np.arange(4, dtype=np.uint64)[:, None]
    cells = len(parts[0])
    return parts.ravel(), np.concatenate([of + cells * i for i in range(4)]), np.tile(arc, 4)


def _tested(area: Near, points: Sorted, low: Ints, high: Ints, count: Ints, arc: Ints) -> Ints:
    """Return which positions of the rim's cells lie within reach of one of their cell's arcs."""
    position, cell = spread(low, high - low)
    if not len(position):
        return NONE
    start = (np.cumsum(count) - count)[cell]
    count = count[cell]
    ends = np.cumsum(count)
    found = np.empty(len(position), np.bool_)
    first = 0
    while first < len(position):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + _PAIRS, side="right")), first + 1)
        part = slice(first, last)
        pair, point = spread(start[part], count[part])
        at = position[part][point]
        near = area.distance(points.lon[at], points.lat[at], arc[pair]) <= area.km
        found[part] = np.logical_or.reduceat(near, np.cumsum(count[part]) - count[part])
        first = last
    return position[found]
