"""Showing what is masked: with a reason, and journalled (law 9)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.events import PersonUnmasked
from anlan.territory.events_care import UnitUnmasked
from anlan.territory.models import Person, Unit
from anlan.territory.services.reaching import reason_given, seen


@transaction.atomic
def person_unmask(*, by: Actor, person: UUID, reason: str, at: datetime | None = None) -> Person:
    """Return a person with both telephones in full, and journal who asked and why.

    NotFound when there is no such person in the actor's scope, Forbidden without the act `person.unmask`, Invalid
    without a reason. A citizen number can't be unmasked: it was never kept.
    """
    found = seen(by, Person, person)
    by.must("person.unmask", found.division)
    event = PersonUnmasked(person=found.pk, reason=reason_given(reason))
    record(event, by=by, about=f"person:{found.pk}", division=found.division, at=at)
    return found


@transaction.atomic
def unit_unmask(*, by: Actor, unit: UUID, reason: str, at: datetime | None = None) -> Unit:
    """Return a production unit with its principal's name and telephone in full, and journal who asked and why."""
    found = seen(by, Unit, unit)
    by.must("person.unmask", found.division)
    event = UnitUnmasked(unit=found.pk, reason=reason_given(reason))
    record(event, by=by, about=f"unit:{found.pk}", division=found.division, at=at)
    return found
