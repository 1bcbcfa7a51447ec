"""The only readers of the risk stage used by faces."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from anlan.kernel.scope import Scope
from anlan.risk import choices
from anlan.risk.models import SurveyRecord
from anlan.territory.engine.query import Query
from anlan.territory.selectors.features import Feature, Features, feature_one, features_page, in_box, point

MOST = 500
#: What survey records as features can be filtered by, and how.
SURVEY_FILTERS = {
    "survey_code": "survey_code", "category": "category", "type": "type", "hazard_class": "hazard_class",
    "division": "division__startswith", "quality": "quality", "place": "place__code", "surveyor": "surveyor__code",
}  # fmt: skip


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


def survey_features(scope: Scope, query: Query, *, after: str = "", limit: int = 100) -> Features:
    """Return one page of survey records as features, in code order; `between` asks about "surveyed_on". Two queries."""
    rows = scope.filter(SurveyRecord.objects.select_related("surveyor", "place"))
    for name, values in query.filters.items():
        given = [value for value in values if name != "hazard_class" or value in ("1", "2", "3", "4", "5")]
        either = Q(pk__in=[])
        for value in given:
            either |= Q(**{SURVEY_FILTERS[name]: value})
        rows = rows.filter(either)
    for word in query.words:
        rows = rows.filter(Q(survey_code__icontains=word) | Q(name__icontains=word))
    first, last = query.between.get("surveyed_on", (None, None))
    if first is not None:
        rows = rows.filter(surveyed_on__gte=first.date())
    if last is not None:
        rows = rows.filter(surveyed_on__lte=last.date())
    if query.bbox is not None:
        rows = rows.filter(in_box(query.bbox))
    return features_page(rows, after, limit, _feature, "survey_code")


def survey_feature(scope: Scope, key: str) -> Feature:
    """Return one survey record by id or code; NotFound outside the scope too."""
    own = Q(survey_code=key)
    with suppress(ValueError):
        own |= Q(pk=UUID(key))
    return feature_one(
        scope.filter(SurveyRecord.objects.select_related("surveyor", "place")).filter(own), key, _feature
    )


def _feature(row: SurveyRecord) -> Feature:
    codes = ("survey_code", "category", "type", "name", "division", "hazard_class", "quality")
    return {
        "id": str(row.pk),
        "geometry": point(row.lon, row.lat),
        "properties": {name: getattr(row, name) for name in codes}
        | {
            "surveyed_on": row.surveyed_on.isoformat(),
            "surveyor": row.surveyor.code if row.surveyor else None,
            "place": row.place.code if row.place else None,
            "attributes": row.attributes,
        },
    }
