"""Forgetting people who left, after the time of the rules, unless their data is on hold (个人信息清除与留存)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, redact
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.events_care import HoldPlaced, HoldReleased, PeoplePurged
from anlan.territory.models import Hold, Person
from anlan.territory.services.reaching import locked, reason_given, today
from anlan.territory.sources.care_rules import pack

ACT, HOLD = "people.purge", "hold.set"
MOST = 5000
NAME = "（已清除）"
BLANKS = {"name": NAME, "phone": "", "phone_alt": "", "citizen_hash": "", "citizen_mask": ""}
_DUE = """
SELECT n.id, EXISTS (SELECT 1 FROM territory_hold h WHERE h.register = 'persons' AND h.row = n.id
  AND h.released_at IS NULL AND (h.until IS NULL OR h.until >= %(day)s)) AS held
FROM territory_person n WHERE n.state = 'left' AND n.left_on < %(before)s AND n.division ^@ ANY(%(reach)s)
ORDER BY n.left_on, n.id
"""
# What imports and remedies kept of the person's row: the same columns go there.
_KEPT = """
UPDATE territory_kept SET before = before || (SELECT coalesce(jsonb_object_agg(k, v), '{}')
  FROM jsonb_each(%s::jsonb || '{"citizen": ""}') x(k, v) WHERE before ? k)
WHERE register = 'persons' AND row = ANY(%s) AND before IS NOT NULL
"""


@transaction.atomic
def people_purge(*, by: Actor, at: datetime | None = None) -> PeoplePurged | None:
    """Destroy names, telephones and identity marks of people who left longer ago than the rules say, in their rows and in
    every kept version; return what was told, None where nobody is due.

    Those on hold are left alone and counted. At most 5,000 in one act. Needs the database's owner: it is the daily
    look's, and nobody's through the web.
    """
    for prefix in by.scope.prefixes:
        by.must(ACT, prefix)
    due, held = people_due(by, today(at))
    if not due:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('anlan.territory.purge'))")
        cursor.execute(_KEPT, [json.dumps(BLANKS), due])
    Person.objects.filter(pk__in=due).update(**BLANKS, state="purged")
    names = sorted(str(pk) for pk in due)
    versions = redact(by=by, model=Person, keys=names, blanks=BLANKS, division="")
    sha = hashlib.sha256("\n".join(names).encode()).hexdigest()
    event = PeoplePurged(people=len(due), versions=versions, held=held, sha256=sha)
    record(event, by=by, about="register:persons", division="", at=at)
    return event


def people_due(by: Actor, day: date) -> tuple[list[UUID], int]:
    """Return who is due to be purged on a day, those who left first, and how many are held back by a hold."""
    before = day - timedelta(days=pack("duty_cover")["purge_days"])
    words: dict[str, Any] = {"day": day, "before": before, "reach": list(by.scope.prefixes)}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, words)
        rows = cursor.fetchall()
    return [pk for pk, held in rows if not held][:MOST], sum(held for _, held in rows)


@transaction.atomic
def hold_place(*, by: Actor, person: UUID, reason: str, until: date | None = None, at: datetime | None = None) -> Hold:
    """Put a person's data on hold, with a reason, until a day or without end. Conflict when it is on hold or gone."""
    row = locked(by, Person, person)
    by.must(HOLD, row.division)
    why, moment = reason_given(reason), at or clock.now()
    if until is not None and until < today(moment):
        raise Invalid(
            code="hold.until",
            zh=f"留存期限{until}早于今天；请另定日期。",
            en=f"The hold's end {until} is before today; choose another day.",
            field="until",
            value=until,
        )
    standing = Hold.objects.filter(register="persons", row=row.pk, released_at__isnull=True).exclude(
        until__lt=today(moment)
    )
    if row.state == "purged" or standing.exists():
        raise Conflict(
            code="hold.there",
            zh="此人资料已清除，或已在留存中。",
            en="This person's data was purged, or is on hold already.",
            field="person",
            value=person,
        )
    made = Hold.objects.create(
        register="persons", row=row.pk, division=row.division, reason=why, until=until, by=by.as_json(), at=moment
    )
    event = HoldPlaced(register="persons", row=row.pk, until=until, reason=why)
    record(event, by=by, about=f"person:{row.pk}", division=row.division, at=at)
    return made


@transaction.atomic
def hold_release(*, by: Actor, hold: UUID, reason: str, at: datetime | None = None) -> Hold:
    """Lift a hold, with a reason. Conflict when it was lifted before."""
    row = locked(by, Hold, hold)
    by.must(HOLD, row.division)
    why = reason_given(reason)
    if row.released_at is not None:
        raise Conflict(
            code="hold.released",
            zh="此项留存已解除。",
            en="This hold was lifted already.",
            field="hold",
            value=hold,
        )
    row.released_at = at or clock.now()
    row.save(update_fields=["released_at"])
    event = HoldReleased(register=row.register, row=row.row, reason=why)
    record(event, by=by, about=f"person:{row.row}", division=row.division, at=at)
    return row
