"""What and who is inside an area: counts and sums, rows, the nearest, and the posts to call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from anlan.kernel.answers import json_answer
from anlan.kernel.problem import Invalid
from anlan.territory import choices
from anlan.territory.api.asking import Limit, actor_of, box_read, code_checked, unknown
from anlan.territory.api.schemas import RowsOut
from anlan.territory.engine.area import Area, area_from_geojson, box, circle
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.selectors.inside import inside, inside_rows, nearest
from anlan.territory.selectors.near import outline, outline_geometry
from anlan.territory.selectors.target import target
from anlan.territory.services.targets import target_unmask

router = Router()
READ: dict[str, Any] = {"x-right": "territory.read"}
Point = Literal["units", "places"]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Km = Annotated[float, Field(gt=0, le=20_100, allow_inf_nan=False)]
GeoJson = Annotated[
    dict[str, Any],
    Field(
        description="GeoJSON: Polygon, MultiPolygon, Feature, FeatureCollection or GeometryCollection; a Point with the"
        " property radius_km is a circle, a LineString with buffer_km a buffer."
    ),
]


class AreaIn(Schema):
    """An area, and which registers are counted in it."""

    area: GeoJson
    registers: Annotated[list[Point], Field(min_length=1, max_length=2)] = ["units", "places"]


class AreaRowsIn(Schema):
    """An area, and which page of which register's (`name`) rows in it."""

    area: GeoJson
    name: Point = "units"
    after: Annotated[str, Field(max_length=800)] = ""
    limit: Limit = 50


class InsideOut(Schema):
    """What is inside: register → class → rows, and register → what is added up → total."""

    counts: dict[str, dict[str, int]]
    sums: dict[str, dict[str, int]]
    as_of: datetime
    behind: bool


class TargetIn(Schema):
    """An area, which posts in it, and why names and telephones are needed in full (none: masked)."""

    area: GeoJson
    roles: Annotated[list[str], Field(max_length=60)] = []
    at: datetime | None = None
    limit: Annotated[int, Field(ge=0, le=20_000)] = 200
    reason: Annotated[str, Field(max_length=200)] = ""


class TargetOut(Schema):
    """The posts to call: `counts` over all of them, `rows` the first of them, with A and B holders and the reasons."""

    counts: dict[str, Any]
    rows: list[dict[str, Any]]
    unmasked: bool
    as_of: datetime
    behind: bool


class NearOut(Schema):
    """The nearest rows, nearest first; `_km` is the great-circle distance."""

    rows: list[dict[str, Any]]


@router.get("/inside", response={200: InsideOut}, summary="What is inside a box, a circle or a division")
def inside_simple(
    request: HttpRequest,
    bbox: str = "",
    division: str = "",
    lon: Lon | None = None,
    lat: Lat | None = None,
    radius_km: Km | None = None,
) -> HttpResponse:
    """Return counts by class and sums of what lies in `bbox` (west,south,east,north), in the outline of `division`, or
    within `radius_km` of `lon`, `lat`. 422 unless one of the three is given, and for a division without an outline."""
    return _counted(request, _simple(bbox, division, lon, lat, radius_km), ["units", "places"])


@router.post("/inside", response={200: InsideOut}, summary="What is inside an area", openapi_extra=READ)
def inside_area(request: HttpRequest, body: AreaIn) -> HttpResponse:
    """Return counts by class and sums of the reader's units and places inside an area. 422 for an area that can't be
    one, with where it is wrong and what helps."""
    return _counted(request, area_from_geojson(body.area), list(body.registers))


@router.post("/inside/rows", response={200: RowsOut}, summary="The rows inside an area, by page", openapi_extra=READ)
def inside_area_rows(request: HttpRequest, body: AreaRowsIn) -> HttpResponse:
    """Return one page of the reader's rows inside an area, in list order, personal data masked."""
    page = inside_rows(
        actor_of(request).scope, area_from_geojson(body.area), body.name, after=body.after, limit=body.limit
    )
    return json_answer(request, vars(page))


