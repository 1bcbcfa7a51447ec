"""The only readers of the risk stage used by faces."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from anlan.kernel.scope import Scope
from anlan.risk import choices
from anlan.risk.models import SurveyRecord

MOST = 500


def survey_records(
    scope: Scope, *, category: str = "", division: str = "", after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Return records in code order after the code `after`, with who surveyed and the place they are about. One query."""
    rows = scope.filter(SurveyRecord.objects.select_related("surveyor", "place")).order_by("survey_code")
    if category:
        rows = rows.filter(category=category)
    if division:
        rows = rows.filter(division__startswith=division)
    if after:
        rows = rows.filter(survey_code__gt=after)
    return [_record(row) for row in rows[: min(limit, MOST)]]


def survey_counts(scope: Scope) -> dict[str, int]:
    """Return records per category, categories without any too. One query."""
    found = dict(
        scope.filter(SurveyRecord.objects.all()).values_list("category").annotate(n=Count("pk")).order_by("category")
    )
    return {code: found.get(code, 0) for code in choices.CATEGORIES}


def _record(row: SurveyRecord) -> dict[str, Any]:
    return {
        "survey_code": row.survey_code,
        "category": {"code": row.category, **choices.name(choices.CATEGORIES, row.category)},
        "type": {"code": row.type, **choices.name(choices.TYPES, row.type)},
        "name": row.name,
        "division": row.division,
        "lon": row.lon,
        "lat": row.lat,
        "hazard_class": row.hazard_class,
        "surveyed_on": row.surveyed_on,
        "quality": {"code": row.quality, **choices.name(choices.QUALITY, row.quality)},
        "surveyor": row.surveyor.code if row.surveyor else None,
        "place": row.place.code if row.place else None,
        "attributes": row.attributes,
    }
