"""Orders, the duty desk, plans and the purge clock at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from anlan.kernel import clock
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.response import services as do
from anlan.response.engine.order import Receiver
from anlan.response.formats.plan_bodies import body_read
from anlan.response.models import CasualtyEntry, DutyLogEntry, Intake, PhoneRecord, PurgeClock, Task, TeamIntake
from anlan.response.services.duty_checks import check_answer, check_now
from anlan.response.services.duty_log import LogSpec, log_write
from anlan.response.services.handovers import handover_open, red_see
from anlan.response.services.purging import _GATHERED, Gathered, gathered_register
from anlan.response.services.rosters import RosterSpec, roster_draft
from anlan.response.services.swaps import swap_approve, swap_ask, swap_withdraw
from anlan.response.tasks import sweep
from tests.response import events_scene
from tests.response.duty_scene import NOW, crews, desk, leader, officer, published, refused, shift_now
from tests.response.ordering import GONGYI, MINUTE, NOON, XINGYANG, content, desk_of, hands, issued, key
from tests.response.scene import SCENE, kinds, person

pytestmark = pytest.mark.django_db


# --- orders --------------------------------------------------------------------------------------------------------------


def test_a_notice_called_off_reaches_whoever_got_it(plan: Any) -> None:
    both = (Receiver(str(key(GONGYI)), False), Receiver(str(key(XINGYANG)), False))
    order = issued(kind="notice", receivers=both, within_min=None)
    do.task_receive(by=desk_of(GONGYI), task=Task.objects.get(owner_post__code=GONGYI).pk, at=NOON + MINUTE)
    do.order_cancel(by=hands()[2], order=order.pk, reason="改期", at=NOON + 2 * MINUTE)
    found = Task.objects.filter(order=order).order_by("owner_post__code", "issued_at")
    assert [(task.owner_post.code, task.action, task.state) for task in found] == [
        (GONGYI, "notice", "done"), (GONGYI, "recall", "issued"),
        (XINGYANG, "notice", "cancelled"), (XINGYANG, "recall", "issued"),
    ]  # fmt: skip


def test_a_verbal_order_called_off_owes_no_written_form_and_holds_nothing_up(plan: Any) -> None:
    maker, _, signer = hands()
    order = do.order_draft(by=maker, content=content(), at=NOON)
    do.order_issue_verbal(by=signer, order=order.pk, seen=order.digest, way="phone", why="水已上路", at=NOON)
    do.order_cancel(by=signer, order=order.pk, reason="水退", at=NOON + MINUTE)
    sweep(NOON + timedelta(hours=2))
    assert kinds("order.written_late") == []
    assert kinds("task.overdue") != []  # what came after it was done


def test_limits_of_an_order_fit_and_its_files_are_its_own(plan: Any) -> None:
    for wrong in ({"receipt_min": 40_000}, {"verify_min": 40_000}, {"within_min": 86_401}, {"working_group": "g" * 25}):
        with refused(Invalid) as said:
            do.order_draft(by=hands()[0], content=content(**wrong), at=NOON)
        assert said.value.field == next(iter(wrong))
    order = issued()
    with refused(Invalid, "attachment.unknown"):
        do.order_progress(by=hands()[0], order=order.pk, text="见附件", files=[str(uuid4())], at=NOON)


def test_a_phone_s_key_is_of_one_act(plan: Any) -> None:
    order = issued()
    mine = Task.objects.get(order=order, owner_post__code=GONGYI)
    theirs = Task.objects.get(order=order, owner_post__code=XINGYANG)
    same = uuid4()
    with clock.at(NOON + MINUTE):
        do.task_sent(by=desk_of(GONGYI), task=mine.pk, act="receive", key=same)
        assert do.task_sent(by=desk_of(GONGYI), task=mine.pk, act="receive", key=same).state == "received"
        with refused(Conflict, "task.key"):
            do.task_sent(by=desk_of(GONGYI), task=mine.pk, act="done", key=same, evidence={"text": "x"})
        with refused(Conflict, "task.key"):
            do.task_sent(by=desk_of(XINGYANG), task=theirs.pk, act="receive", key=same)


# --- the desk ------------------------------------------------------------------------------------------------------------


def test_who_goes_can_t_acknowledge_for_who_comes() -> None:
    published()
    late = NOW + timedelta(hours=10, minutes=50)
    with clock.at(NOW):
        log_write(by=officer(), post=desk().pk, spec=LogSpec("卫星电话故障", kind="fault"))
    paper = handover_open(by=officer(), post=desk().pk, at=late)
    seen = {"handover": paper.pk, "items": [item["key"] for item in paper.red], "at": late}
    with refused(Forbidden, "duty.incoming_sees"):
        red_see(by=replace(officer(), person=paper.shift_out.main_id), **seen)
    assert red_see(by=replace(officer(), person=paper.shift_in.main_id), **seen).seen


def test_a_swap_is_taken_back_by_its_own_and_not_approved_once_a_shift_is_over() -> None:
    row = published(pattern="full_day")
    one, three = row.shifts.order_by("starts_at")[0], row.shifts.order_by("starts_at")[3]
    swap = swap_ask(by=officer(), shift=three.pk, role="main", to=one.main_id, other_shift=one.pk, reason="家中有事",
                    override="人手不足", at=NOW)  # fmt: skip
    stranger = replace(officer(), name="别的值班员", person=one.second_id)
    with refused(Forbidden, "duty.not_asked_by"):
        swap_withdraw(by=stranger, swap=swap.pk, at=NOW)
    with refused(Conflict, "duty.shift_over"):
        swap_approve(by=leader(), swap=swap.pk, at=one.ends_at)
    assert swap_withdraw(by=officer(), swap=swap.pk, at=NOW).state == "withdrawn"


def test_a_roster_takes_years_days_and_posts_that_can_be() -> None:
    crew = crews(5)
    away = (crew[0][0], date(9999, 12, 31), date(9999, 12, 31))
    for year, words, field in ((0, {}, "year"), (99_999, {}, "year"), (2027, {"absences": (away,)}, "absences")):
        with refused(Invalid) as said:
            spec = RosterSpec(pattern="day_night", crews=crew, **words)
            roster_draft(by=officer(), post=desk().pk, year=year, spec=spec, at=NOW)
        assert said.value.field == field
    foreign = RosterSpec(pattern="day_night", crews=crew, leader_post=key("410182.commander"))
    with refused(Invalid, "duty.leader_post"):
        roster_draft(by=officer(), post=desk().pk, year=2027, spec=replace(foreign, leader_post=uuid4()), at=NOW)
    county = person("410181.duty", "duty")
    with refused(Invalid, "duty.leader_post"):  # another county's leader is nobody's to roster
        roster_draft(by=county, post=key("410181.duty"), year=2027, spec=foreign, at=NOW)


def test_a_check_is_answered_by_somebody_there_is_and_links_lead_somewhere() -> None:
    row = published(checks_a_week=0)
    check = check_now(by=leader(), roster=row.pk, at=NOW)
    with refused(Invalid, "duty.person"):
        check_answer(by=officer(), check=check.pk, way="desk", person=uuid4(), at=NOW)
    assert (
        check_answer(by=officer(), check=check.pk, way="desk", person=shift_now(row).main_id, at=NOW).state
        == "answered"
    )
    with clock.at(NOW):
        with refused(Invalid) as said:
            log_write(by=officer(), post=desk().pk, spec=LogSpec("x", link="y" * 97))
        assert said.value.field == "link"
        taken = do.phone_take_down(by=officer(), post=desk().pk, spec=do.PhoneSpec(place="米河", course="进水"), at=NOW)
        for link in ("incident:none", f"incident:{uuid4()}", "task:1"):
            with refused(Invalid, "duty.link"):
                do.phone_hand_on(by=officer(), record_id=taken.pk, link=link, at=NOW)
        opened = do.incident_open(
            by=SCENE, kind="flash_flood", title={"zh": "山洪", "en": "x"}, division="4101", source="x"
        )
        do.phone_hand_on(by=officer(), record_id=taken.pk, link=f"incident:{opened.pk}", at=NOW)
        assert DutyLogEntry.objects.filter(phone=taken, kind="out").count() == 1


# --- plans ---------------------------------------------------------------------------------------------------------------


def test_words_that_come_back_can_be_signed_again(plan: Any) -> None:
    from anlan.response.services.plan_drafts import (
        plan_cosign,
        plan_draft_circulate,
        plan_draft_start,
        plan_draft_write,
    )

    writer, unit = person("4101.duty", "duty"), person("4101.department.health", "responder")
    draft = plan_draft_start(by=writer, plan="ZZ-FLOOD", version="9", at=NOON)
    first = dict(draft.body)
    plan_draft_circulate(by=writer, draft=draft.pk, units=["health"], at=NOON)
    for body in ({**first, "next_review": "2029-01-01"}, first):
        draft = plan_draft_write(by=writer, draft=draft.pk, body=body, seen=draft.digest, at=NOON)
    plan_draft_circulate(by=writer, draft=draft.pk, units=["health"], at=NOON)
    assert plan_cosign(by=unit, draft=draft.pk, unit="health", agrees=True, at=NOON).state == "agreed"


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &b {c: 1}\nd: *b", "null: x", 'a: "\\0"', "- 1", "a: ["])
def test_a_plan_s_text_that_says_more_than_a_plan_can_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as said:
        body_read(text)
    assert said.value.zh
    assert said.value.code == "plan.invalid"


KINDS = ("callers", "casualties", "phone_records", "teams")


# --- personal data -------------------------------------------------------------------------------------------------------


def test_an_event_s_end_destroys_what_was_gathered_for_it_and_nothing_else(plan: Any) -> None:
    minute = events_scene.minute
    events_scene.load("hazchem")
    leak = events_scene.event("other", "12D00", "液氨泄漏", "410182", deaths=1)
    flood = events_scene.event("flash_flood", "11A06", "山洪", "410182")
    for incident in (leak, flood):
        said = do.Said(what="x", caller={"name": incident.title_zh, "phone": "13800001234"})
        phone = do.PhoneSpec(place="x", course="x", caller_name=incident.title_zh)
        taken = do.phone_take_down(by=person("410182.duty", "duty"), post=key("410182.duty"), spec=phone, at=minute(1))
        intake = do.incident_receive(by=SCENE, door="phone", division="410182", said=said, about=f"phonerecord:{taken.pk}",
                                     at=minute(1))  # fmt: skip
        do.intake_join(by=SCENE, intake=intake.pk, incident=incident.pk, at=minute(2))
        do.casualty_enter(by=SCENE, division="410182", kind="injured", place=do.Where("x"), source="x", reporter="x",
                          name=incident.title_zh, incident=incident.pk, at=minute(3))  # fmt: skip
        post = do.command_post_set_up(by=SCENE, incident=incident.pk, at=minute(4))
        do.team_register(by=SCENE, command_post=post.pk, name="队", leader=incident.title_zh, people=3, at=minute(5))
    do.level_adopt(by=SCENE, plan="ZZ-HAZCHEM", level=4, incident=leak.pk, at=minute(6))
    do.level_end(by=SCENE, plan="ZZ-HAZCHEM", incident=leak.pk, reason="处置完毕", at=minute(300))
    purge = PurgeClock.objects.get()
    left = {
        code: {str(row) for row in kind.rows(purge).values_list("pk", flat=True)}
        for code, kind in _GATHERED.items()
        if code in KINDS
    }
    assert left == {
        "callers": {str(row.pk) for row in Intake.objects.filter(incident=leak)},
        "casualties": {str(row.pk) for row in CasualtyEntry.objects.filter(incident=leak)},
        "phone_records": {str(row.pk) for row in PhoneRecord.objects.filter(caller_name=leak.title_zh)},
        "teams": {str(row.pk) for row in TeamIntake.objects.filter(leader=leak.title_zh)},
    }
    assert all(left.values())


def test_a_kind_of_personal_data_is_registered_once() -> None:
    with pytest.raises(TypeError, match="callers"):
        gathered_register(Gathered("callers", Intake, {"caller": {}}, lambda purge: Intake.objects.none()))
