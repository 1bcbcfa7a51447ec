"""The gap report (缺报统计): what each series should have sent and what came, the worst first.

What came is counted from rollups: whole Beijing days from day rollups, the edges from hours, so a month of 20,000
stations is one query. Only for the series of the page asked for are the gaps themselves looked at.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.monitoring.selectors.gap_spells import Spells, spells
from anlan.monitoring.services.spans import DAY, HOUR

PAGE, MOST = 50, 500
ROLL_LAG = timedelta(minutes=10)  # the last hour is rolled by then
_REPORT = """
WITH came AS (
  SELECT series, sum(count + doubtful)::int8 AS received, sum(doubtful)::int8 AS doubtful FROM (
    SELECT series, count, doubtful FROM monitoring_rollup_day WHERE at > %(day0)s AND at <= %(day1)s
    UNION ALL SELECT series, count, doubtful FROM monitoring_rollup_hour WHERE at > %(start)s AND at <= %(edge0)s
    UNION ALL SELECT series, count, doubtful FROM monitoring_rollup_hour WHERE at > %(edge1)s AND at <= %(end)s
  ) u GROUP BY series),
report AS (
  SELECT t.code, s.element, s.number, t.name_zh, t.name_en, t.kind, t.division, s.unit, s.interval_s, s.max_silence_s,
    w.expected, coalesce(c.received, 0) AS received, coalesce(c.doubtful, 0) AS doubtful,
    CASE WHEN w.expected = 0 THEN 1.0 ELSE least(1.0, coalesce(c.received, 0)::float8 / w.expected) END AS availability
  FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id
  CROSS JOIN LATERAL (SELECT floor(%(seconds)s / s.interval_s)::int8 AS expected) w
  LEFT JOIN came c ON c.series = s.number
  WHERE t.division ^@ ANY(%(scope)s) AND t.division ^@ %(division)s AND (%(kind)s = '' OR t.kind = %(kind)s)
    AND (%(words)s = '' OR t.code ^@ %(words)s OR strpos(t.name_zh, %(words)s) > 0
      OR strpos(lower(t.name_en), lower(%(words)s)) > 0)
    AND (%(element)s = '' OR s.element = %(element)s))
SELECT * FROM report {after} ORDER BY availability, code, element LIMIT %(limit)s
"""
_AFTER = "WHERE (availability, code, element) > (%(a)s::float8, %(c)s::text, %(e)s::text)"


class Gap(NamedTuple):
    """One series in the report. received: all readings, doubtful ones too; availability: received of expected, 0 to 1.
    spells: its gaps (longest, silent spells)."""

    station: str
    name: dict[str, str]
    kind: str
    division: str
    element: str
    unit: str
    interval_s: int
    expected: int
    received: int
    doubtful: int
    availability: float
    spells: Spells


class Gaps(NamedTuple):
    """A page of the report over (start, end], whole hours; `more`: the key of the next page, "" at the end."""

    start: datetime
    end: datetime
    rows: list[Gap]
    more: str


def gaps(
    scope: Scope, start: datetime, end: datetime, *, division: str = "", kind: str = "", element: str = "",
    words: str = "", after: str = "", limit: int = PAGE,
) -> Gaps:  # fmt: skip
    """Return a page of the report, the least available series first.

    The span is cut to whole hours that are over. division: prefix; kind: of station; words: beginning of a code, or
    part of a name; after: `more` of the page before. Two queries. Raises Invalid for a span without an hour in it or a
    key that isn't one.
    """
    first, last = span_of(start, end)
    day0, day1 = DAY.ceil(first), DAY.floor(last)
    params: dict[str, Any] = {
        "start": first, "end": last, "day0": day0, "day1": max(day0, day1), "edge0": min(day0, last),
        "edge1": day1 if day1 >= day0 else last, "seconds": (last - first).total_seconds(),
        "scope": list(scope.prefixes), "division": division, "kind": kind, "element": element, "words": words.strip(),
        "limit": min(limit, MOST) + 1, **_key(after),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REPORT.format(after=_AFTER if after else ""), params)
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    page = found[: min(limit, MOST)]
    seen = spells([(row["number"], row["max_silence_s"], row["interval_s"]) for row in page], first, last)
    last_row = page[-1] if len(found) > len(page) else None
    more = "" if last_row is None else _cursor(last_row["availability"], last_row["code"], last_row["element"])
    return Gaps(first, last, [_gap(row, seen[row["number"]]) for row in page], more)


def span_of(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the whole hours inside a span that are over and rolled up."""
    first, last = HOUR.ceil(start), min(HOUR.floor(end), HOUR.floor(clock.now() - ROLL_LAG))
    if first >= last:
        raise Invalid(
            code="gaps.span",
            zh="时段内没有已结束的整小时；请选择更长或更早的时段。",
            en="There is no whole hour in the span that is over; ask for a longer or an earlier one.",
            field="end",
            value=end.isoformat(),
        )
    return first, last


def _gap(row: dict[str, Any], seen: Spells) -> Gap:
    return Gap(
        row["code"], {"zh": row["name_zh"], "en": row["name_en"]}, row["kind"], row["division"], row["element"],
        row["unit"], row["interval_s"], row["expected"], row["received"], row["doubtful"], row["availability"], seen,
    )  # fmt: skip


def _cursor(availability: float, code: str, element: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([availability, code, element]).encode()).decode()


def _key(after: str) -> dict[str, Any]:
    if not after:
        return {}
    try:
        availability, code, element = json.loads(base64.urlsafe_b64decode(after.encode()))
        return {"a": float(availability), "c": str(code), "e": str(element)}
    except (ValueError, TypeError) as error:
        raise Invalid(
            code="gaps.after", zh="翻页标记无效；请从第一页重新打开。", en="This page key isn't valid; start from the first page.",
            field="after", value=after[:80],
        ) from error  # fmt: skip
