"""Which positions of sorted points an area covers: runs of whole quadtree cells, and single points of border cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine.curve import BITS, Codes, Floats, Ints
from anlan.territory.engine.raster import spread

Mask = NDArray[np.bool_]
NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Sorted:
    """Points in Morton order: `lon`, `lat` f64[n], `code` u64[n] ascending."""

    lon: Floats
    lat: Floats
    code: Codes

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def seam(self) -> Ints:
        """Return the positions on longitude ±180, which is one meridian in two columns."""
        return np.flatnonzero(np.abs(self.lon) == 180.0)

    def runs(self, cell: Codes, level: int) -> tuple[Ints, Ints]:
        """Return from which position up to before which the points of cells of one level stand."""
        shift = np.uint64(2 * (BITS - level))
        return self.before(cell << shift), self.before((cell + np.uint64(1)) << shift)

    def before(self, code: Codes) -> Ints:
        """Return how many points have a lower code than each given."""
        return np.searchsorted(self.code, code)


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
        found = np.concatenate([spread(self.low, self.high - self.low)[0], self.single])
        found.sort()
        return found


def joined(low: NDArray[np.integer], high: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Return runs, in any order and apart, put in order and those that touch made one; empty ones left out."""
    full = low < high
    order = np.argsort(low[full], kind="stable")
    low, high = low[full][order], high[full][order]
    starts = np.concatenate([[True], high[:-1] != low[1:]])[: len(low)]
    return low[starts], high[np.concatenate([starts[1:], [True]])[: len(low)]]
