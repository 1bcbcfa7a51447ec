"""The desk where people are called by hand (人工叫应): what came of each telephone call."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.territory.models import Person
from anlan.territory.services import person_unmask
from anlan.warning.engine.answering import CONTENTS
from anlan.warning.events.desk import CallTried
from anlan.warning.models import Call
from anlan.warning.services.answers import answers_take
from anlan.warning.services.values import Answer

TRIED: Final = ("no_answer", "wrong_number", "busy")
NOTE: Final = 300


@transaction.atomic
def call_result(
    *, by: Actor, call: Call, outcome: str, person: UUID | None = None, note: str = "", at: datetime | None = None
) -> None:
    """Write down what came of a call made by hand: an answer (see answers_take), or that there was none.

    `person` is whom the operator rang. Forbidden without the act call.log; Invalid for an unknown outcome, or a person
    whom this call does not ring. A note is cut at 300 characters.
    """
    by.must("call.log", call.division)
    _must_ring(call, person)
    if outcome in CONTENTS:
        answers_take(by=by, answers=[Answer(call.pk, outcome, at, person)], channel="desk", at=at)
        return
    if outcome not in TRIED:
        raise Invalid(
            code="call.outcome", zh="结果只能是四种回应之一，或无人接听、号码有误、占线。", field="outcome", value=outcome,
            en="A result is one of the four answers, or no answer, wrong number, line busy.",
        )  # fmt: skip
    event = CallTried(
        call=str(call.pk), warning=str(call.warning_id), person=str(person) if person else None, outcome=outcome,
        note=note.strip()[:NOTE],
    )  # fmt: skip
    record(event, by=by, about=f"call:{call.pk}", division=call.division, at=at)


@transaction.atomic
def call_number(*, by: Actor, call: Call, person: UUID, at: datetime | None = None) -> Person:
    """Show the telephone of a person whom this call rings; who asked and for which warning is journalled.

    Forbidden without the acts call.log and person.unmask; Invalid for a person this call does not ring.
    """
    by.must("call.log", call.division)
    _must_ring(call, person)
    return person_unmask(by=by, person=person, reason=f"人工叫应 {call.warning.number}", at=at)


def _must_ring(call: Call, person: UUID | None) -> None:
    ringed = {contact[3] for rung in call.route for contact in rung["contacts"]}
    if person is not None and str(person) not in ringed:
        raise Invalid(
            code="call.not_rung", zh="此人不在这通叫应的名单中；请从名单中选择。", field="person", value=person,
            en="This call does not ring that person; choose one of those listed.",
        )  # fmt: skip
