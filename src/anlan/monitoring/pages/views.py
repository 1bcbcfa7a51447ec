"""Saved views of the list of stations: kept under a name, for oneself or for all in the area, and taken away again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from anlan.kernel.problem import Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors.views import views_list
from anlan.territory.services.views import list_known, view_remove, view_save

LIST = list_known("stations")


@require_POST
@signed_in
def view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the list as it stands under a name; answers with the views there are."""
    who, account = actor(request), request.user.pk or 0
    refusal = ""
    try:
        view_save(by=who, account=account, register=LIST, name=request.POST.get("name", ""),
                  query=request.POST.get("query", ""), shared=bool(request.POST.get("shared")))  # fmt: skip
    except Problem as problem:
        refusal = problem.text()
    context = {"views": views_list(who.scope, account, LIST), "refusal": refusal, "home": "/monitoring/stations"}
    return render(request, "monitoring/views.html", context)


@require_POST
@signed_in
def view_drop(request: HttpRequest, view: UUID) -> HttpResponse:
    """Take one's own view away."""
    view_remove(by=actor(request), account=request.user.pk or 0, view=view)
    return HttpResponse("")


urlpatterns = [
    path("stations/views", view_keep, name="stations-view-keep"),
    path("stations/views/<uuid:view>/remove", view_drop, name="stations-view-drop"),
]
