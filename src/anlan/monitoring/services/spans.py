"""The three spans of rollups, and the SQL that makes one figure row for each series and span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from anlan.monitoring.services.partitions import Table

TICK = timedelta(microseconds=1)


class Span(NamedTuple):
    """A span of rollups: its table, its length, and a moment where one ends. A span ends at `at`: (at − length, at]."""

    table: Table
    length: timedelta
    origin: datetime

    def floor(self, moment: datetime) -> datetime:
        """Return the last end at or before the moment."""
        return moment.astimezone(UTC) - (moment - self.origin) % self.length

    def ceil(self, moment: datetime) -> datetime:
        """Return the end of the span that the moment lies in."""
        return self.floor(moment - TICK) + self.length

    @property
    def end_sql(self) -> str:
        """SQL of the end of the span that column `at` lies in."""
        length = f"interval '{int(self.length.total_seconds())} seconds'"
        origin = f"timestamptz '{self.origin.isoformat()}'"
        return f"date_bin({length}, at - interval '1 microsecond', {origin}) + {length}"


TEN = Span("rollup_ten", timedelta(minutes=10), datetime(2000, 1, 1, tzinfo=UTC))
HOUR = Span("rollup_hour", timedelta(hours=1), datetime(2000, 1, 1, tzinfo=UTC))
DAY = Span("rollup_day", timedelta(days=1), datetime(2000, 1, 1, 16, tzinfo=UTC))  # midnight of UTC+8

# Sums are rounded to millionths: floats added in another order must not look like a change. The last value goes with
# its time in an array, whose greatest is found in the same pass (an ordered aggregate would sort everything).
_OF_READINGS = """
  count(*) FILTER (WHERE quality = 0) AS count,
  round(coalesce(sum(amount) FILTER (WHERE quality = 0), 0) * 1e6) / 1e6 AS total,
  min(value) FILTER (WHERE quality = 0) AS low, max(value) FILTER (WHERE quality = 0) AS high,
  (max(ARRAY[date_part('epoch', at), value]) FILTER (WHERE quality = 0))[2] AS last,
  count(*) FILTER (WHERE quality <> 0) AS doubtful
"""
_OF_ROLLUPS = """
  sum(count)::int AS count, round(sum(total) * 1e6) / 1e6 AS total, min(low) AS low, max(high) AS high,
  (max(ARRAY[date_part('epoch', at), last]) FILTER (WHERE last IS NOT NULL))[2] AS last, sum(doubtful)::int AS doubtful
"""
_WRITE = """
INSERT INTO monitoring_{table} (series, at, count, total, low, high, last, doubtful)
SELECT * FROM ({made}) n
WHERE NOT EXISTS (SELECT FROM monitoring_{table} t WHERE t.series = n.series AND t.at = n.ends
  AND t.at > %s AND t.at <= %s AND (t.count, t.total, t.low, t.high, t.last, t.doubtful) IS NOT DISTINCT FROM
    (n.count::int, n.total, n.low, n.high, n.last, n.doubtful::int))
ON CONFLICT (series, at) DO UPDATE SET count = excluded.count, total = excluded.total, low = excluded.low,
  high = excluded.high, last = excluded.last, doubtful = excluded.doubtful
"""


def figures_sql(span: Span, source: str, *, folded: bool = False) -> str:
    """Return the statement that writes the rollups in (first, last] from `source`: rows of readings (series, at, value,
    amount, quality), or, `folded`, of a finer rollup. Parameters: those of the source, then first and last. Rows that
    don't change are not touched."""
    figures = _OF_ROLLUPS if folded else _OF_READINGS
    made = f"SELECT series, {span.end_sql} AS ends, {figures} FROM ({source}) x GROUP BY series, ends"
    return _WRITE.format(table=span.table, made=made)


def figures_of(span: Span, source: str) -> str:
    """Return the query that gives the same figures of one series' readings without writing them, oldest first:
    at, count, total, low, high, last, doubtful."""
    return f"SELECT {span.end_sql} AS ends, {_OF_READINGS} FROM ({source}) x GROUP BY series, ends ORDER BY ends"
