"""Readings into and out of their table by binary COPY: columns become the bytes PostgreSQL wants, no row of them alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import SECOND, Columns, Ints, Mask, columns, microseconds
from anlan.monitoring.formats import readings_copy

_DAY_US = 86_400 * SECOND
MANY = 5_000  # readings from which on a thread beside pays
_COPY = "COPY {} (series, at, value, quality) FROM STDIN (FORMAT binary)"
_OLD = "CREATE TEMP TABLE IF NOT EXISTS anlan_old (series int, at timestamptz, value float8, quality int2)"
_ADD = """
INSERT INTO monitoring_reading (series, at, value, quality) SELECT series, at, value, quality FROM anlan_old
ON CONFLICT DO NOTHING RETURNING series, at
"""
_DIFFERING = """
SELECT count(*) FROM anlan_old o JOIN monitoring_reading r ON r.series = o.series AND r.at = o.at
WHERE r.value <> o.value AND r.at >= %s AND r.at <= %s
"""
_REQUALIFY = """
UPDATE monitoring_reading r SET quality = x.quality
FROM unnest(%s::int4[], %s::timestamptz[], %s::int2[]) AS x(series, at, quality)
WHERE r.series = x.series AND r.at = x.at AND r.at >= %s AND r.at <= %s
"""


@contextmanager
def storing(rows: Columns) -> Iterator[None]:
    """Copy in rows nobody has yet while the block goes on, which must leave the database alone; raises
    django.db.IntegrityError when the block ends and one is there all the same. A large batch is copied in beside the
    block, so that PostgreSQL stores while this process judges."""
    ordered = rows.where(np.lexsort((rows.at, rows.series)))  # neighbours of the index together
    if len(rows) < MANY:
        _copy("monitoring_reading", ordered)
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, ThreadPoolExecutor(1) as beside:
        copying = beside.submit(_copied, connection.connection, "monitoring_reading", ordered)
        try:
            yield
        finally:
            copying.result()


def _copy(table: str, rows: Columns) -> None:
    """Copy rows in; the database's refusals come as Django's own errors, which a bare COPY would not give."""
    if len(rows):
        connection.ensure_connection()
        with connection.wrap_database_errors:
            _copied(connection.connection, table, rows)


def _copied(raw: Any, table: str, rows: Columns) -> None:
    with raw.cursor() as cursor, cursor.copy(_COPY.format(table)) as copy:
        copy.write(readings_copy.framed(rows))


def store_old(rows: Columns) -> tuple[Mask, int]:
    """Add rows that may be there already; return which were new, and how many are there with another value."""
    new = np.zeros(len(rows), dtype=bool)
    if len(rows) == 0:
        return new, 0
    with connection.cursor() as cursor:
        cursor.execute(_OLD)
        cursor.execute("TRUNCATE anlan_old")
        _copy("anlan_old", rows)
        span = [moment(int(rows.at.min())), moment(int(rows.at.max()))]
        cursor.execute(_DIFFERING, span)
        differing = int(cursor.fetchone()[0])
        cursor.execute(_ADD)
        stored = {(series, microseconds(at)) for series, at in cursor.fetchall()}
    for place, key in enumerate(zip(rows.series.tolist(), rows.at.tolist(), strict=True)):
        if key in stored:
            new[place] = True
            stored.discard(key)
    return new, differing


def store_quality(changed: list[tuple[int, int, int]]) -> None:
    """Give stored readings another quality: (series, at in µs, quality)."""
    if not changed:
        return
    series, at, quality = zip(*changed, strict=True)
    moments = [moment(us) for us in at]
    with connection.cursor() as cursor:
        cursor.execute(_REQUALIFY, [list(series), moments, list(quality), min(moments), max(moments)])


_PACKED = np.dtype([("at", ">i8"), ("value", ">f8"), ("quality", ">i2")])
# one packed value for each series: a COPY would hand every single row to Python
_SINCE = """
SELECT r.series, string_agg(timestamptz_send(r.at) || float8send(r.value) || int2send(r.quality), ''::bytea ORDER BY r.at)
FROM monitoring_reading r JOIN monitoring_series s ON s.number = r.series AND s.shard = %s
WHERE r.at > %s GROUP BY r.series ORDER BY r.series
"""


def read_since(shard: int, since_us: int) -> Columns:
    """Return the shard's stored readings after a moment, by series and time, with the quality they have."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [shard, moment(since_us)])
        found = cursor.fetchall()
    rows = np.frombuffer(b"".join([body for _, body in found]), dtype=_PACKED)
    numbers = np.array([number for number, _ in found], dtype=np.int32)
    return columns(
        np.repeat(numbers, [len(body) // _PACKED.itemsize for _, body in found]),
        rows["at"].astype(np.int64) + readings_copy.SINCE_2000,
        rows["value"].astype(np.float64), rows["quality"].astype(np.int16),
    )  # fmt: skip


def days_of(at: Ints) -> dict[date, tuple[int, datetime]]:
    """Return for each UTC day how many of these moments lie in it, and the earliest of them."""
    found: dict[date, tuple[int, datetime]] = {}
    days = at // _DAY_US
    for day in np.unique(days).tolist():
        mine: NDArray[Any] = at[days == day]
        found[date(1970, 1, 1) + timedelta(days=day)] = len(mine), moment(int(mine.min()))
    return found


def moment(us: int) -> datetime:
    """Return microseconds since 1970 as an aware UTC datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
