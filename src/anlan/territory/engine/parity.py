"""Inside or outside by counting crossings: for reference points along few lines, and for points beside a reference.

Both work in degrees. What rounding leaves in doubt is said so, and decided elsewhere by robust predicates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine.curve import PER_DEGREE, SIDE, Floats, Ints
from anlan.territory.engine.raster import Edges, spread

Mask = NDArray[np.bool_]

# Reference points lie off the middle of a cell, so that no tidy coordinate lies on the same line.
OFF_X, OFF_Y = 0.51318, 0.48709
_PAIRS = 1 << 14  # pairs tested at a time, so that they stay in the processor's cache
_TABLE = 1 << 21  # rows for which a table of lines is kept; more are looked up


def reference(column: Ints, row: Ints, level: int) -> tuple[Floats, Floats]:
    """Return longitude and latitude of the reference points of cells of `level`."""
    per = PER_DEGREE * 2.0**level / SIDE
    return np.asarray((column + OFF_X) / per - 180.0), np.asarray((row + OFF_Y) / per - 90.0)


def inside(edges: Edges, column: Ints, row: Ints, level: int) -> tuple[Mask, Mask]:
    """Return whether the reference points of cells of `level` lie inside closed rings, and whether that is in doubt.

    By parity of the edges crossed to the left on the point's row line. Every ring crosses a line an even number of
    times, so with the crossings of all lines in one sorted array their whole number before a point has the same parity.
    """
    lines, line_of = _distinct(row)
    x, line_y = reference(column, row, level)[0], reference(lines, lines, level)[1]
    first, last = _line(edges.y1, lines, level), _line(edges.y2, lines, level)
    crossing = np.flatnonzero(first != last)
    cut = edges.take(crossing)
    first, last = first[crossing], last[crossing]
    line, run = spread(np.minimum(first, last), np.abs(last - first))
    slope = (cut.x2 - cut.x1) / (cut.y2 - cut.y1)
    cross_x = cut.x1[run] + (line_y[line] - cut.y1[run]) * slope[run]
    west = min(float(edges.x1.min()), float(x.min()))
    span = 2.0 * (max(float(edges.x1.max()), float(x.max())) - west) + 1e-9
    # A crossing may be rounded beyond the ends of its edge, never into another line.
    keys = np.sort(line * span + np.clip(cross_x - west, 0.0, span * 0.5))
    own = line_of * span + (x - west)
    at = np.searchsorted(keys, own)
    doubt = span * (len(lines) + 1) * 2.0**-49 + 2.0**-40
    fenced = np.concatenate([[-np.inf], keys, [np.inf]])
    near = np.minimum(own - fenced[at], fenced[at + 1] - own) <= doubt
    return (at & 1).astype(np.bool_), near


def _distinct(row: Ints) -> tuple[Ints, Ints]:
    """Return the different rows, ascending, and which of them each is."""
    low = int(row.min())
    high = int(row.max())
    if high - low >= _TABLE:
        lines, line_of = np.unique(row, return_inverse=True)
        return lines, line_of
    there = np.zeros(high - low + 1, np.bool_)
    there[row - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[row - low]


def _line(y: Floats, lines: Ints, level: int) -> Ints:
    """Return how many of the row lines lie below each latitude; grows with `y`."""
    k = np.ceil((y + 90.0) * (PER_DEGREE * 2.0**level / SIDE) - OFF_Y).astype(np.int64)
    low, high = int(lines[0]), int(lines[-1])
    if high - low >= _TABLE:
        return np.searchsorted(lines, k)
    count = np.zeros(high - low + 2, np.int64)
    count[lines - low + 1] = 1
    return np.asarray(np.cumsum(count)[np.clip(k - low, 0, high - low + 1)])


def crossings(
    lon: Floats, lat: Floats, ref: tuple[Floats, Floats], start: Ints, count: Ints, edges: Edges, wide: Floats
) -> tuple[Mask, Mask]:
    """Return whether each point lies on the other side than its reference point, and whether that is in doubt.

    Point i is told from its reference `ref` by `count[i]` >= 1 edges from `start[i]` on: by how many of them cut the
    straight way between the two. `wide` is, by edge, no less than any distance among edge, points and references.
    """
    other, doubt = np.empty(len(lon), np.bool_), np.empty(len(lon), np.bool_)
    ends = np.cumsum(count)
    first = 0
    while first < len(lon):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + _PAIRS, side="right")), first + 1)
        part = slice(first, last)
        other[part], doubt[part] = _pairs(
            lon[part], lat[part], (ref[0][part], ref[1][part]), start[part], count[part], edges, wide
        )
        first = last
    return other, doubt


def _pairs(
    lon: Floats, lat: Floats, ref: tuple[Floats, Floats], start: Ints, count: Ints, edges: Edges, wide: Floats
) -> tuple[Mask, Mask]:
    edge, point = spread(start, count)
    px, py = lon[point], lat[point]
    dx, dy = ref[0][point] - px, ref[1][point] - py
    ax, ay, bx, by = edges.x1[edge] - px, edges.y1[edge] - py, edges.x2[edge] - px, edges.y2[edge] - py
    # Sides: of the point and of its reference against the edge, of the edge's ends against the way between the two.
    own = ax * by - ay * bx
    that = (ax - dx) * (by - dy) - (ay - dy) * (bx - dx)
    one, two = dx * ay - dy * ax, dx * by - dy * bx
    cut = ((own > 0) != (that > 0)) & ((one > 0) != (two > 0))
    least = np.minimum(np.minimum(np.abs(own), np.abs(that)), np.minimum(np.abs(one), np.abs(two)))
    width = wide[edge]
    unsure = least <= width * width * 4e-15
    heads = np.cumsum(count) - count
    return np.bitwise_xor.reduceat(cut, heads), np.bitwise_or.reduceat(unsure, heads)
