"""One step of a shard: the next messages of its log judged, and all that comes of them written, in one transaction.

The order of a step: the shard's `Progress` row under lock; the messages after it, without a gap; the engine; readings,
signals, trails, pulses, the account of days, the journal; `Progress`. Either all of it is there or none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import numpy as np
import structlog
from django.db import IntegrityError, connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.kernel.journal.reactor import rows_tell
from anlan.kernel.problem import Unavailable
from anlan.monitoring.choices import Quality
from anlan.monitoring.engine.columns import Columns, Mask
from anlan.monitoring.engine.outcome import Outcome
from anlan.monitoring.services import hearing, pulses, signals, taken
from anlan.monitoring.services.days import days_changed
from anlan.monitoring.services.memory import Batch, batch, chained, forget, memory
from anlan.monitoring.services.partitions import partitions_ensure
from anlan.monitoring.services.snapshots import Stamp
from anlan.monitoring.services.storing import days_of, moment, store_old, store_quality, storing
from anlan.monitoring.sources.log import Entry, Log, log_open

log = structlog.get_logger()
MOST = 128
_EMPTY = np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Inline:
    """A batch taken inside the caller's own transaction: by whom, from where, the division that holds its stations."""

    by: Actor
    source: str
    division: str


@dataclass(frozen=True)
class Stepped:
    """What one step did: messages judged, up to which number; of `offered` readings `count` were new, the others told
    apart (see TakeReport); changes of signals by kind; batch: id of the journal's entry, when one was written."""

    entries: int = 0
    done: int = 0
    offered: int = 0
    count: int = 0
    repeated: int = 0
    differing: int = 0
    doubtful: int = 0
    late: int = 0
    unknown: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    batch: Any = None


def shard_step(
    shard: int, *, now: int, most: int = MOST, source: Log | None = None, ahead: Sequence[Entry] = ()
) -> Stepped:  # fmt: skip
    """Judge at most `most` messages of a shard's log at `now` (µs); `ahead`: messages read already.

    Raises LogGap when the log lacks the next message; nothing is judged then. When the table knows readings that the
    memory doesn't, the memory is dropped and the step done once more.
    """
    source = source or log_open()
    for again in (False, True):
        try:
            with transaction.atomic():
                progress = lock(shard, source)
                entries = _next(source, shard, progress.stamp.done, most, ahead)
                if not entries:
                    return Stepped(done=progress.stamp.done)
                return judge(shard, progress, entries, source, now, behind=len(entries) == most)
        except IntegrityError:
            if again:
                raise
            log.warning("shard.disagrees", shard=shard)
            forget(shard)
    raise AssertionError("unreachable")


def inline_step(shard: int, bodies: Sequence[bytes], *, now: int, source: Log, inline: Inline) -> Stepped:
    """Judge messages at once, inside the caller's transaction: they get their numbers and never lie in the log."""
    progress = lock(shard, source)
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [shard, len(bodies)])
        first = cursor.fetchone()[0] - len(bodies) + 1
    if first > progress.stamp.done + 1:  # what was appended before us goes first
        while progress.stamp.done + 1 < first:
            shard_step(shard, now=now, most=first - 1 - progress.stamp.done, source=source)
            progress = lock(shard, source)
    entries = [Entry(number, body) for number, body in enumerate(bodies, start=first)]
    for again in (False, True):
        try:
            with transaction.atomic():
                return judge(shard, progress, entries, source, now, inline)
        except IntegrityError:
            if again:
                raise
            forget(shard)
    raise AssertionError("unreachable")


_NUMBERS = """
INSERT INTO monitoring_loghead (shard, head) VALUES (%s, %s)
ON CONFLICT (shard) DO UPDATE SET head = monitoring_loghead.head + excluded.head RETURNING head
"""
_LOCK = """
SELECT p.log, p.done, p.chain, p.catalogue, p.told::text,
  EXISTS (SELECT FROM monitoring_series s WHERE s.shard = p.shard AND s.state = 'silent')
FROM monitoring_progress p WHERE p.shard = %s FOR UPDATE
"""
_MAKE = """
INSERT INTO monitoring_progress (shard, log, done, told, chain, catalogue) VALUES (%s, %s, 0, '{}', '', '')
ON CONFLICT DO NOTHING
"""


class Locked(NamedTuple):
    """A shard's progress, whose row is ours until the transaction ends; told: what the journal is yet to be told;
    silent: whether any of its series is silent."""

    stamp: Stamp
    told: dict[str, Any]
    silent: bool

    def after(self, entries: list[Entry]) -> Stamp:
        """Return the stamp once these messages are judged."""
        return self.stamp._replace(done=entries[-1].number, chain=chained(self.stamp.chain, entries))


