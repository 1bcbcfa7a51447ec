"""Gaps of some series: how long nothing came, longest and in all, from readings or, of long spans, from rollups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.monitoring.services.spans import HOUR, TEN

MOST_ROWS = 400_000  # that a page of the report may look at

_SPELLS = """
WITH asked AS (SELECT * FROM unnest(%(numbers)s::int4[], %(silences)s::int4[]) AS a(series, silence)),
times AS (
  SELECT r.series, r.at, r.at - %(width)s AS from_at FROM {table} r
  WHERE r.series = ANY(%(numbers)s::int4[]) AND r.at > %(start)s AND r.at <= %(end)s
  UNION ALL SELECT series, %(start)s, %(start)s FROM asked
  UNION ALL SELECT series, %(end)s, %(end)s FROM asked),
holes AS (
  SELECT series, lag(at) OVER w AS began, from_at AS ended, from_at - lag(at) OVER w AS length
  FROM times WINDOW w AS (PARTITION BY series ORDER BY at, from_at)),
worst AS (SELECT DISTINCT ON (series) series, began, ended, length FROM holes WHERE length IS NOT NULL
  ORDER BY series, length DESC, began)
SELECT a.series, w.began, w.ended, greatest(0, extract(epoch FROM w.length))::int8,
  count(h.*)::int, coalesce(sum(extract(epoch FROM h.length)), 0)::int8
FROM asked a JOIN worst w ON w.series = a.series
LEFT JOIN holes h ON h.series = a.series AND h.length > make_interval(secs => a.silence)
GROUP BY a.series, w.began, w.ended, w.length
"""


class Spells(NamedTuple):
    """Gaps of a series in a span. longest_s: seconds between two readings (or the span's edge) at most; silent: how
    many gaps were longer than its longest silence, silent_s together. exact_s: how exact that is: 0 from readings;
    from rollups a gap is at least so long, and less than twice `exact_s` longer."""

    longest_s: int
    longest_from: datetime | None
    longest_to: datetime | None
    silent: int
    silent_s: int
    exact_s: int


def spells(asked: Sequence[tuple[int, int, int]], start: datetime, end: datetime) -> dict[int, Spells]:
    """Return the gaps of series (number, longest silence s, interval s) in (start, end]. One query."""
    if not asked:
        return {}
    table, width = _source(asked, start, end)
    params: dict[str, Any] = {
        "numbers": [number for number, _, _ in asked], "silences": [silence for _, silence, _ in asked],
        "start": start, "end": end, "width": width,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SPELLS.format(table=table), params)
        return {
            number: Spells(
                longest,
                began if longest else None,
                ended if longest else None,
                silent,
                seconds,
                int(width.total_seconds()),
            )
            for number, began, ended, longest, silent, seconds in cursor.fetchall()
        }


def _source(asked: Sequence[tuple[int, int, int]], start: datetime, end: datetime) -> tuple[str, timedelta]:
    """Return the finest table that has the whole span and isn't too much to look at, and the width of its spans."""
    ago, seconds = clock.now() - start, (end - start).total_seconds()
    if ago < timedelta(days=options.readings_keep_days) and sum(seconds / i for _, _, i in asked) <= MOST_ROWS:
        return "monitoring_reading", timedelta()
    if ago < timedelta(days=options.ten_keep_days) and len(asked) * seconds / 600 <= MOST_ROWS:
        return "monitoring_rollup_ten", TEN.length
    return "monitoring_rollup_hour", HOUR.length
