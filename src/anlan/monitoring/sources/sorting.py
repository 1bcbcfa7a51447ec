"""Rows as senders name them → columns per shard, ready to be packed; and what could not be placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import Columns, columns
from anlan.monitoring.formats.packed import MOST, pack
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.sources.directory import Place


class Placed(NamedTuple):
    """Readings by shard, and how many rows were of series nobody registered or of divisions the sender may not feed."""

    shards: dict[int, Columns]
    taken: int
    unknown: Counter[tuple[str, str]]
    outside: Counter[str]


def place(rows: Iterable[Row], places: Mapping[tuple[str, str], Place], reach: tuple[str, ...]) -> Placed:
    """Sort rows by shard. reach: prefixes of the divisions whose stations the sender may feed."""
    found: dict[int, list[tuple[int, int, float, int]]] = {}
    unknown: Counter[tuple[str, str]] = Counter()
    outside: Counter[str] = Counter()
    everywhere, get = "" in reach, places.get
    for code, element, at, value, quality in rows:
        home = get((code, element))
        if home is None:
            unknown[code, element] += 1
        elif not everywhere and not home.division.startswith(reach):
            outside[code] += 1
        else:
            shard = found.get(home.shard)
            if shard is None:
                shard = found[home.shard] = []
            shard.append((home.number, at, value, quality))
    shards = {shard: columns(*zip(*readings, strict=True)) for shard, readings in found.items()}
    return Placed(shards, sum(map(len, shards.values())), unknown, outside)


def messages(shards: Mapping[int, Columns], *, received_us: int, source: str) -> Iterator[tuple[int, bytes]]:
    """Give the packed messages of each shard, none larger than a message may be."""
    for shard, readings in sorted(shards.items()):
        for start in range(0, len(readings), MOST):
            part = readings.where(np.arange(start, min(start + MOST, len(readings))))
            yield shard, pack(part, received_us=received_us, source=source)
