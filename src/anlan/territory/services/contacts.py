"""The yearly renewal of contacts (联系人年度核对): opened by a division, confirmed person by person, reminded, closed.

A warning reaches people only by numbers somebody has checked. Whoever is not confirmed when the round ends is a gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.territory.codes import level_of
from anlan.territory.engine.identifiers import phone_fault, phone_normal
from anlan.territory.events_care import ContactReminder, ContactRoundClosed, ContactRoundOpened, ContactsConfirmed
from anlan.territory.models import ContactRound, Person, Post
from anlan.territory.services.reaching import division_known, today
from anlan.territory.sources.care_rules import pack

ACT = "people.write"
SYSTEM = Actor.system("territory")
# Who is in a round: active people who hold a post now, in the division or below it.
_COUNT = """
SELECT count(*), count(*) FILTER (WHERE coalesce(n.contact_checked_on, '-infinity') >= %s)
FROM territory_person n WHERE n.division ^@ %s AND n.state = 'active'
  AND EXISTS (SELECT 1 FROM territory_appointment a WHERE a.person_id = n.id AND a.valid_to IS NULL)
"""


@transaction.atomic
def contact_round_open(
    *, by: Actor, division: str, year: int, due_on: date | None = None, at: datetime | None = None
) -> ContactRound:
    """Begin the renewal of a division's contacts for a year, due by default on the day of the rules (20 April).

    Conflict when the division has one for that year; Invalid when the due day is not after today.
    """
    by.must(ACT, division_known(division))
    due = due_on or date.fromisoformat(f"{year}-{pack('duty_cover')['contact_round']['due']}")
    if due <= today(at):
        raise Invalid(
            code="contacts.due",
            zh=f"截止日{due}应晚于今天；请另定日期。",
            en=f"The due day {due} must be after today; choose another.",
            field="due_on",
            value=due,
        )
    if ContactRound.objects.filter(division=division, year=year).exists():
        raise Conflict(
            code="contacts.round_there",
            zh=f"{year}年的联系人核对已经开始。",
            en=f"The renewal of {year} has begun already.",
            field="year",
            value=year,
        )
    moment = at or clock.now()
    people, _ = _progress(division, today(moment))
    row = ContactRound.objects.create(
        division=division, year=year, opened_at=moment, due_on=due, counts={"people": people, "confirmed": 0}
    )
    event = ContactRoundOpened(year=year, due_on=due, people=people)
    record(event, by=by, about=f"contact_round:{row.pk}", division=division, at=at)
    return row


@transaction.atomic
def contact_confirm(*, by: Actor, people: Mapping[UUID, str], at: datetime | None = None) -> int:
    """Confirm people's contacts as checked today: id → new telephone, "" where the old one holds. Returns how many.

    All or none: NotFound when one of them is not in the actor's area, Invalid for a telephone that can't be one,
    Conflict for somebody who has left.
    """
    rows = {row.pk: row for row in by.scope.filter(Person.objects.select_for_update().filter(pk__in=list(people)))}
    _must_be_there(people, rows)
    changed: list[Person] = []
    for pk, phone in people.items():
        row = rows[pk]
        by.must(ACT, row.division)
        if phone.strip() and (number := _number(phone)) != row.phone:
            row.phone = number
            changed.append(row)
    Person.objects.bulk_update(changed, ["phone"], batch_size=1000)
    count = Person.objects.filter(pk__in=list(rows)).update(contact_checked_on=today(at))
    names = "\n".join(sorted(str(pk) for pk in rows))
    event = ContactsConfirmed(people=count, changed=len(changed), sha256=hashlib.sha256(names.encode()).hexdigest())
    divisions = [row.division for row in rows.values()]
    record(event, by=by, about="register:persons", division=_common(divisions), at=at)
    return count


@transaction.atomic
def rounds_look(at: datetime | None = None) -> int:
    """Remind the desks of rounds that end in 30, 14, 7 or 1 days, and close those past their day; part of the daily
    look. Each step reminds once. Returns how many rounds were reminded or closed."""
    moment = at or clock.now()
    day, done = today(moment), 0
    steps = sorted(pack("duty_cover")["contact_round"]["reminders"])
    for row in ContactRound.objects.select_for_update().filter(closed_at__isnull=True).order_by("division", "year"):
        people, confirmed = _progress(row.division, today(row.opened_at))
        row.counts = {**row.counts, "people": people, "confirmed": confirmed}
        left = (row.due_on - day).days
        step = next((step for step in steps if 0 <= left <= step), None)
        if left < 0:
            row.closed_at = moment
            closed = ContactRoundClosed(year=row.year, people=people, missing=people - confirmed)
            record(closed, by=SYSTEM, about=f"contact_round:{row.pk}", division=row.division, at=at)
        elif step is not None and row.counts.get("reminded", 366) > step and confirmed < people:
            row.counts["reminded"] = step
            _remind(row, left, people, confirmed, moment)
        else:
            continue
        row.save()
        done += 1
    return done


def _remind(row: ContactRound, left: int, people: int, confirmed: int, at: datetime) -> None:
    role = pack("duty_cover")["desks"].get(level_of(row.division), "township_duty")
    desk = Post.objects.filter(division=row.division, role=role).order_by("code").first()
    event = ContactReminder(
        year=row.year, days=left, missing=people - confirmed, people=people, post=desk.pk if desk else None
    )
    record(event, by=SYSTEM, about=f"contact_round:{row.pk}", division=row.division, at=at)


def _progress(division: str, since: date) -> tuple[int, int]:
    """Return how many people are in a round, and how many of them were checked since it began."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [since, division])
        people, confirmed = cursor.fetchone()
    return people, confirmed


def _must_be_there(people: Mapping[UUID, str], rows: Mapping[UUID, Person]) -> None:
    missing = [pk for pk in people if pk not in rows]
    if missing or not people:
        raise NotFound(
            code="territory.no_person",
            zh=f"管辖范围内没有其中{len(missing)}人；请刷新名单后再确认。",
            en=f"{len(missing)} of these people are not in your area; load the list again.",
            field="people",
            value=missing[0] if missing else "",
        )
    gone = [row.pk for row in rows.values() if row.state != "active"]
    if gone:
        raise Conflict(
            code="people.not_active",
            zh=f"其中{len(gone)}人已离岗；请刷新名单后再确认。",
            en=f"{len(gone)} of these people have left; load the list again.",
            field="people",
            value=gone[0],
        )


def _number(phone: str) -> str:
    number = phone_normal(phone)
    fault = phone_fault(number)
    if fault:
        raise Invalid(
            code=fault,
            zh=f"“{phone}”不是电话号码；应为11位手机号，或带区号的固定电话。",
            en=f"“{phone}” is no telephone number; give 11 digits of a mobile, or a landline with its area code.",
            field="phone",
            value=phone,
        )
    return number


def _common(divisions: Sequence[str]) -> str:
    """Return the lowest division that holds them all."""
    first, last = min(divisions), max(divisions)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: max(n for n in (0, 2, 4, 6, 9, 12) if n <= length)]
