"""Parts of the page on which warnings are written, asked for while it is filled in: preview, texts, areas. Nothing is written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors import division_names
from anlan.warning.pages.draft_form import content_posted, fields_of, filled
from anlan.warning.selectors.draft_preview import draft_preview
from anlan.warning.selectors.spots import spots_named
from anlan.warning.services.drafts_area import around, basin, drawn


@require_POST
@signed_in
def preview_part(request: HttpRequest) -> HttpResponse:
    """What issuing the form would do, and what its checks find; nothing is written."""
    try:
        content = content_posted(request)
        found = draft_preview(actor(request), content)
        context: dict[str, Any] = {
            "p": found,
            "act": content.act,
            "goes": any(one["used"] for one in found.get("channels", ())),
        }
    except Problem as refused:
        context = {"refusal": refused.text()}
    return render(request, "warning/compose_preview.html", context)


@require_POST
@signed_in
def texts_part(request: HttpRequest) -> HttpResponse:
    """The texts from the packs again, for the hazard, colour and area the form now has."""
    try:
        context = fields_of(filled(content_posted(request)))
    except Problem as refused:
        context = {**fields_of(content_posted(request)), "problem": refused.text()}
    return render(request, "warning/compose_texts.html", context)


@require_POST
@signed_in
def drawn_part(request: HttpRequest) -> HttpResponse:
    """The area of what was drawn, of a basin, or round a spot (`of`, `km`), as JSON: {kind, outline, area: [{code, name}]},
    or {refusal}."""
    scope, form = actor(request).scope, request.POST
    try:
        if form.get("basin"):
            found = basin(scope, form["basin"])
        elif form.get("of"):
            found = around(scope, form["of"], _km(form.get("km", "")))
        else:
            found = drawn(scope, content_posted(request).outline or {})
    except Problem as refused:
        return JsonResponse({"refusal": refused.text()})
    names = division_names(found.area)
    area = [{"code": code, "name": names[code]} for code in found.area]
    return JsonResponse({"kind": found.kind, "outline": found.outline, "area": area})


def _km(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


@require_GET
@signed_in
def spots_part(request: HttpRequest) -> HttpResponse:
    """Stations, places and units of this name, to draw the area round."""
    words = request.GET.get("spot", "").strip()
    found = spots_named(actor(request).scope, words) if len(words) > 1 else []
    return render(request, "warning/compose_spots.html", {"rows": found, "words": words})


urlpatterns = [
    path("compose/preview", preview_part, name="warning-compose-preview"),
    path("compose/texts", texts_part, name="warning-compose-texts"),
    path("compose/drawn", drawn_part, name="warning-compose-drawn"),
    path("compose/spots", spots_part, name="warning-compose-spots"),
]
