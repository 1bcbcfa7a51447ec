"""Reading divisions: by code, by tree, by point; the base map."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from shapely.geometry import shape

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.codes import COUNTY, PREFECTURE, TOWNSHIP, level_of
from anlan.territory.engine.locate import Locator
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
    """Return the divisions of one level (1 province to 5 village) inside `prefix`, in code order. One query."""
    return list(Division.objects.filter(code__startswith=prefix, level=level).order_by("code"))


def division_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → {"zh", "en"} for the codes that exist. One query."""
    rows = Division.objects.filter(pk__in=list(codes)).order_by("code").values_list("code", "name_zh", "name_en")
    return {code: {"zh": zh, "en": en} for code, zh, en in rows}


def division_children(scope: Scope, code: str = "") -> list[Division]:
    """Return the divisions right below `code` ("": the province) that lie in the scope or above it. One query."""
    level = level_of(code) + 1 if code else 1
    rows: QuerySet[Division] = Division.objects.filter(level=level, code__startswith=code)
    return list(scope.filter_chain(rows, "code").order_by("code"))


def point_division(lon: float, lat: float) -> str:
    """Return the code of the county whose outline holds the point (degrees WGS-84), "" when none does.

    Statistical zones have no outline: a point in one belongs to the legal county round it.
    """
    return _locator(_state()).find(lon, lat)


def points_division(lons: Sequence[float], lats: Sequence[float]) -> list[str]:
    """Return `point_division` of many points at once."""
    return _locator(_state()).find_many(lons, lats)


def map_base() -> bytes:
    """Return the base of every map as JSON: `counties`, `prefectures`, `rivers` (GeoJSON FeatureCollections) and the
    `attribution` that must be shown. Cached until another territory is laid down."""
    return _map_base(_state())


def township_points(prefix: str = "4101") -> list[dict[str, Any]]:
    """Return the townships inside `prefix` with their points: code, name {zh, en}, lon, lat, kind and whether the
    point is an estimate. One query."""
    rows = Division.objects.filter(code__startswith=prefix, level=TOWNSHIP, lon__isnull=False).order_by("code")
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
    """Return what the cached geometry depends on: which territory is laid down."""
    return str(Generation.objects.order_by("generated_at").values_list("sha256", flat=True).last())


@lru_cache(maxsize=2)
def _locator(state: str) -> Locator:
    rows = Boundary.objects.filter(division__level=COUNTY).values_list("division_id", "geojson")
    return Locator([(code, shape(geometry)) for code, geometry in rows])


@lru_cache(maxsize=2)
def _map_base(state: str) -> bytes:
    body: dict[str, Any] = {name: _outlines(level) for name, level in (("prefectures", 2), ("counties", COUNTY))}
    rivers = [{**item, "properties": _names(item["properties"])} for item in embedded.features("rivers")]
    body["rivers"] = {"type": "FeatureCollection", "features": rivers}
    body["attribution"] = f"{embedded.ATTRIBUTION}; Natural Earth"
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _outlines(level: int) -> dict[str, Any]:
    rows = Boundary.objects.filter(division__level=level).select_related("division").order_by("division_id")
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
