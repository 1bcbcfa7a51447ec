"""Routes of the territory stage. All are scoped to the reader; errors are RFC 9457 problems."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.territory import choices, selectors
from anlan.territory.codes import level_of
from anlan.territory.models import Division
from anlan.territory.services import person_unmask

router = Router(tags=["territory"])
Limit = Annotated[int, Field(ge=1, le=1000)]
Offset = Annotated[int, Field(ge=0, le=10**6)]


class Problem(Schema):
    """A refusal: what is wrong and how to mend it, in both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    field: str | None = None
    value: str | None = None


class Name(Schema):
    """A name in both languages."""

    zh: str
    en: str


class Coded(Name):
    """A code of a list with its label."""

    code: str


class DivisionOut(Schema):
    """A division; `estimated` tells that its point is no surveyed place, `population_src` where the figure is from."""

    code: str
    name: Name
    level: int
    kind: Coded
    functional_zone: bool
    legal_parent: str | None
    lon: float | None
    lat: float | None
    estimated: bool
    population: int | None
    population_src: str


class PlaceOut(Schema):
    """A place where people can come to harm; `attributes` by kind, `mark: G` in them means an assumption."""

    id: UUID
    code: str
    kind: Coded
    name: Name
    lon: float
    lat: float
    estimated: bool
    division: str
    organisation: Name | None
    attributes: dict[str, Any]


class HolderOut(Schema):
    """Who holds a post, telephone masked."""

    holder: str
    person: UUID
    name: str
    phone: str


class PostOut(Schema):
    """A post with its holders. `vacant`: nobody holds it as A; null above the reader's area."""

    id: UUID
    code: str
    name: Name
    role: Coded
    division: str
    place: str | None
    superior: str | None
    holders: list[HolderOut]
    vacant: bool | None


class PersonOut(Schema):
    """A person with the telephone in full."""

    id: UUID
    name: str
    phone: str


class Reason(Schema):
    """Why the full number is needed."""

    reason: str = Field(max_length=200)


REFUSED = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _checked(code: str) -> str:
    if code:
        level_of(code)
    return code


def _division(row: Division) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "level": row.level,
        "kind": {"code": row.kind, **choices.name(choices.DIVISION_KINDS, row.kind)},
        "functional_zone": row.functional_zone,
        "legal_parent": row.legal_parent_id,
        "lon": row.lon,
        "lat": row.lat,
        "estimated": row.coord_src.startswith("est_"),
        "population": row.population,
        "population_src": row.population_src,
    }


@router.get("/divisions", response={200: list[DivisionOut], **REFUSED}, summary="Divisions below a parent")
def divisions(request: HttpRequest, parent: str = "") -> list[dict[str, Any]]:
    """Return the divisions right below `parent` (prefix-form code; empty: the province) within the reader's area or
    above it. 422 when `parent` is no division code."""
    return [_division(row) for row in selectors.division_children(_actor(request).scope, _checked(parent))]


@router.get("/places", response={200: list[PlaceOut], **REFUSED}, summary="Places where people can come to harm")
def places(
    request: HttpRequest,
    kind: str = "",
    division: str = "",
    limit: Limit = 200,
    offset: Offset = 0,
) -> list[dict[str, Any]]:
    """Return places of one kind (empty: all) inside `division` within the reader's area. 422 for an unknown kind."""
    if kind and kind not in choices.PLACE_KINDS:
        raise _unknown("kind", kind, choices.PLACE_KINDS)
    scope = _actor(request).scope
    return selectors.places_list(scope, kind, division=_checked(division), limit=limit, offset=offset)


@router.get("/holders", response={200: list[PostOut], **REFUSED}, summary="Posts and who holds them")
def holders(
    request: HttpRequest,
    division: str = "",
    role: str = "",
    vacant: bool | None = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> list[dict[str, Any]]:
    """Return posts inside `division` with their A and B holders, telephones masked. 422 for an unknown role."""
    if role and role not in choices.POST_ROLES:
        raise _unknown("role", role, choices.POST_ROLES)
    scope = _actor(request).scope
    return selectors.posts_list(
        scope, division=_checked(division), role=role, vacant=vacant, limit=limit, offset=offset
    )


@router.post("/persons/{person}/unmask", response={200: PersonOut, **REFUSED}, summary="Show a telephone in full")
def unmask(request: HttpRequest, person: UUID, body: Reason) -> dict[str, Any]:
    """Return the telephone in full and journal who asked and why. 403 without the right, 422 without a reason."""
    found = person_unmask(by=_actor(request), person=person, reason=body.reason)
    return {"id": found.pk, "name": found.name, "phone": found.phone}


def _unknown(field: str, value: str, table: dict[str, choices.Choice]) -> Invalid:
    known = ", ".join(table)
    return Invalid(
        code="territory.unknown_code",
        zh=f"“{value}”不在代码表中；可用：{known}。",
        en=f"“{value}” is not in the list; take one of: {known}.",
        field=field,
        value=value,
    )
