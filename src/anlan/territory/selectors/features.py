"""Registers as features on the map: units and places at their points, posts where they serve, divisions as areas.

Every function takes one `Query` and gives features in degrees, in an order of its own, with the place to go on from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from shapely.geometry import shape

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.query import Box, Cursor, Query, cursor_read
from anlan.territory.models import Boundary, Division, Place, Post
from anlan.territory.selectors.finding import register_get, register_page
from anlan.territory.sources.registers import register

Feature = dict[str, Any]


@dataclass(frozen=True)
class Features:
    """One page of features: {"id", "geometry" (GeoJSON, degrees; None without a point), "properties"}. `total` is
    exact; `next` is what to give as `after`, None at the end."""

    items: list[Feature]
    total: int
    next: str | None


def register_features(scope: Scope, name: str, query: Query, *, after: str = "", limit: int = 100) -> Features:
    """Return one page of a register whose rows lie at points, personal data masked."""
    page = register_page(scope, name, query, after=after, limit=limit)
    return Features([_from_row(row) for row in page.rows], page.total, page.next)


def register_feature(scope: Scope, name: str, key: str) -> Feature:
    """Return one row of a register as a feature; NotFound outside the scope too."""
    return _from_row(register_get(scope, name, key))


def _from_row(row: Mapping[str, Any]) -> Feature:
    """Turn a row into a feature: names of references become properties of their own, for layers are flat."""
    properties: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("_id", "lon", "lat") or name == "_kept":
            continue
        if name.startswith("_"):
            properties |= {f"{name[1:]}_name_{language}": value[language] for language in ("zh", "en")}
        else:
            properties[name] = value
    return {"id": row["_id"], "geometry": point(row["lon"], row["lat"]), "properties": properties}


def point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    """Return a GeoJSON point, None without one."""
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def post_features(scope: Scope, query: Query, *, after: str = "", limit: int = 100) -> Features:
    """Return one page of posts, each at its place's point or else its division's, in code order. Three queries."""
    rows = _posts(scope)
    for name, values in query.filters.items():
        rows = rows.filter(_any(_POST_FILTERS[name], values))
    for word in query.words:
        rows = rows.filter(Q(code__icontains=word) | Q(name_zh__icontains=word) | Q(name_en__icontains=word))
    if query.bbox is not None:
        rows = rows.filter(in_box(query.bbox))
    return features_page(rows, after, limit, _post)


def post_feature(scope: Scope, key: str) -> Feature:
    """Return one post by id or code; NotFound outside the scope too."""
    own = Q(code=key)
    with suppress(ValueError):
        own |= Q(pk=UUID(key))
    return feature_one(_posts(scope).filter(own), key, _post)


_POST_FILTERS = {
    "code": "code",
    "role": "role",
    "division": "division__startswith",
    "organisation": "organisation__code",
    "place": "place__code",
    "superior": "superior__code",
}


def _posts(scope: Scope) -> QuerySet[Any]:
    places = scope.filter(Place.objects.filter(pk=OuterRef("place_id")))
    divisions = Division.objects.filter(pk=OuterRef("division"))
    rows = scope.filter_chain(Post.objects.all()).select_related("organisation", "superior", "place")
    placed: QuerySet[Any] = rows.annotate(
        lon=Coalesce(Subquery(places.values("lon")), Subquery(divisions.values("lon"))),
        lat=Coalesce(Subquery(places.values("lat")), Subquery(divisions.values("lat"))),
    )
    return placed


def _post(row: Any) -> Feature:
    return {
        "id": str(row.pk),
        "geometry": point(row.lon, row.lat),
        "properties": {
            "code": row.code,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "role": row.role,
            "division": row.division,
            "organisation": row.organisation.code,
            "superior": row.superior.code if row.superior else None,
            "place": row.place.code if row.place else None,
        },
    }


def division_features(scope: Scope, query: Query, *, after: str = "", limit: int = 100) -> Features:
    """Return one page of divisions in code order: with their outline where it is known, else at their point.

    Divisions are open to everyone signed in. `between` on "valid" keeps those in force at some time of the span.
    """
    rows = Division.objects.select_related("boundary")
    for name, values in query.filters.items():
        rows = rows.filter(_any(_DIVISION_FILTERS[name], values))
    for word in query.words:
        rows = rows.filter(Q(code__startswith=word) | Q(name_zh__icontains=word) | Q(name_en__icontains=word))
    first, last = query.between.get("valid", (None, None))
    if first is not None:
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gte=first.date()))
    if last is not None:
        rows = rows.filter(valid_from__lte=last.date())
    if query.bbox is not None:
        touching = _touching(query.bbox)
        rows = rows.filter(Q(pk__in=touching) | Q(boundary=None) & in_box(query.bbox))
    return features_page(rows, after, limit, _division)


def division_feature(scope: Scope, key: str) -> Feature:
    """Return one division by code; NotFound when there is none."""
    return feature_one(Division.objects.select_related("boundary").filter(pk=key), key, _division)


_DIVISION_FILTERS = {
    "code": "code__startswith",
    "level": "level",
    "kind": "kind",
    "parent": "parent",
    "functional_zone": "functional_zone",
}


def _division(row: Any) -> Feature:
    outline = getattr(row, "boundary", None)
    return {
        "id": row.code,
        "geometry": outline.geojson if outline else point(row.lon, row.lat),
        "properties": {
            "code": row.code,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "level": row.level,
            "kind": row.kind,
            "parent": row.parent_id,
            "legal_parent": row.legal_parent_id,
            "functional_zone": row.functional_zone,
            "population": row.population,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else None,
            "outline": outline is not None,
        },
    }


def outline_box(prefixes: Sequence[str]) -> Box | None:
    """Return west, south, east, north around the outlines of some divisions ("": all); None where none is known."""
    inside = Q(pk__in=[])
    for prefix in prefixes:
        # A village has no outline of its own: its county's is the nearest that has.
        inside |= Q(division__code__startswith=prefix) | Q(division__code=prefix[:6]) | Q(division__code=prefix[:4])
    boxes = list(Boundary.objects.filter(inside).values_list("west", "south", "east", "north"))
    if not boxes:
        return None
    west, south, east, north = np.array(boxes, float).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def _touching(box: Box) -> list[str]:
    """Return the codes of the divisions whose outline meets the box, exactly."""
    west, south, east, north = box
    sides = Q(west__lte=east, east__gte=west) if west <= east else Q(east__gte=west) | Q(west__lte=east)
    near = Boundary.objects.filter(sides, south__lte=north, north__gte=south).values_list("pk", "geojson")
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    area = shapely.union_all([shapely.box(left, south, right, north) for left, right in parts])
    return [code for code, outline in near if shapely.intersects(area, shape(outline))]


def in_box(box: Box) -> Q:
    """Return the condition that `lon` and `lat` lie in a box."""
    west, south, east, north = box
    sides = Q(lon__gte=west, lon__lte=east) if west <= east else Q(lon__gte=west) | Q(lon__lte=east)
    return sides & Q(lat__gte=south, lat__lte=north)


def _any(lookup: str, values: Sequence[str]) -> Q:
    """Return the condition that a column has one of some values; one that can't be of its kind matches nothing."""
    found = Q(pk__in=[])
    for value in values:
        if lookup == "level":
            found |= Q(level=int(value)) if value in ("1", "2", "3", "4", "5") else Q(pk__in=[])
        elif lookup == "functional_zone":
            found |= Q(functional_zone=value == "true") if value in ("true", "false") else Q(pk__in=[])
        else:
            found |= Q(**{lookup: value})
    return found


