"""REST routes of the risk stage. Every read is within the reader's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.risk import selectors
from anlan.risk.choices import CATEGORIES
from anlan.territory.api.asking import Limit, actor_of, code_checked, unknown
from anlan.territory.api.schemas import REFUSED, Coded

router = Router(tags=["risk"])


class SurveyOut(Schema):
    """A survey record; `hazard_class` 1 (high) to 5 (low); `surveyor` and `place` are codes of the territory."""

    survey_code: str
    category: Coded
    type: Coded
    name: str
    division: str
    lon: float
    lat: float
    hazard_class: int | None
    surveyed_on: date
    quality: Coded
    surveyor: str | None
    place: str | None
    attributes: dict[str, Any]


@router.get("/survey", response={200: list[SurveyOut], **REFUSED}, summary="Survey records")
def survey(
    request: HttpRequest, category: str = "", division: str = "", after: str = "", limit: Limit = 100
) -> list[dict[str, Any]]:
    """Return survey records in code order, those after the code `after`, within the reader's area. 422 for an unknown
    category or a division code that is none."""
    if category and category not in CATEGORIES:
        raise unknown("category", category, CATEGORIES)
    scope = actor_of(request).scope
    return selectors.survey_records(scope, category=category, division=code_checked(division), after=after, limit=limit)


@router.get("/survey/counts", response={200: dict[str, int], **REFUSED}, summary="Survey records per category")
def survey_counts(request: HttpRequest) -> dict[str, int]:
    """Return how many records of each category lie in the reader's area."""
    return selectors.survey_counts(actor_of(request).scope)
