"""Saved views of a list: kept under a name, for oneself or for all in the area, and taken away again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from anlan.kernel.problem import Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors.views import views_list
from anlan.territory.services.views import view_remove, view_save
from anlan.territory.sources.registers import register


@require_POST
@signed_in
def view_keep(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the list as it stands under a name; answers with the views there are."""
    who, account = actor(request), request.user.pk or 0
    refusal = ""
    try:
        view_save(by=who, account=account, register=name, name=request.POST.get("name", ""),
                  query=request.POST.get("query", ""), shared=bool(request.POST.get("shared")))  # fmt: skip
    except Problem as problem:
        refusal = problem.text()
    views = views_list(who.scope, account, name)
    context = {"register": register(name), "views": views, "refusal": refusal}
    return render(request, "territory/views.html", context)


@require_POST
@signed_in
def view_drop(request: HttpRequest, name: str, view: UUID) -> HttpResponse:
    """Take one's own view away."""
    view_remove(by=actor(request), account=request.user.pk or 0, view=view)
    return HttpResponse("")


urlpatterns = [
    path("<register:name>/views", view_keep, name="view-keep"),
    path("<register:name>/views/<uuid:view>/remove", view_drop, name="view-drop"),
]