def features_page(
    rows: QuerySet[Any], after: str, limit: int, turn: Callable[[Any], Feature], key: str = "code"
) -> Features:
    """Return one page of rows in the order of their unique `key`, each turned into a feature. Two queries."""
    total = rows.count()
    cursor = cursor_read(after)
    if cursor is not None:
        rows = rows.filter(**{f"{key}__gt": cursor.key})
    found = list(rows.order_by(key)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    return Features([turn(row) for row in found], total, Cursor("", getattr(found[-1], key)).text() if more else None)


def feature_one(rows: QuerySet[Any], key: str, turn: Callable[[Any], Feature]) -> Feature:
    """Return the only one of these rows as a feature; NotFound naming `key` when there is none."""
    row = rows.first()
    if row is None:
        raise NotFound(
            code="territory.no_row",
            zh=f"管辖范围内没有“{key}”；请核对编号。",
            en=f"Your area holds no “{key}”; check the code.",
            field="key",
            value=key,
        )
    return turn(row)


def feature_fields(name: str) -> dict[str, str]:
    """Return the properties a layer can be filtered by, with their JSON type."""
    if name == "posts":
        return dict.fromkeys(_POST_FILTERS, "string")
    if name == "divisions":
        return dict.fromkeys(_DIVISION_FILTERS, "string") | {"level": "integer", "functional_zone": "boolean"}
    kinds = {"int": "integer", "float": "number"}
    known = [item for item in register(name).fields if item.index in ("filter", "code")]
    return {item.name: kinds.get(item.kind, "string") for item in known}
