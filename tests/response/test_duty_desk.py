"""The duty desk: random checks timed to the second, presence, the log that stays, telephone records, hand-over and what is red."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from anlan.kernel import clock, live
from anlan.kernel.drill import drill_create
from anlan.kernel.journal import head, seal
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.engine.duty_checks import check_moment, check_number
from anlan.response.models import DutyCheck, DutyLogEntry, Handover, PhoneRecord
from anlan.response.selectors import red_items
from anlan.response.services import incident_open
from anlan.response.services.duty_checks import check_answer, check_now
from anlan.response.services.duty_log import LogSpec, PhoneSpec, log_write, phone_hand_on, phone_take_down
from anlan.response.services.duty_presence import duty_come, duty_leave
from anlan.response.services.handovers import handover_open, handover_sign
from anlan.response.services.swaps import swap_ask
from anlan.response.tasks import next_due, sweep
from tests.response.duty_scene import NOW, desk, leader, officer, people, published, refused, shift_now, stranger
from tests.response.scene import BEIJING, SCENE, SYSTEM, data, kinds

pytestmark = pytest.mark.django_db
CITY = Scope(("4101",))
MINUTE = timedelta(minutes=1)


def test_a_desk_is_checked_at_drawn_moments_and_the_answer_is_timed() -> None:
    row = published(checks_a_week=7)
    planned = DutyCheck.objects.get()
    assert (planned.state, next_due()) == ("planned", planned.next_at)
    assert live.state(CITY)["items"]["dutycheck"] == {}  # nobody sees it coming
    sweep(planned.next_at)
    asked = DutyCheck.objects.get(pk=planned.pk)
    assert (asked.state, asked.asked_at, asked.person_id) == (
        "asked",
        planned.next_at,
        shift_now(row, planned.next_at).main_id,
    )
    check_answer(by=officer(), check=asked.pk, way="page", at=asked.asked_at + timedelta(seconds=73))
    done = data("duty.check_answered")[0]
    assert (done["took_s"], done["late"], done["way"]) == (73, False, "page")
    with refused(Conflict, "duty.check_answered"):
        check_answer(by=officer(), check=asked.pk, way="page", at=asked.asked_at + 2 * MINUTE)
    following = DutyCheck.objects.get(state="planned")
    assert following.number == asked.number + 1
    assert following.next_at > asked.asked_at


def test_checks_are_drawn_one_in_each_part_of_the_week_from_the_seed() -> None:
    row = published(checks_a_week=14)
    sweep(NOW + timedelta(days=7))
    found = list(DutyCheck.objects.exclude(state="planned").order_by("number"))
    assert len(found) >= 13
    part = timedelta(days=7) / 14
    for check in found:
        assert row.begins_at + check.number * part <= check.asked_at < row.begins_at + (check.number + 1) * part
        assert check_number(row.begins_at, 14, check.asked_at) == check.number
    assert len({(check.asked_at - row.begins_at) % part for check in found}) == len(found)
    assert check_moment(row.begins_at, 14, 0, 0.5) == (row.begins_at + part / 2).replace(microsecond=0)


def test_silence_climbs_to_the_leader_and_then_to_the_superior_and_is_red() -> None:
    row = published(checks_a_week=0)
    assert next_due() is None
    check = check_now(by=leader(), roster=row.pk, at=NOW)
    with refused(Conflict, "duty.check_open"):
        check_now(by=leader(), roster=row.pk, at=NOW)
    sweep(NOW + 30 * MINUTE)
    assert kinds("duty.check_climbed") == [
        ("duty.check_climbed", NOW + 5 * MINUTE),
        ("duty.check_climbed", NOW + 10 * MINUTE),
    ]
    first, second = data("duty.check_climbed")
    assert first["person"] == str(shift_now(row).leader_id)
    assert second["to"] == desk().superior.code
    assert [item["id"] for item in red_items(CITY, NOW + 30 * MINUTE) if item["kind"] == "duty_checks"] == [
        str(check.pk)
    ]
    check_answer(by=officer(), check=check.pk, way="phone", at=NOW + 31 * MINUTE)
    check.refresh_from_db()
    assert (check.late, check.took_s, check.next_at) == (True, 31 * 60, None)
    assert not [item for item in red_items(CITY, NOW + 32 * MINUTE) if item["kind"] == "duty_checks"]


def test_in_a_drill_nobody_is_checked_unless_its_scenario_wants_it() -> None:
    for settings, wanted in (({}, 0), ({"duty_checks": True}, 1)):
        with transaction.atomic():
            drill_create(by=SYSTEM, scenario="s", seed=7, profile="tiny", starts_at=NOW, ends_at=NOW + timedelta(days=1),
                         tick_s=30, settings=settings)  # fmt: skip
            published(checks_a_week=7)
            assert DutyCheck.objects.count() == wanted
            transaction.set_rollback(True)


def test_who_comes_is_on_record_and_nobody_leaves_before_the_relief() -> None:
    row = published()
    now = shift_now(row)
    at = now.starts_at + 20 * MINUTE
    absent = [item["id"].split("/")[1] for item in red_items(CITY, at) if item["kind"] == "duty_absent"]
    assert absent == ["leader", "main", "second"]
    came = duty_come(by=officer(), shift=now.pk, role="main", where="room", at=at)
    assert came.late_min == 20
    duty_come(by=officer(), shift=now.pk, role="main", where="office", at=at + MINUTE)
    assert [one.late_min for one in now.presences.order_by("came_at")] == [20, 0]
    with refused(Conflict, "duty.not_relieved"):
        duty_leave(by=officer(), shift=now.pk, role="main", at=at + 2 * MINUTE)
    following = row.shifts.get(starts_at=now.ends_at)
    with refused(Conflict, "duty.not_now"):
        duty_come(by=officer(), shift=following.pk, role="main", where="room", at=at)
    duty_come(by=officer(), shift=following.pk, role="main", where="room", at=now.ends_at - 5 * MINUTE)
    duty_leave(by=officer(), shift=now.pk, role="main", at=now.ends_at - 4 * MINUTE)
    with refused(Invalid, "duty.where"):
        duty_come(by=officer(), shift=following.pk, role="main", where="reachable", at=now.ends_at)


def test_the_leader_may_be_out_in_calm_times_and_stays_in_in_the_flood_season_and_under_a_response(plan) -> None:
    row = published(checks_a_week=0)
    now = shift_now(row)
    duty_come(by=leader(), shift=now.pk, role="leader", where="reachable", at=NOW)
    from anlan.response.services import level_adopt

    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=4, at=NOW + MINUTE)
    told = [item for item in red_items(CITY, NOW + 30 * MINUTE) if item["kind"] == "duty_absent"]
    assert [item["text"]["zh"] for item in told if "带班领导不在岗" in item["text"]["zh"]] != []
    duty_come(by=leader(), shift=now.pk, role="leader", where="office", at=NOW + 2 * MINUTE)
    with refused(Conflict, "duty.leader_stays") as refusal:
        duty_come(by=leader(), shift=now.pk, role="leader", where="reachable", at=NOW + 3 * MINUTE)
    assert "防汛值班规定" in refusal.value.zh


def test_the_log_stays_and_a_correction_is_a_new_entry() -> None:
    with clock.at(NOW):
        fault = log_write(by=officer(), post=desk().pk, spec=LogSpec("2号电台无信号", kind="fault", way="radio"))
        wrong = log_write(by=officer(), post=desk().pk, spec=LogSpec("收到巩义电话，水位3.1米", kind="in", way="phone"))
        put = log_write(by=officer(), post=desk().pk, spec=LogSpec("水位应为3.7米", corrects=wrong.pk))
        assert (put.kind, put.corrects_id) == ("correction", wrong.pk)
        for statement in ("UPDATE response_dutylogentry SET content = 'x'", "DELETE FROM response_dutylogentry"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert [item["kind"] for item in red_items(CITY, NOW) if item["kind"] == "duty_standing"] == ["duty_standing"]
        log_write(by=officer(), post=desk().pk, spec=LogSpec("已换电池，恢复", settles=fault.pk))
        assert not [item for item in red_items(CITY, NOW) if item["kind"] == "duty_standing"]
        with refused(Conflict, "duty.settled"):
            log_write(by=officer(), post=desk().pk, spec=LogSpec("再次", settles=fault.pk))
        with refused(Invalid, "duty.content"):
            log_write(by=officer(), post=desk().pk, spec=LogSpec("  "))
        with refused(NotFound):
            log_write(by=stranger(), post=desk().pk, spec=LogSpec("x"))
        with refused(Invalid, "duty.time"):
            log_write(by=officer(), post=desk().pk, spec=LogSpec("x"), at=NOW + MINUTE)


def test_a_telephone_call_is_taken_down_corrected_and_handed_on() -> None:
    spec = PhoneSpec(place="米河镇政府", course="洪水漫入街道，镇政府一层进水", caller_unit="米河镇", caller_name="镇值班员",
                     caller_phone="1001 234 5678", told="县应急局")  # fmt: skip
    with clock.at(NOW):
        row = phone_take_down(by=officer(), post=desk().pk, spec=spec, at=NOW)
        assert (row.caller_phone, row.recorder) == ("10012345678", officer().name)
        line = DutyLogEntry.objects.get(phone=row)
        assert (line.kind, line.way, line.from_words) == ("in", "phone", "米河镇")
        better = phone_take_down(by=officer(), post=desk().pk, spec=PhoneSpec(place="米河镇小里河村", course="同上"),
                                 corrects=row.pk, at=NOW)  # fmt: skip
        assert (better.corrects_id, PhoneRecord.objects.count()) == (row.pk, 2)
        opened = incident_open(by=SCENE, kind="flash_flood", title={"zh": "米河镇进水", "en": "Flood at Mihe"}, division="4101",
                               source="电话", at=NOW)  # fmt: skip
        link = f"incident:{opened.pk}"
        assert phone_hand_on(by=officer(), record_id=row.pk, link=link, at=NOW).link == link
        with refused(Conflict, "duty.handed_on"):
            phone_hand_on(by=officer(), record_id=row.pk, link=link, at=NOW)
        with refused(Invalid, "duty.call"):
            phone_take_down(by=officer(), post=desk().pk, spec=PhoneSpec(place="某地"), at=NOW)
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("UPDATE response_phonerecord SET course = 'x'")
        cursor.execute(
            "UPDATE response_phonerecord SET caller_name = '（已清除）', caller_phone = '（已清除）'"
        )  # personal data may go
        assert cursor.rowcount == 2


def test_state_plus_frames_equals_a_refetch() -> None:
    row = published(checks_a_week=0)
    seal()
    first = live.state(CITY)
    items, seq = first["items"], first["seq"]
    one, three = row.shifts.order_by("starts_at")[2:5:2]
    check = check_now(by=leader(), roster=row.pk, at=NOW)
    swap_ask(by=officer(), shift=one.pk, role="main", to=people(1)[0], reason="出差", at=NOW)
    paper = handover_open(by=officer(), post=desk().pk, at=NOW)
    seal()
    for state in (None, "answered"):
        if state:
            check_answer(by=officer(), check=check.pk, way="keys", at=NOW + MINUTE)
            handover_sign(by=officer(), handover=paper.pk, side="out", person=paper.shift_out.main_id if paper.shift_out else None,
                          name="甲", at=NOW + MINUTE)  # fmt: skip
            seal()
        frame = live.frame(CITY, seq, head()[0])
        assert frame is not None
        live.merge(items, frame)
        seq = frame["seq"]
        fresh = live.state(CITY)["items"]
        for name in ("dutycheck", "handover", "swaprequest"):
            assert items[name] == fresh[name], name
        assert len(fresh["dutycheck"]) == (0 if state else 1)
        assert len(fresh["swaprequest"]) == 1
    assert Handover.objects.get(pk=paper.pk).state == "open"
    assert three.pk != one.pk


def test_a_moment_of_beijing_is_what_the_roster_says() -> None:
    row = published()
    assert shift_now(row, datetime(2026, 12, 31, 23, 59, tzinfo=BEIJING)).ends_at == datetime(
        2027, 1, 1, 8, tzinfo=BEIJING
    )
