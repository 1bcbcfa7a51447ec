"""The yearly renewal of contacts: rounds, who is furthest behind, and the people still to be checked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Problem
from anlan.territory.models import ContactRound
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.care_frame import HOME, back, division_asked, frame, names_of, said
from anlan.territory.selectors import care
from anlan.territory.services.contacts import contact_confirm, contact_round_open
from anlan.territory.services.reaching import today
from anlan.territory.sources.care_rules import pack


@require_GET
@signed_in
def rounds(request: HttpRequest) -> HttpResponse:
    """All rounds the reader sees, and a form to open one."""
    who, day = actor(request), today()
    rows = care.rounds_list(who.scope)
    names = names_of([row.division for row in rows])
    context = {
        **frame(request, "rounds"),
        "rows": [_round(row, names, day) for row in rows],
        "may": anywhere(who, "people.write"),
        "year": day.year if day < _due(day.year) else day.year + 1,
        "rule": pack("duty_cover")["contact_round"],
        "due": _due(day.year if day < _due(day.year) else day.year + 1),
    }
    return render(request, "territory/care_rounds.html", context)


def _due(year: int) -> date:
    return date.fromisoformat(f"{year}-{pack('duty_cover')['contact_round']['due']}")


def _round(row: ContactRound, names: dict[str, dict[str, str]], day: date) -> dict[str, object]:
    people, confirmed = row.counts.get("people", 0), row.counts.get("confirmed", 0)
    return {"row": row, "name": names[row.division], "people": people, "confirmed": confirmed,
            "left": (row.due_on - day).days, "width": round(100 * confirmed / people, 1) if people else 0}  # fmt: skip


@require_GET
@signed_in
def one_round(request: HttpRequest, key: UUID) -> HttpResponse:
    """One round: progress by division, and the people to be checked in the division looked at."""
    scope = actor(request).scope
    progress = care.round_progress(scope, key)
    row = progress["round"]
    area = division_asked(request)
    inside = area if area.startswith(row.division) else row.division
    people = care.round_people(scope, row, inside, after=request.GET.get("after", ""))
    names = names_of([row.division, inside, *(part["division"] for part in progress["parts"])])
    parts = [
        {**part, "name": names[part["division"]], "width": round(100 * part["confirmed"] / part["people"], 1)}
        for part in progress["parts"]
    ]
    places = names_of([person["division"] for person in people])
    context = {
        **frame(request, "rounds"),
        "round": row,
        "name": names[row.division],
        "inside": inside,
        "inside_name": names[inside],
        "people_count": progress["people"],
        "confirmed": progress["confirmed"],
        "missing": progress["people"] - progress["confirmed"],
        "width": round(100 * progress["confirmed"] / progress["people"], 1) if progress["people"] else 0,
        "left": (row.due_on - today()).days,
        "divisions": parts,
        "people": [{**person, "place": places[person["division"]]} for person in people],
        "next": people[-1]["code"] if len(people) == care.PAGE else "",
        "may": anywhere(actor(request), "people.write"),
    }
    return render(request, "territory/care_round.html", context)


@require_POST
@signed_in
def round_open(request: HttpRequest) -> HttpResponse:
    """Begin the renewal of a division's contacts."""
    try:
        row = contact_round_open(
            by=actor(request),
            division=request.POST.get("division", "").strip(),
            year=int(request.POST.get("year", "0") or 0),
            due_on=parse_date(request.POST.get("due_on", "") or ""),
        )
        return back(request, f"{HOME}/rounds/{row.pk}")
    except ValueError:
        messages.error(request, _("Give a year and a day."))
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/rounds")


@require_POST
@signed_in
def round_confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Confirm the people ticked, with new telephones where they were filled in."""
    chosen = request.POST.getlist("person")
    try:
        people = {UUID(value): request.POST.get(f"phone-{value}", "") for value in chosen}
        count = contact_confirm(by=actor(request), people=people) if people else 0
        words = ngettext("%(n)d contact confirmed.", "%(n)d contacts confirmed.", count)
        messages.success(request, words % {"n": count})
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/rounds/{key}")


urlpatterns = [
    path("care/rounds", rounds, name="care-rounds"),
    path("care/rounds/open", round_open, name="care-round-open"),
    path("care/rounds/<uuid:key>", one_round, name="care-round"),
    path("care/rounds/<uuid:key>/confirm", round_confirm, name="care-round-confirm"),
]
