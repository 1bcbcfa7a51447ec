"""Which points lie in polygons: cells off every edge are wholly in or out, points of the cells on an edge are tested.

The edges are laid on one level of the quadtree, chosen so that looking at cells and testing points cost alike; a border
cell where points and edges crowd is divided further. A cell that no edge touches is decided by its reference point
(`parity`), a point of a border cell by the few edges of that cell between it and the reference point. What rounding
leaves in doubt, such as a point on an edge, GEOS decides with robust predicates on the whole polygon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.territory.engine import curve
from anlan.territory.engine.cover import NONE, Cover, Sorted, joined
from anlan.territory.engine.curve import BITS, PER_DEGREE, SIDE, Codes, Ints
from anlan.territory.engine.extent import Polygonal
from anlan.territory.engine.parity import crossings, inside, reference
from anlan.territory.engine.raster import Edges, Window, spread, touched

DEEPEST = 26  # level of the smallest cells: 0.6 m
_DEEPER = 2  # levels down when a border cell is divided
_CROWDED = 4096  # pairs of a point and an edge in one cell that make it worth dividing
_MOST_CELLS = 60_000
# What a border cell, a point in one, and a pair of point and edge cost to look at, in one unit.
_CELL, _POINT, _PAIR = 18.0, 1.0, 0.6


@dataclass(frozen=True)
class Border:
    """Cells of one level that edges touch: `code` Morton, ascending; edge numbers `edge[start:start + count]` of each."""

    level: int
    code: Codes
    start: Ints
    count: Ints
    edge: Ints

    def only(self, which: Ints) -> Border:
        """Return some of the cells."""
        return Border(self.level, self.code[which], self.start[which], self.count[which], self.edge)


def covered(area: Polygonal, points: Sorted) -> Cover:
    """Return which of the points lie in the area, boundary included, exactly as GEOS' intersects says of each."""
    edges = Edges(*area.edges)
    if not len(points) or not len(edges):
        return Cover(NONE, NONE, NONE)
    grid = Edges(curve.columns(edges.x1), curve.rows(edges.y1), curve.columns(edges.x2), curve.rows(edges.y2))
    borders, whole = _cells(grid, points, _level(edges, points))
    finest = max(border.level for border, _, _ in borders)
    base = np.concatenate([code << _shift(finest - level) for code, level in whole])
    at = np.concatenate([base, *(border.code << _shift(finest - border.level) for border, _, _ in borders)])
    if not len(at):
        return _seamed(area, points, Cover(NONE, NONE, NONE))
    ref_in, doubt = inside(edges, *curve.deinterleave(at), finest)
    first, beyond = _whole(whole, ref_in[: len(base)])
    low, high = points.before(first), points.before(beyond)
    full = low < high
    single = _tested(area, edges, borders, points, ref_in[len(base) :], doubt[len(base) :], at[len(base) :], finest)
    return _seamed(area, points, Cover(low[full], high[full], single))


def _shift(levels: int) -> np.uint64:
    return np.uint64(2 * levels)


def _level(edges: Edges, points: Sorted) -> int:
    """Return the level to lay the edges on, from their length and how dense the points stand along them."""
    length = np.maximum(np.abs(edges.x2 - edges.x1), np.abs(edges.y2 - edges.y1))
    run = np.cumsum(length)
    total = max(float(run[-1]), 1e-7)
    probe = np.searchsorted(run, (np.arange(64) + 0.5) * (total / 64)).clip(0, len(edges) - 1)
    level = int(np.clip(np.log2(360.0 * 32 / total), 1, DEEPEST))
    code = curve.encode((edges.x1[probe] + edges.x2[probe]) * 0.5, (edges.y1[probe] + edges.y2[probe]) * 0.5)
    low, high = points.runs(code >> _shift(BITS - level), level)
    density = max(float((high - low).mean()), 1e-3) * (2.0**level / 360.0) ** 2
    levels = np.arange(1, DEEPEST + 1)
    size = 360.0 / 2.0**levels
    cells = 1.5 * total / size + 4
    inside_border = cells * size * size * density
    pairs = size * size * density * (len(edges) + 1.5 * cells)
    cost = _CELL * cells + _POINT * inside_border + _PAIR * pairs
    return int(levels[np.argmin(np.where(cells <= _MOST_CELLS, cost, np.inf))])


def _cells(grid: Edges, points: Sorted, level: int) -> tuple[list[tuple[Border, Ints, Ints]], list[tuple[Codes, int]]]:
    """Return border cells that hold points, with their positions from and before; and all cells off the border."""
    edge, column, row = touched(grid.scaled(2.0 ** (level - BITS)), level)
    border = _grouped(level, edge, column, row)
    whole = _siblings(border.code, level)
    borders = []
    while True:
        low, high = points.runs(border.code, border.level)
        full = low < high
        crowded = full & ((high - low) * border.count > _CROWDED) & (high - low > 16)
        crowded &= border.level + _DEEPER <= DEEPEST
        keep = np.flatnonzero(full & ~crowded)
        borders.append((border.only(keep), low[keep], high[keep]))
        if not crowded.any():
            return borders, whole
        border, rest = _divided(grid, border.only(np.flatnonzero(crowded)))
        whole.append((rest, border.level))


