"""Rollups of ten minutes, hours and days (统计值): made from readings by the database, span by span.

A span ends at `at` and holds (at − span, at]. Ten minutes are made of readings, hours of tens, days (UTC+8) of hours.
Only good values count; of a counter `total` is what it rose by. A day is made again from the earliest time among what
came since it was last made; of the open day only spans that are over. Runs one at a time, days in order of time.

What a run takes on is noted first (`rolling_from`), so a crash leaves it to be done again, and readings that come
meanwhile mark the day anew (`dirty_from`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.problem import Unavailable
from anlan.monitoring.services.alone import alone
from anlan.monitoring.services.counters import Counters, counters_read, next_span, standing, write_counters
from anlan.monitoring.services.partitions import Table, midnight, partitions_ensure
from anlan.monitoring.services.spans import DAY, HOUR, TEN, Span, figures_sql
from anlan.monitoring.services.thawing import readings_of

log = structlog.get_logger()
TICK = timedelta(microseconds=1)
WORK_MEM = "256MB"

_TAKE = """
UPDATE monitoring_day SET rolling_from = least(rolling_from, dirty_from), dirty_from = NULL
WHERE day = %s RETURNING rolling_from
"""
_DONE = """
UPDATE monitoring_day SET rolling_from = NULL, rolled_at = %s, dirty_from = least(dirty_from, %s) WHERE day = %s
"""
_AGAIN = "UPDATE monitoring_day SET dirty_from = least(dirty_from, %s) WHERE day = %s"


class Rolled(NamedTuple):
    """What was made for a day: since which event time, and rows written of each kind (tens, hours, days)."""

    day: date
    since: datetime
    tens: int
    hours: int
    days: int


def rollups_make(*, at: datetime | None = None) -> list[Rolled]:
    """Make all rollups that are behind, for spans that are over at `at` (now); return what was made, by day.

    Returns nothing when another process is at it.
    """
    now = at or clock.now()
    with alone("rollups") as mine:
        return [made for day in (_behind() if mine else ()) if (made := _rolled(day, now)) is not None]


def _behind() -> Iterator[date]:
    """Give the days that are behind, oldest first; a day may come in while another is made."""
    last = date.min
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT min(day) FROM monitoring_day WHERE day > %s"
                " AND (dirty_from IS NOT NULL OR rolling_from IS NOT NULL)",
                [last],
            )
            (day,) = cursor.fetchone()
        if day is None:
            return
        yield day
        last = day


def _rolled(day: date, now: datetime) -> Rolled | None:
    """Make one day's rollups; a day whose archive isn't in its place is told, and waits."""
    try:
        return _roll(day, now)
    except Unavailable as problem:
        log.warning("rollups.wait", day=str(day), code=problem.code, why=problem.en)
        return None


def _roll(day: date, now: datetime) -> Rolled | None:
    """Make one day's rollups from where they are behind up to the last span that is over."""
    end = midnight(day + timedelta(days=1))
    upto = min(end, TEN.floor(now))
    if midnight(day) > upto:
        return None  # all of it is still to come
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [day])
        (since,) = cursor.fetchone()
    if since is None:
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])
        counters = counters_read()
        before = standing(counters, upto)
        # of a day that is over whole hours: its ten-minute figures may have been let go long ago
        after = (HOUR.ceil(since) - HOUR.length) if upto == end else (TEN.ceil(since) - TEN.length)
        tens = _tens(counters, after, upto) if after < upto else 0
        hours = _fold(HOUR, TEN, since, upto, now)
        days = _fold(DAY, HOUR, since, upto, now)
        _follow(counters, before, upto)
        # what is left: spans of the open day, and of a day that is over the Beijing day that isn't
        over = upto == end and DAY.ceil(upto) <= now
        cursor.execute(_DONE, [now, None if over else max(since, upto + TICK), day])
    return Rolled(day, since, tens, hours, days)


def _tens(counters: Counters, after: datetime, upto: datetime) -> int:
    """Make the ten-minute spans in (after, upto] from the readings, wherever they lie."""
    _ensure("rollup_ten", after, upto)
    with readings_of(after, upto) as readings:
        plain = f"SELECT series, at, value, value AS amount, quality FROM {readings} r WHERE at > %s AND at <= %s"
        others = " AND NOT series = ANY(%s::int4[])" if counters.numbers else ""
        params = [after, upto, *([counters.numbers] if counters.numbers else []), after, upto]
        rows = _write(TEN, plain + others, params)
        return rows + write_counters(counters, readings, after, upto)


def _follow(counters: Counters, before: dict[int, float], upto: datetime) -> None:
    """Where a counter's last value before `upto` is another now, its next span rose by another amount: make it again."""
    after = standing(counters, upto)
    changed = [number for number in after if after[number] != before.get(number)]
    for again in sorted(next_span(changed, upto)):
        with connection.cursor() as cursor:
            cursor.execute(_AGAIN, [again, (again - TICK).astimezone(UTC).date()])


def _fold(span: Span, finer: Span, since: datetime, upto: datetime, now: datetime) -> int:
    """Make the spans of a coarser rollup that `since` to `upto` touch, as far as they are over, from the finer one."""
    first, last = span.ceil(since), min(span.ceil(upto), span.floor(now))
    if first > last:
        return 0
    _ensure(span.table, first, last)
    sql = f"SELECT * FROM monitoring_{finer.table} WHERE at > %s AND at <= %s"
    return _write(span, sql, [first - span.length, last] * 2, folded=True)


def _write(span: Span, source: str, params: list[Any], *, folded: bool = False) -> int:
    with connection.cursor() as cursor:
        cursor.execute(figures_sql(span, source, folded=folded), params)
        return int(cursor.rowcount)


def _ensure(table: Table, first: datetime, last: datetime) -> None:
    low, high = first.astimezone(UTC).date(), last.astimezone(UTC).date()
    partitions_ensure(table, [date.fromordinal(n) for n in range(low.toordinal(), high.toordinal() + 1)])
