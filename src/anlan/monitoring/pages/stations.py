"""The list of stations: how each stands, found, narrowed, sorted and paged as its address asks; and the same as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import chinese, say
from anlan.kernel.scope import Scope
from anlan.monitoring.choices import Protocol, StationKind
from anlan.monitoring.pages import station_files, words
from anlan.monitoring.pages.asking import COLOURS, FILTERS, Asked
from anlan.monitoring.selectors.stations import (
    Group,
    counted,
    stations_by_way,
    stations_groups,
    stations_page,
)
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.chips import Area, area_of, short_path
from anlan.territory.selectors.picking import division_children_counted, division_crumbs, divisions_named
from anlan.territory.selectors.register_rows import division_paths
from anlan.territory.selectors.views import views_list

LIST = "stations"
LARGE, MOST, LETTERS = 40, 12, 2


@require_GET
@signed_in
def station_list(request: HttpRequest) -> HttpResponse:
    """One page of the stations, with counts by state on top, filters as chips, and saved views."""
    who, asked = actor(request), Asked.read(request.GET)
    groups = stations_groups(who.scope, asked.query())
    page = stations_page(who.scope, asked.query(), after=asked.after)
    area = area_of(who.scope)
    context = {
        "nav": "monitoring", "tab": LIST, "asked": asked, "heads": heads(asked), "rows": _rows(page.rows, area),
        "area": area, "now": clock.now(), "chips": chips(asked), "total": _total(who.scope, asked, groups),
        "health": health(asked, groups), "signals": signals(asked, groups),
        "next": page.next and asked.change(after=page.next).href(),
        "previous": page.previous and asked.change(after=page.previous).href(), "first": asked.change().href(),
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "monitoring/stations_part.html", context)
    context["views"] = views_list(who.scope, request.user.pk, LIST)
    return render(request, "monitoring/stations.html", context)


def _total(scope: Scope, asked: Asked, groups: list[Group]) -> int:
    """Count what the list holds; the protocol isn't among the groups, so its own stations are looked up."""
    if not asked.chosen("protocol"):
        return sum(counted(groups, asked.query()).values())
    return sum(counted(stations_groups(scope, asked.query()), asked.query()).values())


def _rows(rows: list[dict[str, Any]], area: Area) -> list[dict[str, Any]]:
    names = division_paths({row["division"] for row in rows})
    for row in rows:
        path_ = names.get(row["division"]) or {"zh": row["division"], "en": row["division"]}
        row["where"] = short_path(path_["zh" if chinese() else "en"], area)
        row["doubts"] = words.doubts(row["doubts"])
    return rows


def heads(asked: Asked) -> list[dict[str, Any]]:
    """Return the headings; a click sorts down first where the large or the old is what is looked for."""
    columns = (
        ("code", _("Station"), "", False), ("", _("Where"), "", False), ("state", _("State"), "", True),
        ("", _("Newest"), "num", False), ("age", _("Age"), "num", True), ("rain_1h", _("1 h, mm"), "num", True),
        ("rain_3h", _("3 h"), "num", True), ("rain_24h", _("24 h"), "num", True), ("signal", _("Signal"), "", True),
    )  # fmt: skip
    return [_head(asked, *column) for column in columns]


def _head(asked: Asked, name: str, text: str, css: str, down_first: bool) -> dict[str, Any]:
    first, second = (f"-{name}", name) if down_first else (name, f"-{name}")
    current = asked.sort or "code"
    to = {first: second, second: ""}.get(current, first) if name else ""
    return {
        "text": text, "css": css, "href": asked.change(sort=to).href() if name else "",
        "sort": "" if current.lstrip("-") != name or not asked.sort else "descending" if asked.sort.startswith("-") else "ascending",
    }  # fmt: skip


def health(asked: Asked, groups: list[Group]) -> list[dict[str, Any]]:
    """Return the states with how many stations are in each, and the address that shows those alone."""
    counts, on = counted(groups, asked.query(), "state"), asked.chosen("state")
    return [
        {"code": code, "text": text, "n": counts[code], "on": on == (code,),
         "href": asked.only("state", () if on == (code,) else (code,)).href()}
        for code, text in words.STATES.items()
    ]  # fmt: skip


