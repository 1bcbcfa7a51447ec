"""Archiving: a day's readings leave the database for a Parquet file, and not one of them gets lost on the way.

The file is written and verified while the partition still serves readers. Then the partition is taken off its table
(`…_leaving`), which nobody can write to any more; if something came in between, the file is made again. Only then it
is dropped, in one transaction with the journal's entry. A crash at any point leaves a partition, or a leaving table, or
a file that holds too much, and never too little: the next run takes the union of them, and of a series and time that
are in both what was archived first stands. Late readings of an archived day make its partition again, and the next run
merges them into the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.monitoring.events import ReadingsArchived
from anlan.monitoring.models import Day
from anlan.monitoring.services.alone import alone, patiently
from anlan.monitoring.services.archive_files import Written, write_day
from anlan.monitoring.services.days import days_changed
from anlan.monitoring.services.partitions import midnight, partitions
from anlan.monitoring.services.rollups import rollups_make
from anlan.monitoring.services.thawing import archive_folder, archive_path, archived, thaw

log = structlog.get_logger()


class Archived(NamedTuple):
    """A day that was archived: rows in its file, how many of them came late (after an earlier archiving), and bytes."""

    day: date
    rows: int
    late: int
    size: int


class _State(NamedTuple):
    """What a table held when it was read: its rows, and when the day last changed."""

    rows: int
    changed_at: datetime | None


def readings_archive(*, by: Actor, until: date | None = None) -> list[Archived]:
    """Archive the UTC days up to and with `until` (default: those older than the option readings_keep_days).

    Days whose rollups can't be made now wait for the next run. Returns what was archived, oldest first; nothing while
    another process is at it, and nothing in a drill. Raises Forbidden, Invalid for a day that isn't over.
    """
    by.must("readings.archive", "")
    today = clock.now().astimezone(UTC).date()
    last = until or today - timedelta(days=options.readings_keep_days + 1)
    if last >= today:
        raise Invalid(
            code="archive.open_day",
            zh=f"{last} 尚未结束（按 UTC），不能归档；请给出更早的日期。",
            en=f"{last} isn't over yet (UTC) and can't be archived; give an earlier day.",
            field="until",
            value=last.isoformat(),
        )
    with alone("archive") as mine:
        if not mine or options.drill:
            return []
        days = _due(last)
        _prepare(days)
        return [done for day in days if (done := _archive(day, by)) is not None]


def _due(last: date) -> list[date]:
    """Return the days to archive: those with a partition, or with one that a crash left leaving."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^monitoring_reading_[0-9]{8}_leaving$'")
        leaving = {date.fromisoformat(name.split("_")[2]) for (name,) in cursor.fetchall()}
    return sorted({day for day in partitions("reading") if day <= last} | leaving)


def _prepare(days: Iterable[date]) -> None:
    """Give every day its account (older databases have days without), and bring the rollups up to date."""
    known = set(Day.objects.filter(day__in=list(days)).values_list("day", flat=True))
    for day in days:
        if day not in known and (rows := _rows(_table(day))):
            days_changed({day: (rows, midnight(day))}, clock.now())
    rollups_make()


def _archive(day: date, by: Actor) -> Archived | None:
    """Archive one day; None when there was nothing in it, or it isn't ready."""
    table, leaving = _table(day), f"{_table(day)}_leaving"
    if _rows(leaving) is not None:  # a crash left it, perhaps with rows that the file hasn't
        done = _drop(day, leaving, _publish(day, leaving), by)
        days_changed({day: (0, midnight(day))}, clock.now())  # its rollups may have been made without them
        return done
    account = Day.objects.filter(day=day).first()
    behind = [m for m in (account.dirty_from, account.rolling_from) if m] if account else []
    if behind and min(behind) <= midnight(day + timedelta(days=1)):
        log.warning("archive.waits", day=str(day), behind=min(behind).isoformat())
        return None
    state = _state(day, table)
    if state.rows == 0:
        _let_go(day, table)
        return None
    written = _publish(day, table)
    patiently(lambda: _take_off(table, leaving))
    if _state(day, leaving) != state:
        written = _publish(day, leaving)
    return _drop(day, leaving, written, by)


def _publish(day: date, table: str) -> Written:
    """Write the day's file: what the table holds, and what the file held before."""
    with transaction.atomic():
        if not archive_path(day).exists():
            return write_day(day, table)
        thaw([archived(day)])
        written = write_day(
            day,
            f"(SELECT * FROM anlan_thawed UNION ALL SELECT t.series, t.at, t.value, t.quality FROM {table} t"
            " WHERE NOT EXISTS (SELECT FROM anlan_thawed o WHERE o.series = t.series AND o.at = t.at))",
        )
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE anlan_thawed")
        return written


def _take_off(table: str, leaving: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE monitoring_reading DETACH PARTITION {table}")
        cursor.execute(f"ALTER TABLE {table} RENAME TO {leaving}")
        # its indexes keep their names otherwise, and the partition could not be made again
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [leaving])
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER INDEX {name} RENAME TO {name}_leaving")


@transaction.atomic
def _drop(day: date, leaving: str, written: Written, by: Actor) -> Archived:
    """Drop the table that left, and say so: account and journal."""
    now, content = clock.now(), written.content
    account, _ = Day.objects.select_for_update().get_or_create(day=day, defaults={"division": "", "changed_at": now})
    before = account.archived_rows or 0
    account.rows = content.rows
    account.archive = written.path.relative_to(archive_folder()).as_posix()
    account.archived_rows, account.sha256 = content.rows, written.sha256
    account.archived_at = account.dropped_at = now
    account.save(update_fields=["rows", "archive", "archived_rows", "sha256", "archived_at", "dropped_at"])
    event = ReadingsArchived(
        day=day.isoformat(), path=account.archive, rows=content.rows, late=content.rows - before if before else 0,
        total=content.total, size=written.size, sha256=written.sha256, content_sha256=content.sha256,
    )  # fmt: skip
    record(event, by=by, about=f"day:{day}", division="", at=now)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {leaving}")
    return Archived(day, content.rows, event.late, written.size)


def _let_go(day: date, table: str) -> None:
    """Drop a partition that was made ahead and never got a reading, if that is still so when it can't get one."""

    def drop() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE monitoring_reading, {table} IN ACCESS EXCLUSIVE MODE")
        if _rows(table) == 0:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {table}")

    patiently(drop)
    log.info("archive.empty", day=str(day))


def _state(day: date, table: str) -> _State:
    changed = Day.objects.filter(day=day).values_list("changed_at", flat=True).first()
    return _State(_rows(table) or 0, changed)


def _rows(table: str) -> int | None:
    """Count a table's rows; None when there is no such table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [table])
        if cursor.fetchone()[0] == 0:
            return None
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _table(day: date) -> str:
    return f"monitoring_reading_{day:%Y%m%d}"
