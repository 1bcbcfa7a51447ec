"""Licences (许可证): entered, renewed (never overwritten), revoked; the daily look reminds before they end."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.choices import LICENCE_KINDS
from anlan.territory.engine.keys import licence_code, stable_id
from anlan.territory.events_care import LicenceRevoked, LicenceSaved
from anlan.territory.models import Licence, Unit
from anlan.territory.services.reaching import locked, reason_given, text_given, today
from anlan.territory.sources.care_rules import pack

ACT = "licence.write"


class Reminded(NamedTuple):
    """What a look did: licences reminded by days before expiry, licences that expired, and a hash over them."""

    by_days: dict[str, int]
    expired: int
    sha256: str


@transaction.atomic
def licence_save(
    *,
    by: Actor,
    unit: UUID,
    kind: str,
    number: str,
    expires_on: date | None,
    issuer: str = "",
    issued_on: date | None = None,
    renews: UUID | None = None,
    at: datetime | None = None,
) -> Licence:
    """Enter a licence; with `renews`, the one it takes the place of stays on record as renewed.

    Invalid for an unknown kind or days in the wrong order; Conflict when the unit has a licence of this kind and number,
    or the one to renew was renewed or revoked.
    """
    owner = locked(by, Unit, unit)
    by.must(ACT, owner.division)
    number = text_given("number", number, "许可证编号", "licence's number")
    _must_be_right(kind, issued_on, expires_on)
    code = licence_code(owner.key, kind, number)
    if Licence.objects.filter(code=code).exists():
        raise _conflict("licence.there", number, "该单位已有此证号的许可证；续证请填新证号。",
                        "The unit has a licence of this number already; a renewed one has a number of its own.")  # fmt: skip
    before = _replaced(by, renews, owner, kind)
    row = Licence.objects.create(
        id=stable_id("licence", code), code=code, unit=owner, kind=kind, number=number, issuer=issuer,
        issued_on=issued_on, expires_on=expires_on, division=owner.division, state=_state(expires_on, today(at)),
    )  # fmt: skip
    event = LicenceSaved(
        licence=row.pk, unit=owner.pk, licence_kind=kind, expires_on=expires_on, replaces=before.pk if before else None
    )
    record(event, by=by, about=f"unit:{owner.pk}", division=owner.division, at=at)
    return row


@transaction.atomic
def licence_revoke(*, by: Actor, licence: UUID, reason: str, at: datetime | None = None) -> Licence:
    """Revoke a licence, with a reason. Conflict when it was renewed or revoked before."""
    row = locked(by, Licence, licence)
    by.must(ACT, row.division)
    why = reason_given(reason)
    _must_stand(row)
    row.state = "revoked"
    row.save(update_fields=["state"])
    event = LicenceRevoked(licence=row.pk, unit=row.unit_id, reason=why)
    record(event, by=by, about=f"unit:{row.unit_id}", division=row.division, at=at)
    return row


@transaction.atomic
def licences_look(at: datetime | None = None) -> Reminded:
    """Remind of licences that end in 120, 100 or 90 days and mark those that ended; part of the daily look.

    A look that comes late reminds of the step reached, once; nothing is reminded of twice.
    """
    day = today(at)
    steps = sorted(pack("licences")["reminders"])
    found: dict[str, int] = {}
    sha = hashlib.sha256()
    with connection.cursor() as cursor:
        for least, most in zip([0, *(step + 1 for step in steps[:-1])], steps, strict=True):
            cursor.execute(_REMIND, [most, day + timedelta(days=least), day + timedelta(days=most), most])
            codes = sorted(row[0] for row in cursor.fetchall())
            if codes:
                found[str(most)] = len(codes)
            sha.update("\n".join([str(most), *codes]).encode())
        cursor.execute(_EXPIRE, [day])
        ended = sorted(row[0] for row in cursor.fetchall())
    sha.update("\n".join(["expired", *ended]).encode())
    return Reminded(dict(sorted(found.items())), len(ended), sha.hexdigest())


_REMIND = """
UPDATE territory_licence SET reminded = %s
WHERE state = 'valid' AND expires_on BETWEEN %s AND %s AND (reminded IS NULL OR reminded > %s) RETURNING code
"""
_EXPIRE = "UPDATE territory_licence SET state = 'expired' WHERE state = 'valid' AND expires_on < %s RETURNING code"


def _must_be_right(kind: str, issued_on: date | None, expires_on: date | None) -> None:
    if kind not in LICENCE_KINDS:
        raise Invalid(
            code="licence.kind",
            zh=f"没有“{kind}”这类许可证；请从列表选择。",
            en=f"There is no kind of licence “{kind}”; choose one of the list.",
            field="kind",
            value=kind,
        )
    if issued_on and expires_on and expires_on <= issued_on:
        raise Invalid(
            code="licence.dates",
            zh=f"到期日{expires_on}应晚于发证日{issued_on}。",
            en=f"The licence ends on {expires_on}, which must be after {issued_on}.",
            field="expires_on",
            value=expires_on,
        )


def _replaced(by: Actor, renews: UUID | None, owner: Unit, kind: str) -> Licence | None:
    """Mark the licence that is renewed, and return it."""
    if renews is None:
        return None
    row = locked(by, Licence, renews)
    _must_stand(row)
    if row.unit_id != owner.pk or row.kind != kind:
        raise _conflict("licence.other", row.pk, "所续的证不是本单位的同类许可证。",
                        "The licence to renew is another unit's or of another kind.")  # fmt: skip
    row.state = "renewed"
    row.save(update_fields=["state"])
    return row


def _must_stand(row: Licence) -> None:
    if row.state in ("renewed", "revoked"):
        raise _conflict("licence.done", row.pk, "此证已换证或吊销。", "This licence was renewed or revoked already.")


def _state(expires_on: date | None, day: date) -> str:
    return "expired" if expires_on is not None and expires_on < day else "valid"


def _conflict(code: str, value: object, zh: str, en: str) -> Conflict:
    return Conflict(code=code, zh=zh, en=en, field="licence", value=value)
