"""Which points lie within some kilometres of points or lines, on the sphere: cells wholly within, cells on the rim tested.

Downward from a few large cells: how far a cell's middle is from an arc, and how far the cell reaches from its
middle, tell by the triangle inequality whether all of it, none of it or part of it is near. Only arcs that may reach a
cell are asked about its parts. Poles and longitude 180 need no care: distances know neither.
"""

from __future__ import annotations

import numpy as np

from anlan.territory.engine import curve
from anlan.territory.engine.cover import NONE, Cover, Mask, Sorted, joined
from anlan.territory.engine.curve import BITS, Codes, Ints
from anlan.territory.engine.extent import Near
from anlan.territory.engine.raster import spread
from anlan.territory.engine.sphere import KM_PER_DEGREE, RADIUS_KM, arc_km, chord_km, unit

_DEEPEST = 26
_FEW = 32  # pairs of a point and an arc in one cell that are sooner tested than divided
_MARGIN = 1e-3  # km; rounding is a tenth of it at worst, half way round the earth: what is nearer to the rim is tested
_PAIRS = 1 << 14


def covered(area: Near, points: Sorted) -> Cover:
    """Return which of the points lie at most so many kilometres from the arcs, exactly as `area.distance` says of each."""
    cell, of, arc, level = _start(area)
    whole: list[tuple[Codes, Codes]] = []
    rim: list[tuple[Ints, Ints, Ints, Ints]] = []
    while len(cell):
        all_in, some_in = _near(area, cell, of, arc, level)
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


def _start(area: Near) -> tuple[Codes, Ints, Ints, int]:
    """Return the few large cells around each arc: the cells, and of which of them and of which arc each pair is."""
    middle, half = area.middles
    lon, lat = np.degrees(np.arctan2(middle[:, 1], middle[:, 0])), np.degrees(np.arcsin(np.clip(middle[:, 2], -1, 1)))
    angle = (area.km + half + _MARGIN) / RADIUS_KM
    up = np.degrees(angle) + 1e-6
    arc = np.arange(len(half))
    if float((np.abs(lat) + up).max()) > 89.0:  # around a pole: from the cell of all cells
        return np.zeros(1, np.uint64), np.zeros(len(arc), np.int64), arc, 0
    # The widest parallel stretch of a spherical cap of that angle.
    out = np.degrees(np.arcsin(np.minimum(np.sin(angle) / np.cos(np.radians(lat)), 1.0))) + 1e-6
    level = int(np.clip(np.floor(np.log2(180.0 / max(float(out.max()), float(up.max())))), 0, _DEEPEST))
    size = 360.0 / 2.0**level
    left, right = (np.floor((lon + side + 180.0) / size).astype(np.int64) for side in (-out, out))
    bottom, top = (np.floor((lat + side + 90.0) / size).astype(np.int64) for side in (-up, up))
    column, pair = spread(left, right - left + 1)
    row, again = spread(bottom[pair], (top - bottom + 1)[pair])
    code = curve.interleave(column[again] % (1 << level), row)
    # Pairs stand by cell from here on.
    order = np.argsort(code, kind="stable")
    cell, count = np.unique(code[order], return_counts=True)
    return cell, np.repeat(np.arange(len(cell)), count), pair[again][order], level


def _near(area: Near, cell: Codes, of: Ints, arc: Ints, level: int) -> tuple[Mask, Mask]:
    """Return for each pair of a cell and an arc whether all of the cell lies within reach, and whether any of it may."""
    size = 360.0 / 2.0**level
    column, row = curve.deinterleave(cell)
    south = row * size - 90.0
    north = np.minimum(south + size, 90.0)
    centre = unit(np.asarray((column + 0.5) * size - 180.0), np.asarray((south + north) * 0.5))
    flat = np.where((south <= 0.0) & (north >= 0.0), 0.0, np.minimum(np.abs(south), np.abs(north)))
    reach = (KM_PER_DEGREE * 0.5 * ((north - south) + size * np.cos(np.radians(flat))))[of]
    middle, half = area.middles
    km, spare = chord_km(centre[of], middle[arc]), half[arc]
    # An arc longer than the cell is no longer told by its middle.
    long = np.flatnonzero(spare > reach * 0.25)
    if len(long):
        a, b = area.vectors
        km[long], spare[long] = arc_km(centre[of[long]], a[arc[long]], b[arc[long]]), 0.0
    return km + reach + spare <= area.km - _MARGIN, km - reach - spare <= area.km + _MARGIN


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
