"""The roster: turns of duty at a post, without overlap and with rest between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.choices import HOLDERS
from anlan.territory.events_care import ShiftCancelled, ShiftPlanned
from anlan.territory.models import Person, Post, Shift
from anlan.territory.services.reaching import locked, reason_given
from anlan.territory.sources.care_rules import pack

ACT = "people.write"


@transaction.atomic
def shift_plan(
    *,
    by: Actor,
    post: UUID,
    person: UUID,
    holder: str,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime | None = None,
) -> Shift:
    """Put a turn of duty on the roster. Conflict when the post's A (or B) is taken for part of it, or the person would
    have no rest before or after; Invalid for times that are none."""
    row, who = locked(by, Post, post), locked(by, Person, person)
    by.must(ACT, row.division)
    must_be_times(holder, starts_at, ends_at)
    if who.state != "active":
        raise taken(
            "people.not_active", "此人已离岗，不能排班。", "This person has left and can't be put on the roster.", ""
        )
    _must_be_free(row, holder, starts_at, ends_at)
    _must_have_rest(who, starts_at, ends_at)
    made = Shift.objects.create(
        post=row, person=who, holder=holder, starts_at=starts_at, ends_at=ends_at, division=row.division
    )
    event = ShiftPlanned(shift=made.pk, post=row.pk, person=who.pk, holder=holder, starts_at=starts_at, ends_at=ends_at)
    record(event, by=by, about=f"post:{row.pk}", division=row.division, at=at)
    return made


@transaction.atomic
def shift_cancel(*, by: Actor, shift: UUID, reason: str, at: datetime | None = None) -> Shift:
    """Take a turn off the roster; it stays on record as cancelled. Conflict when it was before."""
    row = locked(by, Shift, shift)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if row.cancelled:
        raise taken("shift.cancelled", "此班次已取消。", "This turn was cancelled already.", row.pk)
    row.cancelled = True
    row.save(update_fields=["cancelled"])
    event = ShiftCancelled(shift=row.pk, post=row.post_id, reason=why)
    record(event, by=by, about=f"post:{row.post_id}", division=row.division, at=at)
    return row


def must_be_times(holder: str, starts_at: datetime, ends_at: datetime) -> None:
    """Raise Invalid for times that are none, or too long a turn."""
    longest = timedelta(hours=pack("duty_cover")["shift_hours"])
    if holder not in HOLDERS or starts_at.tzinfo is None or not timedelta() < ends_at - starts_at <= longest:
        hours = int(longest.total_seconds() // 3600)
        raise Invalid(
            code="shift.times",
            zh=f"班次应有起止时间（不超过{hours}小时），角色为A或B。",
            en=f"A turn of duty has a start and an end, at most {hours} hours apart, and is held as A or B.",
            field="ends_at",
            value=ends_at,
        )


def _must_be_free(post: Post, holder: str, starts_at: datetime, ends_at: datetime) -> None:
    other = Shift.objects.filter(
        post=post, holder=holder, cancelled=False, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).first()
    if other is not None:
        raise taken(
            "shift.overlap",
            f"该岗位{holder}角在此时段已有班次；请先取消或改时间。",
            f"The post's {holder} is taken for part of this time; cancel that turn or choose another time.",
            other.pk,
        )


def _must_have_rest(person: Person, starts_at: datetime, ends_at: datetime) -> None:
    hours = pack("duty_cover")["rest_hours"]
    rest = timedelta(hours=hours)
    near = Shift.objects.filter(
        person=person, cancelled=False, starts_at__lt=ends_at + rest, ends_at__gt=starts_at - rest
    ).first()
    if near is not None:
        raise taken(
            "shift.no_rest",
            f"此人两班之间不足{hours}小时休息。",
            f"This person would have less than {hours} hours of rest between two turns.",
            near.pk,
        )


def taken(code: str, zh: str, en: str, value: object) -> Conflict:
    """Return the refusal of a turn."""
    return Conflict(code=code, zh=zh, en=en, field="starts_at", value=value)
