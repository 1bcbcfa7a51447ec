"""People: entering, changing, leaving, certificates and skills. Showing what is masked is in `privacy`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.engine.identifiers import (
    citizen_fault,
    citizen_hash,
    citizen_mask,
    citizen_normal,
    phone_fault,
    phone_normal,
)
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_care import CertificateSaved, PersonLeft, PersonSaved, SkillsSet
from anlan.territory.models import Appointment, Certificate, Person, Shift, Skill
from anlan.territory.services.privacy import person_unmask as person_unmask
from anlan.territory.services.reaching import division_known, locked, reason_given, text_given, today
from anlan.territory.services.versions import changed, must_be_seen

ACT = "people.write"


@transaction.atomic
def person_save(
    *,
    by: Actor,
    name: str,
    phone: str,
    division: str,
    person: UUID | None = None,
    seen: str | None = None,
    code: str = "",
    phone_alt: str = "",
    citizen: str | None = None,
    contact_checked: bool = False,
    at: datetime | None = None,
) -> Person:
    """Enter a person (`person` None) or change one; a new or confirmed telephone counts as checked today.

    `citizen`: the citizen number, of which only a keyed hash and a masked form are kept; None leaves it, "" takes it
    away. `seen`: the version the form showed. Invalid for a telephone or number that can't be one, Conflict when the
    code or citizen number is somebody else's or the row was changed since, Forbidden outside the actor's reach.
    """
    by.must(ACT, division_known(division))
    row = _person(by, person, seen, code or "", division)
    values: dict[str, Any] = {
        "name": text_given("name", name, "姓名", "name"),
        "phone": _phone("phone", phone),
        "phone_alt": _phone("phone_alt", phone_alt) if phone_alt.strip() else "",
        "division": division,
        **_citizen(row, citizen),
    }
    if contact_checked or values["phone"] != row.phone:
        values["contact_checked_on"] = today(at)
    new = person is None
    fields = changed(row, values)
    if new or fields:
        row.save(force_insert=new)
        event = PersonSaved(person=row.pk, new=new, fields=fields)
        record(event, by=by, about=f"person:{row.pk}", division=division, at=at)
    return row


@transaction.atomic
def person_leave(*, by: Actor, person: UUID, on: date, reason: str, at: datetime | None = None) -> Person:
    """Let a person leave on a day: appointments end, turns of duty to come are cancelled. Conflict when already gone."""
    row = locked(by, Person, person)
    by.must(ACT, row.division)
    why = reason_given(reason)
    _must_be_active(row)
    ended = Appointment.objects.filter(person=row, valid_to__isnull=True).update(valid_to=on)
    shifts = Shift.objects.filter(person=row, cancelled=False, starts_at__gt=at or clock.now()).update(cancelled=True)
    row.state, row.left_on = "left", on
    row.save(update_fields=["state", "left_on"])
    event = PersonLeft(person=row.pk, on=on, ended=ended, shifts=shifts, reason=why)
    record(event, by=by, about=f"person:{row.pk}", division=row.division, at=at)
    return row


@transaction.atomic
def certificate_save(
    *,
    by: Actor,
    person: UUID,
    kind: str,
    number: str,
    issuer: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
    at: datetime | None = None,
) -> Certificate:
    """Enter a certificate of a person, or change its days; kind and number tell which one."""
    holder = locked(by, Person, person)
    by.must(ACT, holder.division)
    if issued_on and expires_on and expires_on <= issued_on:
        raise Invalid(
            code="certificate.dates",
            zh=f"到期日{expires_on}应晚于发证日{issued_on}。",
            en=f"The certificate ends on {expires_on}, which must be after {issued_on}.",
            field="expires_on",
            value=expires_on,
        )
    number = text_given("number", number, "证书编号", "certificate's number")
    row = Certificate.objects.filter(person=holder, kind=kind, number=number).first()
    row = row or Certificate(person=holder, kind=kind, number=number)
    row.division, row.issuer, row.issued_on, row.expires_on = holder.division, issuer, issued_on, expires_on
    row.save()
    event = CertificateSaved(person=holder.pk, certificate=row.pk, certificate_kind=kind, expires_on=expires_on)
    record(event, by=by, about=f"person:{holder.pk}", division=holder.division, at=at)
    return row


@transaction.atomic
def skill_set(*, by: Actor, person: UUID, codes: Sequence[str], at: datetime | None = None) -> list[str]:
    """Set all skills of a person; returns them in order. The skills before stay in the kept versions."""
    row = locked(by, Person, person)
    by.must(ACT, row.division)
    wanted = sorted({code.strip() for code in codes if code.strip()})
    rows = Skill.objects.filter(person=row)
    known = dict(rows.values_list("code", "removed"))
    if wanted == sorted(code for code, removed in known.items() if not removed):
        return wanted
    rows.filter(removed=False).exclude(code__in=wanted).update(removed=True)
    rows.filter(removed=True, code__in=wanted).update(removed=False)
    fresh = [code for code in wanted if code not in known]
    Skill.objects.bulk_create(Skill(person=row, code=code, division=row.division) for code in fresh)
    record(SkillsSet(person=row.pk, codes=wanted), by=by, about=f"person:{row.pk}", division=row.division, at=at)
    return wanted


def _person(by: Actor, person: UUID | None, version: str | None, code: str, division: str) -> Person:
    """Return the person to change, locked, or a new one that isn't written yet."""
    if person is not None:
        row = locked(by, Person, person)
        by.must(ACT, row.division)
        must_be_seen(row, version)
        _must_be_active(row)
        return row
    code = code.strip() or _next_code(division)
    if Person.objects.filter(code=code).exists():
        raise Conflict(
            code="people.code_taken",
            zh=f"人员编号“{code}”已有人使用；请换一个，或打开原有人员修改。",
            en=f"The code “{code}” is taken; choose another, or change the person who has it.",
            field="code",
            value=code,
        )
    return Person(id=stable_id("person", code), code=code, phone="", name="")


