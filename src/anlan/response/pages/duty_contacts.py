"""Whom a desk calls (值班通讯录): numbers masked until asked for with a reason, which goes into the journal."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Problem
from anlan.response.pages.duty_frame import framed
from anlan.response.selectors.duty_contacts import duty_contacts
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.services.privacy import person_unmask


@require_GET
@signed_in
def contacts_page(request: HttpRequest) -> HttpResponse:
    """Who answers now at the desk, its leaders, the desks above and below, and the departments."""
    frame = framed(request, "contacts")
    who, query = actor(request), request.GET.get("q", "")[:40]
    words = {"desk": _("This desk"), "leaders": _("Leaders"), "above": _("Above"), "departments": _("Departments"),
             "below": _("Below")}  # fmt: skip
    groups = [
        {**group, "label": words[group["code"]]}
        for group in duty_contacts(who.scope, frame["desk"], frame["now"], query)
    ]
    context = frame | {"groups": groups, "q": query, "may_unmask": anywhere(who, "person.unmask"),
                       "found": sum(len(group["rows"]) for group in groups)}  # fmt: skip
    return render(request, "response/duty_contacts.html", context)


@require_POST
@signed_in
def number(request: HttpRequest, person: UUID) -> HttpResponse:
    """Show one person's number in full, with a reason."""
    try:
        row = person_unmask(by=actor(request), person=person, reason=request.POST.get("reason", ""))
    except Problem as refused:
        return render(request, "response/duty_number.html", {"refusal": refused.text()}, status=refused.http)
    return render(request, "response/duty_number.html", {"row": row})


urlpatterns = [
    path("duty/contacts", contacts_page, name="duty-contacts"),
    path("duty/contacts/<uuid:person>/number", number, name="duty-number"),
]
