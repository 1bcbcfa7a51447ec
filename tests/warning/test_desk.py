"""Calling by hand: the order of the list, what is written down, what the operator may see, and the story afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.territory.models import Person
from anlan.warning.engine.script import script
from anlan.warning.models import Call, Warning
from anlan.warning.selectors.history import call_story, person_calls
from anlan.warning.selectors.unanswered import urgent
from anlan.warning.services import Answer, answers_take, calls_escalate, warning_issue
from anlan.warning.services.desk import call_number, call_result
from tests.warning.conftest import DUTY, SCENARIO, T0

pytestmark = pytest.mark.django_db
SCOPE = Scope(("410181",))
MINUTE = timedelta(minutes=1)
Entries = Callable[..., list[tuple[str, str, datetime, dict[str, Any]]]]


@pytest.fixture
def warning(tiny: None) -> Warning:
    return warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)


def whole_list(warning: Warning, size: int) -> list[dict[str, Any]]:
    found, after = [], ""
    while True:
        part, after = urgent(SCOPE, warning.pk, size, after)
        found += part
        if not after:
            return found


@pytest.mark.parametrize("size", [3, 7, 50])
def test_special_sites_stand_first_then_the_next_deadline(warning: Warning, size: int) -> None:
    calls_escalate(T0 + 16 * MINUTE)
    late = list(Call.objects.filter(division__startswith="410181", due_at__isnull=False).order_by("id")[:5])
    for n, call in enumerate(late):
        Call.objects.filter(pk=call.pk).update(due_at=T0 + (40 - n) * MINUTE)
    found = whole_list(warning, size)
    assert len(found) == Call.objects.filter(division__startswith="410181").exclude(state="answered").count()
    assert len({row["id"] for row in found}) == len(found)
    keys = [(row["level"] != "site", row["due_at"] or "", UUID(row["id"])) for row in found]
    assert keys == sorted(keys)
    assert found[0]["level"] == "site"


@pytest.mark.parametrize("after", ["x", "0~~", "1~soon~" + "0" * 32, "~~~"])
def test_a_foreign_place_in_line_begins_at_the_start(warning: Warning, after: str) -> None:
    assert urgent(SCOPE, warning.pk, 5, after)[0] == urgent(SCOPE, warning.pk, 5)[0]


def test_what_came_of_a_call_is_written_down(warning: Warning, entries: Entries) -> None:
    call = Call.objects.filter(division__startswith="410181").order_by("id")[0]
    person = UUID(call.route[0]["contacts"][0][3])
    call_result(by=DUTY, call=call, outcome="busy", person=person, note="  again in a minute ", at=T0 + MINUTE)
    call_result(by=DUTY, call=call, outcome="acting", person=person, at=T0 + 3 * MINUTE)
    tried = entries("call.tried")
    assert [(row[1], row[3]["outcome"], row[3]["note"]) for row in tried] == [
        (f"call:{call.pk}", "busy", "again in a minute")
    ]
    call.refresh_from_db()
    assert (call.state, call.answer, call.answers[0]["channel"]) == ("answered", "acting", "desk")
    story = call_story(SCOPE, call)
    assert [one["what"] for one in story] == ["called", "tried", "answered"]
    assert story[-1]["seconds"] == 180
    assert story[-1]["by"] == DUTY.name
    past = person_calls(SCOPE, call.person_id)
    assert [(row["call"], row["seconds"]) for row in past] == [(call.pk, 180)]
    assert person_calls(Scope(("410102",)), call.person_id) == []


def test_only_the_desk_logs_and_only_known_results(warning: Warning) -> None:
    call = Call.objects.filter(division__startswith="410181").order_by("id")[0]
    rung = {contact[3] for one in call.route for contact in one["contacts"]}
    stranger = next(str(pk) for pk in Person.objects.values_list("pk", flat=True) if str(pk) not in rung)
    with pytest.raises(Invalid) as unknown:
        call_result(by=DUTY, call=call, outcome="maybe")
    assert unknown.value.code == "call.outcome"
    with pytest.raises(Invalid) as refused:
        call_result(by=DUTY, call=call, outcome="busy", person=UUID(stranger))
    assert refused.value.code == "call.not_rung"
    reader = Actor("person", "reader", SCOPE, roles=frozenset({"auditor"}))
    with pytest.raises(Forbidden):
        call_result(by=reader, call=call, outcome="busy")
    call.refresh_from_db()
    assert call.state == "placed"


def test_a_number_is_shown_once_asked_for_and_that_is_told(warning: Warning, entries: Entries) -> None:
    call = Call.objects.filter(division__startswith="410181", level="village").order_by("id")[0]
    person = UUID(call.route[0]["contacts"][0][3])
    (row,), _ = urgent(SCOPE, warning.pk, only=call.pk)
    assert "*" in row["who"][0]["phone"]
    shown = call_number(by=DUTY, call=call, person=person)
    assert "*" not in shown.phone
    assert [(about, data["reason"]) for _, about, _, data in entries("person.unmasked")] == [
        (f"person:{person}", f"人工叫应 {warning.number}")
    ]
    with pytest.raises(Forbidden):
        call_number(by=Actor("person", "x", SCOPE, roles=frozenset({"responder"})), call=call, person=person)


def test_an_answered_call_leaves_the_list(warning: Warning) -> None:
    first = urgent(SCOPE, warning.pk, 1)[0][0]
    answers_take(by=SCENARIO, answers=[Answer(UUID(first["id"]), "received")], channel="voice", at=T0 + MINUTE)
    assert first["id"] not in {row["id"] for row in whole_list(warning, 50)}
    assert urgent(SCOPE, warning.pk, only=UUID(first["id"]))[0][0]["state"] == "answered"


@pytest.mark.parametrize("exercise", [True, False])
def test_the_script_says_who_what_where_when_and_what_to_do(exercise: bool) -> None:
    both = {"zh": "某处", "en": "somewhere"}
    lines = script(caller=both, headline=both, where=both, until=datetime(2026, 7, 1, 18, tzinfo=UTC), action=both,
                   exercise=exercise, steps={"zh": "收到吗？", "en": "Received?"})  # fmt: skip
    assert [line.part for line in lines] == ["who"] * exercise + ["who", "what", "where", "when", "do", "ask"]
    assert ("演练" in lines[0].zh) is exercise
    assert "7月1日18:00" in next(line.zh for line in lines if line.part == "when")
    assert all(line.zh and line.en for line in lines)
