"""The tree of divisions: browsed step by step, by statistical code or by law, as it is or as it was on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory import codes
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.division_map import HIGH, WIDE, drawing
from anlan.territory.selectors import division_tree as tree
from anlan.territory.selectors.division_tally import division_tallies
from anlan.territory.selectors.picking import divisions_named

ACT = "divisions.manage"
POPULATION = {
    "census_2020": _("census 2020"),
    "scaled_2020": _("scaled to the census of 2020"),
    "generated": _("generated"),
    "merged": _("sum of what was merged"),
}

COLUMNS = ("units", "posts", "vacant")


@dataclass(frozen=True)
class View:
    """How the tree is looked at: by law or by code, on which day, with former divisions or not."""

    legal: bool = False
    on: date | None = None
    former: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> View:
        """Read the view from an address; Invalid for what is no day."""
        text = request.GET.get("on", "")
        try:
            on = date.fromisoformat(text) if text else None
        except ValueError:
            raise Invalid(
                code="division.on", zh=f"日期“{text}”不对，应形如 2024-06-30。",
                en=f"The day “{text}” can't be read; write it like 2024-06-30.", field="on", value=text,
            ) from None  # fmt: skip
        return cls(request.GET.get("tree") == "legal", on, request.GET.get("former") == "1" and on is None)

    def query(self, **other: Any) -> str:
        """Return the address's query of this view, with `other` put in."""
        parts = {"tree": "legal" if self.legal else "", "on": self.on.isoformat() if self.on else "",
                 "former": "1" if self.former else "", **other}  # fmt: skip
        kept = {key: value for key, value in parts.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


@require_GET
@signed_in
def division_view(request: HttpRequest, code: str = "") -> HttpResponse:
    """The tree, opened down to one division, and that division beside it."""
    scope, view = actor(request).scope, View.of(request)
    code = code or _own(scope)
    if not code:
        return render(request, "territory/divisions_none.html", {"nav": "registers", "tab": "divisions"})
    if not scope.sees(code):
        raise NotFound(
            code="territory.no_division", zh=f"管辖范围内没有区划“{code}”；请核对代码。",
            en=f"There is no division “{code}” in your area; check the code.", field="division", value=code,
        )  # fmt: skip
    shown = tree.division_page(scope, code)
    context = {
        "nav": "registers", "tab": "divisions", "view": view, "d": shown, "nodes": _opened(scope, shown, view),
        "forms": [codes.to6(code)] * (len(code) < 9) + [codes.to12(code)], "population_src": _source(shown),
        "drawing": drawing(code, shown["lon"], shown["lat"]), "wide": WIDE, "high": HIGH, "since": tree.known_since(),
        "may": anywhere(actor(request), ACT),
        "q": request.GET.get("q", ""), "found": divisions_named(scope, request.GET.get("q", "").strip(), 20),
    }  # fmt: skip
    return render(request, "territory/divisions.html", context)


@require_GET
@signed_in
def division_nodes(request: HttpRequest) -> HttpResponse:
    """The divisions right below one, as rows of the tree."""
    scope, view = actor(request).scope, View.of(request)
    nodes = _nodes(scope, request.GET.get("parent", ""), view)
    return render(request, "territory/division_nodes.html", {"nodes": nodes, "view": view, "chosen": ""})


def _own(scope: Scope) -> str:
    """Where a reader's tree opens: the own division, of the whole country the first province."""
    if scope.prefixes and scope.prefixes[0]:
        return scope.prefixes[0]
    rows = tree.division_rows(scope)
    return str(rows[0]["code"]) if rows else ""


def _opened(scope: Scope, shown: dict[str, Any], view: View) -> list[dict[str, Any]]:
    """The tree from the top, opened along the path to the division shown; its children go into `shown["below"]`."""
    top = nodes = _nodes(scope, "", view)
    shown["below"] = []
    for code in _way(shown, view):
        below = _nodes(scope, code, view)
        here = next((node for node in nodes if node["code"] == code), None)
        if code == shown["code"]:
            shown["below"] = below
        if here is None:
            break
        here |= {"open": True, "below": below, "chosen": code == shown["code"]}
        nodes = below
    return top


def _way(shown: dict[str, Any], view: View) -> list[str]:
    """Codes from the top down to the division shown, in the tree looked at."""
    if not view.legal:
        return [step["code"] for step in shown["path"]]
    way = [shown["code"]]
    legal = shown["parents"]["legal"]
    while legal:
        way.insert(0, legal["code"])
        above = codes.legal_parent_of(legal["code"])
        legal = {"code": above} if above else None
    return way


def _nodes(scope: Scope, parent: str, view: View) -> list[dict[str, Any]]:
    rows = tree.division_rows(scope, parent, legal=view.legal, on=view.on, former=view.former)
    now, keys = view.on is None, [row["code"] for row in rows]
    below = tree.children_counts(keys, legal=view.legal) if rows and now else {}
    counts = division_tallies(scope, keys) if rows and now else {}
    for row in rows:
        code = row["code"]
        row["children"] = below.get(code, 0) if now else row["level"] < codes.VILLAGE
        row["figures"] = [counts[code][name] if now and scope.covers(code) else None for name in COLUMNS]
        row["more"] = f"/territory/divisions/children{view.query(parent=row['code'])}"
    return rows


def _source(shown: dict[str, Any]) -> Any:
    return POPULATION.get(shown["population_src"], shown["population_src"])


def division_page(request: HttpRequest, code: int) -> HttpResponseBase:
    """One division chosen in the tree, by its code."""
    return division_view(request, code=str(code))


urlpatterns = [
    path("divisions", division_view, name="divisions"),
    path("divisions/children", division_nodes, name="division-nodes"),
    path("divisions/<int:code>", division_page, name="division"),
]
