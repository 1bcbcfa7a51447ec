"""What every face calls to take readings in: station codes become series, rows become messages, messages the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.monitoring.engine.columns import Columns, columns, microseconds
from anlan.monitoring.formats.packed import MOST, pack
from anlan.monitoring.services.frames import FrameIn, frames_store
from anlan.monitoring.sources.directory import directory
from anlan.monitoring.sources.log import log_open

__all__ = ["Accepted", "FrameIn", "Row", "Sorted", "intake_append", "intake_rows", "packages"]

Row = tuple[str, str, int, float, int]
"""Station code, element ("" the main one), time (µs since 1970), value, quality code given by the source (0 good)."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows by shard; (station, element) pairs nobody registered; the divisions of the known ones."""

    shards: dict[int, Columns]
    unknown: tuple[tuple[str, str], ...]
    divisions: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many rows belong to known series."""
        return sum(len(rows) for rows in self.shards.values())


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many rows are in the log now, and the (station, element) pairs nobody registered."""

    count: int
    unknown: tuple[tuple[str, str], ...]


def intake_rows(rows: Iterable[Row]) -> Sorted:
    """Return the rows in columns per shard, in the order given."""
    every = list(rows)
    places = directory({row[0] for row in every})
    parts: dict[int, tuple[list[int], list[int], list[float], list[int]]] = {}
    unknown: set[tuple[str, str]] = set()
    divisions: set[str] = set()
    for code, element, at, value, quality in every:
        place = places.get((code, element))
        if place is None:
            unknown.add((code, element))
            continue
        divisions.add(place.division)
        part = parts.setdefault(place.shard, ([], [], [], []))
        part[0].append(place.number)
        part[1].append(at)
        part[2].append(value)
        part[3].append(quality)
    shards = {shard: columns(*parts[shard]) for shard in sorted(parts)}
    return Sorted(shards, tuple(sorted(unknown)), tuple(sorted(divisions)))


def intake_append(*, by: Actor, rows: Iterable[Row], source: str, frames: Sequence[FrameIn] = ()) -> Accepted:
    """Put readings into the log, and frames into the evidence, at once; durable when it returns, safe to repeat.

    Raises Forbidden where the actor may not take readings, Invalid for values and times nobody can mean.
    """
    found = intake_rows(rows)
    for division in found.divisions:
        by.must("readings.take", division)
    messages = [message for shard, every in found.shards.items() for message in packages(shard, every, source)]
    if messages or frames:
        with transaction.atomic():
            frames_store(frames)
            log_open().append(messages)
    return Accepted(found.count, found.unknown)


def packages(shard: int, readings: Columns, source: str, received_us: int | None = None) -> list[tuple[int, bytes]]:
    """Return the readings as messages of the log, received now unless told, none over the bound of formats/packed.py."""
    now = microseconds(clock.now()) if received_us is None else received_us
    parts = (
        readings.where(np.arange(first, min(first + MOST, len(readings)))) for first in range(0, len(readings), MOST)
    )
    return [(shard, pack(part, received_us=now, source=source)) for part in parts]
