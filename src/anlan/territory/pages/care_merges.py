"""Likely duplicates: the list, and two rows side by side for a person to decide on, by mouse or by keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Problem
from anlan.territory import choices, choices_care
from anlan.territory.engine.register import Field
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.care_frame import HOME, back, division_asked, frame, said
from anlan.territory.pages.cells import word
from anlan.territory.selectors.care import last_told
from anlan.territory.selectors.merges import next_proposal, proposal_counts, proposal_get, proposals_page
from anlan.territory.selectors.register_rows import division_paths
from anlan.territory.services.merging import merge_decide, merge_undo
from anlan.territory.sources.care_rules import pack
from anlan.territory.sources.registers import register


@require_GET
@signed_in
def duplicates(request: HttpRequest) -> HttpResponse:
    """Open proposals of one register, the likeliest first."""
    scope = actor(request).scope
    counts = proposal_counts(scope)
    names = list(pack("likeness")["registers"])
    shown = request.GET.get("register", "units")
    shown = shown if shown in names else "units"
    rows = proposals_page(scope, shown, division_asked(request))
    paths = division_paths(row["division"] for row in rows)
    context = {
        **frame(request, "duplicates"),
        "registers": [{"register": register(name), "count": counts.get(name, 0)} for name in names],
        "shown": shown,
        "rows": [{**row, "path": paths[row["division"]], "words": _words(row["reasons"])} for row in rows],
        "told": last_told("duplicates.found", f"register:{shown}"),
    }
    return render(request, "territory/care_duplicates.html", context)


def _words(reasons: list[str]) -> list[dict[str, str]]:
    return [choices.name(choices_care.LIKENESSES, reason) for reason in reasons]


@require_GET
@signed_in
def one_pair(request: HttpRequest, key: UUID) -> HttpResponse:
    """Two rows side by side."""
    who = actor(request)
    found = proposal_get(who.scope, key)
    row = found["proposal"]
    fields = register(row.register).by_name
    left, right = found["sides"]
    context: dict[str, Any] = {
        **frame(request, "duplicates"),
        **found,
        "left": left,
        "right": right,
        "register": register(row.register),
        "rows": [_shown(item, fields) for item in found["fields"]],
        "words": _words(row.reasons),
        "score": round(row.score * 100),
        "next": next_proposal(who.scope, row),
        "may": who.may("merge.decide", row.division),
    }  # fmt: skip
    return render(request, "territory/care_pair.html", context)


def _shown(item: dict[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return one line of the comparison with its codes in words."""
    field = fields.get(item["name"])
    if field is None or field.kind != "choice":
        return {**item, "field": field}
    return {**item, "field": field, "left": word(field, item["left"]), "right": word(field, item["right"])}


@require_POST
@signed_in
def decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Merge into the left or the right row, or leave them apart; then on to the next pair."""
    who = actor(request)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "").strip()
    try:
        row = proposal_get(who.scope, key)["proposal"]
        keep = {"left": row.left, "right": row.right}.get(choice)
        said_why = reason or {"apart": _("Two different ones")}.get(choice, _("One and the same"))
        merge_decide(by=who, proposal=key, decision="merged" if keep else "apart", keep=keep, reason=said_why)
        messages.success(request, _("Decided. It stands in the journal and can be undone."))
        following = next_proposal(who.scope, row)
        return back(request, f"{HOME}/duplicates/{following}" if following else f"{HOME}/duplicates")
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/duplicates/{key}")


@require_POST
@signed_in
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Undo a merger."""
    try:
        merge_undo(by=actor(request), proposal=key, reason=request.POST.get("reason", ""))
        messages.success(request, _("The merger is undone."))
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/duplicates/{key}")


urlpatterns = [
    path("care/duplicates", duplicates, name="care-duplicates"),
    path("care/duplicates/<uuid:key>", one_pair, name="care-pair"),
    path("care/duplicates/<uuid:key>/decide", decide, name="care-pair-decide"),
    path("care/duplicates/<uuid:key>/undo", undo, name="care-pair-undo"),
]
