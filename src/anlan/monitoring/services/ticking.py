"""What a shard's clock brings without any message: deadlines of rules, silence, and what the journal is yet to be told."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from anlan.kernel.journal import record_many
from anlan.kernel.journal.reactor import rows_tell
from anlan.monitoring.engine.columns import columns, microseconds
from anlan.monitoring.services import pulses, signals, taken
from anlan.monitoring.services.memory import Held, memory, peek
from anlan.monitoring.services.silence import stations_fall_silent
from anlan.monitoring.services.snapshots import Stamp
from anlan.monitoring.services.stepping import Locked, lock
from anlan.monitoring.services.storing import moment
from anlan.monitoring.sources.log import Log

_NOTHING = dict.fromkeys((*taken.COUNTS, "unknown", "damaged"), 0)
_STANDS = """
SELECT (SELECT due_at FROM monitoring_pulse WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1),
  p.shard, coalesce(h.head > p.done, false), p.log, p.done, p.chain, p.catalogue
FROM monitoring_progress p LEFT JOIN monitoring_loghead h ON h.shard = p.shard AND p.log = 'postgres' ORDER BY p.shard
"""
_DUE = """
SELECT EXISTS (SELECT FROM monitoring_pulse p JOIN monitoring_series s ON s.id = p.series_id
  WHERE p.due_at <= %s AND s.shard = %s)
"""


@transaction.atomic
def shard_tick(shard: int, now: datetime, source: Log) -> int:
    """Let everything happen that falls due in a shard by the clock alone; return how much did.

    Does nothing while the log holds messages that aren't judged: what they say was sent before the clock came here.
    """
    progress = lock(shard, source)
    if source.head(shard) > progress.stamp.done:
        return 0
    held = memory(shard, progress.stamp, source)
    done = _rules(shard, held, microseconds(now))
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, shard])
        silent = bool(cursor.fetchone()[0])
    pulses.pulses_write(held, microseconds(now), at_once=silent)
    if silent:
        done += stations_fall_silent(now=now, shard=shard)
    if taken.due(progress.told, microseconds(now)):
        _tell(shard, progress, microseconds(now))
        done += 1
    return done


def clocks_due(source: Log) -> datetime | None:
    """Return when the next series falls silent if it sends nothing, or a rule's deadline comes; a moment long past while
    the log in the database holds messages that aren't judged; None for never. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDS)
        rows = cursor.fetchall()
    times = [row[0] for row in rows[:1]]
    for _, shard, waiting, *stamp in rows:
        if waiting:
            return moment(0)
        times.append(_rules_due(shard, Stamp(*stamp), source))
    return min((time for time in times if time is not None), default=None)


def _rules_due(shard: int, stamp: Stamp, source: Log) -> datetime | None:
    if not stamp.done:
        return None
    held = peek(shard)
    if held is None or not held.follows(stamp):
        with transaction.atomic():
            held = memory(shard, lock(shard, source).stamp, source)
    due = held.engine.due()
    return None if due is None else moment(due)


def shards_waiting() -> list[tuple[int, bool]]:
    """Return every shard, and whether the log in the database holds messages of it that aren't judged."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDS)
        return [(row[1], bool(row[2])) for row in cursor.fetchall()]


def _rules(shard: int, held: Held, now: int) -> int:
    """Let the rules' own clocks come to `now`; return how many signals changed."""
    due = held.engine.due()
    if due is None or due > now:
        return 0
    standings = held.engine.advance(now)
    written = signals.standings_write(standings, (), shard, held.engine.catalogue.rules, now)
    record_many(written.events)
    if written.silent:
        rows_tell()
    return len(written.changed)


def _tell(shard: int, progress: Locked, now: int) -> None:
    """Tell the journal what was taken when nothing has come since."""
    nothing = columns([], [], [])
    told = taken.tell(shard, progress.stamp, progress.told, _NOTHING, nothing, now)
    if told.event is not None:
        record_many([told.event])
