"""The call sheet (接报单): filled while somebody speaks, with a draft kept in the browser, what it may double, the grade."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.alike import Seen
from anlan.response.formats.grades import event_types
from anlan.response.pages.forms import key_given, number_given
from anlan.response.pages.sheet_form import MAIN, MORE, Sheet, blank, sheet_posted
from anlan.response.selectors.duty_board import phone_of_call
from anlan.response.selectors.incident_detail import grade_name
from anlan.response.selectors.incidents import doors, incidents_near, place_at, where_named
from anlan.response.selectors.preview_grade import grade_preview
from anlan.response.selectors.sources import sheet_from
from anlan.response.services.sheets import sheet_take
from anlan.territory.engine.mask import mask_phone
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors import division_names

UNBOXED = ("lon", "lat")  # what the map fills in: a slip there is told above the sheet


@require_http_methods(["GET", "POST"])
@signed_in
def sheet_page(request: HttpRequest) -> HttpResponse:
    """A sheet to be filled, from nothing or from a signal or warning (`about`); posted, it is an incident or joins one."""
    who, now = actor(request), clock.now()
    problem = ""
    faults: dict[str, str] = {}
    fields = {**blank(), **sheet_from(who.scope, request.GET.get("about", ""))}
    if request.method == "POST":
        sheet = sheet_posted(who.scope, request.POST.dict(), now)
        fields, faults = sheet.fields, {name: fault.text() for name, fault in sheet.faults.items()}
        problem = next((text for name, text in faults.items() if name in UNBOXED), "")
        if not faults:
            try:
                return _taken(request, sheet)
            except Problem as refused:
                problem, faults = refused.text(), {str(refused.field): refused.text()} if refused.field else {}
    context = {
        "nav": "response", "f": fields, "problem": problem, "types": event_types().types, "doors": doors(),
        "faults": faults, "now": now,
        "main": [_box(metric, fields, faults) for metric in MAIN], "more": [_box(metric, fields, faults) for metric in MORE],
        "kept_phone": mask_phone(phone_of_call(who.scope, fields["about"])),
        "confidences": [{"code": c.code, "name": {"zh": c.zh, "en": c.en}} for c in choices.CONFIDENCES.values()],
        "may": anywhere(who, "incident.open"), "place": division_names([fields["division"]]).get(fields["division"]),
    }  # fmt: skip
    return render(request, "response/incident_new.html", context, status=422 if problem or faults else 200)


def _box(metric: str, fields: dict[str, str], faults: dict[str, str]) -> dict[str, Any]:
    rule = codes.FIGURES[metric]
    words = [{"code": one.code, "name": {"zh": one.zh, "en": one.en}} for one in (rule.words or {}).values()]
    return {"metric": metric, "name": {"zh": rule.zh, "en": rule.en}, "unit": {"zh": rule.unit_zh, "en": rule.unit_en},
            "value": fields[metric], "words": words, "fault": faults.get(metric, "")}  # fmt: skip


def _taken(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    into = key_given("join", request.POST.get("join"))
    incident = sheet_take(
        by=actor(request), door=sheet.door, division=sheet.division, said=sheet.said, title=sheet.title,
        about=sheet.fields["about"], join=into,
    )  # fmt: skip
    if into is not None:
        messages.success(request, _("The report joined this incident."))
    elif incident.grade:
        messages.success(request, _("Incident opened and graded. Report clocks run from when the call came in."))
    else:
        messages.success(request, _("Incident opened. No table grades it by what is known."))
    return HttpResponseRedirect(f"/response/incidents/{incident.pk}?taken=1")


@require_POST
@signed_in
def sheet_preview(request: HttpRequest) -> HttpResponse:
    """What the sheet would come to: its grade with the reason, and the incidents that may be the same event."""
    who, now = actor(request), clock.now()
    sheet = sheet_posted(who.scope, request.POST.dict(), now)
    said = sheet.said
    seen = Seen(said.lon, said.lat, sheet.division, said.happened_at or now, said.type_code)
    enough = bool(said.type_code or said.what) and bool(sheet.fields["division"] or said.lon is not None)
    found = grade_preview(said.type_code, sheet.division, said.happened_at or now, said.casualties)
    context = {
        "near": incidents_near(who.scope, seen) if enough else [], "enough": enough, "g": found,
        "grade": grade_name(found.grade, found.table.code, found.table.version) if found else None,
        "possible": choices.name(choices.GRADES, found.possible) if found and found.possible else None,
        "type": event_types().find(said.type_code), "faults_said": [fault.text() for fault in sheet.faults.values()],
        "when": said.happened_at, "where": division_names([sheet.division]).get(sheet.division),
    }  # fmt: skip
    return render(request, "response/incident_preview.html", context)


@require_GET
@signed_in
def sheet_places(request: HttpRequest) -> HttpResponse:
    """Places of this name, to choose from by arrow keys."""
    words = request.GET.get("place", "").strip()
    rows = where_named(actor(request).scope, words) if len(words) > 1 else []
    return render(request, "response/incident_places.html", {"rows": rows, "words": words})


@require_GET
@signed_in
def sheet_point(request: HttpRequest) -> HttpResponse:
    """The division a point of the map lies in: {division, name}, or {} outside the reader's area."""
    lon = number_given("lon", request.GET.get("lon", ""), least=-180, most=180)
    lat = number_given("lat", request.GET.get("lat", ""), least=-90, most=90)
    found = place_at(actor(request).scope, lon, lat) if lon is not None and lat is not None else None
    return JsonResponse(found or {})


urlpatterns = [
    path("incidents/new", sheet_page, name="incident-new"),
    path("incidents/new/preview", sheet_preview, name="incident-preview"),
    path("incidents/new/places", sheet_places, name="incident-places"),
    path("incidents/new/point", sheet_point, name="incident-point"),
]
