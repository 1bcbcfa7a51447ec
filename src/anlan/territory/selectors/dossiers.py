"""What a row's page shows besides its own fields: licences, hazards, holders, duties, doubts. In scope, masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.engine.mask import mask_phone
from anlan.territory.models import (
    Appointment,
    Certificate,
    Downstream,
    Duty,
    Finding,
    Gap,
    Licence,
    MajorHazard,
    Person,
    Place,
    Post,
    Shift,
    Skill,
    Unit,
)
from anlan.territory.selectors.people import on_duty
from anlan.territory.selectors.registers import posts_described

ROWS = 30
NOBODY = UUID(int=0)
REMINDERS = (120, 100, 90)


def doubts_of(scope: Scope, register: str, row: UUID) -> list[dict[str, Any]]:
    """Return the open doubts about a row: check, detail, found_at. One query."""
    rows = scope.filter(Finding.objects.filter(register=register, row=row, cleared_at__isnull=True))
    return list(rows.order_by("check_code").values("check_code", "detail", "found_at"))


def licences_of(scope: Scope, unit: UUID, today: date) -> list[dict[str, Any]]:
    """Return the licences of a unit, those that end first first: id, kind, number, issuer, days, expires_on, state,
    reminded and the days before expiry of the next reminder. One query."""
    rows = scope.filter(Licence.objects.filter(unit_id=unit)).order_by("state", "expires_on", "code")
    found = []
    for row in rows[:ROWS]:
        days = (row.expires_on - today).days if row.expires_on else None
        following = next((step for step in REMINDERS if days is not None and days > step), None)
        found.append({
            "id": row.pk, "kind": choices.name(choices.LICENCE_KINDS, row.kind), "number": row.number,
            "issuer": row.issuer, "expires_on": row.expires_on, "state": row.state, "days": days,
            "reminded": row.reminded, "following": following,
        })  # fmt: skip
    return found


def hazards_of(scope: Scope, unit: UUID) -> list[dict[str, Any]]:
    """Return the major hazard sources of a unit, the gravest first: name, r, grade, people_500m, substances. One
    query."""
    rows = scope.filter(MajorHazard.objects.filter(unit_id=unit)).order_by("-r", "code")
    return list(rows.values("code", "name", "r", "grade", "people_500m", "substances", "state")[:ROWS])


def unit_rule(scope: Scope, unit: UUID) -> dict[str, Any]:
    """Return what assigned a unit's lead regulator: {"rule", "organisation" (id, None)}. One query."""
    row = scope.filter(Unit.objects.filter(pk=unit)).values("regulator_rule", "regulator_id", "merged_into").first()
    return row or {"regulator_rule": "", "regulator_id": None, "merged_into": None}


def held_by(scope: Scope, person: UUID) -> list[dict[str, Any]]:
    """Return the posts a person holds or held, present ones first: post {code, name, role}, holder, from, to. One
    query."""
    rows = Appointment.objects.filter(person_id=person).select_related("post").order_by("-valid_from", "holder")
    found = [
        {
            "post": row.post.code, "name": {"zh": row.post.name_zh, "en": row.post.name_en},
            "role": choices.name(choices.POST_ROLES, row.post.role), "holder": row.holder,
            "valid_from": row.valid_from, "valid_to": row.valid_to, "seen": scope.sees(row.post.division),
        }
        for row in rows[:ROWS]
    ]  # fmt: skip
    return sorted(found, key=lambda row: row["valid_to"] is not None)


def certificates_of(person: UUID, today: date) -> list[dict[str, Any]]:
    """Return a person's certificates, those that end first first, with the days left. One query."""
    rows = Certificate.objects.filter(person_id=person).order_by("expires_on", "kind")
    return [
        {"kind": row.kind, "number": row.number, "issuer": row.issuer, "expires_on": row.expires_on,
         "days": (row.expires_on - today).days if row.expires_on else None}
        for row in rows[:ROWS]
    ]  # fmt: skip


def skills_of(person: UUID) -> list[str]:
    """Return the codes of what a person can do. One query."""
    return list(Skill.objects.filter(person_id=person, removed=False).order_by("code").values_list("code", flat=True))


