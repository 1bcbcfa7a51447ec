"""Calls: exact times, the same whenever the sweep comes; every answer once; nobody reads another county's calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid
from anlan.kernel.scope import Scope, activate
from anlan.warning import selectors
from anlan.warning.models import Call, Warning
from anlan.warning.services import Answer, answers_take, audience, warning_issue
from anlan.warning.tasks import next_due, sweep
from tests.warning.conftest import DUTY, ISSUER, SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]
MINUTE = timedelta(minutes=1)


def issue(area: str = "410181", **changes: Any) -> Warning:
    given: dict[str, Any] = {"by": SCENARIO, "hazard": "11B03", "colour": "red", "area": [area], "at": T0}
    return warning_issue(**(given | changes))


def village_call() -> Call:
    """A call that has all steps but a deputy, which villages have none of."""
    return next(c for c in Call.objects.filter(role="village_head").order_by("id") if len(c.route) == 5)


def take(call: Call, content: str, at: datetime, step: int = 0, by: Actor = SCENARIO, **more: Any) -> Any:
    person = call.route[step]["contacts"][0][3]
    return answers_take(by=by, channel="test", answers=[Answer(call.id, content, at, person, **more)])


def test_silence_climbs_every_quarter_hour_to_the_end(entries: Entries) -> None:
    warning = issue()
    call = village_call()
    assert next_due() == T0 + 15 * MINUTE
    assert sweep(T0 + 15 * MINUTE - timedelta(seconds=1)) == 0
    sweep(T0 + 2 * 60 * MINUTE)
    mine = [(kind, at, data) for kind, about, at, data in entries() if about == f"call:{call.id}"]
    assert [(k, at) for k, at, _ in mine] == [
        ("call.escalated", T0 + 15 * MINUTE), ("call.escalated", T0 + 30 * MINUTE),
        ("call.escalated", T0 + 45 * MINUTE), ("call.escalated", T0 + 60 * MINUTE),
        ("call.visit_asked", T0 + 60 * MINUTE), ("call.exhausted", T0 + 90 * MINUTE)]  # fmt: skip
    assert [data["holder"] for _, _, data in mine[:4]] == ["B", "superior", "duty", "visit"]
    call.refresh_from_db()
    assert (call.state, call.due_at, len(call.attempts)) == ("exhausted", None, 5)
    assert not Call.objects.filter(warning=warning, state__in=["placed", "escalated"]).exists()
    assert next_due() == warning.expires


def test_a_late_sweep_writes_what_a_punctual_one_would_have(people: Callable[..., None], entries: Entries) -> None:
    people(default={"answer": 0.7, "median_s": 600, "sigma": 1.2}, contents={"received": 0.8, "cannot": 0.2})

    def story(step: timedelta) -> list[Any]:
        with transaction.atomic(), ids.drill(1, 1), clock.at(T0):
            issue(expires=T0 + 70 * MINUTE)
            now = T0
            while now < T0 + 80 * MINUTE:
                now += step
                sweep(now)
            told = sorted((e for e in entries() if e[1].startswith("call")), key=lambda e: (e[2], e[1], e[0]))
            left = list(Call.objects.order_by("id").values("id", "state", "step", "answer", "late_s", "attempts"))
            transaction.set_rollback(True)
        return [told, left]

    punctual = story(timedelta(seconds=20))
    assert {"call.escalated", "call.answered", "call.exhausted"} <= {e[0] for e in punctual[0]}
    for seconds in (97, 601, 4800):
        assert story(timedelta(seconds=seconds)) == punctual


def test_the_same_answer_taken_twice_is_one_event(entries: Entries) -> None:
    issue()
    call = village_call()
    assert take(call, "received", T0 + MINUTE).accepted == 1
    again = take(call, "received", T0 + 2 * MINUTE)
    assert (again.accepted, again.repeated) == (0, 1)
    assert take(call, "acting", T0 + 3 * MINUTE).accepted == 1
    assert take(call, "acting", T0 + 9 * MINUTE, key="later").accepted == 1
    call.refresh_from_db()
    assert (call.state, call.answer, call.answered_at, call.due_at) == ("answered", "acting", T0 + 9 * MINUTE, None)
    assert [(e[3]["content"], e[3]["first"]) for e in entries("call.answered")] == [
        ("received", True), ("acting", False), ("acting", False)]  # fmt: skip
    missing = answers_take(by=SCENARIO, channel="t", answers=[Answer(ids.new_id(), "received")])
    assert len(missing.unknown) == 1


def test_an_answer_after_the_climb_counts_and_says_how_late(entries: Entries) -> None:
    issue()
    call = village_call()
    sweep(T0 + 20 * MINUTE)
    take(call, "acting", T0 + 21 * MINUTE, step=0)
    (event,) = [e[3] for e in entries("call.answered")]
    assert (event["holder"], event["step"], event["late_s"]) == ("A", 0, 360)
    sweep(T0 + 90 * MINUTE)
    call.refresh_from_db()
    assert (call.state, call.step, call.answered_holder, call.late_s) == ("answered", 1, "A", 360)


def test_an_answer_after_the_ladder_ended_still_counts() -> None:
    issue()
    call = village_call()
    sweep(T0 + 61 * MINUTE)
    take(call, "need_help", T0 + 62 * MINUTE, step=3)
    call.refresh_from_db()
    assert (call.state, call.answer, call.late_s) == ("answered", "need_help", 120)


def test_who_cannot_act_is_passed_over_at_that_moment(entries: Entries) -> None:
    issue()
    call = village_call()
    take(call, "cannot", T0 + 4 * MINUTE)
    call.refresh_from_db()
    assert (call.state, call.step, call.holder) == ("escalated", 1, "B")
    assert (call.placed_at, call.due_at) == (T0 + 4 * MINUTE, T0 + 19 * MINUTE)
    (event,) = list(entries("call.escalated"))
    assert (event[2], event[3]["cause"]) == (T0 + 4 * MINUTE, "cannot")


def test_one_person_is_called_once_a_warning() -> None:
    issue("4101")
    persons = [p for p in Call.objects.values_list("person", flat=True) if p]
    assert len(persons) == len(set(persons))
    assert Call.objects.filter(level="city").exists()
    rule = audience.ladder_rule("11B03", "red", T0)
    levels = [target.level for target in audience.targets(["4101"], rule, T0)]
    assert set(levels[: levels.count("site")]) == {"site"}  # special sites first


def test_the_end_of_a_warning_stops_its_calls(entries: Entries) -> None:
    warning = issue(expires=T0 + 20 * MINUTE)
    sweep(T0 + 60 * MINUTE)
    warning.refresh_from_db()
    assert (warning.state, warning.state_at) == ("expired", T0 + 20 * MINUTE)
    (closed,) = entries("calls.closed")
    assert (closed[2], closed[3]["count"]) == (T0 + 20 * MINUTE, Call.objects.filter(state="closed").count())
    assert max(e[2] for e in entries("call.escalated")) == T0 + 15 * MINUTE


def test_only_the_person_called_or_the_duty_desk_answers() -> None:
    issue()
    call = village_call()
    contact = call.route[0]["contacts"][0]
    scope = Scope((call.division,))
    stranger = Actor("person", "路人", scope, person=ids.new_id(), roles=frozenset({"responder"}))
    with pytest.raises(Forbidden) as problem:
        take(call, "received", T0 + MINUTE, by=stranger)
    assert problem.value.code == "call.not_yours"
    called = Actor("person", "本人", scope, person=contact[3], roles=frozenset({"responder"}))
    assert take(call, "received", T0 + MINUTE, by=called).accepted == 1
    assert take(call, "acting", T0 + MINUTE, by=DUTY).accepted == 1
    with pytest.raises(Invalid):
        take(call, "maybe", T0, by=DUTY)


def test_a_county_sees_none_of_anothers_calls() -> None:
    warning = issue("4101")
    ours, theirs = Scope(("410181",)), Scope(("410182",))
    whole = selectors.call_board(Scope.whole(), warning.id)["total"]["targeted"]
    mine = selectors.call_board(ours, warning.id)["total"]["targeted"]
    assert 0 < mine < whole
    rows = selectors.unanswered(ours, limit=500)
    assert {row["division"][:6] for row in rows} == {"410181"}
    assert not {row["id"] for row in rows} & {row["id"] for row in selectors.unanswered(theirs, limit=500)}
    assert set(selectors.LIVE["calls"].project(ours, None, None)) <= {  # type: ignore[attr-defined]
        "410181", "410181001", "410181003", "410181100", "410181103", "410181110"}  # fmt: skip
    assert set(selectors.warnings_active(ours)) == {str(warning.id)}


def test_the_unanswered_list_pages_and_masks() -> None:
    issue()
    scope = Scope(("410181",))
    whole = [row["id"] for row in selectors.unanswered(scope, limit=500)]
    first = selectors.unanswered(scope, limit=10)
    second = selectors.unanswered(scope, limit=10, after=first[-1]["id"])
    assert [row["id"] for row in first + second] == whole[:20]
    assert all("****" in who["phone"] for row in first for who in row["who"])
    village = next(row for row in selectors.unanswered(scope, limit=500) if row["id"] == str(village_call().id))
    assert village["next"] == {"holder": "B", "zh": "B角", "en": "B-holder"}
    assert village["waiting_since"] == T0.isoformat()


def test_the_database_itself_keeps_counties_apart_and_still_lets_calls_climb_above(
    request: pytest.FixtureRequest,
) -> None:
    """As the web's role, a county's issuer warns: superiors outside the county are on the route, unread by the issuer."""
    request.getfixturevalue("web_role")  # after the territory is there
    activate(ISSUER.scope, options.secret_key)
    with transaction.atomic():
        warning = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], at=T0)
    desk = Call.objects.get(warning=warning, role="county_duty")
    assert {contact[1].split(".")[0] for rung in desk.route for contact in rung["contacts"]} >= {"410181", "4101"}
    activate(Scope(("410182",)), options.secret_key)
    assert not Call.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE warning_call SET state = 'answered'")
        assert cursor.rowcount == 0
    activate(Scope(("410181100",)), options.secret_key)
    assert {c.division[:9] for c in Call.objects.all()} == {"410181100"}
    assert Warning.objects.count() == 1