def _next_code(division: str) -> str:
    number = Person.objects.filter(division=division, code__startswith=f"{division}.p").count() + 1
    while Person.objects.filter(code=f"{division}.p{number}").exists():
        number += 1
    return f"{division}.p{number}"


def _citizen(row: Person, citizen: str | None) -> dict[str, str]:
    """Return hash and mask of a citizen number; the number itself goes no further."""
    if citizen is None:
        return {}
    number = citizen_normal(citizen)
    if not number:
        return {"citizen_hash": "", "citizen_mask": ""}
    fault = citizen_fault(number)
    if fault:
        raise Invalid(
            code=fault,
            zh="公民身份号码有误（位数、日期或校验码不对）；请对照证件重填。",
            en="This citizen number can't be right (length, date or check digit); compare it with the card.",
            field="citizen",
            value=citizen_mask(number),
        )
    found = citizen_hash(number, str(options.secret_key))
    other = Person.objects.filter(citizen_hash=found, state="active").exclude(pk=row.pk).values_list("code", flat=True)
    if other:
        raise Conflict(
            code="people.same_citizen",
            zh="此身份号码已登记在另一人名下；请核对，确为同一人的在“疑似重复”中合并。",
            en="Another person has this citizen number; if they are one and the same, merge them under duplicates.",
            field="citizen",
            value=citizen_mask(number),
        )
    return {"citizen_hash": found, "citizen_mask": citizen_mask(number)}


def _phone(field: str, value: str) -> str:
    number = phone_normal(value)
    fault = phone_fault(number)
    if fault:
        raise Invalid(
            code=fault,
            zh=f"“{value}”不是电话号码；应为11位手机号，或带区号的固定电话。",
            en=f"“{value}” is no telephone number; give 11 digits of a mobile, or a landline with its area code.",
            field=field,
            value=value,
        )
    return number


def _must_be_active(row: Person) -> None:
    if row.state != "active":
        raise Conflict(
            code="people.not_active",
            zh="此人已离岗、合并或清除，不能再修改；请另建人员。",
            en="This person has left, was merged or purged, and can't be changed; enter a new one.",
            field="person",
            value=row.pk,
        )


__all__ = ["certificate_save", "person_leave", "person_save", "person_unmask", "skill_set"]
