"""The tree of divisions for browsing: children with counts, now or on a day; what a code has become; one division whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q
from shapely.geometry import shape

from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.codes import ancestors, legal_parent_of, level_of
from anlan.territory.engine.coverage import area_km2
from anlan.territory.models import Boundary, CodeChange, Division
from anlan.territory.selectors.division_tally import division_tallies
from anlan.territory.selectors.divisions import ESTIMATED, division_get, valid

STEPS = 20  # a code followed through more lists than this is going in circles


def division_rows(
    scope: Scope, parent: str = "", *, legal: bool = False, on: date | None = None, former: bool = False
) -> list[dict[str, Any]]:
    """Return the divisions right below `parent` ("": provinces) in the scope or above it, in code order. One query; on a
    past day two.

    `legal`: below by law instead of by the statistical code; placeholders (省直辖县级) are left out there. `on`: as in
    force that day, with the names of then. `former`: those that are no more, too. Each: code, name {zh, en}, level, kind
    {code, zh, en}, zone, parent, legal_parent, population, population_src, estimated, outline, valid_from, valid_to,
    successor (code or None).
    """
    if parent:
        level_of(parent)
    by_law = Q(legal_parent_id=parent) & ~Q(kind="placeholder")
    which = by_law if legal and parent else Q(parent_id=parent or None)
    rows = Division.objects.filter(which).select_related("boundary")
    rows = scope.filter_chain(rows if former else rows.filter(valid(on)), "code").order_by("code")
    found = [_row(row) for row in rows.defer("boundary__geojson")]
    return _as_then(found, on) if on is not None else found


def children_counts(codes: Sequence[str], *, legal: bool = False) -> dict[str, int]:
    """Return code → divisions in force right below it, where there are any. One query."""
    key = "legal_parent_id" if legal else "parent_id"
    rows = Division.objects.filter(valid(), **{f"{key}__in": list(codes)}).values(key).annotate(n=Count("code"))
    return {row[key]: row["n"] for row in rows}


def division_path(code: str) -> list[dict[str, Any]]:
    """Return the divisions from the province down to `code`: code, name {zh, en}. One query; codes unknown are left out."""
    rows = Division.objects.filter(pk__in=[*ancestors(code), code]).order_by("level", "code")
    return [{"code": row.code, "name": {"zh": row.name_zh, "en": row.name_en}} for row in rows]


def division_now(code: str) -> tuple[str, ...]:
    """Return the codes in force that `code` lives on as: itself, its successor, the parts of a split; () when it was
    abolished or never was. One query a step."""
    level_of(code)
    found: set[str] = set()
    open_ones: dict[str, date | None] = {code: None}
    for _ in range(STEPS):
        if not open_ones:
            break
        became = _became(open_ones)
        following: dict[str, date | None] = {}
        for old in open_ones:
            if old in became:
                following |= dict.fromkeys(became[old][1], became[old][0])
            else:
                found.add(old)
        open_ones = {new: day for new, day in following.items() if new not in found}
    return tuple(Division.objects.filter(valid(), pk__in=found).order_by("code").values_list("code", flat=True))


def division_trail(code: str) -> list[dict[str, Any]]:
    """Return what lists have done to a code, oldest first: edition {id, name, valid_from}, kind, old, new and the names
    of both. One query."""
    rows = CodeChange.objects.filter(Q(old=code) | Q(new=code), state="applied").select_related("edition")
    return [
        {
            "edition": {"id": str(row.edition_id), "name": row.edition.name, "valid_from": row.edition.valid_from},
            "kind": row.kind, "old": row.old, "new": row.new, "old_name": row.old_name, "new_name": row.new_name,
        }
        for row in rows.order_by("edition__valid_from", "old", "new")
    ]  # fmt: skip


def division_page(scope: Scope, code: str) -> dict[str, Any]:
    """Return one division with its path, both parents, counts, outline facts and trail. NotFound for an unknown code.

    Adds to a row of `division_rows`: path, parents {statistical, legal} ({code, name} or None), told_by_code (is the
    legal parent what the code tells), lon, lat, coord_src {zh, en}, area_km2 (ellipsoidal, None without outline),
    outline_src, counts, trail, now.
    """
    row = division_get(code)
    path = division_path(code)
    legal = path_entry(row.legal_parent_id)
    outline = Boundary.objects.filter(pk=code).values("geojson", "source").first()
    return {
        **_row(row, outline is not None),
        "path": path,
        "parents": {"statistical": path[-2] if len(path) > 1 else None, "legal": legal},
        "told_by_code": (row.legal_parent_id or "") == legal_parent_of(code),
        "lon": row.lon,
        "lat": row.lat,
        "coord_src": choices.name(choices.COORDINATE_SOURCES, row.coord_src),
        "area_km2": round(area_km2(shape(outline["geojson"])), 1) if outline else None,
        "outline_src": outline["source"] if outline else "",
        "counts": division_tallies(scope, [code])[code] if scope.covers(code) else None,
        "trail": division_trail(code),
        "now": division_now(code) if row.valid_to else (code,),
    }


def path_entry(code: str | None) -> dict[str, Any] | None:
    """Return code and name {zh, en} of one division, None for none. One query."""
    row = Division.objects.filter(pk=code).first() if code else None
    return {"code": row.code, "name": {"zh": row.name_zh, "en": row.name_en}} if row else None


def known_since() -> date | None:
    """Return the first day the tree is known for: before it there is nothing to show."""
    first: date | None = Division.objects.aggregate(first=Min("valid_from"))["first"]
    return first


def _row(row: Division, outline: bool | None = None) -> dict[str, Any]:
    has = hasattr(row, "boundary") if outline is None else outline
    return {
        "code": row.code,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "level": row.level,
        "kind": {"code": row.kind, **choices.name(choices.DIVISION_KINDS, row.kind)},
        "zone": row.functional_zone,
        "parent": row.parent_id,
        "legal_parent": row.legal_parent_id,
        "population": row.population,
        "population_src": row.population_src,
        "estimated": row.coord_src.startswith(ESTIMATED),
        "outline": has,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "successor": row.successor_id,
    }


def _as_then(found: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    """Names as they were: of each code, what the first list after the day found it called."""
    rows = CodeChange.objects.filter(
        state="applied", edition__valid_from__gt=on, old__in=[row["code"] for row in found]
    )
    names: dict[str, str] = {}
    for change in rows.order_by("edition__valid_from"):
        names.setdefault(change.old, change.old_name)
    for row in found:
        then = names.get(row["code"])
        if then and then != row["name"]["zh"]:
            row["name"] = {"zh": then, "en": then}
    return found


def _became(codes: Mapping[str, date | None]) -> dict[str, tuple[date, set[str]]]:
    """Return code → day and codes it was turned into by the first applied list after the day it is known from."""
    rows = CodeChange.objects.filter(old__in=list(codes), state="applied").exclude(kind="renamed")
    found: dict[str, tuple[date, set[str]]] = {}
    for row in rows.select_related("edition").order_by("edition__valid_from", "new"):
        since, day = codes[row.old], row.edition.valid_from
        if row.old == row.new or (since is not None and day <= since):
            continue
        first, into = found.setdefault(row.old, (day, set()))
        if first == day:
            into |= {row.new} if row.new else set()
            into |= {row.old} if row.evidence.get("stays") else set()
    return found
