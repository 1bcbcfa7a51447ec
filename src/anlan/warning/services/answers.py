"""Taking answers: in one batch or one by one, each counted once, none lost once taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record_many
from anlan.kernel.problem import Forbidden, Invalid
from anlan.warning.bulk import rows_write
from anlan.warning.engine import answering, ladder
from anlan.warning.engine.answering import Answered, Given
from anlan.warning.events import CallAnswered
from anlan.warning.models import Call
from anlan.warning.services.climbing import FIELDS as CLIMB_FIELDS
from anlan.warning.services.climbing import Climb, calls_climb
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.values import Answer, AnswerReport

_UPDATE = """
UPDATE warning_call c SET state = n.state, due_at = CASE WHEN n.state = 'answered' THEN NULL ELSE c.due_at END,
  answer = n.answer, answered_at = n.answered_at, answered_holder = n.holder, late_s = n.late_s,
  answers = c.answers || n.added
FROM json_to_recordset(%s) AS n(id uuid, state text, answer text, answered_at timestamptz, holder text, late_s int,
  added jsonb)
WHERE c.id = n.id
"""
FIELDS = ("answer", "answered_at", "answered_holder", "late_s", "answers", "attempts", *CLIMB_FIELDS)


@transaction.atomic
def answers_take(*, by: Actor, answers: Sequence[Answer], channel: str, at: datetime | None = None) -> AnswerReport:
    """Take answers from `channel`, oldest first. An answer taken before changes nothing and is counted as repeated.

    "cannot" does not end the ladder: the call climbs at that moment. Raises Invalid for an unknown content,
    Forbidden when a person answers a call that is not theirs.
    """
    now = at or clock.now()
    for answer in answers:
        _check(answer)
    ids = sorted({answer.call_id for answer in answers}, key=str)
    calls = {call.id: call for call in Call.objects.select_for_update().filter(id__in=ids).order_by("id").only(*FIELDS)}
    given = sorted(
        ((answer.at or now, i, answer) for i, answer in enumerate(answers) if answer.call_id in calls),
        key=lambda item: item[:2],
    )
    changed: dict[UUID, tuple[Call, list[Answered]]] = {}
    events: list[tuple[Event, dict[str, Any]]] = []
    climbs: list[Climb] = []
    for moment, _, answer in given:
        call = calls[answer.call_id]
        _must(by, call)
        got = _accept(call, answer, moment)
        if got is None:
            continue
        changed.setdefault(call.id, (call, []))[1].append(got)
        events.append(
            (
                _event(call, got, channel),
                {"by": by, "about": f"call:{call.id}", "division": call.division, "at": moment},
            )
        )
        if got.content == "cannot" and call.state in ladder.OPEN and got.step == call.step:
            climbs.append(Climb(call, moment, "cannot"))
    rows_write(_UPDATE, [_row(call, got) for call, got in changed.values()])
    record_many(events)
    _climb(by, climbs)
    return AnswerReport(len(events), len(given) - len(events), tuple(i for i in ids if i not in calls))


def _check(answer: Answer) -> None:
    if answer.content not in answering.CONTENTS:
        raise Invalid(
            code="call.unknown_answer",
            field="content",
            value=answer.content,
            zh="回应只能是：received 收到、acting 正在处置、need_help 需要支援、cannot 无法执行。",
            en="An answer is one of received, acting, need_help, cannot.",
        )


def _must(by: Actor, call: Call) -> None:
    """A duty officer may log anybody's answer; anybody else answers only calls made to them."""
    if by.kind in ("system", "scenario") or by.may("call.log", call.division):
        return
    by.must("call.answer", call.division)
    called = {ident for rung in call.route for contact in rung["contacts"] for ident in (contact[0], contact[3])}
    if not {str(by.person), str(by.post)} & called:
        raise Forbidden(
            code="call.not_yours",
            zh="这通叫应不是打给您的；请由被叫应人或值班员登记回应。",
            en="This call was not made to you; let the person called, or the duty desk, answer it.",
            field="call",
            value=call.id,
        )


def _accept(call: Call, answer: Answer, at: datetime) -> Answered | None:
    """Apply one answer to the call in hand; the tables follow in one statement for all."""
    got = answering.accept(
        Given(answer.content, at, str(answer.person) if answer.person else None, answer.key),
        steps=[(rung["holder"], [contact[3] for contact in rung["contacts"]]) for rung in call.route],
        step=call.step,
        dues=[datetime.fromisoformat(due) for _, due in call.attempts],
        taken=call.answers,
    )
    if got is None:
        return None
    call.answers = [*call.answers, got.entry]
    if call.answered_at is None or at >= call.answered_at:
        call.answer, call.answered_at, call.answered_holder, call.late_s = got.content, at, got.holder, got.late_s
    if got.content != "cannot":
        call.state = "answered"
    return got


def _event(call: Call, got: Answered, channel: str) -> CallAnswered:
    return CallAnswered(
        call=str(call.id),
        warning=str(call.warning_id),
        content=got.content,
        holder=got.holder,
        person=got.person,
        step=got.step,
        late_s=got.late_s,
        first=got.first,
        channel=channel,
    )


def _row(call: Call, got: list[Answered]) -> dict[str, Any]:
    return {
        "id": call.id,
        "state": call.state,
        "answer": call.answer,
        "answered_at": call.answered_at,
        "holder": call.answered_holder,
        "late_s": call.late_s,
        "added": [one.entry for one in got],
    }


def _climb(by: Actor, climbs: Sequence[Climb]) -> None:
    """Calls whose person cannot act go on to the next step at that moment, unless somebody has answered since."""
    first: dict[UUID, Climb] = {}
    for climb in climbs:
        if climb.call.state in ladder.OPEN:
            first.setdefault(climb.call.id, climb)
    if first:
        with whole_reach():
            calls_climb(by=by, climbs=list(first.values()))
