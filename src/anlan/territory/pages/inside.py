"""Who is inside a line: the map with all registered points, areas drawn or brought, and what they hold."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from shapely import union_all
from shapely.geometry import shape

from anlan.kernel.language import chinese, say
from anlan.kernel.problem import Invalid, NotFound, Problem
from anlan.territory import choices
from anlan.territory.engine.area import Area, area_from_geojson, area_of
from anlan.territory.engine.mask import mask_phone
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.cells import cell
from anlan.territory.pages.home import BRIEF
from anlan.territory.pages.industry import industry_word
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.selectors.inside import inside
from anlan.territory.selectors.near import outline, outline_geometry
from anlan.territory.selectors.picking import divisions_named, post_names
from anlan.territory.selectors.target import target
from anlan.territory.services.reaching import today as local_day
from anlan.territory.sources.registers import register

REGISTERS = ("places", "units")
CALLED, FOUND, PICKED = 40, 10, 8
MOST_BYTES = 8_000_000


@require_GET
@signed_in
def inside_page(request: HttpRequest) -> HttpResponse:
    """The map of units and places, with tools to draw an area and the panel that says what it holds."""
    flags = [(code, choice.zh if chinese() else choice.en) for code, choice in choices.RISK_FLAGS.items()]
    return render(request, "territory/inside.html", {"nav": "registers", "tab": "inside", "flags": flags})


@require_POST
@signed_in
def inside_count(request: HttpRequest) -> HttpResponse:
    """What an area (GeoJSON, or codes of divisions) holds: counts by kind, people, and whom to call."""
    try:
        context = _answer(request, _area(request))
    except Problem as problem:
        context = {"refusal": problem.text(), "remedy": problem.extra.get("remedy")}
    return render(request, "territory/inside_result.html", context)


def _area(request: HttpRequest) -> Area:
    codes = [code for code in request.POST.get("divisions", "").split(",") if code.isdigit()]
    if codes:
        return _outlined(request, codes)
    text = request.POST.get("area", "")
    try:
        found = json.loads(text) if len(text) <= MOST_BYTES else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(
            code="area.not_geojson", zh="读不出这个范围：应为 GeoJSON，不超过8 MB。",
            en="This area can't be read: send GeoJSON of at most 8 MB.", field="area", value=text[:80],
        )  # fmt: skip
    return area_from_geojson(found)


def _outlined(request: HttpRequest, codes: list[str]) -> Area:
    """Return the area of divisions the reader may see; NotFound where one has no outline of its own."""
    shapes = []
    for code in codes:
        found = outline(code) if actor(request).scope.sees(code) else None
        if found is None or found[0] != code:
            raise NotFound(
                code="territory.no_outline", zh=f"区划“{code}”没有自己的边界；请在地图上画出范围。",
                en=f"Division “{code}” has no outline of its own; draw the area on the map.", field="division", value=code,
            )  # fmt: skip
        shapes.append(shape(outline_geometry(code)))
    return area_of(union_all(shapes), tuple(codes))


def _called(row: dict[str, Any], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return a post to call as the page shows it: its name, role, reasons, holders with masked telephones."""
    holders = [
        {"holder": side.upper(), "name": row[side]["name"], "phone": mask_phone(row[side]["phone"])}
        for side in ("a", "b")
        if row[side]
    ]
    return {
        "code": row["code"], "name": names.get(row["code"], {"zh": row["code"], "en": row["code"]}),
        "role": choices.name(choices.POST_ROLES, row["role"]), "holders": holders, "vacant": row["a"] is None,
        "reason": ", ".join(_reasons().get(word, word) for word in row["reasons"]),
    }  # fmt: skip


def _reasons() -> dict[str, str]:
    return {"place": _("its place is inside"), "township": _("its division is inside"),
            "division": _("its division is touched")}  # fmt: skip


