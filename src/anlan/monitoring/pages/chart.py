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
from anlan.kernel.problem import NotFound
from anlan.monitoring.engine.columns import SECOND, microseconds
from anlan.monitoring.engine.moving import moving_sums
from anlan.monitoring.pages import words
from anlan.monitoring.pages.asking import stretch
from anlan.monitoring.pages.files import local, table_file
from anlan.monitoring.pages.thresholds import lines_of, sums_of
from anlan.monitoring.selectors.points import chart_points, step_for
from anlan.monitoring.selectors.station import station_get, station_signals
from anlan.territory.pages.access import actor, signed_in

WINDOWS = (1, 3, 6, 12, 24)
HOUR = 3600 * SECOND
LENGTHS_MS = {"raw": 0, "hour": 3_600_000, "day": 86_400_000}
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
    station = station_get(who.scope, code)
    series = one_series(station, request.GET.get("element", ""))
    start, end, _name = stretch(request.GET, now)
    window = int(request.GET.get("sum", "0")) if request.GET.get("sum", "0").isdigit() else 0
    body = chart_of(station, series, start, end, window if window in WINDOWS else 0)
    body["signals"] = bands(station, series, start, end, now)
    body["now"] = ms(now)
    answer = HttpResponse(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def one_series(station: dict[str, Any], element: str) -> dict[str, Any]:
    """Return the series of an element, the main one for ""; NotFound when the station measures no such thing."""
    for series in station["series"]:
        if series["element"] == element or not element:
            found: dict[str, Any] = series
            return found
    raise NotFound(
        code="series.none", zh=f"测站“{station['code']}”没有测项“{element[:24]}”。",
        en=f"The station “{station['code']}” has no series “{element[:24]}”.", field="element", value=element[:24],
    )  # fmt: skip


def chart_of(
    station: dict[str, Any], series: dict[str, Any], start: datetime, end: datetime, window: int
) -> dict[str, Any]:
    """Return the chart of one series in (start, end]: arrays of one length, times in ms. `sums` is empty without a
    window (hours); amounts are sums of their step, states the mean with lowest and highest."""
    step = step_for(start, end)
    before = timedelta(hours=window) if window else timedelta()
    points = chart_points(series["number"], step, start - before, end)
    at = np.array([microseconds(point["at"]) for point in points], dtype=np.int64)
    amounts = series["kind"] == "increment"
    raw = step == "raw"
    good = np.array([point["quality"] == 0 if raw else point["count"] > 0 for point in points], dtype=bool)
    value = np.array([_value(point, raw, amounts) for point in points], dtype=np.float64)
    inside = at > microseconds(start)
    sums = moving_sums(at, np.where(good, value, 0.0), window * HOUR)[inside] if window and len(at) else np.empty(0)
    shown = [point for point, take in zip(points, inside.tolist(), strict=True) if take]
    return {
        "element": series["element"], "name": words.element(series["element"]), "unit": series["unit"],
        "kind": series["kind"], "decimals": words.decimals(series["element"]), "step": step,
        "width": LENGTHS_MS[step] or series["interval_s"] * 1000, "silence": series["max_silence_s"] * 1000,
        "start": ms(start), "end": ms(end), "at": (at[inside] // 1000).tolist(),
        "value": [None if np.isnan(one) else one for one in value[inside].tolist()],
        "low": [] if raw or amounts else [point["low"] for point in shown],
        "high": [] if raw or amounts else [point["high"] for point in shown],
        "doubt": [_doubt(point, raw) for point in shown], "sums": sums.tolist(), "window": window,
        "lines": lines_of(series["element"], station["division"], series["limits"]),
        "sum_lines": sums_of(series["element"], station["division"]).get(window, []) if window else [],
        "words": {str(code): words.quality(code) for code in {p["quality"] for p in shown if raw and p["quality"]}},
    }  # fmt: skip


def _value(point: dict[str, Any], raw: bool, amounts: bool) -> float:
    if raw:
        return float(point["value"])
    if not point["count"]:
        return float("nan")
    return float(point["total"] if amounts else point["total"] / point["count"])


def _doubt(point: dict[str, Any], raw: bool) -> int:
    """Raw: the quality code; else minus how many were doubtful."""
    return int(point["quality"] if raw else -point["doubtful"])


def bands(
    station: dict[str, Any], series: dict[str, Any], start: datetime, end: datetime, now: datetime
) -> list[dict[str, Any]]:
    """Return the stretches of time a signal of this series stood at each level: from, to (ms), colour, words, why."""
    found = []
    for signal in station_signals(station["id"], start, end):
        if signal["element"] not in (None, series["element"]):
            continue
        until = signal["cleared_at"] or now
        found.append({
            "from": ms(signal["opened_at"]), "to": ms(until), "open": signal["cleared_at"] is None,
            "colour": signal["colour"], "why": words.say(signal["explanation"]), "muted": signal["muted"],
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
    wanted = request.GET.get("element", "")
    chosen = [one_series(station, wanted)] if wanted else station["series"]
    rows = [
        (
            code,
            series["element"],
            local(point["at"]),
            point["value"],
            series["unit"],
            point["quality"],
            words.quality(point["quality"]),
        )
        for series in chosen
        for point in chart_points(series["number"], "raw", start, end)
    ]
    return table_file(who, form, f"readings-{code}", COLUMNS, rows)


urlpatterns = [
    path("stations/<str:code>/chart.json", station_chart, name="station-chart"),
    path("stations/<str:code>/readings.<str:form>", station_readings, name="station-readings"),
]
