"""Which quadtree cells the edges of polygons touch: all edges at once, as arrays, never one too few.

Places are in cells of one level (column, row; not rounded). A cell that an edge passes by closer than rounding can tell
counts as touched: that costs a test more and never an error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.territory.engine.curve import BITS, Floats, Ints

_SLACK = 2.0**-20  # of a cell


@dataclass(frozen=True)
class Edges:
    """Edges from (x1, y1) to (x2, y2), f64[n] each."""

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats

    def __len__(self) -> int:
        return len(self.x1)

    def take(self, which: Ints) -> Edges:
        """Return some of the edges."""
        return Edges(self.x1[which], self.y1[which], self.x2[which], self.y2[which])

    def scaled(self, factor: float) -> Edges:
        """Return the edges in another unit."""
        return Edges(self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)


@dataclass(frozen=True)
class Window:
    """Cells that matter per edge: columns and rows from first to last, i64[n] each."""

    left: Ints
    right: Ints
    bottom: Ints
    top: Ints


def spread(low: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return for runs of `count` numbers from `low` every number and which run it is of."""
    run = np.repeat(np.arange(len(low)), count)
    return np.arange(len(run)) + (low - (np.cumsum(count) - count))[run], run


def touched(edges: Edges, level: int, window: Window | None = None) -> tuple[Ints, Ints, Ints]:
    """Return edge, column and row of every touch of an edge and a cell, in the order of the edges.

    `edges` in cells of `level`; `window` leaves out cells outside it.
    """
    west, east = np.minimum(edges.x1, edges.x2) - _SLACK, np.maximum(edges.x1, edges.x2) + _SLACK
    south, north = np.minimum(edges.y1, edges.y2) - _SLACK, np.maximum(edges.y1, edges.y2) + _SLACK
    left, right, bottom, top = np.floor(west), np.floor(east), np.floor(south), np.floor(north)
    if window is not None:
        left, right = np.maximum(left, window.left), np.minimum(right, window.right)
        bottom, top = np.maximum(bottom, window.bottom), np.minimum(top, window.top)
    simple = (left == right) & (bottom == top)
    only = np.flatnonzero(simple)
    one_column, one_row = left[only].astype(np.int64), bottom[only].astype(np.int64)
    wide = np.flatnonzero(~simple & (left <= right) & (bottom <= top))
    if not len(wide):
        return only, one_column, one_row
    left, right, bottom, top = (side[wide].astype(np.int64) for side in (left, right, bottom, top))
    row, run = spread(bottom, top - bottom + 1)
    edge = wide[run]
    first, last = _reach(edges.take(edge), row, level)
    first, last = np.maximum(first, left[run]), np.minimum(last, right[run])
    column, run = spread(first, np.maximum(last - first + 1, 0))
    edge, row = edge[run], row[run]
    edge, column, row = (np.concatenate(p) for p in ((only, edge), (one_column, column), (one_row, row)))
    order = np.argsort(edge, kind="stable")
    return edge[order], column[order], row[order]


def _reach(edges: Edges, row: Ints, level: int) -> tuple[Ints, Ints]:
    """Return the first and last column that each edge touches within its row."""
    up = edges.y1 <= edges.y2
    x0, y0 = np.where(up, edges.x1, edges.x2), np.where(up, edges.y1, edges.y2)
    x9, y9 = np.where(up, edges.x2, edges.x1), np.where(up, edges.y2, edges.y1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (x9 - x0) / (y9 - y0)
    # A level edge, and one so flat that rounding its height moves it by columns, reaches from end to end.
    error = _SLACK + np.abs(slope) * 2.0 ** (level - BITS - 19)
    flat = ~(error < 1.0)
    slope[flat] = 0.0
    low = x0 + (np.clip(row - _SLACK, y0, y9) - y0) * slope
    high = x0 + (np.clip(row + (1.0 + _SLACK), y0, y9) - y0) * slope
    first, last = np.minimum(low, high) - error, np.maximum(low, high) + error
    first = np.where(flat, np.minimum(x0, x9) - _SLACK, first)
    last = np.where(flat, np.maximum(x0, x9) + _SLACK, last)
    return np.floor(first).astype(np.int64), np.floor(last).astype(np.int64)
