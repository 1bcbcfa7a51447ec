"""The ladder as data: each kind of step, limits by step, the hour, and what ends it, read from a pack and played."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from anlan.warning import rules
from anlan.warning.engine import ladder, targeting
from anlan.warning.engine.targeting import StandIns
from anlan.warning.models import Call
from anlan.warning.services import Answer, answers_take, warning_issue
from anlan.warning.tasks import sweep
from tests.warning.conftest import SCENARIO, T0
from tests.warning.test_engines import Post
from tests.warning.test_engines import post as holder

MINUTE = timedelta(minutes=1)
Entries = Callable[..., list[Any]]
PACK: dict[str, Any] = {
    "version": "test",
    "deputies": {"township_head": ["township_duty"]},
    "visitors": {"village_head": ["village_officer"], "": ["township_duty", "county_duty"]},
    "rules": [
        {"code": "day", "hazard": "", "colour": "red", "hours": [6, 22], "roles": ["village_head", "township_head"],
         "channels": ["app", "sms"], "answer_limit_s": 600, "limits_s": {"B": 300, "visit": 1800}, "stop": "acting",
         "stops": {"duty": "received"}, "steps": ["A", "B", "deputy", "superior", "duty", "visit"]},
        {"code": "night", "hazard": "", "colour": "red", "hours": [22, 6], "roles": ["village_head"],
         "channels": ["voice"], "answer_limit_s": 120, "steps": ["A", "visit"]},
        {"code": "water", "hazard": "11A", "colour": "red", "hours": [0, 24], "roles": ["village_head"],
         "channels": ["voice"], "answer_limit_s": 60, "steps": ["duty"]},
    ],
}  # fmt: skip


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> rules.Ladders:
    """This pack is the one in force."""
    found = rules.ladders_read(PACK)
    monkeypatch.setattr(rules, "ladders", lambda: found)
    return found


@pytest.mark.parametrize(("hour", "hazard", "code"), [
    (5, "11B03", "night"), (6, "11B03", "day"), (21, "11B03", "day"), (22, "11B03", "night"), (0, "11B03", "night"),
    (12, "11A03", "water"), (23, "11A03", "water")])  # fmt: skip
def test_the_hour_and_the_hazard_choose_the_ladder(pack: rules.Ladders, hour: int, hazard: str, code: str) -> None:
    found = ladder.rule_for(pack.rules, hazard, "red", hour)
    assert found is not None and found.code == code


def test_each_step_has_its_own_limit_and_its_own_end(pack: rules.Ladders) -> None:
    day = pack.rules[0]
    assert [day.limit(step) for step in day.steps] == [600, 300, 600, 600, 600, 1800]
    assert [day.stop_of(step) for step in day.steps] == ["acting"] * 4 + ["received", "acting"]


@pytest.mark.parametrize("broken", [{"steps": ["A", "neighbour"]}, {"stop": "never"}, {"stops": {"A": "never"}}])
def test_a_pack_with_an_unknown_step_or_end_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="ladder day: unknown"):
        rules.ladders_read({**PACK, "rules": [{**PACK["rules"][0], **broken}]})


def nearest(posts: list[Post], lead: Post, step: str) -> list[str]:
    tables = {"deputy": PACK["deputies"], "visit": PACK["visitors"]}
    return [post.post_code for post in StandIns(tables, posts).nearest(lead, step)]


def test_who_goes_there_is_the_nearest_other_person_with_a_fitting_post() -> None:
    head = holder(1, "village_head", "410181108201", a=1)
    officer, of_next = (
        holder(2, "village_officer", "410181108201", a=2),
        holder(3, "village_officer", "410181108202", a=3),
    )
    duty, county = holder(4, "township_duty", "410181108", a=4), holder(5, "county_duty", "410181", a=5)
    assert nearest([of_next, officer, duty, county], head, "visit") == [officer.post_code]
    assert nearest([of_next, duty, county], head, "visit") == []  # a village head's table names the officer alone
    assert nearest([officer, duty, county], officer, "visit") == [duty.post_code]
    assert nearest([officer, county], officer, "visit") == [county.post_code]
    same = holder(6, "village_officer", "410181108201", a=1)
    assert nearest([same], head, "visit") == []  # nobody is sent to look for themselves
    chief = holder(7, "township_head", "410181108", a=7)
    assert nearest([duty, officer], chief, "deputy") == [duty.post_code]
    assert nearest([duty, officer], head, "deputy") == []


def test_all_six_steps_stand_on_one_route(pack: rules.Ladders) -> None:
    head = holder(1, "township_head", "410181108", a=1, b=2, up=9)
    above, duty = holder(9, "county_commander", "410181", a=9), holder(4, "township_duty", "410181108", a=4)
    desk = holder(5, "county_duty", "410181", a=5)
    others = StandIns(pack.stand_ins, [duty, desk])
    (target,) = targeting.targets(
        ["410181"], [head], ["township_head"], superiors={above.post_id: above}, desks=[desk], words={}, others=others
    )
    route = ladder.route_for(pack.rules[0], dict(target.contacts))
    assert [(rung.holder, [c.post_code for c in rung.contacts]) for rung in route] == [
        ("A", [head.post_code]), ("B", [head.post_code]), ("deputy", [duty.post_code]), ("superior", [above.post_code]),
        ("duty", [desk.post_code]), ("visit", [duty.post_code])]  # fmt: skip
    assert ladder.from_json(_through_json(ladder.to_json(route))) == route
    at = datetime(2021, 7, 20, tzinfo=UTC)
    moves = ladder.advance(route, ladder.begin(route, at), at + timedelta(days=1))
    assert [(m.at - at) / MINUTE for m in moves] == [10, 15, 25, 35, 45, 75]


def _through_json(value: Any) -> Any:
    import msgspec

    return msgspec.json.decode(msgspec.json.encode(value))


def call_of(role: str, steps: int) -> Call:
    return next(c for c in Call.objects.filter(role=role).order_by("id") if len(c.route) == steps)


def say(call: Call, content: str, minute: float, step: int, **more: Any) -> None:
    person = UUID(call.route[step]["contacts"][0][3])
    answer = Answer(call.id, content, T0 + minute * MINUTE, person)
    assert answers_take(by=SCENARIO, channel="test", answers=[answer], **more).accepted == 1
    call.refresh_from_db()


def issue(at: datetime = T0) -> None:
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=at)


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny", "pack")
def test_where_only_acting_ends_it_received_is_noted_and_the_clock_goes_on(entries: Entries) -> None:
    assert T0.hour == 13  # 21:59 in Beijing: the day's ladder
    issue()
    call = call_of("village_head", 5)
    assert [rung["holder"] for rung in call.route] == ["A", "B", "superior", "duty", "visit"]
    say(call, "received", 1, 0)
    assert (call.state, call.answer, call.due_at) == ("placed", "received", T0 + 10 * MINUTE)
    sweep(T0 + 10 * MINUTE)
    call.refresh_from_db()
    assert (call.state, call.step, call.due_at) == ("escalated", 1, T0 + 15 * MINUTE)
    say(call, "acting", 11, 0)
    assert (call.state, call.due_at, call.late_s) == ("answered", None, 60)
    sweep(T0 + 3 * 60 * MINUTE - MINUTE)
    mine = [(k, at) for k, about, at, _ in entries("call.escalated", "call.exhausted") if about == f"call:{call.id}"]
    assert mine == [("call.escalated", T0 + 10 * MINUTE)]


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny", "pack")
def test_at_the_desk_received_is_enough_and_a_visitor_ends_it_only_by_acting(entries: Entries) -> None:
    issue()
    first, second = [c for c in Call.objects.filter(role="village_head").order_by("id") if len(c.route) == 5][:2]
    sweep(T0 + 25 * MINUTE)
    first.refresh_from_db()
    assert first.holder == "duty"
    say(first, "received", 26, 3)
    assert first.state == "answered"
    sweep(T0 + 35 * MINUTE)
    second.refresh_from_db()
    assert (second.holder, second.due_at) == ("visit", T0 + 65 * MINUTE)
    asked = [e for e in entries("call.visit_asked") if e[1] == f"call:{second.id}"]
    assert [(e[2], e[3]["sought"], e[3]["visitor"]) for e in asked] == [
        (T0 + 35 * MINUTE, second.post.code, second.route[4]["contacts"][0][1])]  # fmt: skip
    say(second, "received", 36, 4)
    assert (second.state, second.due_at) == ("escalated", T0 + 65 * MINUTE)
    say(second, "acting", 50, 4)
    assert (second.state, second.answered_holder, second.late_s) == ("answered", "visit", 0)
    assert not [e for e in entries("call.visit_asked") if e[1] == f"call:{first.id}"]


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny", "pack")
def test_at_night_two_minutes_by_voice_and_then_somebody_goes_there() -> None:
    issue(T0 + MINUTE)  # 22:00 in Beijing
    assert set(Call.objects.values_list("role", flat=True)) == {"village_head"}
    call = call_of("village_head", 2)
    assert (call.channels, call.due_at) == (["voice"], T0 + 3 * MINUTE)
    sweep(T0 + 3 * MINUTE)
    call.refresh_from_db()
    assert (call.holder, call.due_at) == ("visit", T0 + 5 * MINUTE)