def _grouped(level: int, edge: Ints, column: Ints, row: Ints) -> Border:
    """Return touches of edges and cells grouped by cell."""
    side = 1 << level
    if len(edge) and (column.min() < 0 or row.min() < 0 or column.max() >= side or row.max() >= side):
        on = np.flatnonzero((column >= 0) & (row >= 0) & (column < side) & (row < side))
        edge, column, row = edge[on], column[on], row[on]
    # Neighbouring edges mostly touch the same cell: such stretches are sorted as one.
    head = np.flatnonzero(np.concatenate([[True], (column[1:] != column[:-1]) | (row[1:] != row[:-1])])[: len(edge)])
    length = np.diff(np.append(head, len(edge)))
    code = curve.interleave(column[head], row[head])
    order = np.argsort(code, kind="stable")
    code, length, head = code[order], length[order], head[order]
    first = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
    count = np.add.reduceat(length, first) if len(first) else NONE
    return Border(level, code[first], np.cumsum(count) - count, count, edge[spread(head, length)[0]])


def _siblings(code: Codes, level: int) -> list[tuple[Codes, int]]:
    """Return, by level, the cells beside border cells within their parents: all of the area off the border is there."""
    found = []
    while level > 0 and len(code) > 1:
        parent = code >> np.uint64(2)
        first = np.flatnonzero(np.concatenate([[True], parent[1:] != parent[:-1]]))
        found.append(
            (
                _untouched(
                    parent[first], code, np.repeat(np.arange(len(first)), np.diff(np.append(first, len(code)))), 2
                ),
                level,
            )
        )
        code, level = parent[first], level - 1
    return found or [(code[:0], level)]


def _untouched(parent: Codes, code: Codes, of: Ints, bits: int) -> Codes:
    """Return the descendants `bits`/2 levels down of `parent` cells that aren't in `code`, where `of` is whose each is."""
    own = np.arange(1 << bits, dtype=np.uint64)
    free = np.ones((len(parent), len(own)), np.bool_)
    free[of, (code & own[-1]).astype(np.int64)] = False
    return np.asarray(((parent << np.uint64(bits))[:, None] | own)[free])


def _divided(grid: Edges, border: Border) -> tuple[Border, Codes]:
    """Return the border cells inside crowded ones some levels down, and the cells there off the border."""
    pair, cell = spread(border.start, border.count)
    edge = border.edge[pair]
    level = border.level + _DEEPER
    column, row = (part << _DEEPER for part in curve.deinterleave(border.code))
    last = (1 << _DEEPER) - 1
    window = Window(column[cell], column[cell] + last, row[cell], row[cell] + last)
    touch, column, row = touched(grid.take(edge).scaled(2.0 ** (level - BITS)), level, window)
    finer = _grouped(level, edge[touch], column, row)
    of = np.searchsorted(border.code, finer.code >> _shift(_DEEPER))
    return finer, _untouched(border.code, finer.code, of, 2 * _DEEPER)


def _whole(whole: list[tuple[Codes, int]], ref_in: np.ndarray) -> tuple[Codes, Codes]:
    """Return runs of codes of the cells inside, those that touch made one."""
    shift = np.concatenate([np.full(len(code), 2 * (BITS - level), np.uint64) for code, level in whole])[ref_in]
    code = np.concatenate([code for code, _ in whole])[ref_in]
    return joined(code << shift, (code + np.uint64(1)) << shift)


def _tested(
    area: Polygonal,
    edges: Edges,
    borders: list[tuple[Border, Ints, Ints]],
    points: Sorted,
    ref_in: np.ndarray,
    doubt: np.ndarray,
    at: Codes,
    finest: int,
) -> Ints:
    """Return which positions in border cells lie in the area."""
    low, high = (np.concatenate([found[i] for found in borders]) for i in (1, 2))
    position, cell = spread(low, high - low)
    if not len(position):
        return NONE
    ref = reference(*curve.deinterleave(at), finest)
    offset = np.cumsum([0, *(len(border.edge) for border, _, _ in borders)])
    start = np.concatenate([border.start + skip for (border, _, _), skip in zip(borders, offset, strict=False)])
    count = np.concatenate([border.count for border, _, _ in borders])
    size = [np.full(len(border.edge), SIDE / PER_DEGREE / 2.0**border.level) for border, _, _ in borders]
    pairs = edges.take(np.concatenate([border.edge for border, _, _ in borders]))
    wide = np.abs(pairs.x2 - pairs.x1) + np.abs(pairs.y2 - pairs.y1) + 3.0 * np.concatenate(size)
    lon, lat = points.lon[position], points.lat[position]
    other, unsure = crossings(lon, lat, (ref[0][cell], ref[1][cell]), start[cell], count[cell], pairs, wide)
    found = ref_in[cell] ^ other
    ask = np.flatnonzero(unsure | doubt[cell])
    found[ask] = area.covers(lon[ask], lat[ask])
    return position[found]


def _seamed(area: Polygonal, points: Sorted, found: Cover) -> Cover:
    """Let points on longitude ±180 count as on both sides of it, where the area reaches it."""
    west, _, east, _ = area.geometry.bounds
    if not len(points.seam) or (west > -180.0 and east < 180.0):
        return found
    seam = points.seam[area.covers(points.lon[points.seam], points.lat[points.seam])]
    known = np.isin(seam, found.positions())
    return Cover(found.low, found.high, np.union1d(found.single, seam[~known]))
