"""Which positions of sorted points an area covers: runs of whole quadtree cells, and single points of border cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine.curve import Floats, Ints
from anlan.territory.engine.extent import Area


@dataclass(frozen=True)
class Sorted:
    """Points in Morton order: `lon`, `lat` f64[n], `code` u64[n] ascending."""

    lon: Floats
    lat: Floats
    code: NDArray[np.uint64]


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

    def spread(self) -> Ints:
        """Return every position of the runs."""
        length = self.high - self.low
        ends = np.cumsum(length)
        total = int(ends[-1]) if len(ends) else 0
        return np.asarray(np.arange(total) + np.repeat(self.low - (ends - length), length))

    def positions(self) -> Ints:
        """Return every position, ascending."""
        found = np.concatenate([self.spread(), self.single])
        found.sort()
        return found


def cover(area: Area, points: Sorted) -> Cover:
    """Return which of the points lie in the area, boundary included."""
    none = np.empty(0, np.int64)
    return Cover(none, none, np.flatnonzero(area.covers(points.lon, points.lat)))
