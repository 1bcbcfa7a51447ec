"""The page of one station: how it stands, its charts, signals, quality, neighbours, limits; isolating and mending it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, Problem
from anlan.monitoring.pages import chart, frames, signal_words, words
from anlan.monitoring.pages.asking import span_names, stretch
from anlan.monitoring.pages.near_map import HIGH, WIDE, near_map
from anlan.monitoring.rules import rule_words
from anlan.monitoring.selectors.station import station_get, station_near, station_quality, station_signals
from anlan.monitoring.services.isolation import station_isolate, station_mend
from anlan.monitoring.services.limits import station_limits_set
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors.near import posts_answering
from anlan.territory.selectors.register_rows import division_paths

ANSWERING = ("reservoir_admin", "reservoir_technical", "reservoir_patrol", "village_head", "village_officer",
             "township_duty", "township_head", "county_duty")  # fmt: skip
STEPS = ("alert_m", "warning_m", "guarantee_m", "record_m")  # of a water level; other figures have two alarms
ALARMS = ("alert", "warning")
MOST_SIGNALS = 12
MOST_STANDING = 3
QUALITY_SPAN = timedelta(days=31)  # every reading is counted: not over a year


@require_GET
@signed_in
def station_page(request: HttpRequest, code: str) -> HttpResponse:
    """One station: head, charts, and what hangs on it."""
    station = station_get(actor(request).scope, code)
    return render(request, "monitoring/station.html", context_of(request, station))


def context_of(request: HttpRequest, station: dict[str, Any]) -> dict[str, Any]:
    """Return what the page of a station shows."""
    who, now = actor(request), clock.now()
    start, end, span = stretch(request.GET, now)
    numbers = [series["number"] for series in station["series"]]
    near = station_near(who.scope, station)
    signals = _told(station_signals(station["id"], start, end))
    standing = sorted((s for s in signals if s["state"] == "firing"), key=lambda s: -s["rank"])
    return {
        "nav": "monitoring", "tab": "stations", "station": station, "now": now, "start": start, "end": end,
        "span": span, "spans": span_names(), "to": request.GET.get("to", ""),
        "path": say(division_paths([station["division"]]).get(station["division"])) or station["division"],
        "quality": station_quality(numbers, max(start, end - QUALITY_SPAN), end),
        "quality_cut": end - start > QUALITY_SPAN, "signals": signals[:MOST_SIGNALS],
        "standing": standing[:MOST_STANDING], "standing_more": len(standing[MOST_STANDING:]),
        "near": near, "map": near_map(station, near), "wide": WIDE, "high": HIGH, "windows": chart.WINDOWS,
        "posts": posts_answering(who.scope, station["division"], ANSWERING),
        "limits": [_limits(series) for series in station["series"] if series["kind"] != "increment"],
        "may_limits": who.may("station.limits", station["division"]),
        "may_isolate": who.may("station.isolate", station["division"]),
        "doubts": words.doubts([
            [series["element"], series["last_quality"]] for series in station["series"] if series["last_quality"]
        ]),
    }  # fmt: skip


def _told(signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals with the name of their rule and what they are at now."""
    names = {key: rule_words(*key).name.as_dict() for key in {(s["rule"], s["rule_version"]) for s in signals}}
    return [
        {**s, "rule_name": names[s["rule"], s["rule_version"]],
         "at_state": s["state"] if s["state"] != "firing"
         else signal_words.standing(s["no_data_since"], s["recovering_since"], s["suspect"])}
        for s in signals
    ]  # fmt: skip


def _limits(series: dict[str, Any]) -> dict[str, Any]:
    """Return a series with a field for each limit it has or usually has."""
    names = list(dict.fromkeys([*(STEPS if series["unit"] == "m" else ALARMS), *series["limits"]]))
    fields = [{"name": name, "text": words.limit(name), "value": series["limits"].get(name)} for name in names]
    return {**series, "fields": fields}


@require_POST
@signed_in
def limits_save(request: HttpRequest, code: str) -> HttpResponse:
    """Set the limits of one series; a wrong one comes back with its words at its field."""
    who = actor(request)
    station = station_get(who.scope, code)
    element = request.POST.get("element", "")
    given = {name[6:]: str(value).strip() for name, value in request.POST.items() if name.startswith("limit-")}
    try:
        limits = {name: _number(name, value) for name, value in given.items() if value}
        station_limits_set(by=who, station=code, element=element, limits=limits)
    except Problem as problem:
        context = context_of(request, station)
        for series in context["limits"]:
            if series["element"] == element:
                series |= {"refusal": problem.text(), "fault": problem.field}
                series["fields"] = [{**field, "value": given.get(field["name"], "")} for field in series["fields"]]
        return render(request, "monitoring/station.html", context, status=problem.http)
    messages.success(request, _("Limits saved. Readings from now on are judged by them."))
    return HttpResponseRedirect(f"/monitoring/stations/{code}#limits")


def _number(name: str, text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError as error:
        raise Invalid(
            code="limits.number", zh=f"特征值“{name}”须为数字，例如 95.2。", en=f"Limit “{name}” must be a number, such as 95.2.",
            field=name, value=text,
        ) from error  # fmt: skip


@require_POST
@signed_in
def isolate(request: HttpRequest, code: str) -> HttpResponse:
    """Isolate the station with a reason."""
    return _done(request, code, lambda: station_isolate(by=actor(request), station=code, reason=request.POST.get("reason", "")),
                 _("Isolated. Its readings are kept and shown, and raise nothing."))  # fmt: skip


@require_POST
@signed_in
def mend(request: HttpRequest, code: str) -> HttpResponse:
    """Let the station's readings count again."""
    return _done(request, code, lambda: station_mend(by=actor(request), station=code, note=request.POST.get("note", "")),
                 _("Mended. Its readings count again from now on."))  # fmt: skip


def _done(request: HttpRequest, code: str, act: Any, said: str) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/monitoring/stations/{code}")


urlpatterns = [
    *chart.urlpatterns,
    *frames.urlpatterns,
    path("stations/<str:code>/limits", limits_save, name="station-limits"),
    path("stations/<str:code>/isolate", isolate, name="station-isolate"),
    path("stations/<str:code>/mend", mend, name="station-mend"),
    path("stations/<str:code>", station_page, name="station"),
]
