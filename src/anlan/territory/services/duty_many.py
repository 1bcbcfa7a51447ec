"""A whole roster at once: many turns of duty written, or taken back, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.events_care import ShiftsCancelled, ShiftsPlanned
from anlan.territory.models import Person, Post, Shift
from anlan.territory.services.duty import ACT, must_be_times, taken
from anlan.territory.services.reaching import locked, reason_given, seen
from anlan.territory.sources.care_rules import pack

_TAKEN = """
SELECT n.id FROM territory_shift n JOIN territory_shift o ON o.post_id = n.post_id AND o.holder = n.holder AND o.id <> n.id
  AND NOT o.cancelled AND o.starts_at < n.ends_at AND o.ends_at > n.starts_at
WHERE n.id = ANY(%s) ORDER BY n.starts_at, n.id LIMIT 1
"""
# Turns that touch are one stretch: together no longer than the longest turn.
_NO_REST = """
SELECT n.id FROM territory_shift n JOIN territory_shift o ON o.person_id = n.person_id AND o.id <> n.id
  AND NOT o.cancelled AND o.starts_at < n.ends_at + %(rest)s::interval AND o.ends_at > n.starts_at - %(rest)s::interval
WHERE n.id = ANY(%(ids)s) AND n.id <> ALL(%(excused)s) AND o.id <> ALL(%(excused)s)
  AND NOT ((o.ends_at = n.starts_at OR o.starts_at = n.ends_at)
    AND greatest(o.ends_at, n.ends_at) - least(o.starts_at, n.starts_at) <= %(longest)s::interval)
ORDER BY n.starts_at, n.id LIMIT 1
"""


class TurnSpec(NamedTuple):
    """A turn of duty to be written. `excused`: a reason on record sets the rest rule aside."""

    post: UUID
    person: UUID
    holder: str
    starts_at: datetime
    ends_at: datetime
    excused: bool = False


@transaction.atomic
def shifts_plan(*, by: Actor, turns: Sequence[TurnSpec], at: datetime | None = None) -> list[Shift]:
    """Put many turns of duty on the roster: all or none, in the order given. The rules are those of `shift_plan`, but that
    turns of one person may touch when together they are no longer than the longest turn, and that an excused turn needs
    no rest. Raises what `shift_plan` raises, about the first turn in time that can't be."""
    if not turns:
        return []
    posts = {key: locked(by, Post, key) for key in sorted({turn.post for turn in turns}, key=str)}
    for row in posts.values():
        by.must(ACT, row.division)
    for key in sorted({turn.person for turn in turns}, key=str):
        _must_be_here(seen(by, Person, key))
    for turn in turns:
        must_be_times(turn.holder, turn.starts_at, turn.ends_at)
    made = [
        Shift(post_id=turn.post, person_id=turn.person, holder=turn.holder, starts_at=turn.starts_at,
              ends_at=turn.ends_at, division=posts[turn.post].division)
        for turn in turns
    ]  # fmt: skip
    Shift.objects.bulk_create(made)
    _must_hold(made, [row.pk for row, turn in zip(made, turns, strict=True) if turn.excused])
    codes = sorted(post.code for post in posts.values())
    first = posts[turns[0].post]
    lines = sorted(f"{turn.starts_at.isoformat()} {turn.post} {turn.holder} {turn.person} {turn.ends_at.isoformat()}"
                   for turn in turns)  # fmt: skip
    event = ShiftsPlanned(count=len(made), posts=codes, starts_at=min(turn.starts_at for turn in turns),
                          ends_at=max(turn.ends_at for turn in turns), sha256=_digest(lines))  # fmt: skip
    record(event, by=by, about=f"post:{first.pk}", division=first.division, at=at)
    return made


@transaction.atomic
def shifts_cancel(*, by: Actor, shifts: Sequence[UUID], reason: str, at: datetime | None = None) -> int:
    """Take many turns off the roster; they stay on record as cancelled. Return how many; those cancelled before don't
    count. Forbidden for a post outside the actor's reach."""
    rows = list(
        Shift.objects.select_for_update(of=("self",))
        .select_related("post")
        .filter(pk__in=list(shifts), cancelled=False)
        .order_by("starts_at", "id")
    )
    why = reason_given(reason)
    for row in rows:
        by.must(ACT, row.division)
    if not rows:
        return 0
    Shift.objects.filter(pk__in=[row.pk for row in rows]).update(cancelled=True)
    event = ShiftsCancelled(count=len(rows), posts=sorted({row.post.code for row in rows}), reason=why,
                            sha256=_digest([str(row.pk) for row in rows]))  # fmt: skip
    record(event, by=by, about=f"post:{rows[0].post_id}", division=rows[0].division, at=at)
    return len(rows)


def _must_be_here(person: Person) -> None:
    if person.state != "active":
        raise Conflict(
            code="people.not_active",
            zh=f"{person.name}已离岗，不能排班；请换人。",
            en=f"{person.name} has left and can't be put on the roster; choose somebody else.",
            field="person",
            value=person.pk,
        )


def _must_hold(made: Sequence[Shift], excused: Sequence[UUID]) -> None:
    """Held against everything on the roster, what was just written included."""
    care = pack("duty_cover")
    rest, longest = f"{care['rest_hours']} hours", f"{care['shift_hours']} hours"
    ids = [row.pk for row in made]
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [ids])
        if found := cursor.fetchone():
            raise taken("shift.overlap", "该岗位在此时段已有班次；请先取消或改时间。",
                        "The post is taken for part of this time; cancel that turn or choose another time.", _words(made, found[0]))  # fmt: skip
        cursor.execute(_NO_REST, {"ids": ids, "excused": list(excused), "rest": rest, "longest": longest})
        if found := cursor.fetchone():
            hours = care["rest_hours"]
            raise taken("shift.no_rest", f"此人两班之间不足{hours}小时休息；请换人或写明理由。",
                        f"This person would have less than {hours} hours of rest; choose somebody else or give a reason.",
                        _words(made, found[0]))  # fmt: skip


def _words(made: Sequence[Shift], key: UUID) -> str:
    row = next(one for one in made if one.pk == key)
    return f"{row.starts_at.isoformat()} {row.person_id}"


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
