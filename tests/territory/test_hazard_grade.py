"""Major hazard sources: the published example, every bound of the tables, and the unit kept in step."""

from __future__ import annotations

import pytest

from anlan.kernel.models import Entry
from anlan.kernel.problem import Invalid
from anlan.territory.engine.hazard_grade import Substance, beta, grade
from anlan.territory.models import MajorHazard, Unit
from anlan.territory.services.hazards import hazard_save
from anlan.territory.sources.care_rules import pack
from tests.territory.care import DESK, NOW, lay_down
from tests.territory.mass import unit

RULES = pack("major_hazard")
AMMONIA = Substance("液氨", 50, 10)


def test_the_published_example() -> None:
    found = grade(RULES, 120, [AMMONIA])
    assert (found.r, found.grade, found.alpha) == (20.0, 3, 2.0)
    assert found.parts == (("液氨", 2.0, 20.0),)


@pytest.mark.parametrize(
    ("people", "alpha"), [(0, 0.5), (1, 1.0), (29, 1.0), (30, 1.2), (49, 1.2), (50, 1.5), (99, 1.5), (100, 2.0)]
)
def test_alpha_at_every_bound(people: int, alpha: float) -> None:
    assert grade(RULES, people, [AMMONIA]).alpha == alpha


@pytest.mark.parametrize(
    ("r", "expected"), [(0, 0), (0.1, 4), (9.99, 4), (10, 3), (49.99, 3), (50, 2), (99.99, 2), (100, 1), (5000, 1)]
)
def test_grade_at_every_bound(r: float, expected: int) -> None:
    assert grade(RULES, 1, [Substance("某物", r, 1)]).grade == expected


def test_beta_by_name_else_by_class() -> None:
    table = {"一氧化碳": 2, "二氧化硫": 2, "氨": 2, "环氧乙烷": 2, "氯化氢": 3, "溴甲烷": 3, "氯": 4, "硫化氢": 5, "氟化氢": 5,
             "二氧化氮": 10, "氰化氢": 10, "碳酰氯": 20, "磷化氢": 20, "异氰酸甲酯": 20}  # fmt: skip
    assert {name: beta(RULES, Substance(name, 1, 1)) for name in table} == table
    assert beta(RULES, Substance("NH3", 1, 1)) == 2 and beta(RULES, Substance("光气", 1, 1)) == 20
    kinds = {"toxic_gas": 2, "highly_toxic": 4, "explosive": 2, "flammable_gas": 1.5, "other": 1}
    assert {kind: beta(RULES, Substance("某物", 1, 1, kind)) for kind in kinds} == kinds
    with pytest.raises(ValueError):
        beta(RULES, Substance("某物", 1, 1, "magic"))


def test_shares_add_up_and_a_bound_of_tenths_is_met() -> None:
    parts = [Substance("某物", 0.1, 1)] * 100
    assert grade(RULES, 1, parts).r == 10.0 and grade(RULES, 1, parts).grade == 3
    with pytest.raises(ValueError):
        grade(RULES, 1, [Substance("某物", 1, 0)])


@pytest.mark.django_db
def test_a_units_grade_follows_its_gravest_active_source() -> None:
    lay_down()
    owner = unit(1)

    def now() -> int:
        return Unit.objects.get(pk=owner.pk).major_hazard

    small = hazard_save(by=DESK, unit=owner.pk, name="液氨储罐", people_500m=120, substances=[AMMONIA], at=NOW)
    assert (small.grade, now()) == (3, 3)
    large = hazard_save(
        by=DESK, unit=owner.pk, name="液氯库", people_500m=120, substances=[Substance("液氯", 65, 5)], at=NOW
    )
    assert (large.r, now()) == (104.0, 1)
    hazard_save(by=DESK, unit=owner.pk, hazard=large.pk, name="液氯库", people_500m=120, active=False,
                substances=[Substance("液氯", 65, 5)], at=NOW)  # fmt: skip
    assert now() == 3
    assert MajorHazard.objects.get(pk=small.pk).substances[0] == {
        "name": "液氨", "quantity_t": 50, "limit_t": 10, "kind": "other", "beta": 2.0, "share": 20.0,
    }  # fmt: skip
    assert Entry.objects.filter(kind="hazard.saved").count() == 3
    with pytest.raises(Invalid):
        hazard_save(by=DESK, unit=owner.pk, name="错", people_500m=-1, substances=[AMMONIA])
