"""What is done with people's data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.territory.events import PersonUnmasked
from anlan.territory.models import Person

SHORTEST_REASON = 4


@transaction.atomic
def person_unmask(*, by: Actor, person: UUID, reason: str, at: datetime | None = None) -> Person:
    """Return a person with the telephone in full, and journal who asked and why.

    NotFound when there is no such person in the actor's scope, Forbidden without the act `person.unmask`, Invalid
    without a reason.
    """
    found: Person | None = by.scope.filter(Person.objects.filter(pk=person)).first()
    if found is None:
        raise NotFound(
            code="territory.no_person",
            zh="管辖范围内没有此人；请核对人员编号。",
            en="There is no such person in your area; check the person's id.",
            field="person",
            value=person,
        )
    by.must("person.unmask", found.division)
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            code="territory.no_reason",
            zh=f"请写明查看完整电话的理由（不少于{SHORTEST_REASON}个字）。",
            en=f"Say why you need the full number (at least {SHORTEST_REASON} characters).",
            field="reason",
            value=reason,
        )
    event = PersonUnmasked(person=found.pk, reason=reason)
    record(event, by=by, about=f"person:{found.pk}", division=found.division, at=at)
    return found
