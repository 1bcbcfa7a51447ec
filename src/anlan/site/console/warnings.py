"""Warnings: the list, and issuing what was proposed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.site.console import board, state
from anlan.site.console.access import actor, signed_in
from anlan.territory.pages.access import anywhere
from anlan.warning import selectors
from anlan.warning.services.issue import warning_issue
from anlan.warning.services.proposals import proposal_decline


@require_GET
@signed_in
def warnings_page(request: HttpRequest) -> HttpResponse:
    """Warnings proposed, in force and over, newest first."""
    who, now = actor(request), clock.now()
    items = state.part(who.scope, ("warning", "proposal"))
    proposals = board.open_decisions(items, "proposal", now)
    for row in proposals:
        row["may"] = all(who.may("warning.issue", code) for code in row["area"])
    live = items["warning"]
    past = [row for row in selectors.warnings_recent(who.scope, 60) if str(row.id) not in live]
    context = {
        "nav": "warnings", "proposals": proposals, "warnings": board.warnings(items), "past": past, "now": now,
        "may_write": anywhere(who, "warning.draft"),
    }  # fmt: skip
    return render(request, "console/warnings.html", context)


@require_POST
@signed_in
def proposal_issue(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Issue the proposed warning in the composed words."""
    who = actor(request)
    row = selectors.proposal_get(who.scope, proposal)
    try:
        made = warning_issue(by=who, hazard=row.hazard, colour=row.colour, area=row.area, proposal=row)
    except Problem as problem:
        messages.error(request, problem.text())
        return HttpResponseRedirect("/warnings")
    return HttpResponseRedirect(f"/warnings/{made.id}")


@require_POST
@signed_in
def proposal_refuse(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Decline the proposed warning with a reason."""
    who = actor(request)
    try:
        row = selectors.proposal_get(who.scope, proposal)
        proposal_decline(by=who, proposal=row, reason=request.POST.get("reason", ""))
        messages.success(request, _("Declined, with your reason on record."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(request.POST.get("next") or "/warnings")
