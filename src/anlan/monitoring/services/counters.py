"""Counters in rollups: how much a running total rose in each span, over resets and wraps (as engine.lines.increases)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from anlan.monitoring.services.spans import HOUR, TEN, figures_sql

LOOK_BACK = timedelta(days=62)  # a counter silent for longer starts anew: when it rose isn't known


class Counters(NamedTuple):
    """Every series that counts: its number, and where it starts again at 0 (None: nowhere)."""

    numbers: list[int]
    wraps: list[float | None]


_STANDING = """
SELECT s.number, p.last FROM unnest(%s::int4[]) AS s(number) JOIN LATERAL (
  SELECT last FROM (
    (SELECT last, at FROM monitoring_rollup_ten WHERE series = s.number AND at > %s AND at <= %s
       AND last IS NOT NULL ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT last, at FROM monitoring_rollup_hour WHERE series = s.number AND at > %s AND at <= %s
       AND last IS NOT NULL ORDER BY at DESC LIMIT 1)
  ) y ORDER BY at DESC LIMIT 1) p ON true
"""
RISES = """
SELECT series, at, value, CASE WHEN quality <> 0 OR before IS NULL THEN 0
    WHEN value >= before THEN value - before
    WHEN before > 0.9 * wrap AND value < 0.1 * wrap THEN value + wrap - before ELSE value END AS amount, quality
FROM (
  SELECT r.series, r.at, r.value, r.quality, c.wrap,
    coalesce(lag(r.value) OVER (PARTITION BY r.series, r.quality = 0 ORDER BY r.at), c.last) AS before
  FROM {readings} r JOIN unnest(%s::int4[], %s::float8[], %s::float8[]) AS c(number, wrap, last) ON c.number = r.series
  WHERE r.series = ANY(%s::int4[]) AND r.at > %s AND r.at <= %s) y
"""
_NEXT = """
SELECT DISTINCT p.at FROM unnest(%s::int4[]) AS s(number) JOIN LATERAL (
  SELECT at FROM monitoring_rollup_ten WHERE series = s.number AND at > %s AND last IS NOT NULL
  ORDER BY at LIMIT 1) p ON true
"""


def counters_read() -> Counters:
    """Return all series that count. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, (checks ->> 'wrap')::float8 FROM monitoring_series WHERE kind = 'counter' ORDER BY number"
        )
        rows = cursor.fetchall()
    return Counters([number for number, _ in rows], [wrap for _, wrap in rows])


def standing(counters: Counters, at: datetime) -> dict[int, float]:
    """Return the last good value of each counter at `at` (an end of a ten-minute span), as the rollups know it."""
    if not counters.numbers:
        return {}
    hour = HOUR.floor(at)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [counters.numbers, hour, at, hour - LOOK_BACK, hour])
        return dict(cursor.fetchall())


def write_counters(counters: Counters, readings: str, after: datetime, upto: datetime) -> int:
    """Write the ten-minute rollups of counters in (after, upto]; return the rows that are new or changed."""
    if not counters.numbers:
        return 0
    before = standing(counters, after)
    lasts = [before.get(number) for number in counters.numbers]
    with connection.cursor() as cursor:
        cursor.execute(
            figures_sql(TEN, RISES.format(readings=readings)),
            [counters.numbers, counters.wraps, lasts, counters.numbers, after, upto, after, upto],
        )
        return int(cursor.rowcount)


def next_span(numbers: list[int], after: datetime) -> list[datetime]:
    """Return the ends of the first spans after `after` in which these counters were heard."""
    if not numbers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [numbers, after])
        return [at for (at,) in cursor.fetchall()]
