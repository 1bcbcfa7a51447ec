"""Posts and who holds them: an appointment ends the one before it and never overwrites it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.choices import HOLDERS, POST_ROLES
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_care import Appointed, AppointmentEnded, PostSaved
from anlan.territory.models import Appointment, Organisation, Person, Place, Post
from anlan.territory.services.gaps import gaps_mend
from anlan.territory.services.reaching import division_known, locked, reason_given, seen, text_given, today
from anlan.territory.services.versions import changed, must_be_seen

ACT = "people.write"


@transaction.atomic
def post_save(
    *,
    by: Actor,
    code: str,
    name_zh: str,
    role: str,
    organisation: UUID,
    division: str,
    post: UUID | None = None,
    seen_version: str | None = None,
    name_en: str = "",
    superior: UUID | None = None,
    place: UUID | None = None,
    at: datetime | None = None,
) -> Post:
    """Make a post (`post` None) or change one. A chain of superiors that comes back to itself is refused."""
    by.must(ACT, division_known(division))
    row = _post(by, post, seen_version, code)
    values = {
        "name_zh": text_given("name_zh", name_zh, "岗位名称", "post's name"),
        "name_en": name_en.strip() or name_zh.strip(),
        "role": _role(role),
        "organisation_id": seen(by, Organisation, organisation).pk,
        "superior_id": _superior(row.pk, superior),
        "place_id": seen(by, Place, place).pk if place else None,
        "division": division,
    }
    fields = changed(row, values)
    if post is None or fields:
        row.save(force_insert=post is None)
        event = PostSaved(post=row.pk, code=row.code, new=post is None, fields=fields)
        record(event, by=by, about=f"post:{row.pk}", division=division, at=at)
    return row


@transaction.atomic
def appoint(
    *, by: Actor, post: UUID, person: UUID, holder: str, on: date | None = None, at: datetime | None = None
) -> Appointment:
    """Appoint a person to a post as A or B from a day (default: today); whoever held it until then ends that day.

    The same person again changes nothing. Invalid when the person already is the post's other holder, or the day is
    before the appointment it would end; Conflict when the person is not active.
    """
    row = locked(by, Post, post)
    by.must(ACT, row.division)
    start = on or today(at)
    who = _holder(by, person)
    if holder not in HOLDERS:
        raise _wrong("holder", holder, "任职角色应为A或B。", "Appoint as A or as B.")
    current = {a.holder: a for a in Appointment.objects.select_for_update().filter(post=row, valid_to__isnull=True)}
    before = current.get(holder)
    if before is not None and before.person_id == who.pk:
        return before
    if any(a.person_id == who.pk for a in current.values()):
        raise _wrong("person", who.pk, "此人已是该岗位的另一角色。", "This person already is the post's other holder.")
    if before is not None:
        _end(before, start)
    made = Appointment.objects.create(post=row, person=who, holder=holder, valid_from=start, division=row.division)
    gaps_mend(post=row.pk, kinds=("no_a", "holder_left") if holder == "A" else ("no_b", "holder_left"), at=at)
    event = Appointed(
        post=row.pk, person=who.pk, holder=holder, on=start, before=before.person_id if before is not None else None
    )
    record(event, by=by, about=f"post:{row.pk}", division=row.division, at=at)
    return made


@transaction.atomic
def appointment_end(
    *, by: Actor, post: UUID, holder: str, reason: str, on: date | None = None, at: datetime | None = None
) -> Appointment:
    """End who holds a post as A or B without putting anybody in their place; Conflict when nobody does."""
    row = locked(by, Post, post)
    by.must(ACT, row.division)
    why = reason_given(reason)
    current = Appointment.objects.select_for_update().filter(post=row, holder=holder, valid_to__isnull=True).first()
    if current is None:
        raise Conflict(
            code="posts.vacant",
            zh=f"该岗位现无{holder}角；无需结束任职。",
            en=f"Nobody holds this post as {holder}; there is nothing to end.",
            field="holder",
            value=holder,
        )
    end = on or today(at)
    _end(current, end)
    event = AppointmentEnded(post=row.pk, person=current.person_id, holder=holder, on=end, reason=why)
    record(event, by=by, about=f"post:{row.pk}", division=row.division, at=at)
    return current


def _end(current: Appointment, on: date) -> None:
    if on < current.valid_from:
        raise _wrong("on", on, f"日期早于现任任职日{current.valid_from}。", f"The day is before {current.valid_from},"
                     " when the present holder began.")  # fmt: skip
    current.valid_to = on
    current.save(update_fields=["valid_to"])


def _post(by: Actor, post: UUID | None, version: str | None, code: str) -> Post:
    if post is not None:
        row = locked(by, Post, post)
        by.must(ACT, row.division)
        must_be_seen(row, version)
        return row
    code = text_given("code", code, "岗位编号", "post's code")
    if Post.objects.filter(code=code).exists():
        raise Conflict(
            code="posts.code_taken",
            zh=f"岗位编号“{code}”已被使用；请换一个。",
            en=f"The code “{code}” is taken by another post; choose another.",
            field="code",
            value=code,
        )
    return Post(id=stable_id("post", code), code=code)


def _holder(by: Actor, person: UUID) -> Person:
    """Return the person to appoint. A city's deputy may hold a county's post, so one above the scope will do."""
    found = by.scope.filter_chain(Person.objects.filter(pk=person)).first()
    who: Person = found if found is not None else seen(by, Person, person)
    if who.state != "active":
        raise Conflict(
            code="people.not_active",
            zh="此人已离岗、合并或清除，不能任职。",
            en="This person has left, was merged or purged, and can't be appointed.",
            field="person",
            value=person,
        )
    return who


def _role(role: str) -> str:
    if role not in POST_ROLES:
        raise _wrong("role", role, f"没有“{role}”这种岗位类别。", f"There is no role “{role}”.")
    return role


def _superior(post: UUID | None, superior: UUID | None) -> UUID | None:
    """Return the superior; Invalid when the chain above it comes back to the post."""
    above, seen_posts = superior, set()
    while above is not None and above not in seen_posts:
        if above == post:
            raise _wrong(
                "superior", superior, "上级链回到本岗位自身。", "The chain of superiors comes back to this post."
            )
        seen_posts.add(above)
        row = Post.objects.filter(pk=above).values_list("superior_id", flat=True)
        if not row:
            raise _wrong("superior", superior, "没有此上级岗位。", "There is no such superior post.")
        above = row[0]
    return superior


def _wrong(field: str, value: object, zh: str, en: str) -> Invalid:
    return Invalid(code=f"posts.{field}", zh=zh, en=en, field=field, value=value)
