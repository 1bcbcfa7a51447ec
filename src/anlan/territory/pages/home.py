"""The registers at a glance: how many rows each holds, what changed last, what is open; and one search over all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import chinese
from anlan.kernel.problem import Problem
from anlan.territory.engine.register import Register
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.cells import cell
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.selectors.overview import registers_overview
from anlan.territory.services.reaching import today as local_day
from anlan.territory.sources.registers import registers

EACH, LEAST_CHARS = 6, 2
ICONS = {"units": "factory", "places": "map-pin", "persons": "users", "posts": "badge-check",
         "organisations": "landmark", "licences": "scroll-text"}  # fmt: skip
BRIEF = {
    "units": ("name", "division", "uscc"), "places": ("name_zh", "kind", "division"),
    "persons": ("name", "division", "phone"), "posts": ("name_zh", "role", "organisation"),
    "organisations": ("name_zh", "kind", "code"), "licences": ("number", "kind", "unit"),
}  # fmt: skip


@require_GET
@signed_in
def registers_home(request: HttpRequest) -> HttpResponse:
    """All registers: rows, last change, open gaps and doubts, and a search over all of them."""
    who = actor(request)
    overview = registers_overview(who.scope)
    cards = [{"register": item, "icon": ICONS[item.name], **overview[item.name]} for item in registers()]
    words = request.GET.get("q", "").strip()
    context = {"nav": "registers", "tab": "home", "cards": cards, "words": words, "now": clock.now(),
               "found": _found(request, words)}  # fmt: skip
    return render(request, "territory/home.html", context)


@require_GET
@signed_in
def find_everywhere(request: HttpRequest) -> HttpResponse:
    """The first rows of every register that have the words."""
    words = request.GET.get("q", "").strip()
    return render(request, "territory/found.html", {"words": words, "found": _found(request, words)})


def _found(request: HttpRequest, words: str) -> list[dict[str, Any]] | None:
    """Return per register its first rows; None when there is nothing to search by."""
    if len(words) < LEAST_CHARS:
        return None
    return [part for item in registers() if (part := _part(request, item, words))]


def _part(request: HttpRequest, item: Register, words: str) -> dict[str, Any] | None:
    who = actor(request)
    own = "key" if "key" in item.by_name else "code"
    columns = list(dict.fromkeys([own, *BRIEF[item.name]]))
    try:
        page = register_page(who.scope, item.name, Query(q=words), limit=EACH, columns=columns,
                             digits=anywhere(who, "person.unmask"))  # fmt: skip
    except Problem:
        return None
    today = local_day()
    rows = []
    for row in page.rows:
        name, *rest = [cell(item.by_name[column], row, today).text for column in BRIEF[item.name]]
        key = row["_id"] if item.name == "licences" else row[own]
        rows.append({"href": f"/territory/{item.name}/{key}", "name": name, "rest": rest})
    if not rows:
        return None
    return {
        "register": item,
        "head": item.zh if chinese() else item.en,
        "icon": ICONS[item.name],
        "total": page.total,
        "rows": rows,
    }
