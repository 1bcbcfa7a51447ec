"""The rain map: gauges coloured by what fell in a moving window, now or at a past moment, with means and a list."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid
from anlan.monitoring.pages.asking import moment
from anlan.monitoring.pages.files import local, table_file
from anlan.monitoring.pages.thresholds import sums_of
from anlan.monitoring.selectors.rain import WINDOWS, Gauge, area_means, division_means, rain_gauges
from anlan.monitoring.selectors.stations import below
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors.divisions import division_names

#: Window (hours) → where the classes of its legend begin, mm. 24 h: classes of rain in a day (domain rules).
STEPS = {
    1: (0.1, 5, 10, 20, 50, 100), 3: (0.1, 10, 25, 50, 100, 150), 6: (0.1, 10, 25, 50, 100, 150),
    12: (0.1, 10, 25, 50, 100, 200), 24: (0.1, 10, 25, 50, 100, 250),
}  # fmt: skip
BACK_HOURS, TOP, MEANS = 72, 30, 12
COLUMNS = (
    ("station", pa.string()), ("name_zh", pa.string()), ("name_en", pa.string()), ("division", pa.string()),
    ("lon", pa.float64()), ("lat", pa.float64()), ("window_h", pa.int64()), ("until", pa.string()), ("mm", pa.float64()),
    ("state", pa.string()),
)  # fmt: skip


class Wanted:
    """What an address of the rain map asks: window (hours), and a past moment on whole ten minutes, or None for now."""

    def __init__(self, request: HttpRequest) -> None:
        self.now = clock.now()
        text = request.GET.get("window", "24")
        if not text.isdigit() or int(text) not in WINDOWS:
            raise Invalid(
                code="rain.window", zh="时段只有 1、3、6、12、24 小时。", en="Windows are 1, 3, 6, 12 and 24 hours.",
                field="window", value=text[:10],
            )  # fmt: skip
        self.window = int(text)
        at = moment(request.GET.get("at"), "at")
        if at is not None:
            at = at.replace(minute=at.minute - at.minute % 10, second=0, microsecond=0)
            if at > self.now - timedelta(minutes=10):
                at = None
        self.at: datetime | None = at

    @property
    def end(self) -> datetime:
        """When the window ends."""
        return self.at or self.now


@require_GET
@signed_in
def rain_page(request: HttpRequest) -> HttpResponse:
    """The map with its list."""
    wanted = Wanted(request)
    context = {
        "nav": "monitoring", "tab": "rain", "wanted": wanted, "windows": WINDOWS, "back_minutes": BACK_HOURS * 60,
        **list_context(request, wanted),
    }  # fmt: skip
    return render(request, "monitoring/rain.html", context)


@require_GET
@signed_in
def rain_list(request: HttpRequest) -> HttpResponse:
    """The list and the means beside the map."""
    return render(request, "monitoring/rain_list.html", list_context(request, Wanted(request)))


def list_context(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    """Return what the list shows: counts, means, the gauges with most rain, and the legend of the window."""
    scope = actor(request).scope
    gauges = rain_gauges(scope, wanted.window, wanted.now, wanted.at)
    wet = sorted((g for g in gauges if g.mm is not None and g.mm >= 0.1), key=lambda g: (-(g.mm or 0), g.code))
    known = sum(g.mm is not None for g in gauges)
    divisions = division_means(gauges, below(scope, ""))[:MEANS]
    names = division_names([mean.code for mean in divisions])
    lines = sums_of("rain_mm", scope.prefixes[0] if len(scope.prefixes) == 1 else "").get(wanted.window, [])
    return {
        "wanted": wanted, "count": len(gauges), "known": known, "unknown": len(gauges) - known,
        "top": [_listed(gauge, wanted.window, lines) for gauge in wet[:TOP]], "wet": len(wet),
        "areas": area_means(scope, gauges), "steps": STEPS[wanted.window], "lines": lines, "legend": legend(wanted.window),
        "divisions": [mean._replace(name=names.get(mean.code, {"zh": mean.code, "en": mean.code})) for mean in divisions],
        "stood": wanted.end,
    }  # fmt: skip


def _listed(gauge: Gauge, window: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    reached = [line["colour"] for line in lines if (gauge.mm or 0) >= line["value"]]
    return {**gauge._asdict(), "step": step_of(gauge.mm or 0, window), "reached": reached[-1] if reached else ""}


def step_of(mm: float, window: int) -> int:
    """Return which class of the legend a sum is in, 0 for none."""
    return sum(mm >= limit for limit in STEPS[window])


def legend(window: int) -> list[dict[str, Any]]:
    """Return the classes of the legend, least first: number, range in mm, and the name of a day's rain."""
    limits = STEPS[window]
    names = [
        "",
        _("Light rain"),
        _("Moderate rain"),
        _("Heavy rain"),
        _("Rainstorm"),
        _("Heavy rainstorm"),
        _("Extreme rainstorm"),
    ]
    ranges = [
        f"< {limits[0]:g}",
        *(f"{low:g}–{high:g}" for low, high in pairwise(limits)),
        f"≥ {limits[-1]:g}",
    ]
    return [
        {"step": step, "range": each, "name": names[step] if window == 24 else ""} for step, each in enumerate(ranges)
    ]


@require_GET
@signed_in
def rain_sums(request: HttpRequest) -> HttpResponse:
    """All gauges as columns for the map: code, point, mm (null: not known), name in the reader's language."""
    wanted = Wanted(request)
    gauges = rain_gauges(actor(request).scope, wanted.window, wanted.now, wanted.at)
    lines = sums_of("rain_mm", "").get(wanted.window, [])
    body = {
        "window": wanted.window, "end": wanted.end, "steps": STEPS[wanted.window], "lines": lines,
        "code": [g.code for g in gauges], "lon": [round(g.lon, 5) for g in gauges],
        "lat": [round(g.lat, 5) for g in gauges], "mm": [g.mm for g in gauges],
        "name": [say(g.name) for g in gauges],
    }  # fmt: skip
    answer = HttpResponse(orjson.dumps(body), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
@signed_in
def rain_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """All gauges with their sums, most rain first, as CSV or Excel."""
    who, wanted = actor(request), Wanted(request)
    gauges = rain_gauges(who.scope, wanted.window, wanted.now, wanted.at)
    rows = [
        (g.code, g.name["zh"], g.name["en"], g.division, g.lon, g.lat, wanted.window, local(wanted.end), g.mm, g.state)
        for g in sorted(gauges, key=lambda g: (g.mm is None, -(g.mm or 0), g.code))
    ]
    return table_file(who, form, f"rain-{wanted.window}h", COLUMNS, rows)


urlpatterns = [
    path("rain", rain_page, name="rain"),
    path("rain/list", rain_list, name="rain-list"),
    path("rain/sums.json", rain_sums, name="rain-sums"),
    path("rain/file.<str:form>", rain_export, name="rain-export"),
]
