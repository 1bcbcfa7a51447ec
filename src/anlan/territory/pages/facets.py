"""The filter panel of a list: every value with how many rows it would leave, and the division picker."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.kernel.language import chinese, say
from anlan.territory.engine.register import Field
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.asking import EMPTY, MISSING, Asked, filters_of
from anlan.territory.pages.cells import missing_word, table_of, word
from anlan.territory.pages.industry import industry_word
from anlan.territory.selectors.finding import register_facets
from anlan.territory.selectors.picking import (
    division_children_counted,
    division_crumbs,
    divisions_named,
    organisation_names,
)
from anlan.territory.sources.registers import register

OPEN, MOST, LETTERS = 4, 12, 2
LARGE = 40


@require_GET
@signed_in
def register_filters(request: HttpRequest, name: str) -> HttpResponse:
    """The filter panel: for each field its values and how many rows each would leave."""
    asked = Asked.read(register(name), request.GET)
    groups = [_group(request, asked, item) for item in filters_of(asked.register) if item.kind != "division"]
    groups = [group for group in groups if group["items"]]
    for group in groups[OPEN:]:
        group["folded"] = not any(item["on"] for item in group["items"])
    missing = [
        {"code": code, "text": missing_word(code), "on": code in asked.filters.get(MISSING, ())} for code in EMPTY[name]
    ]
    context = {
        "asked": asked, "register": asked.register, "groups": groups, "missing": missing,
        "picker": _picker(request, asked) if "division" in asked.register.by_name else None,
    }  # fmt: skip
    return render(request, "territory/facets.html", context)


@require_GET
@signed_in
def division_pick(request: HttpRequest, name: str) -> HttpResponse:
    """Divisions whose name or code has the words, to narrow the list to one of them."""
    asked = Asked.read(register(name), request.GET)
    words = request.GET.get("where", "").strip()
    found = divisions_named(actor(request).scope, words, MOST) if len(words) >= LETTERS or words.isdigit() else []
    rows = [
        {"text": row["name"], "path": row["path"], "href": asked.plus("division", row["code"]).href()} for row in found
    ]
    return render(request, "territory/division_found.html", {"rows": rows, "words": words})


def _picker(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return the division chosen with those above it, and those right below with their counts."""
    scope = actor(request).scope
    chosen = asked.filters.get("division", ())
    one = chosen[0] if len(chosen) == 1 else ""
    counts = register_facets(scope, asked.register.name, asked.query(), "division")
    return {
        "crumbs": [{**row, "href": asked.plus("division", row["code"]).href()} for row in division_crumbs(scope, one)],
        "below": [
            {**row, "href": asked.plus("division", row["code"]).href()}
            for row in division_children_counted(one, counts)[:LARGE]
        ],
        "chosen": chosen, "off": asked.minus("division").href() if chosen else "",
    }  # fmt: skip


def _group(request: HttpRequest, asked: Asked, item: Field) -> dict[str, Any]:
    counts = register_facets(actor(request).scope, asked.register.name, asked.query(), item.name)
    chosen = asked.filters.get(item.name, ())
    codes = [code for code in [*counts, *(value for value in chosen if value not in counts)] if code]
    if item.choices and item.kind != "flags" and item.name not in ("kind", "role"):
        codes = [code for code in table_of(item) if code in set(codes)]  # grades and sizes have an order of their own
    names = _names(item, codes[:MOST])
    items = [
        {"code": code, "text": names.get(code) or word(item, code), "n": counts.get(code, 0), "on": code in chosen}
        for code in codes[:MOST]
        if counts.get(code) or code in chosen
    ]
    return {"field": item, "head": item.heading(chinese()), "items": items, "more": max(0, len(codes) - MOST)}


def _names(item: Field, codes: list[str]) -> dict[str, str]:
    if item.kind == "organisation":
        return {code: say(names) for code, names in organisation_names(codes).items()}
    if item.kind == "industry":
        return {code: industry_word(code) for code in codes}
    return {"": _("None")}