def signals(asked: Asked, groups: list[Group]) -> list[dict[str, Any]]:
    """Return the signal colours that fire, gravest first, with how many stations have each."""
    counts, on = counted(groups, asked.query(), "colour"), asked.chosen("colour")
    return [
        {"code": code, "n": counts[code], "on": on == (code,), "text": words.COLOURS[code],
         "href": asked.only("colour", () if on == (code,) else (code,)).href()}
        for code in COLOURS[:-1] if counts[code] or code in on
    ]  # fmt: skip


def chips(asked: Asked) -> list[dict[str, str]]:
    """Return one chip per value in force: words, and the address without it. One query for a division's name."""
    found = [{"name": _("Words"), "text": asked.q, "href": asked.change(q="").href()}] if asked.q else []
    if asked.division:
        name = say(division_paths([asked.division]).get(asked.division)) or asked.division
        found.append({"name": _("Division"), "text": name, "href": asked.change(division="").href()})
    for name, values in asked.filters:
        found += [
            {"name": filter_heads()[name], "text": value_word(name, value), "href": asked.minus(name, value).href()}
            for value in values
        ]
    return found


def filter_heads() -> dict[str, str]:
    """Return the names of the filters."""
    return {"state": _("State"), "colour": _("Signal"), "kind": _("Kind"), "protocol": _("Comes by")}


def value_word(name: str, value: str) -> str:
    """Return the words for a filter's value."""
    table: dict[str, dict[str, Any]] = {
        "state": words.STATES, "colour": {**words.COLOURS, "none": _("No signal")},
        "kind": dict(StationKind.choices), "protocol": dict(Protocol.choices),
    }  # fmt: skip
    return str(table[name].get(value, value))


@require_GET
@signed_in
def station_facets(request: HttpRequest) -> HttpResponse:
    """The filter panel: every value with how many stations it would leave, and the divisions below."""
    who, asked = actor(request), Asked.read(request.GET)
    groups = stations_groups(who.scope, asked.query())
    counts = {name: counted(groups, asked.query(), name) for name in ("state", "colour", "kind")}
    counts["protocol"] = stations_by_way(who.scope, asked.query())
    facets = [
        {"name": name, "head": head, "items": [
            {"code": code, "text": value_word(name, code), "n": counts[name][code], "on": code in asked.chosen(name)}
            for code in FILTERS[name] if counts[name][code] or code in asked.chosen(name)]}
        for name, head in filter_heads().items()
    ]  # fmt: skip
    below = division_children_counted(asked.division, counted(groups, asked.query(), "division"))
    crumbs = division_crumbs(who.scope, asked.division) if asked.division else []
    context = {
        "asked": asked, "facets": [facet for facet in facets if facet["items"]],
        "crumbs": [{**row, "href": asked.change(division=row["code"]).href()} for row in crumbs],
        "below": [{**row, "href": asked.change(division=row["code"]).href()} for row in below[:LARGE]],
        "off": asked.change(division="").href() if asked.division else "",
    }  # fmt: skip
    return render(request, "monitoring/facets.html", context)


@require_GET
@signed_in
def station_divisions(request: HttpRequest) -> HttpResponse:
    """Divisions whose name or code has the words, to narrow the list to one of them."""
    asked, where = Asked.read(request.GET), request.GET.get("where", "").strip()
    found = divisions_named(actor(request).scope, where, MOST) if len(where) >= LETTERS or where.isdigit() else []
    rows = [
        {"text": row["name"], "path": row["path"], "href": asked.change(division=row["code"]).href()} for row in found
    ]
    return render(request, "territory/division_found.html", {"rows": rows, "words": where})


@require_GET
@signed_in
def station_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The list as it is asked, whole, as CSV or Excel."""
    return station_files.stations_file(actor(request), Asked.read(request.GET).query(), form)


urlpatterns = [
    path("", station_list, name="monitoring-home"),
    path("stations", station_list, name="stations"),
    path("stations/facets", station_facets, name="stations-facets"),
    path("stations/divisions", station_divisions, name="stations-divisions"),
    path("stations/file.<str:form>", station_export, name="stations-export"),
]
