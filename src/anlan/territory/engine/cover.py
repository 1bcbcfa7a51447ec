"""Which positions of sorted points an area covers: runs of whole quadtree cells, and single points of border cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine.curve import BITS, Codes, Floats, Ints
from anlan.territory.engine.raster import spread

Mask = NDArray[np.bool_]
HEAD = 64  # points per head
NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Sorted:
    """Points in Morton order: `lon`, `lat` f64[n], `code` u64[n] ascending; `heads` every 64th code from the first."""

    lon: Floats
    lat: Floats
    code: Codes
    heads: Codes

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def seam(self) -> Ints:
        """Return the positions on longitude ±180, which is one meridian in two columns."""
        return np.flatnonzero(np.abs(self.lon) == 180.0)

    def runs(self, cell: Codes, level: int) -> tuple[Ints, Ints]:
        """Return from which position up to before which the points of cells of one level stand."""
        shift = np.uint64(2 * (BITS - level))
        # Both ends of a cell one after the other: what the first search has brought near serves the second.
        ends = np.stack([cell << shift, (cell + np.uint64(1)) << shift], axis=1)
        found = self.before(ends.ravel())
        return found[::2], found[1::2]

    def before(self, code: Codes) -> Ints:
        """Return how many points have a lower code than each given."""
        if not len(self):
            return np.zeros(len(code), np.int64)
        # The heads fit the processor's cache; within its block every code is then found in step with all others.
        at = (np.searchsorted(self.heads, code) - 1) * HEAD
        last, step = len(self) - 1, HEAD // 2
        while step:
            ahead = at + step
            np.copyto(at, ahead, where=self.code[np.clip(ahead, 0, last)] < code)
            step //= 2
        return np.clip(at + 1, 0, last + 1)


@dataclass(frozen=True)
class Cover:
    """What was found: runs of positions from `low` up to before `high`, ascending, and `single` ones in none of them."""

    low: Ints
    high: Ints
    single: Ints

    @property
    def total(self) -> int:
        """How many positions there are."""
        return int((self.high - self.low).sum()) + len(self.single)

    def positions(self) -> Ints:
        """Return every position, ascending."""
        low = np.concatenate([self.low, self.single])
        order = np.argsort(low, kind="stable")
        length = np.concatenate([self.high - self.low, np.ones(len(self.single), np.int64)])
        return spread(low[order], length[order])[0]


def joined(low: Codes, high: Codes) -> tuple[Codes, Codes]:
    """Return runs, in any order and apart, put in order and those that touch made one; empty ones left out."""
    full = low < high
    order = np.argsort(low[full], kind="stable")
    low, high = low[full][order], high[full][order]
    starts = np.concatenate([[True], high[:-1] != low[1:]])[: len(low)]
    return low[starts], high[np.concatenate([starts[1:], [True]])[: len(low)]]
