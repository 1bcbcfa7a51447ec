"""A year's roster on a real database: holes refused by the minute, turns written so that calls find who sits there, swaps."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.models import RosterYear, SwapRequest
from anlan.response.services.rosters import RosterSpec, roster_draft, roster_revise, shift_set
from anlan.response.services.rosters_publish import roster_publish
from anlan.response.services.swaps import swap_approve, swap_ask, swap_refuse, swap_withdraw
from anlan.territory.models import Post, Shift
from anlan.territory.selectors.holders import holders_by_divisions
from anlan.territory.selectors.people import on_duty
from tests.response.duty_scene import NOW, crews, desk, drafted, leader, officer, people, published, refused, stranger
from tests.response.scene import BEIJING, data, kinds

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_year_is_drafted_published_and_calls_go_to_who_sits_there() -> None:
    row = drafted()
    assert (row.state, row.version, row.shifts.count()) == ("draft", 1, 731)
    assert not Shift.objects.filter(post=desk()).exists()
    roster_publish(by=officer(), roster=row.pk, at=NOW)
    assert Shift.objects.filter(post=desk(), cancelled=False).count() == 2 * 731
    moment = datetime(2027, 2, 6, 3, tzinfo=BEIJING)
    shift = row.shifts.get(starts_at__lte=moment, ends_at__gt=moment)
    found = on_duty([desk().pk], moment)[desk().pk]
    assert (found["A"].person_id, found["B"].person_id) == (shift.main_id, shift.second_id)
    called = next(h for h in holders_by_divisions(["4101"], ["city_duty"], at=moment) if h.post_id == desk().pk)
    assert (called.a_person, called.b_person) == (shift.main_id, shift.second_id)
    told = data("duty.roster_published")[0]
    assert (told["shifts"], told["planned"], told["cancelled"], told["overrides"]) == (731, 1462, 0, 0)
    assert data("duty.roster_made")[0]["hole_min"] == 0
    assert [kind for kind, _ in kinds("shifts.planned", "shift.planned")] == ["shifts.planned"]


def test_a_hole_stops_the_publishing_and_says_which_minutes() -> None:
    row = drafted(pattern="full_day")
    gap = row.shifts.get(starts_at=datetime(2027, 5, 1, 8, tzinfo=BEIJING))
    shift_set(by=officer(), shift=gap.pk, role="second", person=None, at=NOW)
    with refused(Conflict) as refusal:
        roster_publish(by=officer(), roster=row.pk, at=NOW)
    assert refusal.value.code == "duty.holes"
    assert "2027-05-01 08:00–2027-05-02 08:00 缺副班（1440分钟）" in refusal.value.zh
    assert "without second (1440 minutes)" in refusal.value.en
    assert len(refusal.value.extra["items"]) == 1
    assert RosterYear.objects.get(pk=row.pk).state == "draft"
    assert not Shift.objects.exists()
    shift_set(by=officer(), shift=gap.pk, role="second", person=people(1)[0], at=NOW)
    assert roster_publish(by=officer(), roster=row.pk, at=NOW).state == "published"


def test_nobody_is_rostered_over_24_hours_without_a_written_reason() -> None:
    row = drafted(pattern="full_day")
    first, second = row.shifts.order_by("starts_at")[10:12]
    edited = {"by": officer(), "shift": second.pk, "role": "main", "person": first.main_id, "at": NOW}
    shift_set(**edited)
    with refused(Conflict) as refusal:
        roster_publish(by=officer(), roster=row.pk, at=NOW)
    assert refusal.value.code == "duty.rest"
    assert "连续值班过长" in refusal.value.zh
    assert "48" in refusal.value.zh
    shift_set(**edited, reason="道路中断，接班人员无法到岗")
    roster_publish(by=officer(), roster=row.pk, at=NOW)
    assert data("duty.roster_published")[0]["overrides"] == 1


def test_the_year_before_runs_over_and_nothing_overlaps() -> None:
    first = published()
    last = first.shifts.order_by("starts_at").last()
    assert last.ends_at == datetime(2027, 1, 1, 8, tzinfo=BEIJING)
    spec = RosterSpec(pattern="day_night", crews=[tuple(crew) for crew in first.crews])
    row = roster_draft(by=officer(), post=desk().pk, year=2027, spec=spec, at=NOW)
    assert row.begins_at == last.ends_at
    roster_publish(by=officer(), roster=row.pk, at=NOW)
    assert row.shifts.order_by("starts_at").first().main_id != last.main_id


def test_the_next_year_made_first_is_not_overlapped() -> None:
    listed = crews(5)
    later = drafted(crews=listed)
    roster_publish(by=officer(), roster=later.pk, at=NOW)
    row = published(crews=listed)
    assert row.shifts.order_by("starts_at").last().ends_at == datetime(2027, 1, 1, tzinfo=BEIJING)


def test_leave_the_calendar_and_the_leaders_post_are_kept() -> None:
    listed = crews(5)
    away = (listed[0][1], date(2026, 12, 1), date(2026, 12, 10))
    commander = Post.objects.get(code="4101.commander")
    row = published(crews=listed, absences=[away], leader_post=commander.pk)
    there = row.shifts.filter(
        main_id=listed[0][1],
        starts_at__lt=datetime(2026, 12, 11, tzinfo=BEIJING),
        ends_at__gt=datetime(2026, 12, 1, tzinfo=BEIJING),
    )
    assert not there.exists()
    assert row.holidays[0] == "2026-01-01"
    assert row.shifts.order_by("starts_at").first().kind == "work"
    shift = row.shifts.get(starts_at__lte=NOW, ends_at__gt=NOW)
    assert on_duty([commander.pk], NOW)[commander.pk]["A"].person_id == shift.leader_id


def test_a_new_version_changes_only_what_differs() -> None:
    old = published()
    planned = Shift.objects.count()
    row = roster_revise(by=officer(), roster=old.pk, at=NOW)
    stand_in = people(1, "4101")[0]
    shift = row.shifts.order_by("starts_at")[4]
    shift_set(by=officer(), shift=shift.pk, role="main", person=stand_in, at=NOW)
    roster_publish(by=officer(), roster=row.pk, at=NOW)
    told = data("duty.roster_published")[1]
    assert (told["planned"], told["cancelled"], told["roster_version"]) == (1, 1, 2)
    assert Shift.objects.count() == planned + 1
    assert on_duty([desk().pk], shift.starts_at + HOUR)[desk().pk]["A"].person_id == stand_in
    assert RosterYear.objects.get(pk=old.pk).state == "replaced"


def test_only_those_entitled_in_their_own_area() -> None:
    row = drafted()
    with refused(NotFound):
        roster_publish(by=stranger(), roster=row.pk, at=NOW)
    with refused(Forbidden):
        spec = RosterSpec(pattern="day_night", crews=crews(4))
        from tests.response.scene import person

        roster_draft(by=person("4101.commander", "responder"), post=desk().pk, year=2027, spec=spec, at=NOW)


@pytest.mark.parametrize(
    ("words", "code"),
    [({"year": 2025}, "duty.year"), ({"pattern": "weekly"}, "duty.pattern"), ({"number": 61}, "duty.crews")],
)
def test_what_is_no_roster_is_refused(words: dict[str, object], code: str) -> None:
    with refused(Invalid) as refusal:
        drafted(**words)
    assert refusal.value.code == code


def test_a_swap_is_asked_held_against_the_rest_approved_and_carried_out() -> None:
    row = published(pattern="full_day")
    one, two, three = row.shifts.order_by("starts_at")[2:5]
    asked = {"by": officer(), "shift": one.pk, "role": "main", "reason": "家中有事", "at": NOW}
    with refused(Conflict) as refusal:
        swap_ask(**asked, to=two.main_id)  # would serve two days in a row
    assert refusal.value.code == "duty.rest"
    swap = swap_ask(**asked, to=three.main_id, other_shift=three.pk)
    with refused(Conflict, "duty.swap_open"):
        swap_ask(**asked, to=three.main_id, other_shift=three.pk)
    with refused(Forbidden):
        swap_approve(by=officer(), swap=swap.pk, at=NOW)
    swap_approve(by=leader(), swap=swap.pk, at=NOW)
    assert on_duty([desk().pk], one.starts_at + HOUR)[desk().pk]["A"].person_id == three.main_id
    assert on_duty([desk().pk], three.starts_at + HOUR)[desk().pk]["A"].person_id == one.main_id
    with refused(Conflict, "duty.swap_decided"):
        swap_refuse(by=leader(), swap=swap.pk, note="已另有安排", at=NOW)
    assert data("duty.swap_decided")[0]["state"] == "approved"


def test_a_stand_in_may_break_the_rest_only_with_a_reason() -> None:
    row = published(pattern="full_day")
    one, two = row.shifts.order_by("starts_at")[2:4]
    swap = swap_ask(by=officer(), shift=two.pk, role="second", to=one.second_id, reason="突发疾病", at=NOW,
                    override="无其他人员可到岗")  # fmt: skip
    swap_approve(by=leader(), swap=swap.pk, at=NOW)
    two.refresh_from_db()
    assert (two.second_id, two.reason) == (one.second_id, "无其他人员可到岗")


def test_a_swap_can_be_withdrawn_and_one_of_a_moved_roster_is_refused() -> None:
    row = published()
    one = row.shifts.order_by("starts_at")[8]
    new = people(2, "4101")
    asked = {"by": officer(), "shift": one.pk, "role": "main", "reason": "出差", "at": NOW}
    swap_withdraw(by=officer(), swap=swap_ask(**asked, to=new[0]).pk, at=NOW)
    swap = swap_ask(**asked, to=new[0])
    one.refresh_from_db()
    one.main_id = new[1]
    one.save()
    with refused(Conflict, "duty.swap_moved"):
        swap_approve(by=leader(), swap=swap.pk, at=NOW)
    assert SwapRequest.objects.get(pk=swap.pk).state == "asked"
