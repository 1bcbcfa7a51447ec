"""Divisions, places and posts as plain lists. All are scoped to the reader; errors are RFC 9457 problems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from anlan.territory import choices, selectors
from anlan.territory.api.asking import Limit, Offset, actor_of, code_checked, unknown
from anlan.territory.api.schemas import REFUSED, DivisionOut, PersonOut, PlaceOut, PostOut, Reason
from anlan.territory.models import Division
from anlan.territory.services import person_unmask

router = Router()


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
    return [_division(row) for row in selectors.division_children(actor_of(request).scope, code_checked(parent))]


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
        raise unknown("kind", kind, choices.PLACE_KINDS)
    scope = actor_of(request).scope
    return selectors.places_list(scope, kind, division=code_checked(division), limit=limit, offset=offset)


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
        raise unknown("role", role, choices.POST_ROLES)
    scope = actor_of(request).scope
    return selectors.posts_list(
        scope, division=code_checked(division), role=role, vacant=vacant, limit=limit, offset=offset
    )


@router.post(
    "/persons/{person}/unmask",
    openapi_extra={"x-right": "territory.personal"},
    response={200: PersonOut, **REFUSED},
    summary="Show a telephone in full",
)
def unmask(request: HttpRequest, person: UUID, body: Reason) -> dict[str, Any]:
    """Return the telephone in full and journal who asked and why. 403 without the right, 422 without a reason."""
    found = person_unmask(by=actor_of(request), person=person, reason=body.reason)
    return {"id": found.pk, "name": found.name, "phone": found.phone}
