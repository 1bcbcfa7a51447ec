"""REST routes of the rescue stage. Every read is within the reader's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.rescue import selectors
from anlan.rescue.choices import KINDS
from anlan.territory.api.asking import Limit, actor_of, code_checked, unknown
from anlan.territory.api.schemas import REFUSED, Coded, Name

router = Router(tags=["rescue"])


class TeamOut(Schema):
    """A team; `leader` is the post to call, `strength` what it states, `people` how many are on the register."""

    code: str
    name: Name
    kind: Coded
    subject: Coded
    division: str
    lon: float
    lat: float
    leader: str
    strength: int
    people: int
    ready_day_min: int
    ready_night_min: int
    self_support_h: int
    radius_km: float
    vehicles: list[str]
    equipment: list[str]
    insured_to: date | None
    last_drill: date | None


class ForceOut(Schema):
    """Teams of one kind: how many, their stated strength, people on the register."""

    teams: int
    strength: int
    people: int


@router.get("/teams", response={200: list[TeamOut], **REFUSED}, summary="Rescue teams")
def teams(
    request: HttpRequest, kind: str = "", division: str = "", after: str = "", limit: Limit = 100
) -> list[dict[str, Any]]:
    """Return teams in code order, those after the code `after`, within the reader's area. 422 for an unknown kind or a
    division code that is none."""
    if kind and kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    scope = actor_of(request).scope
    return selectors.teams_list(scope, kind=kind, division=code_checked(division), after=after, limit=limit)


@router.get("/teams/counts", response={200: dict[str, ForceOut], **REFUSED}, summary="Forces per kind of team")
def counts(request: HttpRequest) -> dict[str, dict[str, int]]:
    """Return teams, strength and people per kind within the reader's area."""
    return selectors.forces_count(actor_of(request).scope)
