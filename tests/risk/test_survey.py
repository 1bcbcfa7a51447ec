"""Survey records: exact number, all categories, somebody answers for each, in scope, one query."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden
from anlan.kernel.scope import Scope
from anlan.risk import choices
from anlan.risk.engine.survey import Spot, records_make
from anlan.risk.models import SurveyRecord
from anlan.risk.selectors import survey_counts, survey_records
from anlan.risk.services import survey_generate
from anlan.risk.sources import survey_mix
from anlan.territory.services import generate

SYSTEM = Actor.system("tests")
SPOTS = [Spot(f"4101020020{n:02d}", f"村{n}", 113.0 + n / 100, 34.0, f"4101020020{n:02d}.head") for n in range(5)]
NAMES = {code: choice.zh for code, choice in choices.TYPES.items()}


@pytest.mark.parametrize("total", [0, 3, 8, 1000])
def test_the_number_is_exact_and_no_category_is_left_out(total: int) -> None:
    made = records_make(7, total, survey_mix(), SPOTS, {}, NAMES)
    assert len(made) == total == len({row.survey_code for row in made})
    assert total < 8 or {row.category for row in made} == set(choices.CATEGORIES)
    assert records_make(7, total, survey_mix(), SPOTS, {}, NAMES) == made


def test_nowhere_to_survey_is_refused() -> None:
    with pytest.raises(ValueError, match="settlement"):
        records_make(7, 1, survey_mix(), [], {}, NAMES)


@pytest.mark.django_db
def test_records_name_who_answers_and_the_place_and_are_seen_in_scope(django_assert_num_queries: Any) -> None:
    generate("tiny", 7)
    assert survey_generate(by=SYSTEM, root="4101", total=400, seed=7) == 400
    assert not SurveyRecord.objects.filter(surveyor=None).exists()
    linked = SurveyRecord.objects.exclude(place=None)
    assert linked.exists()
    assert all(row.place is not None and row.place.division == row.division for row in linked)
    assert Entry.objects.get(kind="survey.laid").data["count"] == 400
    county = Scope(("410181",))
    with django_assert_num_queries(1):
        rows = survey_records(county, limit=500)
    assert rows
    assert all(row["division"].startswith("410181") for row in rows)
    with django_assert_num_queries(1):
        counts = survey_counts(Scope.whole())
    assert sum(counts.values()) == 400
    assert set(counts) == set(choices.CATEGORIES)
    with pytest.raises(Conflict):
        survey_generate(by=SYSTEM, root="4101", total=1, seed=7)
    with pytest.raises(Forbidden):
        survey_generate(by=Actor("person", "值班员", Scope(("4101",))), root="4101", total=1, seed=7)
