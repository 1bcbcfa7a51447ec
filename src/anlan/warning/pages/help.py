"""The desk's two acts on a request for help, sent from the call board: take it, close it with what was done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.kernel.problem import Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.warning import selectors
from anlan.warning.services import help_close, help_take


@require_POST
@signed_in
def take(request: HttpRequest, help: UUID) -> HttpResponse:
    """Take a request for help in hand."""
    who = actor(request)
    row = selectors.help_get(who.scope, help)
    try:
        help_take(by=who, request=row.id)
        messages.success(request, _("Taken: the request is yours now."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/warnings/{row.warning_id}#board-help")


@require_POST
@signed_in
def close(request: HttpRequest, help: UUID) -> HttpResponse:
    """Close a request for help, with what was done."""
    who = actor(request)
    row = selectors.help_get(who.scope, help)
    try:
        help_close(by=who, request=row.id, note=request.POST.get("note", "")[:1000])
        messages.success(request, _("Closed, with what was done on record."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/warnings/{row.warning_id}#board-help")


urlpatterns = [
    path("help/<uuid:help>/take", take, name="help-take"),
    path("help/<uuid:help>/close", close, name="help-close"),
]
