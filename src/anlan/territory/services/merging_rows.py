"""What merging means for each register: which rows come along, and how that is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Model

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict
from anlan.territory.models import (
    Appointment,
    Certificate,
    Duty,
    Finding,
    Kept,
    Licence,
    MajorHazard,
    Person,
    Place,
    Post,
    Unit,
    current_act,
)
from anlan.territory.services.hazards import unit_grade
from anlan.territory.services.reaching import locked, today

Moved = dict[str, list[Any]]


@dataclass(frozen=True)
class Merge:
    """How rows of one register are merged, and how that is undone."""

    merge: Callable[[Actor, UUID, UUID, datetime], Moved]
    undo: Callable[[Actor, UUID, UUID, Moved, datetime], dict[str, int]]


def _over(model: type[Model], column: str, gone: UUID, keep: UUID) -> list[str]:
    """Let all rows of `gone` go over to `keep`; return their ids."""
    rows = model._default_manager.filter(**{column: gone})
    found = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    rows.update(**{column: keep})
    return found


def _back(model: type[Model], column: str, ids: list[Any], keep: UUID, gone: UUID) -> int:
    """Let rows go back, those that still are where they went."""
    return int(model._default_manager.filter(pk__in=ids, **{column: keep}).update(**{column: gone}))


def _cleared(register: str, gone: UUID, at: datetime) -> None:
    Finding.objects.filter(register=register, row=gone, cleared_at__isnull=True).update(cleared_at=at)


def _keep_unit(by: Actor, row: Unit, at: datetime, **after: Any) -> None:
    before = {name: getattr(row, name) for name in after}
    Kept.objects.create(
        register="units", row=row.pk, division=row.division, at=at, by=by.as_json(),
        before={name: None if value is None else str(value) for name, value in before.items()},
    )  # fmt: skip
    Unit.objects.filter(pk=row.pk).update(**after, updated_at=at, act=current_act())


def _merge_units(by: Actor, keep: UUID, gone: UUID, at: datetime) -> Moved:
    one, two = locked(by, Unit, keep), locked(by, Unit, gone)
    _must_stand(one.merged_into is None and two.merged_into is None)
    moved: Moved = {
        "licence": _over(Licence, "unit_id", gone, keep),
        "hazard": _over(MajorHazard, "unit_id", gone, keep),
    }
    _keep_unit(by, two, at, merged_into=keep)
    unit_grade(by=by, unit=keep, at=at)
    _cleared("units", gone, at)
    return moved


def _undo_units(by: Actor, keep: UUID, gone: UUID, moved: Moved, at: datetime) -> dict[str, int]:
    locked(by, Unit, keep)
    two = locked(by, Unit, gone)
    back = {
        "licence": _back(Licence, "unit_id", moved.get("licence", []), keep, gone),
        "hazard": _back(MajorHazard, "unit_id", moved.get("hazard", []), keep, gone),
    }
    _keep_unit(by, two, at, merged_into=None)
    for unit in (keep, gone):
        unit_grade(by=by, unit=unit, at=at)
    return back


def _merge_places(by: Actor, keep: UUID, gone: UUID, at: datetime) -> Moved:
    one, two = locked(by, Place, keep), locked(by, Place, gone)
    _must_stand(one.state == two.state == "active")
    moved: Moved = {"post": _over(Post, "place_id", gone, keep), "duty": _over(Duty, "place_id", gone, keep)}
    two.state, two.merged_into = "merged", keep
    two.save(update_fields=["state", "merged_into"])
    _cleared("places", gone, at)
    return moved


def _undo_places(by: Actor, keep: UUID, gone: UUID, moved: Moved, at: datetime) -> dict[str, int]:
    two = locked(by, Place, gone)
    two.state, two.merged_into = "active", None
    two.save(update_fields=["state", "merged_into"])
    return {
        "post": _back(Post, "place_id", moved.get("post", []), keep, gone),
        "duty": _back(Duty, "place_id", moved.get("duty", []), keep, gone),
    }


def _merge_persons(by: Actor, keep: UUID, gone: UUID, at: datetime) -> Moved:
    """Appointments are not written over: the old one ends today, and one for the person kept begins."""
    one, two = locked(by, Person, keep), locked(by, Person, gone)
    _must_stand(one.state == two.state == "active")
    day = today(at)
    current = list(Appointment.objects.select_for_update().filter(person=two, valid_to__isnull=True).order_by("pk"))
    held = set(Appointment.objects.filter(person=one, valid_to__isnull=True).values_list("post_id", flat=True))
    Appointment.objects.filter(pk__in=[row.pk for row in current]).update(valid_to=day)
    made = [
        Appointment.objects.create(
            post_id=row.post_id, person=one, holder=row.holder, valid_from=day, division=row.division
        )
        for row in current
        if row.post_id not in held
    ]
    same = Certificate.objects.filter(person=one).values_list("kind", "number")
    others = [c.pk for c in Certificate.objects.filter(person=two) if (c.kind, c.number) not in set(same)]
    Certificate.objects.filter(pk__in=others).update(person=one)
    two.state, two.merged_into = "merged", keep
    two.save(update_fields=["state", "merged_into"])
    _cleared("persons", gone, at)
    return {
        "ended": [str(row.pk) for row in current],
        "made": [str(row.pk) for row in made],
        "certificate": [str(pk) for pk in others],
    }


def _undo_persons(by: Actor, keep: UUID, gone: UUID, moved: Moved, at: datetime) -> dict[str, int]:
    two = locked(by, Person, gone)
    two.state, two.merged_into = "active", None
    two.save(update_fields=["state", "merged_into"])
    # Those made by the merger end on the day they began: they held for no day.
    closed = Appointment.objects.filter(pk__in=moved.get("made", []), valid_to__isnull=True)
    closed.update(valid_to=F("valid_from"))
    back = 0
    for row in Appointment.objects.filter(pk__in=moved.get("ended", [])):
        taken = Appointment.objects.filter(post=row.post_id, holder=row.holder, valid_to__isnull=True).exists()
        if not taken:
            Appointment.objects.create(
                post_id=row.post_id, person=two, holder=row.holder, valid_from=today(at), division=row.division
            )
            back += 1
    return {
        "appointment": back,
        "certificate": _back(Certificate, "person_id", moved.get("certificate", []), keep, gone),
    }


def _must_stand(stands: bool) -> None:
    if not stands:
        raise Conflict(
            code="merge.gone",
            zh="其中一行已合并、离岗或停用；请重新查找疑似重复。",
            en="One of the rows was merged, has left or is closed; look for duplicates again.",
            field="proposal",
            value="",
        )


MERGES = {
    "units": Merge(_merge_units, _undo_units),
    "places": Merge(_merge_places, _undo_places),
    "persons": Merge(_merge_persons, _undo_persons),
}
