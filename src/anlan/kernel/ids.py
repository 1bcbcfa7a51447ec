"""Identifiers and draws. Ids are time-ordered UUIDs; under a drill both ids and draws follow from the seed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from anlan.kernel import clock


class _DrillIds:
    """Ids of one drill tick: the n-th id asked for is always the same id, so a redone tick writes the same rows."""

    def __init__(self, seed: int, tick: int) -> None:
        self.prefix = f"{seed}|{tick}|".encode()
        self.count = 0

    def bits(self) -> int:
        self.count += 1
        digest = hashlib.blake2b(self.prefix + str(self.count).encode(), digest_size=10).digest()
        return int.from_bytes(digest)


_drill: ContextVar[_DrillIds | None] = ContextVar("anlan_drill_ids", default=None)


def new_id() -> UUID:
    """Return a new UUID version 7: 48 bits of the clock's milliseconds, then chance (or the drill's seed)."""
    source = _drill.get()
    low = source.bits() if source is not None else int.from_bytes(os.urandom(10))
    ms = int(clock.now().timestamp() * 1000)
    value = (ms & (2**48 - 1)) << 80 | (low & (2**80 - 1))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


@contextmanager
def drill(seed: int, tick: int) -> Iterator[None]:
    """Make `new_id` inside the block follow from `seed` and `tick` alone."""
    token = _drill.set(_DrillIds(seed, tick))
    try:
        yield
    finally:
        _drill.reset(token)


def draw(*key: object) -> float:
    """Return a number in [0, 1) that follows from the key alone: the same key gives the same draw, always."""
    text = "|".join(str(part) for part in key).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) / 2**64