def shifts_of(now: datetime, *, person: UUID | None = None, post: UUID | None = None) -> list[dict[str, Any]]:
    """Return the turns of duty running or to come, of a person or a post: starts_at, ends_at, holder, post, person.
    One query."""
    rows = Shift.objects.filter(ends_at__gt=now, cancelled=False)
    rows = rows.filter(person_id=person) if person else rows.filter(post_id=post or NOBODY)
    return [
        {
            "starts_at": row.starts_at, "ends_at": row.ends_at, "holder": row.holder, "on": row.starts_at <= now,
            "post": row.post.code, "post_name": {"zh": row.post.name_zh, "en": row.post.name_en},
            "person": row.person.code, "person_name": row.person.name,
        }
        for row in rows.select_related("post", "person").order_by("starts_at")[:10]
    ]  # fmt: skip


def gaps_of(scope: Scope, *, person: UUID | None = None, post: UUID | None = None) -> list[dict[str, Any]]:
    """Return the open gaps of a person or post: kind, opened_at, detail. One query."""
    rows = scope.filter(Gap.objects.filter(closed_at__isnull=True))
    rows = rows.filter(person_id=person) if person else rows.filter(post_id=post or NOBODY)
    return list(rows.order_by("opened_at").values("kind", "opened_at", "detail"))


def holders_of(scope: Scope, post: UUID, now: datetime) -> dict[str, Any]:
    """Return who holds a post by appointment and who answers now: {"post", "now": {"A": {...}, "B": {...}}}."""
    row = Post.objects.select_related("place", "superior").get(pk=post)
    duty = on_duty([post], now).get(post, {})
    inside = set(
        scope.filter(Person.objects.filter(pk__in=[entry.person_id for entry in duty.values()])).values_list(
            "pk", flat=True
        )
    )
    present = {
        holder: {"person": entry.person_id, "name": entry.name, "phone": mask_phone(entry.phone),
                 "shift": entry.shift is not None}
        for holder, entry in duty.items() if entry.person_id in inside
    }  # fmt: skip
    return {"post": posts_described(scope, [row])[0], "now": present}


def chain_above(scope: Scope, post: UUID) -> list[dict[str, Any]]:
    """Return the posts above a post, the next superior first, with holders masked. One query per step and two."""
    above: list[Post] = []
    seen = {post}
    row = Post.objects.select_related("superior__place", "superior__superior").get(pk=post)
    while row.superior is not None and row.superior_id not in seen and len(above) < 6:
        above.append(row.superior)
        seen.add(row.superior.pk)
        row = Post.objects.select_related("superior__place", "superior__superior").get(pk=row.superior.pk)
    return posts_described(scope, above)


def duties_of(scope: Scope, post: UUID) -> list[dict[str, Any]]:
    """Return what a post answers for: kind {zh, en}, division, place {code, zh, en} or None. One query."""
    rows = scope.filter_chain(Duty.objects.filter(post_id=post)).select_related("place")
    return [
        {
            "kind": choices.name(choices.DUTY_KINDS, row.kind), "division": row.division,
            "place": {"code": row.place.code, "zh": row.place.name_zh, "en": row.place.name_en} if row.place else None,
        }
        for row in rows.order_by("kind", "division")[:ROWS]
    ]  # fmt: skip


def posts_of_place(scope: Scope, place: UUID) -> list[dict[str, Any]]:
    """Return the posts that answer for a place, with holders masked. Three queries."""
    by_duty = Duty.objects.filter(place_id=place).values("post_id")
    rows = scope.filter_chain(Post.objects.filter(pk__in=by_duty) | Post.objects.filter(place_id=place))
    posts = list(rows.select_related("place", "superior").order_by("role", "code").distinct()[:ROWS])
    return posts_described(scope, posts)


def posts_of_organisation(scope: Scope, organisation: UUID) -> list[dict[str, Any]]:
    """Return the posts of an organisation, with holders masked. Three queries."""
    rows = scope.filter_chain(Post.objects.filter(organisation_id=organisation)).select_related("place", "superior")
    return posts_described(scope, list(rows.order_by("code")[:ROWS]))


def downstream_of(place: UUID) -> list[dict[str, Any]]:
    """Return the divisions below a reservoir, the soonest reached first: division, travel_min, distance_km,
    population. One query."""
    rows = Downstream.objects.filter(place_id=place).order_by("travel_min", "division")
    return [dict(row) for row in rows.values("division", "travel_min", "distance_km", "population")[:ROWS]]


def organisation_places(scope: Scope, organisation: UUID) -> int:
    """Return how many places an organisation runs. One query."""
    return scope.filter(Place.objects.filter(organisation_id=organisation, state="active")).count()