def lock(shard: int, source: Log) -> Locked:
    """Lock a shard's progress and return it. Raises Unavailable when it counts in another log than this one."""
    named = str(getattr(source, "identity", lambda _: source.name)(shard))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [shard])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_MAKE, [shard, named])
            cursor.execute(_LOCK, [shard])
            row = cursor.fetchone()
        found = Locked(Stamp(*row[:4]), msgspec.json.decode(row[4]), row[5])
        if found.stamp.log != named and found.stamp.done == 0:
            cursor.execute("UPDATE monitoring_progress SET log = %s WHERE shard = %s", [named, shard])
            found = found._replace(stamp=found.stamp._replace(log=named))
    if found.stamp.log != named:
        raise Unavailable(
            code="log.other",
            zh=f"分片 {shard} 的进度记在日志“{found.stamp.log}”上，现用日志为“{named}”；请改回选项 log，或按 anlan monitor"
            " switch-log 的步骤换用新日志。",
            en=f"Progress of shard {shard} counts in the log “{found.stamp.log}”, this one is “{named}”: set option log"
            " back, or go over to the new log with anlan monitor switch-log.",
            field="log",
            value=named,
        )
    return found


def _next(source: Log, shard: int, done: int, most: int, ahead: Sequence[Entry]) -> list[Entry]:
    """Return the messages after `done`: of those read ahead if they fit, else from the log."""
    fits = [entry for entry in ahead if entry.number > done]
    if fits and fits[0].number == done + 1:
        return fits[:most]
    return source.read(shard, done, most=most, wait_s=0)


def judge(
    shard: int,
    progress: Locked,
    entries: list[Entry],
    source: Log,
    now: int,
    inline: Inline | None = None,
    *,
    behind: bool = False,
) -> Stepped:
    """Judge messages that follow what was judged, and write what comes of it.

    behind: more lies in the log. Then the clock goes only as far as these messages were received: what windows hold
    later is for the messages to say that are yet to be judged, and a lull they'd deny is told to nobody.
    """
    found = batch(entries)
    horizon = min(now, int(found.received.max(initial=0))) if behind else now
    partitions_ensure("reading", days_of(found.rows.at))
    held = memory(shard, progress.stamp, source)
    # if the transaction fails, this memory is of a history that never was, and is dropped
    stamp = held.stamp = progress.after(entries)
    taken_in = held.engine.take(found.rows, found.received)
    with storing(Columns(*found.rows[:3], taken_in.quality).where(taken_in.new)):
        outcome = held.engine.judge(found.rows, taken_in, horizon)
    report, stored = _stored(found, outcome)
    written = signals.signals_write(outcome, shard, held.engine.catalogue.rules, now)
    events = written.events
    if progress.silent:
        events = events + hearing.heard(shard, held, outcome.touched, now)
    held.dirty.append(outcome.touched)
    pulses.pulses_write(held, now, at_once=inline is not None)
    new = found.rows.where(stored)
    told = taken.tell(shard, stamp, progress.told, {**report, "damaged": found.damaged}, new, now, inline)
    record_many(([told.event] if told.event else []) + events)
    if written.silent and not events and told.event is None:
        rows_tell()
    _accounted(new, outcome, now)
    return Stepped(len(entries), stamp.done, **report, changes=written.counts, batch=told.batch)


def _stored(found: Batch, outcome: Outcome) -> tuple[dict[str, int], Mask]:
    """Store the readings that only the table knows; return what became of all, and which rows are stored now."""
    rows = Columns(*found.rows[:3], outcome.quality)
    old = np.flatnonzero(outcome.old)
    added, differing = store_old(rows.where(old)) if len(old) else (_EMPTY, 0)
    store_quality(outcome.requalified)
    stored = outcome.new.copy()
    stored[old[added]] = True
    count = int(stored.sum())
    behind = int((added & (outcome.quality[old] != Quality.FUTURE)).sum())
    report = {
        "offered": len(rows) - outcome.unknown, "count": count,
        "repeated": outcome.repeated + int((~added).sum()), "differing": outcome.differing + differing,
        "doubtful": int((stored & (outcome.quality != 0)).sum()), "late": outcome.late + behind,
        "unknown": outcome.unknown,
    }  # fmt: skip
    return report, stored


def _accounted(stored: Columns, outcome: Outcome, now: int) -> None:
    """Note in the account of days what came, and which earlier readings are thought of otherwise."""
    changed = days_of(stored.at)
    if outcome.requalified:
        for day, (_, first) in days_of(np.array([at for _, at, _ in outcome.requalified], dtype=np.int64)).items():
            rows, earliest = changed.get(day, (0, first))
            changed[day] = rows, min(earliest, first)
    days_changed(changed, moment(now))
