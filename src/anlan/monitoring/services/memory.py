"""What this process remembers of each shard, and how a memory is brought to where the table says the shard stands.

A memory carries the stamp of its history: messages judged and the hash over them. The row `Progress` is locked when it
is compared, so an equal stamp means that nobody has judged anything since; after a crash, a rolled-back transaction or
another worker's step it differs, and the memory is caught up from the log, else made from a snapshot and the log, else
from the table of readings. Forgetting all of it changes no result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import structlog
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.columns import Columns, Ints, concatenated, microseconds
from anlan.monitoring.engine.shard import Shard
from anlan.monitoring.formats.packed import unpack
from anlan.monitoring.services.catalogue import catalogue_load
from anlan.monitoring.services.snapshots import Stamp, snapshot_load, snapshot_paths, snapshot_write
from anlan.monitoring.services.storing import moment, read_since
from anlan.monitoring.services.trails import read_watches
from anlan.monitoring.sources.log import Entry, Log, LogGap

CATCH_UP = 200  # messages read at once
PULSES_S = 5.0  # at least so long between two writings of many pulses
NEAR_US = 2 * 86_400_000_000  # series heard within this of the newest are remembered in full
log = structlog.get_logger()


class Batch(NamedTuple):
    """Messages as one batch of the engine: readings, when each was received (µs), where they came from, and how many
    messages were damaged (none of whose readings can be known)."""

    rows: Columns
    received: Ints
    sources: tuple[str, ...]
    damaged: int


@dataclass
class Held:
    """A shard in memory. dirty: series whose pulses lag behind; rested: when many may be written again (monotonic)."""

    engine: Shard
    stamp: Stamp
    dirty: list[Ints] = field(default_factory=list)
    rested: float = field(default_factory=lambda: time.monotonic() + PULSES_S)

    def follows(self, progress: Stamp) -> bool:
        """Is this memory of exactly this history?"""
        return self.stamp[:3] == progress[:3]


_held: dict[tuple[str, int], Held] = {}


def memory(shard: int, progress: Stamp, source: Log) -> Held:
    """Return this process's memory of a shard as `progress` says it stands; its row is locked by the caller."""
    key = str(connection.settings_dict["NAME"]), shard
    held = _held.get(key)
    if held is None or not held.follows(progress):
        held = _caught_up(shard, held, progress, source) or _from_snapshot(shard, progress, source)
        held = held or _from_table(shard, progress)
        _held[key] = held
    if held.stamp.catalogue != progress.catalogue:
        held.engine.recatalogue(catalogue_load(shard))
        held.stamp = held.stamp._replace(catalogue=progress.catalogue)
    return held


def peek(shard: int) -> Held | None:
    """Return what is remembered of a shard, however old."""
    return _held.get((str(connection.settings_dict["NAME"]), shard))


def forget(shard: int | None = None) -> None:
    """Drop what is remembered of a shard of this database, or everything."""
    if shard is None:
        _held.clear()
    else:
        _held.pop((str(connection.settings_dict["NAME"]), shard), None)


def chained(chain: str, entries: list[Entry]) -> str:
    """Return the hash over a history and the messages that follow it."""
    for entry in entries:
        chain = blake2b(chain.encode() + entry.body, digest_size=16).hexdigest()
    return chain


def batch(entries: list[Entry]) -> Batch:
    """Unpack messages; a damaged one is told in the log and passed over, for it would never get better."""
    parts, received, damaged = [], [], 0
    sources: dict[str, None] = {}
    for entry in entries:
        try:
            found = unpack(entry.body)
        except Invalid as refused:
            damaged += 1
            log.error("log.damaged", number=entry.number, error=refused.en)
            continue
        parts.append(found.columns)
        received.append(np.full(len(found.columns), found.received_us, dtype=np.int64))
        sources[found.source] = None
    when = np.concatenate(received) if received else np.empty(0, dtype=np.int64)
    return Batch(concatenated(parts), when, tuple(sources), damaged)


def snapshot_keep(shard: int) -> Stamp | None:
    """Write what is remembered of a shard to a file; return its stamp, None when nothing is."""
    held = peek(shard)
    if held is None:
        return None
    snapshot_write(shard, held.stamp, held.engine.dump())
    return held.stamp


def _caught_up(shard: int, held: Held | None, progress: Stamp, source: Log) -> Held | None:
    """Bring a memory from its stamp to `progress` with what the log holds between; None when it can't be."""
    if held is None or held.stamp.log != progress.log or held.stamp.done > progress.done:
        return None
    done, chain = held.stamp.done, held.stamp.chain
    while done < progress.done:
        try:
            entries = source.read(shard, done, most=min(CATCH_UP, progress.done - done), wait_s=0)
        except LogGap:
            return None
        if not entries:
            return None
        done, chain = entries[-1].number, chained(chain, entries)
        found = batch(entries)
        if len(found.rows):
            held.engine.apply(found.rows, found.received, int(found.received.max()))
    if chain != progress.chain:
        return None
    held.engine.restore(read_watches(shard))
    held.stamp = progress._replace(catalogue=held.stamp.catalogue)
    return held


def _from_snapshot(shard: int, progress: Stamp, source: Log) -> Held | None:
    for path in snapshot_paths(shard):
        found = snapshot_load(path)
        if found is None or found.stamp.log != progress.log or found.stamp.done > progress.done:
            continue
        engine = Shard.undump(catalogue_load(shard), found.arrays)
        fresh = Held(engine, found.stamp._replace(catalogue=progress.catalogue))
        held = _caught_up(shard, fresh, progress, source)
        if held is not None:
            held.dirty.append(held.engine.memory.number)  # pulses may lag behind what was judged
            log.info("shard.restored", shard=shard, snapshot=found.stamp.done, done=progress.done)
            return held
    return None


def _from_table(shard: int, progress: Stamp) -> Held:
    """Make a memory from the stored readings: as far back as any series that still speaks needs."""
    engine = Shard(catalogue_load(shard))
    since = _since(shard, int(engine.memory.keep_us.max(initial=0)))
    if since is not None:
        engine.learn(read_since(shard, since), since)
        engine.restore(read_watches(shard))
    held = Held(engine, progress)
    if progress.done:
        held.dirty.append(engine.memory.number)
        log.info("shard.rebuilt", shard=shard, done=progress.done)
    return held


_NEWEST = """
SELECT (SELECT (told ->> 'newest')::int8 FROM monitoring_progress WHERE shard = %s),
  (SELECT max(p.last_at) FROM monitoring_pulse p JOIN monitoring_series s ON s.id = p.series_id
   WHERE s.shard = %s AND p.last_at <= %s), EXISTS (SELECT FROM monitoring_reading)
"""
_OLDEST = """
SELECT min(p.last_at) FROM monitoring_pulse p JOIN monitoring_series s ON s.id = p.series_id
WHERE s.shard = %s AND p.last_at >= %s
"""


def _since(shard: int, keep_us: int) -> int | None:
    """Return since when readings are needed (µs); None when there are none at all. Whatever is older, the table knows."""
    now = microseconds(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [shard, shard, moment(now + NEAR_US)])
        judged, pulse, some = cursor.fetchone()
        if not some:
            return None
        newest = max(judged or 0, 0 if pulse is None else microseconds(pulse)) or now
        cursor.execute(_OLDEST, [shard, moment(newest - NEAR_US)])
        oldest = cursor.fetchone()[0]
    return (newest - NEAR_US if oldest is None else min(microseconds(oldest), newest)) - keep_us
