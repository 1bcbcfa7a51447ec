"""Exactly one lead regulator each, by the first rule that fits; a person's word stands; nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.choices import DEPARTMENTS, RISK_FLAGS, UNIT_SIZES
from anlan.territory.engine.regulator import assign, rules_of
from anlan.territory.models import Kept, Unit
from anlan.territory.selectors.care import units_unassigned
from anlan.territory.services.regulators import regulator_set, regulators_assign, rules
from anlan.territory.sources.care_rules import pack
from tests.territory.care import COUNTY, DESK, READER, lay_down
from tests.territory.mass import department, unit

BITS = {code: place for place, code in enumerate(RISK_FLAGS)}
# Every beginning a rule asks for, alone, longer, shorter; every section.
ASKED = sorted({prefix for entry in pack("regulators")["rules"] for prefix in entry.get("industry", ())})
CODES = ["", *"ABCDEFGHIJKLMNOPQRST", *ASKED, *(code + "1" for code in ASKED), *(code[:-1] + "0" for code in ASKED)]


def test_every_rule_names_a_department_and_where_it_comes_from() -> None:
    for rule in rules():
        assert rule.department in DEPARTMENTS
        assert rule.sizes <= set(UNIT_SIZES)
        assert len(rule.cite) >= 4 and rule.mark in ("", "G")
    assert len({rule.code for rule in rules()}) == len(rules())
    with pytest.raises(ValueError):
        rules_of([{"code": "x", "department": "water", "cite": "y"}], BITS)
    with pytest.raises(KeyError):
        rules_of([{"code": "x", "department": "water", "cite": "y", "flags": ["dragons"]}], BITS)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.integers(0, 2 ** len(RISK_FLAGS) - 1),
            st.sampled_from(["", *UNIT_SIZES]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_columns_decide_as_one_by_one(units: list[tuple[str, int, str]]) -> None:
    def one(industry: str, flags: int, size: str) -> int:
        for place, entry in enumerate(pack("regulators")["rules"]):
            wants = entry.get("flags"), entry.get("industry"), entry.get("sizes")
            if (
                (not wants[0] or any(flags >> BITS[flag] & 1 for flag in wants[0]))
                and (not wants[1] or any(industry.startswith(prefix) for prefix in wants[1]))
                and (not wants[2] or size in wants[2])
            ):
                return place
        return -1

    industry, flags, size = zip(*units, strict=True)
    assert assign(rules(), industry, flags, size).tolist() == [one(*each) for each in units]


@pytest.mark.django_db
def test_assigned_listed_and_the_same_again_changes_nothing() -> None:
    lay_down()
    plant = unit(1, industry="C2614", flags=1 << BITS["hazchem"], size="large")
    builder, shop = unit(2, industry="E4710"), unit(3, industry="F5211")
    office = unit(4, industry="S9110")
    zone = unit(5, industry="C17", division="410173001")
    shop_with = unit(6, industry="F5211", regulator=department(COUNTY, "emergency"))
    done = regulators_assign(by=Actor.system("test"))
    found = {row.key: (row.regulator.code if row.regulator else None, row.regulator_rule)
             for row in Unit.objects.select_related("regulator")}  # fmt: skip
    assert found == {
        plant.key: ("4101.department.emergency", "hazchem_city"),
        builder.key: (f"{COUNTY}.department.housing", "construction"),
        shop.key: (None, "trade"),  # no commerce bureau in this county
        office.key: (None, "none"),
        zone.key: ("4101.department.emergency", "manufacturing"),  # a functional zone falls back on the city's
        shop_with.key: (f"{COUNTY}.department.emergency", ""),  # the file named it
    }
    assert (done.units, done.changed, done.unassigned) == (5, 5, {"no_department": 1, "no_rule": 1})
    assert Kept.objects.filter(register="units").count() == 5
    again = regulators_assign(by=Actor.system("test"))
    assert (again.changed, again.rules, Kept.objects.count()) == (0, done.rules, 5)
    rows = units_unassigned(DESK.scope)
    assert {(row["key"], row["why"]) for row in rows} == {(shop.key, "no_department"), (office.key, "no_rule")}
    department(COUNTY, "commerce")
    assert regulators_assign(by=DESK, units=[shop.pk]).changed == 1
    assert [row["key"] for row in units_unassigned(DESK.scope)] == [office.key]


@pytest.mark.django_db
def test_a_persons_word_stands_until_it_is_given_back() -> None:
    lay_down()
    water = department(COUNTY, "water")
    row = unit(1, industry="E4710")
    regulators_assign(by=DESK)
    with pytest.raises(Invalid):
        regulator_set(by=DESK, unit=row.pk, organisation=water.pk, reason="是")
    regulator_set(by=DESK, unit=row.pk, organisation=water.pk, reason="水利工程专项检查")
    assert regulators_assign(by=DESK).changed == 0
    row.refresh_from_db()
    assert (row.regulator_id, row.regulator_rule) == (water.pk, "manual")
    assert Entry.objects.get(kind="unit.regulator_set").data["reason"] == "水利工程专项检查"
    back = regulator_set(by=DESK, unit=row.pk, organisation=None, reason="专项检查结束")
    assert (back.regulator_rule, back.regulator.code) == ("construction", f"{COUNTY}.department.housing")
    kept = list(Kept.objects.order_by("id").values_list("before", flat=True))
    assert [entry["regulator_rule"] for entry in kept] == ["", "construction", "manual", "none"]


@pytest.mark.django_db
def test_only_who_may_and_only_inside_the_area() -> None:
    lay_down()
    row = unit(1, industry="E4710")
    with pytest.raises(Forbidden):
        regulators_assign(by=READER)
    other = Actor("person", "别县", Scope(("410182",)), roles=frozenset({"duty"}))
    assert regulators_assign(by=other).units == 0
    with pytest.raises(NotFound):
        regulator_set(by=other, unit=row.pk, organisation=None, reason="不在辖区")