def _answer(request: HttpRequest, area: Area) -> dict[str, Any]:
    scope = actor(request).scope
    held = inside(scope, area, registers=REGISTERS)
    posts = target(scope, area)
    called = list(posts.rows(CALLED))
    names = post_names(row["code"] for row in called)
    parts = [_part(name, held.counts.get(name, {})) for name in REGISTERS]
    sums = {name: n for part in held.sums.values() for name, n in part.items()}
    figures = [{"text": words, "n": sums[name]} for name, words in _weights().items() if sums.get(name)]
    totals = [{"text": part["head"], "n": part["total"]} for part in parts]
    return {
        "parts": parts, "figures": [*totals, *figures][:9], "as_of": held.as_of,
        "calls": [_called(row, names) for row in called], "calls_total": posts.counts["posts"],
    }  # fmt: skip


def _weights() -> dict[str, str]:
    return {
        "staff": _("staff"), "pupils": _("pupils"), "residents": _("in care homes"), "disabled": _("disabled"),
        "bedridden": _("bedridden"), "beds": _("hospital beds"), "capacity": _("room in shelters"),
    }  # fmt: skip


def _part(name: str, counts: dict[str, int]) -> dict[str, Any]:
    item = register(name)
    rows = [
        {"text": industry_word(code) if name == "units" else say(choices.name(choices.PLACE_KINDS, code)), "n": n}
        for code, n in sorted(counts.items(), key=lambda pair: -pair[1])
        if n
    ]
    return {"head": item.zh if chinese() else item.en, "total": sum(counts.values()), "rows": rows}


@require_GET
@signed_in
def inside_at(request: HttpRequest) -> HttpResponse:
    """The rows that lie in a small box round a click on the map."""
    name = request.GET.get("register", "")
    box = [float(part) for part in request.GET.get("bbox", "").split(",") if _number(part)]
    if name not in REGISTERS or len(box) != 4:
        raise NotFound(
            code="territory.no_spot", zh="没有这个位置。", en="There is no such spot.", field="bbox", value=""
        )
    columns = list(dict.fromkeys(["key" if name == "units" else "code", *BRIEF[name]]))
    query = Query(bbox=(box[0], box[1], box[2], box[3]))
    page = register_page(actor(request).scope, name, query, limit=PICKED, columns=columns)
    today, item = local_day(), register(name)
    rows = []
    for row in page.rows:
        first, *rest = [cell(item.by_name[column], row, today).text for column in BRIEF[name]]
        rows.append({"href": f"/territory/{name}/{row['_id']}", "name": first, "rest": rest})
    return render(request, "territory/inside_at.html", {"rows": rows})


def _number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


@require_GET
@signed_in
def inside_divisions(request: HttpRequest) -> HttpResponse:
    """Divisions by name or code, to choose one as the area."""
    words = request.GET.get("where", "").strip()
    found = divisions_named(actor(request).scope, words, FOUND) if len(words) > 1 else []
    return render(request, "territory/inside_divisions.html", {"rows": found, "words": words})


@require_GET
@signed_in
def inside_outline(request: HttpRequest, code: str) -> HttpResponse:
    """The outline of a division as a GeoJSON Feature with its box; NotFound when it has none."""
    found = outline(code) if code.isdigit() and actor(request).scope.sees(code) else None
    if found is None or found[0] != code:
        raise NotFound(code="territory.no_outline", zh="该区划没有边界。", en="This division has no outline.",
                       field="division", value=code)  # fmt: skip
    body = {"type": "Feature", "bbox": list(found[1]), "geometry": outline_geometry(code), "properties": {"code": code}}
    return JsonResponse(body)


urlpatterns = [
    path("inside", inside_page, name="inside"),
    path("inside/count", inside_count, name="inside-count"),
    path("inside/at", inside_at, name="inside-at"),
    path("inside/divisions", inside_divisions, name="inside-divisions"),
    path("inside/outline/<str:code>", inside_outline, name="inside-outline"),
]
