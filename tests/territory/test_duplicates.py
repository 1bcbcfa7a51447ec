"""Duplicates: found with reasons, proposed once, never merged by themselves; a merger can be undone."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.territory.engine.duplicates import find, name_key
from anlan.territory.engine.hazard_grade import Substance
from anlan.territory.models import Appointment, Kept, Licence, MajorHazard, MergeProposal, Person, Place, Post, Unit
from anlan.territory.services.hazards import hazard_save
from anlan.territory.services.licences import licence_save
from anlan.territory.services.merging import duplicates_find, merge_decide, merge_undo
from anlan.territory.services.people import person_save
from anlan.territory.sources.care_rules import pack
from tests.territory.care import COUNTY, DESK, NOW, OTHER, TOWN, lay_down
from tests.territory.mass import unit, uscc

SYSTEM = Actor.system("test")
RULES = pack("likeness")


def table(*rows: dict[str, Any]) -> pa.Table:
    blank = {
        "division": TOWN,
        "name": "",
        "uscc": "",
        "legacy": "",
        "phone": "",
        "address": "",
        "lon": None,
        "lat": None,
    }
    columns = {name: [{**blank, **row}[name] for row in rows] for name in blank}
    types = {"lon": pa.float64(), "lat": pa.float64()}
    return pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()})


def pairs(*rows: dict[str, Any], register: str = "units") -> dict[tuple[int, int], tuple[str, ...]]:
    words = {"window": RULES["window"], "most_block": RULES["most_block"], "threshold": RULES["threshold"]}
    found = find(table(*rows), RULES["registers"][register], **words)
    return {(int(a), int(b)): why for a, b, why in zip(found.left, found.right, found.reasons, strict=True)}


def test_names_are_compared_without_signs_and_legal_form() -> None:
    names = ["巩义市 ＡＢＣ（示例）有限责任公司", "巩义市abc示例有限公司", "有限公司", ""]
    assert name_key(pa.array(names)).to_pylist() == ["巩义市abc示例", "巩义市abc示例", "有限公司", ""]


def test_what_makes_two_rows_one() -> None:
    code = uscc(1)
    old = {"name": "老字号砖瓦厂", "legacy": f"{code[8:16]}-{code[16]}"}
    assert pairs({"name": "巩义一号耐材有限公司", "uscc": code}, old) == {(0, 1): ("organisation",)}
    same = {"name": "米河镇示例饭店", "phone": "10000000001"}
    assert pairs(same, {**same, "name": "米河镇示例饭店（个体工商户）"}) == {(0, 1): ("name", "phone")}
    here = {"name": "米河镇示例饭店", "lon": 113.0005, "lat": 34.7005}
    assert pairs(here, {**here, "lat": 34.7009}) == {(0, 1): ("name", "near")}
    assert pairs(here, {**here, "lat": 34.7105}) == {}


def test_what_does_not() -> None:
    assert pairs({"name": "甲店"}, {"name": "乙店"}) == {}
    assert pairs({"name": "", "phone": ""}, {"name": "", "phone": ""}) == {}
    chain = [{"name": "示例连锁店", "division": code, "phone": "10000000009"} for code in ("410181100", "410182109")]
    assert (0, 1) in pairs(*chain)  # the telephone brings them together: a person looks
    alone = [{**row, "phone": ""} for row in chain]
    assert pairs(*alone) == {}
    two = [{"name": "示例商贸", "phone": "10000000002", "uscc": uscc(n)} for n in (1, 2)]
    assert pairs(*two) == {}  # two valid codes are two organisations


def test_an_agents_telephone_tells_nothing_and_costs_nothing() -> None:
    rows = [{"name": f"店{n}", "phone": "10000000003"} for n in range(RULES["most_block"] + 1)]
    assert pairs(*rows) == {}


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["甲商店", "甲商店有限公司", "乙厂", "甲商行", ""]),
                "phone": st.sampled_from(["", "1", "2"]),
                "lon": st.sampled_from([None, 113.0005, 113.0008, 113.2]),
                "lat": st.just(34.7005),
                "division": st.sampled_from(["410181100", "410182109"]),
                "uscc": st.sampled_from(["", uscc(1), uscc(2)]),
            }
        ),
        min_size=2,
        max_size=9,
    )
)
def test_all_pairs_of_few_rows_are_scored_as_one_by_one(rows: list[dict[str, Any]]) -> None:
    """With no more rows than the window every pair that shares a key is compared: equal to looking at each pair alone."""
    one_by_one = {(a, b): why for a, b in combinations(range(len(rows)), 2)
                  for why in pairs(rows[a], rows[b]).values()}  # fmt: skip
    assert pairs(*rows) == one_by_one


def proposed() -> MergeProposal:
    duplicates_find(by=SYSTEM, register="units", at=NOW)
    return MergeProposal.objects.get()


@pytest.mark.django_db
def test_proposed_once_and_decided_by_a_person_only() -> None:
    lay_down()
    first = unit(1, name="示例饭店", phone="10000000001")
    second = unit(2, name="示例饭店（个体工商户）", phone="10000000001", uscc="", lon=None)
    row = proposed()
    assert {row.left, row.right} == {first.pk, second.pk}
    assert (row.division, row.reasons, row.state) == (TOWN, ["name", "phone"], "open")
    assert duplicates_find(by=SYSTEM, register="units", at=NOW).proposed == 0
    assert not Unit.objects.exclude(merged_into=None).exists()
    with pytest.raises(Forbidden):
        duplicates_find(by=DESK, register="units")
    with pytest.raises(NotFound):
        merge_decide(by=OTHER, proposal=row.pk, decision="apart", reason="不是一家")
    with pytest.raises(Invalid):
        merge_decide(by=DESK, proposal=row.pk, decision="merged", keep=row.pk, reason="同一单位")
    merge_decide(by=DESK, proposal=row.pk, decision="apart", reason="两家相邻店", at=NOW)
    with pytest.raises(Conflict):
        merge_decide(by=DESK, proposal=row.pk, decision="apart", reason="两家相邻店", at=NOW)
    assert duplicates_find(by=SYSTEM, register="units", at=NOW).proposed == 0


@pytest.mark.django_db
def test_a_merged_unit_brings_its_licences_and_hazards_and_goes_back() -> None:
    lay_down()
    keep = unit(1, name="示例饭店", phone="10000000001")
    gone = unit(2, name="示例饭店", phone="10000000001", uscc="")
    licence = licence_save(by=DESK, unit=gone.pk, kind="food", number="F1", expires_on=None, at=NOW)
    hazard = hazard_save(
        by=DESK, unit=gone.pk, name="液氨", people_500m=120, substances=[Substance("液氨", 50, 10)], at=NOW
    )
    row = proposed()
    merge_decide(by=DESK, proposal=row.pk, decision="merged", keep=keep.pk, reason="同一单位", at=NOW)
    assert Licence.objects.get(pk=licence.pk).unit_id == keep.pk
    assert MajorHazard.objects.get(pk=hazard.pk).unit_id == keep.pk
    assert (Unit.objects.get(pk=keep.pk).major_hazard, Unit.objects.get(pk=gone.pk).merged_into) == (3, keep.pk)
    assert Kept.objects.filter(row=gone.pk).exists()
    merge_undo(by=DESK, proposal=row.pk, reason="合并有误", at=NOW)
    assert Licence.objects.get(pk=licence.pk).unit_id == gone.pk
    back = {unit.pk: (unit.major_hazard, unit.merged_into) for unit in Unit.objects.all()}
    assert back == {keep.pk: (0, None), gone.pk: (3, None)}
    assert Entry.objects.get(kind="merge.undone").data["moved"] == {"licence": 1, "hazard": 1}
    merge_decide(by=DESK, proposal=row.pk, decision="apart", reason="确为两家", at=NOW)


@pytest.mark.django_db
def test_a_merged_person_hands_on_posts_without_overwriting_them() -> None:
    lay_down()
    post = Post.objects.get(code=f"{TOWN}.duty")
    old = Appointment.objects.get(post=post, holder="A")
    name = Person.objects.get(pk=old.person_id)
    twin = person_save(by=DESK, name=name.name, phone=name.phone, division=TOWN, at=NOW)
    told = duplicates_find(by=SYSTEM, register="persons", at=NOW)
    assert told.proposed == 1
    row = MergeProposal.objects.get(register="persons")
    merge_decide(by=DESK, proposal=row.pk, decision="merged", keep=twin.pk, reason="确为同一人", at=NOW)
    assert Appointment.objects.get(post=post, holder="A", valid_to__isnull=True).person_id == twin.pk
    old.refresh_from_db()
    assert old.valid_to is not None
    assert Person.objects.get(pk=name.pk).state == "merged"
    merge_undo(by=DESK, proposal=row.pk, reason="合并有误", at=NOW)
    assert Appointment.objects.get(post=post, holder="A", valid_to__isnull=True).person_id == name.pk
    assert Appointment.objects.filter(post=post, holder="A").count() == 3


@pytest.mark.django_db
def test_merged_places_hand_on_posts_and_duties() -> None:
    lay_down()
    reservoir = Place.objects.filter(kind="reservoir", division__startswith=COUNTY).first()
    assert reservoir is not None
    twin = Place.objects.create(code="R-twin", kind="reservoir", name_zh=reservoir.name_zh, name_en="x", lon=reservoir.lon,
                                lat=reservoir.lat, division=reservoir.division)  # fmt: skip
    assert duplicates_find(by=SYSTEM, register="places", at=NOW).proposed == 1
    row = MergeProposal.objects.get(register="places")
    posts = Post.objects.filter(place=reservoir).count()
    merge_decide(by=DESK, proposal=row.pk, decision="merged", keep=twin.pk, reason="同一水库", at=NOW)
    assert Post.objects.filter(place=twin).count() == posts > 0
    merge_undo(by=DESK, proposal=row.pk, reason="合并有误", at=NOW)
    assert Post.objects.filter(place=reservoir).count() == posts
