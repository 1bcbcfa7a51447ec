"""Handing a desk over: every red item acknowledged by the incoming, both sign; and what is red, from every part."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.selectors import red as registry
from anlan.response.selectors import red_items, red_kinds
from anlan.response.selectors.red import Red, red
from anlan.response.services import incident_open, report_file
from anlan.response.services.duty_log import LogSpec, log_write
from anlan.response.services.duty_presence import duty_come
from anlan.response.services.handovers import handover_note, handover_open, handover_sign, red_see
from anlan.response.tasks import sweep
from tests.response.duty_scene import NOW, desk, officer, published, refused, shift_now
from tests.response.scene import RED, SCENE, data, warn

pytestmark = pytest.mark.django_db
CITY = Scope(("4101",))
MINUTE = timedelta(minutes=1)


def test_a_hand_over_with_a_red_item_open_is_refused_and_names_it() -> None:
    row = published()
    late = NOW + timedelta(hours=10, minutes=50)  # ten minutes before the change
    out, following = shift_now(row, late), row.shifts.get(starts_at=shift_now(row, late).ends_at)
    incident_open(
        by=SCENE,
        kind="flash_flood",
        title={"zh": "王宗店山洪", "en": "Flash flood"},
        division="410182",
        source="x",
        at=NOW,
    )
    with clock.at(NOW):
        log_write(by=officer(), post=desk().pk, spec=LogSpec("市领导要求核实常庄水库情况", kind="instruction"))
    for role in ("leader", "main", "second"):
        duty_come(by=officer(), shift=out.pk, role=role, where="room", at=out.starts_at)
    paper = handover_open(by=officer(), post=desk().pk, at=late)
    assert (paper.shift_out_id, paper.shift_in_id) == (out.pk, following.pk)
    assert {name: listed["total"] for name, listed in paper.lists.items()} == {
        "incidents": 1, "tasks": 0, "calls": 0, "reports": 0, "instructions": 1, "faults": 0,
    }  # fmt: skip
    signed = {"by": officer(), "handover": paper.pk, "at": late}
    with refused(Conflict, "duty.red_open"):
        handover_sign(**signed, side="in", person=following.main_id)
    handover_sign(**signed, side="out", person=out.main_id)
    with refused(Conflict, "duty.red_open") as refusal:
        handover_sign(**signed, side="in", person=following.main_id)
    assert "指示未办结：市领导要求核实常庄水库情况" in refusal.value.zh
    assert "Instruction not carried out" in refusal.value.en
    with refused(Invalid, "duty.no_red"):
        red_see(by=officer(), handover=paper.pk, items=["tasks:none"], at=late)
    red_see(by=officer(), handover=paper.pk, items=[item["key"] for item in paper.red], at=late)
    with refused(Invalid, "duty.not_of_shift"):
        handover_sign(**signed, side="in", person=out.second_id)
    handover_sign(**signed, side="in", person=following.main_id)
    done = data("duty.handed_over")[0]
    assert (done["counts"]["incidents"], len(done["red"])) == (1, 1)
    with refused(Conflict, "duty.handed_over"):
        handover_note(by=officer(), handover=paper.pk, note="x", at=late)


def test_what_turns_red_while_one_signs_is_not_passed_over() -> None:
    published()
    late = NOW + timedelta(hours=10, minutes=50)
    paper = handover_open(by=officer(), post=desk().pk, at=late)
    red_see(by=officer(), handover=paper.pk, items=[item["key"] for item in paper.red], at=late)
    handover_sign(by=officer(), handover=paper.pk, side="out", person=paper.shift_out.main_id, at=late)
    with clock.at(late):
        log_write(by=officer(), post=desk().pk, spec=LogSpec("卫星电话故障", kind="fault"))
    with refused(Conflict, "duty.red_open") as refusal:
        handover_sign(by=officer(), handover=paper.pk, side="in", person=paper.shift_in.main_id, at=late + MINUTE)
    assert [item["zh"] for item in refusal.value.extra["items"]] == ["设备故障未修复：卫星电话故障"]


def test_a_changed_note_takes_the_signature_away_and_nobody_signs_for_another() -> None:
    published()
    late = NOW + timedelta(hours=10, minutes=50)
    paper = handover_open(by=officer(), post=desk().pk, at=late)
    someone = replace(officer(), person=paper.shift_out.second_id)
    with refused(Forbidden, "duty.not_you"):
        handover_sign(by=someone, handover=paper.pk, side="out", person=paper.shift_out.main_id, at=late)
    assert handover_sign(by=someone, handover=paper.pk, side="out", at=late).out_person == paper.shift_out.second_id
    assert handover_note(by=officer(), handover=paper.pk, note="钥匙在保险柜", at=late).out_signed_at is None


def test_red_is_what_stands_open_in_the_chain_and_parts_add_their_own(plan) -> None:
    warn("red", RED)
    sweep(RED + timedelta(hours=30))
    report_file(by=SCENE, division="410182", figures={"missing": 1}, at=RED + timedelta(hours=30))
    found = red_items(CITY, RED + timedelta(hours=30))
    assert {item["kind"] for item in found} >= {"calls", "proposals"}
    late = next(item for item in found if item["kind"] == "proposals")
    assert late["text"]["zh"].endswith("超时未决定")
    assert all(item["key"].startswith(f"{item['kind']}:") and item["link"].startswith("/") for item in found)
    assert red_items(Scope(("37",)), RED + timedelta(hours=30)) == []

    def own(scope: Scope, at: datetime) -> list[Red]:
        return [Red("1", "水位计失联", "A gauge is silent", at, "/x")]

    try:
        red("own_test", zh="本部分", en="Own part")(own)
        assert [i["key"] for i in red_items(CITY, NOW) if i["kind"] == "own_test"] == ["own_test:1"]
        with pytest.raises(ValueError, match="come from"):
            red("own_test", zh="x", en="x")(lambda scope, at: [])
    finally:
        registry._KINDS.pop("own_test")
    assert "own_test" not in red_kinds()


def test_every_source_of_red_reads_without_fault_and_in_scope() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert red_items(Scope(("4101", "4102")), NOW) == []
    assert len(red_kinds()) >= 17
