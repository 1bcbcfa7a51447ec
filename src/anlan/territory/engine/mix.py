"""Draws for whole columns: a counter-based mixer, so that the i-th draw of a parent follows from seed, table, parent,
column and i alone. A part made alone is therefore exactly its slice of the whole.

The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over a counter with the golden gamma.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def base_of(*key: object) -> int:
    """Return the 64 bits that stand for a key (seed, table, parent): the start of its streams."""
    text = "|".join(str(part) for part in key).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def mixed(values: U64) -> U64:
    """Return the values scattered over all 64 bits; one to one."""
    found = (values ^ (values >> np.uint64(30))) * FIRST
    found = (found ^ (found >> np.uint64(27))) * SECOND
    return found ^ (found >> np.uint64(31))


class Draws:
    """The streams of one parent: `index` are the rows asked for, each column name its own stream."""

    def __init__(self, seed: int, table: str, parent: str, index: NDArray[np.int64]) -> None:
        self.base = base_of(seed, table, parent)
        self.index = np.asarray(index, np.uint64)

    def bits(self, column: str) -> U64:
        """Return 64 bits per row."""
        start = np.array([base_of(self.base, column)], np.uint64)
        return mixed(mixed(start) + GOLDEN * (self.index + np.uint64(1)))

    def unit(self, column: str) -> NDArray[np.float64]:
        """Return a number in [0, 1) per row."""
        return (self.bits(column) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, column: str, limit: int) -> NDArray[np.int64]:
        """Return a whole number in [0, limit) per row."""
        return (self.unit(column) * limit).astype(np.int64)

    def pick(self, column: str, weights: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of one of `weights` (>= 0, not all zero) per row, in proportion to them."""
        edges = np.cumsum(weights, dtype=np.float64)
        found = np.searchsorted(edges, self.unit(column) * edges[-1], side="right")
        chosen: NDArray[np.int64] = np.minimum(found, len(weights) - 1).astype(np.int64)
        return chosen