@router.get("/nearest", response={200: NearOut}, summary="The nearest places or units")
def near(
    request: HttpRequest,
    lon: Lon,
    lat: Lat,
    name: Point = "places",
    kind: str = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 10,
    max_km: Km | None = None,
) -> HttpResponse:
    """Return the rows nearest to a point, of one `kind` (a place's kind, a unit's industry section; empty: all)."""
    if name == "places" and kind and kind not in choices.PLACE_KINDS:
        raise unknown("kind", kind, choices.PLACE_KINDS)
    kinds = [kind] if kind else []
    rows = nearest(actor_of(request).scope, name, lon, lat, limit, kinds=kinds, max_km=max_km)
    return json_answer(request, {"rows": rows})


@router.post("/target", response={200: TargetOut}, summary="The posts to call for an area", openapi_extra=READ)
def target_area(request: HttpRequest, body: TargetIn) -> HttpResponse:
    """Return who answers for an area: posts of places inside it and of divisions it touches, with A and B on duty at
    `at` (now). Names and telephones are masked unless a `reason` is given by those who may see them; that is journalled."""
    for role in body.roles:
        if role not in choices.POST_ROLES:
            raise unknown("roles", role, choices.POST_ROLES)
    if body.at is not None and (body.at.tzinfo is None or not 1900 < body.at.year < 2200):
        raise _wrong(
            "at", str(body.at), "时间须带时区，年份在1900至2200之间。", "Give a moment with its zone, 1900 to 2200."
        )
    who, area = actor_of(request), area_from_geojson(body.area)
    found = target(who.scope, area, roles=body.roles or None, at=body.at)
    if body.reason:
        rows = target_unmask(by=who, found=found, area=area, reason=body.reason, limit=body.limit)
    else:
        rows = [_masked(row) for row in found.rows(body.limit)]
    answer = {"counts": found.counts, "rows": rows, "unmasked": bool(body.reason)}
    counts = {name: {str(k): n for k, n in v.items()} if isinstance(v, dict) else v for name, v in found.counts.items()}
    return json_answer(request, answer | {"counts": counts, "as_of": found.as_of, "behind": found.behind})


def _counted(request: HttpRequest, area: Area, registers: list[str]) -> HttpResponse:
    return json_answer(request, vars(inside(actor_of(request).scope, area, registers=registers)))


def _simple(bbox: str, division: str, lon: float | None, lat: float | None, radius_km: float | None) -> Area:
    around = [value for value in (lon, lat, radius_km) if value is not None]
    if sum((bool(bbox), bool(division), len(around) == 3)) != 1 or 0 < len(around) < 3:
        raise _wrong(
            "area", "", "请给出 bbox、division 或 lon、lat、radius_km 之一。",
            "Give one of bbox, division, or lon with lat and radius_km.",
        )  # fmt: skip
    if found := box_read(bbox):
        return box(*found)
    if lon is not None and lat is not None and radius_km is not None:
        return circle(lon, lat, radius_km)
    known = outline(code_checked(division))
    if known is None or known[0] != division:
        raise _wrong(
            "division", division, "该行政区划没有边界；请改用上一级，或给出范围。",
            "This division has no outline; take the one above it, or give an area.",
        )  # fmt: skip
    return area_from_geojson(outline_geometry(division))


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """Return a post to call with names and telephones masked."""

    def holder(side: dict[str, Any] | None) -> dict[str, Any] | None:
        if side is None:
            return None
        phones = {name: mask_phone(side[name]) for name in ("phone", "phone_alt")}
        return side | phones | {"name": mask_name(side["name"])}

    return row | {"a": holder(row["a"]), "b": holder(row["b"])}


def _wrong(field: str, value: str, zh: str, en: str) -> Invalid:
    return Invalid(code=f"territory.{field}", zh=zh, en=en, field=field, value=value)
