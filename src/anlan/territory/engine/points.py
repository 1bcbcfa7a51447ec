"""Millions of points answering "which and how many lie in this area" exactly, in milliseconds, from plain sorted arrays.

Points stand in Morton order, so a quadtree cell is a run of positions. An area is covered by cells: runs of whole cells
are counted from sums kept per block, only points of border cells are tested (`cover`). Every array may be a read-only
memory map; nothing is changed after building.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine import curve
from anlan.territory.engine.cover import HEAD, Cover, Sorted
from anlan.territory.engine.curve import Codes, Floats, Ints
from anlan.territory.engine.extent import Area, Mask, box
from anlan.territory.engine.nearest import nearest
from anlan.territory.engine.raster import spread
from anlan.territory.engine.within import within

BLOCK = 64  # points per block of class sums
_WEIGHT = "weight_"


@dataclass(frozen=True)
class PointIndex:
    """n points in Morton order with a class each and any number of whole-number weights.

    `lon`, `lat` f64[n] in degrees; `code` u64[n], ascending, and `heads`, every 64th of it; `classes` u8 or u16[n];
    `before` [blocks + 1, classes], how many of each class stand before each block of 64; `weights` name → i64[n + 1],
    how much stands before each position.
    """

    lon: Floats
    lat: Floats
    code: Codes
    heads: Codes
    classes: NDArray[Any]
    before: NDArray[Any]
    weights: Mapping[str, Ints] = field(default_factory=dict)

    @staticmethod
    def build(
        lon: Floats,
        lat: Floats,
        classes: NDArray[Any],
        n_classes: int,
        weights: Mapping[str, Ints] | None = None,
    ) -> tuple[PointIndex, Ints]:
        """Return the index, and which input row stands at each position (i64[n]).

        Points of one code stay in input order. ValueError for coordinates that are missing or beyond ±180, ±90, for
        classes not below `n_classes` and for arrays of different length.
        """
        lon, lat, classes = np.asarray(lon, np.float64), np.asarray(lat, np.float64), np.asarray(classes)
        _checked(lon, lat, classes, n_classes, weights or {})
        code = curve.encode(lon, lat)
        order = np.argsort(code, kind="stable")
        kind = np.uint8 if n_classes <= 256 else np.uint16
        own = classes.astype(kind)[order]
        run = {
            name: np.concatenate([[0], np.cumsum(np.asarray(w, np.int64)[order])])
            for name, w in (weights or {}).items()
        }
        return PointIndex(
            lon[order], lat[order], code[order], code[order[::HEAD]], own, _block_sums(own, n_classes), run
        ), order

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return every array by name, to be kept with np.save."""
        own = {
            "lon": self.lon,
            "lat": self.lat,
            "code": self.code,
            "heads": self.heads,
            "classes": self.classes,
            "before": self.before,
        }
        return own | {_WEIGHT + name: values for name, values in self.weights.items()}

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> PointIndex:
        """Return the index over arrays of `arrays()`, which may be memory maps."""
        # A memory map is looked at as a plain array: the same pages without numpy's slower subclass.
        plain = {name: np.asarray(values) for name, values in arrays.items()}
        weights = {name[len(_WEIGHT) :]: values for name, values in plain.items() if name.startswith(_WEIGHT)}
        own = {name: values for name, values in plain.items() if not name.startswith(_WEIGHT)}
        return PointIndex(**own, weights=weights)

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def n_classes(self) -> int:
        """How many classes are told apart."""
        return int(self.before.shape[1])

    @cached_property
    def sorted(self) -> Sorted:
        """What covering an area needs of the points."""
        return Sorted(self.lon, self.lat, self.code, self.heads)

    def find(self, area: Area) -> Cover:
        """Return which positions lie in the area: whole runs, and single ones besides."""
        return within(area, self.sorted)

    def count(self, area: Area) -> int:
        """Return how many points lie in the area."""
        return self.find(area).total

    def count_by_class(self, area: Area) -> Ints:
        """Return how many points of each class lie in the area, i64[n_classes]."""
        return self.counts_in(self.find(area))

    def sums(self, area: Area) -> dict[str, int]:
        """Return the sum of each weight over the points in the area."""
        return self.sums_in(self.find(area))

    def counts_and_sums(self, area: Area) -> tuple[Ints, dict[str, int]]:
        """Return counts by class and sums of weights of one area, found once."""
        found = self.find(area)
        return self.counts_in(found), self.sums_in(found)

    def positions(self, area: Area) -> Ints:
        """Return the positions in the area, ascending."""
        return self.find(area).positions()

    def count_where(self, area: Area, codes: NDArray[Any], groups: int, keep: Mask | None = None) -> Ints:
        """Return how many points in the area have each code below `groups`, i64[groups].

        `codes` [n] whole numbers by position; `keep` [n] leaves out points.
        """
        found = self.positions(area)
        found = found if keep is None else found[keep[found]]
        return np.bincount(codes[found], minlength=groups).astype(np.int64)

    def nearest(
        self, lon: float, lat: float, k: int, max_km: float | None = None, keep: Mask | None = None
    ) -> tuple[Ints, Floats]:
        """Return the `k` nearest positions and their great-circle kilometres, nearest first."""
        return nearest(self.sorted, lon, lat, k, max_km=max_km, keep=keep)

    def in_box(self, west: float, south: float, east: float, north: float) -> Ints:
        """Return the positions in a box in degrees, borders included; `west` > `east` runs across longitude 180."""
        return self.positions(box(west, south, east, north))

    def counts_in(self, found: Cover) -> Ints:
        """Return counts by class over what was found."""
        whole = self._before(found.high) - self._before(found.low)
        return whole + np.bincount(self.classes[found.single], minlength=self.n_classes)

    def sums_in(self, found: Cover) -> dict[str, int]:
        """Return the sum of each weight over what was found."""
        return {
            name: int((run[found.high] - run[found.low]).sum() + (run[found.single + 1] - run[found.single]).sum())
            for name, run in self.weights.items()
        }

    def counts_by_run(self, low: Ints, high: Ints) -> Ints:
        """Return how many of each class stand from position `low` up to before `high`, i64[runs, n_classes]."""
        found = self.before[self._block(high)].astype(np.int64) - self.before[self._block(low)]
        for ends, sign in ((high, 1), (low, -1)):
            for rest, run, way in self._rest(ends):
                flat = np.bincount(run * self.n_classes + self.classes[rest], minlength=found.size)
                found += sign * way * flat.reshape(found.shape)
        return np.asarray(found, np.int64)

    def _before(self, ends: Ints) -> Ints:
        """Return, summed over some ends of runs, how many of each class stand before."""
        total = self.before[self._block(ends)].sum(axis=0, dtype=np.int64)
        for rest, _, way in self._rest(ends):
            total += way * np.bincount(self.classes[rest], minlength=self.n_classes)
        return np.asarray(total, np.int64)

    def _block(self, ends: Ints) -> Ints:
        """Return the block whose start is nearest to each end."""
        return np.asarray((ends + BLOCK // 2) // BLOCK)

    def _rest(self, ends: Ints) -> list[tuple[Ints, Ints, int]]:
        """Return the positions between ends and starts of their blocks, whose each is, and whether to add or take off."""
        start = np.minimum(self._block(ends) * BLOCK, len(self))
        return [
            (*spread(start, np.maximum(ends - start, 0)), 1),
            (*spread(ends, np.maximum(start - ends, 0)), -1),
        ]


def _block_sums(classes: NDArray[Any], n_classes: int) -> NDArray[Any]:
    blocks = -(-len(classes) // BLOCK)
    kind = np.int32 if len(classes) < 2**31 else np.int64
    sums = np.zeros((blocks + 1, n_classes), kind)
    step = 1 << 14
    for first in range(0, blocks, step):
        part = classes[first * BLOCK : (first + step) * BLOCK].astype(np.int64)
        count = min(step, blocks - first)
        cell = np.arange(len(part)) // BLOCK * n_classes + part
        sums[first + 1 : first + count + 1] = np.bincount(cell, minlength=count * n_classes).reshape(count, n_classes)
    return np.cumsum(sums, axis=0, dtype=kind)


def _checked(
    lon: Floats, lat: Floats, classes: NDArray[Any], n_classes: int, weights: Mapping[str, NDArray[Any]]
) -> None:
    if any(len(values) != len(lon) for values in (lat, classes, *weights.values())):
        raise ValueError("lon, lat, classes and weights differ in length")
    if not ((np.abs(lon) <= 180.0).all() and (np.abs(lat) <= 90.0).all()):
        raise ValueError("a coordinate is missing, or beyond ±180 or ±90 degrees")
    if not 0 < n_classes <= 65536 or (len(classes) and not (classes.min() >= 0 and classes.max() < n_classes)):
        raise ValueError(f"a class is not one of 0 to {n_classes - 1}")
