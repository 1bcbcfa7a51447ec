"""Reading divisions: by code, by tree, by point; the base map."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from shapely.geometry import shape

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.codes import COUNTY, PREFECTURE, TOWNSHIP, level_of
from anlan.territory.engine.locate import Located, Locator, Seats, locate
from anlan.territory.models import Boundary, Division, Generation
from anlan.territory.sources import embedded

ESTIMATED = "est_"


def division_get(code: str) -> Division:
    """Return one division; NotFound when there is none of that code."""
    found = Division.objects.filter(pk=code).first()
    if found is None:
        raise NotFound(
            code="territory.no_division",
            zh=f"没有代码为“{code}”的区划；请核对代码（前缀形式，如410181100）。",
            en=f"There is no division “{code}”; check the code (prefix form, such as 410181100).",
            field="division",
            value=code,
        )
    return found


def divisions_under(prefix: str, level: int) -> list[Division]:
    """Return the divisions in force of one level (1 province to 5 village) inside `prefix`, in code order. One query."""
    return list(Division.objects.filter(valid(), code__startswith=prefix, level=level).order_by("code"))


def valid(on: date | None = None) -> Q:
    """Return the condition for divisions in force on a day (None: now)."""
    if on is None:
        return Q(valid_to__isnull=True)
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def division_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → {"zh", "en"} for the codes that exist. One query."""
    rows = Division.objects.filter(pk__in=list(codes)).order_by("code").values_list("code", "name_zh", "name_en")
    return {code: {"zh": zh, "en": en} for code, zh, en in rows}


def division_children(scope: Scope, code: str = "") -> list[Division]:
    """Return the divisions in force right below `code` ("": the provinces) that lie in the scope or above it; of a
    prefecture without counties its townships. One query."""
    if code:
        level_of(code)
    rows: QuerySet[Division] = Division.objects.filter(valid(), parent_id=code or None)
    return list(scope.filter_chain(rows, "code").order_by("code"))


def point_division(lon: float, lat: float) -> str:
    """Return the code of the lowest division whose outline holds the point (degrees WGS-84), "" when none does.

    Statistical zones have no outline: a point in one belongs to the legal county round it.
    """
    return _locator(_state()).find(lon, lat)


def points_division(lons: Sequence[float], lats: Sequence[float]) -> list[str]:
    """Return `point_division` of many points at once."""
    return _locator(_state()).find_many(lons, lats)


def point_locate(lon: float, lat: float, on: date | None = None) -> Located:
    """Return where a point lies: `code` for sure, by outline; `estimate` from the nearest surveyed seat below it, `km`
    away. `on`: by the outlines of the divisions in force that day; a division keeps its last outline when it ends."""
    state = _state()
    return locate(_locator(state, on), _seats(state, on), lon, lat)


def map_base() -> bytes:
    """Return the base of every map as JSON: `counties`, `prefectures`, `rivers` (GeoJSON FeatureCollections) and the
    `attribution` that must be shown. Cached until another territory is laid down."""
    return _map_base(_state())


def territory_root() -> str:
    """Return the code of the division this territory was laid down for, "" when none was: where a map opens for a
    reader of more than that."""
    found = Generation.objects.order_by("generated_at").values_list("division", flat=True).last()
    return str(found or "")


def township_points(prefix: str = "4101") -> list[dict[str, Any]]:
    """Return the townships inside `prefix` with their points: code, name {zh, en}, lon, lat, kind and whether the
    point is an estimate. One query."""
    rows = Division.objects.filter(valid(), code__startswith=prefix, level=TOWNSHIP, lon__isnull=False).order_by("code")
    return [
        {
            "code": row.code,
            "name": {"zh": row.name_zh, "en": row.name_en},
            "lon": row.lon,
            "lat": row.lat,
            "kind": row.kind,
            "estimated": row.coord_src.startswith(ESTIMATED),
        }
        for row in rows
    ]


def _state() -> str:
    """Return what the cached geometry depends on: the last transactions that wrote outlines and upper divisions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM territory_boundary), '/',"
            " (SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM territory_division WHERE level <= 4)"
        )
        return "".join(cursor.fetchone())


@lru_cache(maxsize=4)
def _locator(state: str, on: date | None = None) -> Locator:
    at = valid(on)
    rows = Boundary.objects.filter(division__in=Division.objects.filter(at)).values_list("division_id", "geojson")
    return Locator([(code, shape(geometry)) for code, geometry in rows])


@lru_cache(maxsize=4)
def _seats(state: str, on: date | None = None) -> Seats:
    rows = Division.objects.filter(valid(on), level__gte=COUNTY, lon__isnull=False, functional_zone=False)
    rows = rows.exclude(coord_src__startswith=ESTIMATED)
    return Seats(
        [(code, float(lon or 0), float(lat or 0)) for code, lon, lat in rows.values_list("code", "lon", "lat")]
    )


@lru_cache(maxsize=2)
def _map_base(state: str) -> bytes:
    body: dict[str, Any] = {name: _outlines(level) for name, level in (("prefectures", 2), ("counties", COUNTY))}
    rivers = [{**item, "properties": _names(item["properties"])} for item in embedded.features("rivers")]
    body["rivers"] = {"type": "FeatureCollection", "features": rivers}
    body["attribution"] = f"{embedded.ATTRIBUTION}; Natural Earth"
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _outlines(level: int) -> dict[str, Any]:
    rows = Boundary.objects.filter(division__level=level, division__valid_to__isnull=True)
    rows = rows.select_related("division").order_by("division_id")
    features = []
    for row in rows:
        division = row.division
        properties = {"code": division.code, "name_zh": division.name_zh, "name_en": division.name_en}
        if level > PREFECTURE:
            properties["kind"] = division.kind
        features.append({"type": "Feature", "id": int(row.pk), "properties": properties, "geometry": row.geojson})
    return {"type": "FeatureCollection", "features": features}


def _names(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: properties[key] for key in ("name_zh", "name_en", "class")}
