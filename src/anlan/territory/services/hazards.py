"""Major hazard sources (重大危险源): entered with their substances, graded by the rules, and seen on their unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.territory.engine.hazard_grade import Grading, Substance, grade
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_care import HazardSaved
from anlan.territory.models import Kept, MajorHazard, Unit, current_act
from anlan.territory.services.reaching import locked, text_given
from anlan.territory.services.versions import must_be_seen
from anlan.territory.sources.care_rules import pack

ACT = "licence.write"


@transaction.atomic
def hazard_save(
    *,
    by: Actor,
    unit: UUID,
    name: str,
    people_500m: int,
    substances: Sequence[Substance],
    hazard: UUID | None = None,
    seen: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    active: bool = True,
    at: datetime | None = None,
) -> MajorHazard:
    """Enter a source (`hazard` None) or change one; it is graded by the rules in force, and the unit's own grade (its
    gravest active source's) is kept in step. Invalid for quantities, limits or classes that are none."""
    owner = locked(by, Unit, unit)
    by.must(ACT, owner.division)
    label = text_given("name", name, "重大危险源名称", "source's name")
    graded = _graded(people_500m, substances)
    row = _hazard(by, owner, hazard, seen, label)
    beta = {part: (b, share) for part, b, share in graded.parts}
    row.name, row.division, row.lon, row.lat = label, owner.division, lon, lat
    row.people_500m, row.r, row.grade = people_500m, graded.r, graded.grade
    row.substances = [asdict(item) | {"beta": beta[item.name][0], "share": beta[item.name][1]} for item in substances]
    row.state = "active" if active else "closed"
    row.save()
    event = HazardSaved(hazard=row.pk, unit=owner.pk, r=graded.r, grade=graded.grade, rules_version=graded.version)
    record(event, by=by, about=f"unit:{owner.pk}", division=owner.division, at=at)
    unit_grade(by=by, unit=owner.pk, at=at)
    return row


def unit_grade(*, by: Actor, unit: UUID, at: datetime | None = None) -> int:
    """Bring a unit's grade in step with its gravest active source (1 is the gravest, 0 none); return it."""
    grades = MajorHazard.objects.filter(unit=unit, state="active", grade__gt=0).values_list("grade", flat=True)
    wanted = min(grades, default=0)
    row = Unit.objects.select_for_update().get(pk=unit)
    if row.major_hazard != wanted:
        moment = at or clock.now()
        Kept.objects.create(
            register="units", row=row.pk, division=row.division, at=moment, by=by.as_json(),
            before={"major_hazard": row.major_hazard},
        )  # fmt: skip
        Unit.objects.filter(pk=unit).update(major_hazard=wanted, updated_at=moment, act=current_act())
    return wanted


def _graded(people: int, substances: Sequence[Substance]) -> Grading:
    try:
        return grade(pack("major_hazard"), people, substances)
    except ValueError as fault:
        raise Invalid(
            code="hazard.values",
            zh="人数和存量不能为负，临界量应大于零，物质类别应在表内；请核对。",
            en="People and quantities can't be negative, limits are above zero, and the class is one of the table.",
            field="substances",
            value=fault,
        ) from None


def _hazard(by: Actor, owner: Unit, hazard: UUID | None, version: str | None, label: str) -> MajorHazard:
    if hazard is not None:
        row = locked(by, MajorHazard, hazard)
        must_be_seen(row, version)
        return row
    number = MajorHazard.objects.filter(unit=owner).count() + 1
    code = f"{owner.key}|H{number}"
    return MajorHazard(id=stable_id("hazard", code), code=code, unit=owner)
