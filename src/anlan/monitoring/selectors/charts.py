"""A series over any span as arrays for a chart: readings over days, rollups over weeks and years (曲线).

Raw up to 2 days, ten minutes up to 20 days, hours up to 400 days, days beyond; coarser where that would be more points
than asked for. Rollups are joined with what isn't rolled yet, made of the readings in the same way. Raw spans that are
archived are read from their files; where those aren't kept here, the finest rollup there is stands in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import numpy as np
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.engine.columns import SECOND, Floats, microseconds
from anlan.monitoring.models import Series
from anlan.monitoring.selectors.chart_rows import Rows, joined, made, raw, readings, rolled
from anlan.monitoring.services.counters import RISES
from anlan.monitoring.services.spans import DAY, HOUR, TEN, Span, figures_of
from anlan.monitoring.services.storing import moment
from anlan.monitoring.services.thawing import archive_path, archived, days_between

Step = Literal["raw", "ten", "hour", "day"]
MOST_POINTS = 20_000
LONGEST: dict[Step, timedelta] = {
    "raw": timedelta(days=2), "ten": timedelta(days=20), "hour": timedelta(days=400), "day": timedelta(days=36_525),
}  # fmt: skip
SPANS: dict[Step, Span] = {"ten": TEN, "hour": HOUR, "day": DAY}

_BEFORE = """
SELECT last FROM monitoring_rollup_hour WHERE series = %s AND at > %s AND at <= %s AND last IS NOT NULL
ORDER BY at DESC LIMIT 1
"""
_PLAIN = """
SELECT series, at, value, value AS amount, quality FROM monitoring_reading r WHERE series = %s AND at > %s AND at <= %s
"""


class Point(NamedTuple):
    """A point of a chart. Raw: the reading, `quality` its code. Else the span that ends at `at`: mean of states or sum
    (of counters, increase) as `value`, lowest, highest and last good value, how many were good and how many doubtful."""

    at: datetime
    value: float | None
    low: float | None
    high: float | None
    last: float | None
    good: int
    doubtful: int
    quality: int = 0


class Drawn(NamedTuple):
    """A series as fine as `step`, oldest first, in arrays: `value` is the reading (raw), the mean of states, the sum of
    amounts or the increase of counters, NaN where nothing was good. Rows later than `final` are of spans that may still
    change."""

    step: Step
    rows: Rows
    value: Floats
    final: datetime

    @property
    def points(self) -> list[Point]:
        """The same, a point at a time."""
        rows = self.rows
        floats = [
            [None if v != v else v for v in part.tolist()] for part in (self.value, rows.low, rows.high, rows.last)
        ]
        counts = [part.tolist() for part in (rows.good, rows.doubtful, rows.quality)]
        return [Point(*row) for row in zip(map(moment, rows.at.tolist()), *floats, *counts, strict=True)]


def chart(
    scope: Scope, station: str, element: str, start: datetime, end: datetime, *, points: int = MOST_POINTS
) -> dict[str, Any]:
    """Return a series (`element` "" is the station's main one) in (start, end] as arrays of one length.

    t (ms since 1970), value (mean of states, sum of amounts, increase of counters; NaN where nothing was good), low,
    high, last, quality (raw: code of each reading; else how many were doubtful), and what draws beside it: step
    (raw, ten, hour, day), step_s, unit, kind, thresholds (limits by name, in the unit), interval_s, max_silence_s, and
    final (ms): points later than that are of spans that aren't over. Three queries; four for counters.
    Raises NotFound outside the scope, Invalid when the span ends before it starts.
    """
    series = series_of(scope, station, element)
    drawn = draw(series, start, end, points=points)
    rows, is_raw = drawn.rows, drawn.step == "raw"
    return {
        "station": station, "element": series.element, "unit": series.unit, "kind": series.kind, "step": drawn.step,
        "step_s": 0 if is_raw else int(SPANS[drawn.step].length.total_seconds()), "interval_s": series.interval_s,
        "max_silence_s": series.max_silence_s, "thresholds": series.limits,
        "start": _ms(start), "end": _ms(end), "final": _ms(drawn.final),
        "t": rows.at // 1000, "value": np.round(drawn.value, 6), "low": rows.low, "high": rows.high, "last": rows.last,
        "quality": rows.quality if is_raw else rows.doubtful,
    }  # fmt: skip


def series_of(scope: Scope, station: str, element: str) -> Series:
    """Return a station's series of an element, the main one for "". One query; NotFound outside the scope."""
    rows = scope.filter(Series.objects.filter(station__code=station))
    found: Series | None = (rows.filter(element=element) if element else rows.filter(main=True)).first()
    if found is None:
        raise NotFound(
            code="series.none",
            zh=f"测站“{station}”没有测项“{element or '（主测项）'}”，或不在您的管辖范围；请核对站码和要素代码。",
            en=f"There is no series “{element or '(main)'}” of station “{station}” within your scope; check both codes.",
            field="element" if element else "station",
            value=element or station,
        )
    return found


def step_of(series: Series, start: datetime, end: datetime, points: int = MOST_POINTS) -> Step:
    """Return how fine a chart of this span is."""
    asked, days_ago = end - start, clock.now() - start
    for step, longest in LONGEST.items():
        each = SPANS[step].length if step != "raw" else timedelta(seconds=series.interval_s)
        gone = step == "ten" and days_ago > timedelta(days=options.ten_keep_days)
        if asked <= longest and not gone and (asked / each <= points or step == "day"):
            return step
    return "day"


def draw(
    series: Series, start: datetime, end: datetime, *, step: Step | None = None, points: int = MOST_POINTS
) -> Drawn:
    """Return the points of a series in (start, end], as fine as `step` or as `step_of` says. Scope is the caller's."""
    if end <= start:
        raise Invalid(
            code="chart.span", zh="结束时间须晚于开始时间；请调整时段。", en="The span must end after it starts.",
            field="end", value=end.isoformat(),
        )  # fmt: skip
    chosen = step or step_of(series, start, end, points)
    if chosen == "raw":
        found = _raw(series.number, start, end)
        if len(found.at) or clock.now() - start < timedelta(days=options.readings_keep_days):
            return Drawn("raw", found, found.total, end)
        chosen = "ten" if clock.now() - start < timedelta(days=options.ten_keep_days) else "hour"
    return _rolled(series, chosen, start, end)


def _raw(number: int, start: datetime, end: datetime) -> Rows:
    parts = [
        readings(part.at, part.value, part.quality)
        for day in days_between(start, end)
        if archive_path(day).exists()  # what was archived was first, and stands
        for part in archived(day, start, end, number)
    ]
    return joined([*parts, raw(number, start, end)])


def _rolled(series: Series, step: Step, start: datetime, end: datetime) -> Drawn:
    """Return the rollups of the spans that end in (start, end], and after the last of them what the readings say."""
    span = SPANS[step]
    found = rolled(span.table, series.number, start, end)
    final = moment(int(found.at[-1])) if len(found.at) else span.floor(start)
    rows = joined([found, made(_tail(series, span, found, final, end))])
    shared = rows.total / np.maximum(rows.good, 1) if series.kind == "gauge" else rows.total
    return Drawn(step, rows, np.where(rows.good > 0, shared, np.nan), final)


def _tail(series: Series, span: Span, found: Rows, final: datetime, end: datetime) -> list[Any]:
    if series.kind != "counter":
        sql, params = _PLAIN, [series.number, final, end]
    else:
        heard = found.last[~np.isnan(found.last)]
        last = float(heard[-1]) if len(heard) else None
        if last is None:
            before = _fetch(_BEFORE, [series.number, final - timedelta(days=62), final])
            last = before[0][0] if before else None
        wrap = series.checks.get("wrap")
        sql = RISES.format(readings="monitoring_reading")
        params = [[series.number], [wrap], [last], [series.number], final, end]
    return _fetch(figures_of(span, sql), params)


def _fetch(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _ms(at: datetime) -> int:
    return microseconds(at) * 1000 // SECOND
