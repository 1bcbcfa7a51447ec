"""Taking answers: in one batch or one by one, each counted once, none lost once taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from anlan.kernel import clock, ids
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
from anlan.warning.services.help import help_ask
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.outbox import messages_take_back
from anlan.warning.services.values import Answer, AnswerReport

_UPDATE = """
UPDATE warning_call c SET state = n.state, due_at = CASE WHEN n.state = 'answered' THEN NULL ELSE c.due_at END,
  answer = n.answer, answered_at = n.answered_at, answered_holder = n.holder, late_s = n.late_s,
  answers = c.answers || n.added
FROM json_to_recordset(%s) AS n(id uuid, state text, answer text, answered_at timestamptz, holder text, late_s int,
  added jsonb)
WHERE c.id = n.id
"""
_LOCK = """
SELECT id, division, warning_id, step, state, answer, answered_at, answered_holder, late_s, answers::text,
  attempts::text, route::text
FROM warning_call WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""
Told = tuple[Event, dict[str, Any]]


@dataclass(slots=True)
class Held:
    """A locked call while answers are applied to it. `added` are the answers taken now."""

    id: UUID
    division: str
    warning: UUID
    step: int
    state: str
    answer: str | None
    answered_at: datetime | None
    holder: str
    late_s: int
    answers: list[dict[str, Any]]
    dues: list[datetime]
    route: list[dict[str, Any]]
    added: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def answers_take(*, by: Actor, answers: Sequence[Answer], channel: str, at: datetime | None = None) -> AnswerReport:
    """Take answers from `channel`, oldest first. An answer taken before changes nothing and is counted as repeated.

    "cannot" does not end the ladder: the call climbs at that moment. Raises Invalid for an unknown content,
    Forbidden when a person answers a call that is not theirs.
    """
    now = at or clock.now()
    for answer in answers:
        _check(answer)
    wanted = sorted({answer.call_id for answer in answers})
    calls = _lock(wanted)
    given = [(answer.at or now, n, answer) for n, answer in enumerate(answers) if answer.call_id in calls]
    told: list[Told] = []
    passed_over: dict[UUID, datetime] = {}
    for moment, _, answer in sorted(given, key=lambda item: item[:2]):
        call = calls[answer.call_id]
        _must(by, call)
        got = _accept(call, answer, moment, channel)
        if got is not None:
            told.append(_told(by, call, got, channel))
            if got.content == "cannot" and call.state in ladder.OPEN and got.step == call.step:
                passed_over.setdefault(call.id, moment)
    rows_write(_UPDATE, [_row(call) for call in calls.values() if call.added])
    record_many(told)
    help_ask([found for call in calls.values() if (found := _help(call)) is not None])
    closed = [(call.warning, _persons(call)) for call in calls.values() if call.added and call.state == "answered"]
    messages_take_back(by=by, calls=closed, at=now)
    _climb(by, {ident: moment for ident, moment in passed_over.items() if calls[ident].state in ladder.OPEN})
    return AnswerReport(len(told), len(given) - len(told), tuple(ident for ident in wanted if ident not in calls))


def _lock(wanted: Sequence[UUID]) -> dict[UUID, Held]:
    """Lock the calls in id order (so two batches never wait for each other) and read what answering needs."""
    decode = msgspec.json.decode
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, ["{" + ",".join(map(str, wanted)) + "}"])
        rows = cursor.fetchall()
    found = {}
    for row in rows:
        ident, division, warning, step, state, answer, answered_at, holder, late_s = row[:9]
        answers, attempts, route = map(decode, row[9:])
        dues = [datetime.fromisoformat(due) for _, due in attempts]
        found[ident] = Held(
            ident, division, warning, step, state, answer, answered_at, holder, late_s, answers, dues, route
        )
    return found


def _persons(call: Held) -> list[str]:
    """Everybody the call may ring at any step."""
    return [contact[3] for rung in call.route for contact in rung["contacts"]]


def _check(answer: Answer) -> None:
    if answer.content not in answering.CONTENTS:
        raise Invalid(
            code="call.unknown_answer",
            field="content",
            value=answer.content,
            zh="回应只能是：received 收到、acting 正在处置、need_help 需要支援、cannot 无法执行。",
            en="An answer is one of received, acting, need_help, cannot.",
        )


def _must(by: Actor, call: Held) -> None:
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


def _accept(call: Held, answer: Answer, at: datetime, channel: str) -> Answered | None:
    """Apply one answer to the call in hand; the table follows in one statement for all."""
    got = answering.accept(
        Given(answer.content, at, str(answer.person) if answer.person else None, answer.key),
        steps=[(rung["holder"], [contact[3] for contact in rung["contacts"]]) for rung in call.route],
        step=call.step,
        dues=call.dues,
        taken=call.answers,
    )
    if got is None:
        return None
    entry = {**got.entry, "channel": channel}
    call.answers.append(entry)
    call.added.append(entry)
    if call.answered_at is None or at >= call.answered_at:
        call.answer, call.answered_at, call.holder, call.late_s = got.content, at, got.holder, got.late_s
    stop = call.route[got.step].get("stop", "received") if call.route else "received"
    if got.content in answering.ENDING[stop]:
        call.state = "answered"
    return got


def _help(call: Held) -> dict[str, Any] | None:
    """The request for help among the answers taken now, the latest if there are several."""
    asked = [entry for entry in call.added if entry["content"] == "need_help"]
    if not asked:
        return None
    last = max(asked, key=lambda entry: datetime.fromisoformat(entry["at"]))
    return {"id": ids.new_id(), "division": call.division, "call": call.id, "warning": call.warning,
            "person": last["person"], "at": last["at"]}  # fmt: skip


def _told(by: Actor, call: Held, got: Answered, channel: str) -> Told:
    event = CallAnswered(
        call=str(call.id),
        warning=str(call.warning),
        content=got.content,
        holder=got.holder,
        person=got.person,
        step=got.step,
        late_s=got.late_s,
        first=got.first,
        channel=channel,
    )
    return event, {"by": by, "about": f"call:{call.id}", "division": call.division, "at": got.at}


def _row(call: Held) -> dict[str, Any]:
    return {
        "id": call.id,
        "state": call.state,
        "answer": call.answer,
        "answered_at": call.answered_at,
        "holder": call.holder,
        "late_s": call.late_s,
        "added": call.added,
    }


def _climb(by: Actor, passed_over: dict[UUID, datetime]) -> None:
    """Calls whose person cannot act go on to the next step at that moment."""
    if not passed_over:
        return
    with whole_reach():
        calls = Call.objects.filter(id__in=list(passed_over)).order_by("id").only(*CLIMB_FIELDS)
        calls_climb(by=by, climbs=[Climb(call, passed_over[call.id], "cannot") for call in calls])
