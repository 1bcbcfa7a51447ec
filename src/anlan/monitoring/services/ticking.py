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
SELECT p.log, p.done, p.chain, p.catalogue, h.head > p.done
FROM monitoring_progress p LEFT JOIN monitoring_loghead h ON h.shard = p.shard AND p.log = 'postgres' WHERE p.shard = %s
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


def shard_due(shard: int, source: Log) -> datetime | None:
    """Return when a rule's deadline falls due in a shard by the clock alone; None for never, a moment long past while the
    log holds messages that aren't judged."""
    stands = _stands(shard)
    if stands is None or (not stands[0].done and not stands[1]):
        return None
    stamp, waiting = stands
    if waiting:
        return moment(0)
    held = peek(shard)
    if held is None or not held.follows(stamp):
        with transaction.atomic():
            held = memory(shard, lock(shard, source).stamp, source)
    due = held.engine.due()
    return None if due is None else moment(due)


def shard_waits(shard: int) -> bool:
    """Does the log in the database hold messages of a shard that aren't judged?"""
    stands = _stands(shard)
    return stands is not None and stands[1]


def _stands(shard: int) -> tuple[Stamp, bool] | None:
    """Return how far a shard is judged, and whether the log in the database holds more."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, [shard])
        row = cursor.fetchone()
    return None if row is None else (Stamp(*row[:4]), bool(row[4]))


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
