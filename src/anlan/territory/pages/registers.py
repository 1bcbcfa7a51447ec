"""The list of any register: found, narrowed, sorted and paged as its address asks, from the register's description."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, register_converter
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.kernel.language import chinese
from anlan.territory.engine.register import Field
from anlan.territory.pages import facets, home
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.asking import Asked, listable, title_of
from anlan.territory.pages.cells import cell
from anlan.territory.pages.chips import area_of, chips, shorter
from anlan.territory.selectors.finding import Page, register_page
from anlan.territory.selectors.views import views_list
from anlan.territory.services.reaching import today as local_day
from anlan.territory.sources.registers import NAMES, register

LIMIT = 50
WRITE = {"units": "units.write", "places": "places.write", "organisations": "organisations.write",
         "persons": "people.write", "posts": "posts.write"}  # fmt: skip
UNSAFE = set("/#?% ")
UNSORTED = {"flags", "attributes", "citizen", "phone"}


class RegisterConverter:
    """A register's name in an address."""

    regex = "|".join(NAMES)

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(RegisterConverter, "register")


@require_GET
@signed_in
def register_list(request: HttpRequest, name: str) -> HttpResponse:
    """One page of a register's list, with its filters as chips, its order, columns and saved views."""
    who = actor(request)
    asked = Asked.read(register(name), request.GET)
    page = register_page(
        who.scope, name, asked.query(), after=asked.after, limit=LIMIT, columns=_columns(asked),
        digits=anywhere(who, "person.unmask"),
    )  # fmt: skip
    context = list_context(request, asked, page)
    if request.headers.get("HX-Request"):
        return render(request, "territory/list_part.html", context)
    context |= {
        "views": views_list(who.scope, request.user.pk, name),
        "may_write": anywhere(who, WRITE.get(name, "account.manage")),
        "may_export": anywhere(who, "register.export"),
        "columns": [{"field": item, "on": item in asked.shown} for item in _all_columns(asked)],
    }
    return render(request, "territory/list.html", context)


def list_context(request: HttpRequest, asked: Asked, page: Page) -> dict[str, Any]:
    """Return what the table, its chips and its pages show."""
    area = area_of(actor(request).scope)
    today = local_day()
    title = title_of(asked.register)
    lines = []
    for row in page.rows:
        cells = [shorter(cell(item, row, today), area) for item in asked.shown]
        lines.append({"href": f"/territory/{asked.register.name}/{key_of(asked, row)}", "cells": cells})
    return {
        "nav": "registers", "tab": asked.register.name, "register": asked.register, "asked": asked, "page": page,
        "heads": [_head(asked, item) for item in asked.shown], "lines": lines, "area": area,
        "title_at": next((at for at, item in enumerate(asked.shown) if item.name == title), 0),
        "chips": chips(asked), "next": page.next and asked.change(after=page.next).href(),
        "previous": page.previous and asked.change(after=page.previous).href(), "first": asked.change().href(),
    }  # fmt: skip


def key_of(asked: Asked, row: dict[str, Any]) -> str:
    """Return what names a row in an address: its key or code; licences, whose code is long, their id."""
    key = str(row.get("key") or row.get("code") or "")
    return key if key and asked.register.name != "licences" and not set(key) & UNSAFE else str(row["_id"])


def _columns(asked: Asked) -> list[str]:
    own = ["key"] if "key" in asked.register.by_name else ["code"]
    return list(dict.fromkeys([*own, *(item.name for item in asked.shown)]))


def _all_columns(asked: Asked) -> list[Field]:
    """Return the columns to choose from, those shown now first and in their order."""
    shown = asked.shown
    return [
        *shown,
        *(asked.register.by_name[n] for n in listable(asked.register) if asked.register.by_name[n] not in shown),
    ]


def _head(asked: Asked, item: Field) -> dict[str, Any]:
    """Return a column's heading, and where a click on it leads: up, then down, then the list's own order."""
    down = asked.sort == f"-{item.name}"
    up = asked.sort == item.name
    to = "" if down else f"-{item.name}" if up else item.name
    return {
        "text": _("Division") if item.kind == "division" else item.heading(chinese()), "sort": "descending" if down else "ascending" if up else "",
        "num": item.kind in ("int", "float", "lon", "lat", "date", "phone"),
        "href": "" if item.kind in UNSORTED else asked.change(sort=to).href(),
    }  # fmt: skip


urlpatterns = [
    path("", home.registers_home, name="registers"),
    path("find", home.find_everywhere, name="registers-find"),
    path("<register:name>", register_list, name="register-list"),
    path("<register:name>/facets", facets.register_filters, name="register-facets"),
    path("<register:name>/divisions", facets.division_pick, name="register-divisions"),
]
