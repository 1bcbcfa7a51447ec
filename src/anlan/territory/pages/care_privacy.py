"""Holds and purging: what personal data is kept back and why, who is forgotten when, and what was."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Problem
from anlan.territory.models import Person
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.care_frame import HOME, back, frame, said
from anlan.territory.selectors.privacy import holds_list, purge_outlook, purges_told
from anlan.territory.selectors.register_rows import division_paths
from anlan.territory.services.purging import hold_place, hold_release
from anlan.territory.services.reaching import today


@require_GET
@signed_in
def privacy(request: HttpRequest) -> HttpResponse:
    """Holds, who waits to be forgotten, and the last purges."""
    who = actor(request)
    holds, outlook = holds_list(who.scope), purge_outlook(who.scope, today())
    paths = division_paths([*(row["division"] for row in holds), *(row["division"] for row in outlook["rows"])])
    context = {
        **frame(request, "privacy"),
        "holds": [{**row, "path": paths[row["division"]]} for row in holds],
        "outlook": {**outlook, "rows": [{**row, "path": paths[row["division"]]} for row in outlook["rows"]]},
        "purges": purges_told(),
        "person": request.GET.get("person", ""),
        "may": anywhere(who, "hold.set"),
    }
    return render(request, "territory/care_privacy.html", context)


@require_POST
@signed_in
def place(request: HttpRequest) -> HttpResponse:
    """Put a person's data on hold."""
    who, code = actor(request), request.POST.get("person", "").strip()
    found = who.scope.filter(Person.objects.filter(code=code)).values_list("pk", flat=True).first()
    try:
        if found is None:
            messages.error(request, _("There is nobody with this code in your area."))
        else:
            until = parse_date(request.POST.get("until", "") or "")
            hold_place(by=who, person=found, reason=request.POST.get("reason", ""), until=until)
            messages.success(request, _("The data is on hold."))
    except ValueError:
        messages.error(request, _("This is no day."))
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/privacy")


@require_POST
@signed_in
def release(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Lift a hold."""
    try:
        hold_release(by=actor(request), hold=hold, reason=request.POST.get("reason", ""))
        messages.success(request, _("The hold is lifted."))
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/privacy")


urlpatterns = [
    path("care/privacy", privacy, name="care-privacy"),
    path("care/privacy/hold", place, name="care-hold"),
    path("care/privacy/hold/<uuid:hold>/release", release, name="care-hold-release"),
]
