"""Partitions of the mass tables: made before rows need them, and never open to the web by themselves.

Readings and frames have a partition for each UTC day, ten-minute and hour rollups for each UTC month, day rollups for
each UTC year; the bound is the row's own time. Times far off (a device that believes it is 1970, or 2099) stay in the
default partition `…_other`, so that no device can make ten thousand tables. When such a day comes into reach after
all, its rows are moved from the default partition into its own.

Whether a partition exists is asked of the database every time (one small query): what a process remembers may have
been rolled back, or archived and dropped by another process since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.schema import WEB_ROLE

Table = Literal["reading", "frame", "rollup_ten", "rollup_hour", "rollup_day"]
YEARS_BACK = 10  # how long before the kept days a late reading may belong and still get a day of its own
DAYS_AHEAD = 2


class Span(NamedTuple):
    """A partition's span [first, end) in UTC days, and its name."""

    first: date
    end: date
    name: str


class _Kind(NamedTuple):
    """How a table is cut: the column of its bounds, and the span that a day falls in."""

    column: str
    span: Callable[[str, date], Span]


def _day(table: str, day: date) -> Span:
    return Span(day, day + timedelta(days=1), f"{table}_{day:%Y%m%d}")


def _month(table: str, day: date) -> Span:
    first = day.replace(day=1)
    return Span(first, (first + timedelta(days=31)).replace(day=1), f"{table}_{day:%Y%m}")


def _year(table: str, day: date) -> Span:
    return Span(date(day.year, 1, 1), date(day.year + 1, 1, 1), f"{table}_{day:%Y}")


KINDS: dict[Table, _Kind] = {
    "reading": _Kind("at", _day),
    "frame": _Kind("received_at", _day),
    "rollup_ten": _Kind("at", _month),
    "rollup_hour": _Kind("at", _month),
    "rollup_day": _Kind("at", _year),
}


def partitions_ensure(table: Table, days: Iterable[date]) -> list[str]:
    """Make the partitions that rows of these UTC days need and don't have yet; return the names of those made.

    Days out of reach (see `reach`) are left to the default partition, and so is everything when the caller's role owns
    no tables (the web's): `partitions_tidy` moves it later. Works inside the caller's transaction and rolls back with
    it. Call it before the transaction reads the table: a reader of the default partition stands in a maker's way.
    """
    first, last = reach()
    spans = {span(table, day) for day in days if first <= day <= last}
    missing = _missing(spans) if spans else []
    if not missing or not _may_make(table):
        return []
    with transaction.atomic():
        with connection.cursor() as cursor:  # one maker at a time; whoever waited finds it done
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('anlan.partitions'))")
        made = _missing(missing)
        for gap in made:
            _make(table, gap)
    return [gap.name for gap in made]


def partitions_tidy(table: Table) -> list[str]:
    """Give the days within reach that have rows in the default partition their own partitions; return those made."""
    column, (first, last) = KINDS[table].column, reach()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ({column} AT TIME ZONE 'UTC')::date FROM monitoring_{table}_other"
            f" WHERE {column} >= %s AND {column} < %s",
            [midnight(first), midnight(last + timedelta(days=1))],
        )
        return partitions_ensure(table, sorted(day for (day,) in cursor.fetchall()))


def partitions(table: Table) -> dict[date, str]:
    """Return the first day and the name of every partition but the default one, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass ORDER BY 1",
            [f"monitoring_{table}"],
        )
        names = [name for (name,) in cursor.fetchall()]
    ends = [(name, name.rpartition("_")[2]) for name in names]
    return {date.fromisoformat((end + "0101")[:8]): name for name, end in ends if end.isdigit()}


def reach() -> tuple[date, date]:
    """Return the first and last UTC day that gets a partition of its own."""
    today = clock.now().astimezone(UTC).date()
    kept = timedelta(days=options.readings_keep_days + 366 * YEARS_BACK)
    return today - kept, today + timedelta(days=DAYS_AHEAD)


def span(table: Table, day: date) -> Span:
    """Return the partition of a table that rows of this UTC day belong to."""
    return KINDS[table].span(f"monitoring_{table}", day)


def midnight(day: date) -> datetime:
    """Return the first moment of a UTC day."""
    return datetime.combine(day, time(), UTC)


def _missing(spans: Iterable[Span]) -> list[Span]:
    by_name = {span.name: span for span in spans}
    with connection.cursor() as cursor:
        # not by to_regclass: in a transaction that waited it may still remember that there is none
        cursor.execute(
            "SELECT n FROM unnest(%s::text[]) n WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.relname = n"
            " AND c.relnamespace = current_schema()::regnamespace) ORDER BY n",
            [list(by_name)],
        )
        return [by_name[name] for (name,) in cursor.fetchall()]


def _may_make(table: Table) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
            [f"monitoring_{table}"],
        )
        return bool(cursor.fetchone()[0])


def _make(table: Table, gap: Span) -> None:
    """Make one partition and move into it what the default partition holds of it.

    Attaching, unlike CREATE … PARTITION OF, lets others read and write the table meanwhile; only the default partition
    is locked, so that nobody adds a row of this span to it between the moving and the attaching.
    """
    parent, column = f"monitoring_{table}", KINDS[table].column
    first, end = midnight(gap.first).isoformat(), midnight(gap.end).isoformat()
    inside = f"{column} >= '{first}' AND {column} < '{end}'"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {gap.name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING STORAGE)")
        cursor.execute(f"REVOKE ALL ON {gap.name} FROM {WEB_ROLE}")
        cursor.execute(f"LOCK TABLE {parent}_other IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH gone AS (DELETE FROM {parent}_other WHERE {inside} RETURNING *)"
            f" INSERT INTO {gap.name} SELECT * FROM gone"
        )
        cursor.execute(f"ALTER TABLE {parent} ATTACH PARTITION {gap.name} FOR VALUES FROM ('{first}') TO ('{end}')")
