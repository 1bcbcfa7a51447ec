"""What a chart of one series draws, as JSON for the island; and the same readings as a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.monitoring.engine.columns import SECOND, microseconds
from anlan.monitoring.engine.moving import moving_sums
from anlan.monitoring.models import Series
from anlan.monitoring.pages import words
from anlan.monitoring.pages.asking import stretch
from anlan.monitoring.pages.files import local, table_file
from anlan.monitoring.pages.thresholds import lines_of, sums_of
from anlan.monitoring.selectors.charts import Point, draw, series_of
from anlan.monitoring.selectors.station import station_get, station_signals
from anlan.territory.pages.access import actor, signed_in

WINDOWS = (1, 3, 6, 12, 24)
HOUR = 3600 * SECOND
LENGTHS_MS = {"raw": 0, "ten": 600_000, "hour": 3_600_000, "day": 86_400_000}
RAW_SPAN, RAW_POINTS, MOST_POINTS = timedelta(days=8), 4500, 2500  # as long as it can be drawn, every reading is
RAW_DAYS = timedelta(days=366)
COLUMNS = (
    ("station", pa.string()), ("element", pa.string()), ("time", pa.string()), ("value", pa.float64()),
    ("unit", pa.string()), ("quality", pa.int64()), ("quality_words", pa.string()),
)  # fmt: skip


@require_GET
@signed_in
def station_chart(request: HttpRequest, code: str) -> HttpResponse:
    """Points, threshold lines, signals and doubts of one series over a span."""
    who, now = actor(request), clock.now()
    series = series_of(who.scope, code, request.GET.get("element", "")[:24])
    start, end, _name = stretch(request.GET, now)
    window = int(request.GET.get("sum", "0")) if request.GET.get("sum", "0").isdigit() else 0
    body = chart_of(series, start, end, window if window in WINDOWS else 0)
    body["signals"] = bands(series, start, end, now)
    body["now"] = ms(now)
    answer = HttpResponse(orjson.dumps(body), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def chart_of(series: Series, start: datetime, end: datetime, window: int) -> dict[str, Any]:
    """Return the chart of one series in (start, end]: arrays of one length, times in ms. `sums` is empty without a
    window (hours); amounts are sums of their step, states the mean with lowest and highest. Two queries at most."""
    before = timedelta(hours=window)
    near = end - start <= RAW_SPAN and (end - start).total_seconds() <= RAW_POINTS * series.interval_s
    drawn = draw(series, start - before, end, step="raw" if near else None, points=MOST_POINTS)
    if drawn.step == "day" and window < 24:  # a day's rain says nothing of three hours
        window = 0
    raw, amounts = drawn.step == "raw", series.kind == "increment"
    at = np.array([microseconds(point.at) for point in drawn.points], dtype=np.int64)
    inside = at > microseconds(start)
    counted = np.array([_counted(point, raw) for point in drawn.points], dtype=np.float64)
    sums = moving_sums(at, counted, window * HOUR)[inside] if window and len(at) else np.empty(0)
    shown = [point for point, take in zip(drawn.points, inside.tolist(), strict=True) if take]
    return {
        "element": series.element, "name": words.element(series.element), "unit": series.unit, "kind": series.kind,
        "decimals": words.decimals(series.element), "step": drawn.step, "silence": series.max_silence_s * 1000,
        "width": LENGTHS_MS[drawn.step] or series.interval_s * 1000, "start": ms(start), "end": ms(end),
        "at": (at[inside] // 1000).tolist(), "value": [point.value for point in shown],
        "low": [] if raw or amounts else [point.low for point in shown],
        "high": [] if raw or amounts else [point.high for point in shown],
        "doubt": [point.quality if raw else -point.doubtful for point in shown],
        "sums": sums.tolist(), "window": window, "lines": lines_of(series.element, series.division, series.limits),
        "sum_lines": sums_of(series.element, series.division).get(window, []) if window else [],
        "words": {str(code): words.quality(code) for code in {point.quality for point in shown if raw and point.quality}},
    }  # fmt: skip


def _counted(point: Point, raw: bool) -> float:
    """What a point adds to a sum: nothing when it is doubted or unknown."""
    return 0.0 if point.value is None or (raw and point.quality) else point.value


def bands(series: Series, start: datetime, end: datetime, now: datetime) -> list[dict[str, Any]]:
    """Return the stretches of time a signal of this series stood at each level: from, to (ms), colour, words, why."""
    found = []
    for signal in station_signals(series.station_id, start, end):
        if signal["element"] not in (None, series.element):
            continue
        until = signal["cleared_at"] or now
        found.append({
            "from": ms(signal["opened_at"]), "to": ms(until), "open": signal["cleared_at"] is None,
            "colour": signal["colour"], "why": say(signal["explanation"]), "muted": signal["muted"],
        })  # fmt: skip
    return found


def ms(at: datetime) -> int:
    """Return milliseconds since 1970."""
    return microseconds(at) // 1000


@require_GET
@signed_in
def station_readings(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """The readings of a span as CSV or Excel: raw for a year at most, with quality codes and their words."""
    who = actor(request)
    station = station_get(who.scope, code)
    start, end, _name = stretch(request.GET, clock.now())
    start = max(start, end - RAW_DAYS)
    wanted = request.GET.get("element", "")[:24]
    elements = [wanted] if wanted else [series["element"] for series in station["series"]]
    rows = [
        (code, series.element, local(point.at), point.value, series.unit, point.quality, words.quality(point.quality))
        for series in (series_of(who.scope, code, element) for element in elements)
        for point in draw(series, start, end, step="raw").points
    ]
    return table_file(who, form, f"readings-{code}", COLUMNS, rows)


urlpatterns = [
    path("stations/<str:code>/chart.json", station_chart, name="station-chart"),
    path("stations/<str:code>/readings.<str:form>", station_readings, name="station-readings"),
]
