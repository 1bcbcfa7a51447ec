"""Pinning the certificates of senders (证书登记): who may sign for whom, confirmed by another way than the message."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.warning.events.pins import PinEnded, PinSet
from anlan.warning.formats.signature_keys import certificate_of, certificate_read, fingerprint, subject
from anlan.warning.models import SenderPin

MOST_SENDER: Final = 400
_HEX: Final = re.compile("[0-9a-f]{64}")


@transaction.atomic
def pin_set(
    *,
    by: Actor,
    division: str,
    reason: str,
    sender: str = "",
    relay: bool = False,
    certificate: bytes = b"",
    sha256: str = "",
    at: datetime | None = None,
) -> SenderPin:
    """Believe this certificate's signature under messages of `sender` (of everybody for a `relay`) from now on.

    certificate: PEM or DER; or `sha256` of its DER alone, which will do for messages that carry the certificate.
    `reason` says how it was confirmed. Holds for messages received at `division` and below; messages received before
    keep what was said of them. Raises Forbidden, Invalid `pin.*`, Conflict `pin.known`.
    """
    moment = at or clock.now()
    by.must("feed.manage", division)
    who = sender.strip()
    if relay == bool(who) or len(who) > MOST_SENDER:
        raise Invalid(code="pin.sender", zh="请填写发送方（与报文中的 sender 一致），或勾选转发中心，二者取一。", field="sender", value=who[:80],
                      en="Give the sender as it stands in messages, or tick relay: one of the two.")  # fmt: skip
    if not reason.strip():
        raise Invalid(code="pin.no_reason", zh="请写明如何核实了此证书（如电话核对指纹）。", field="reason",
                      en="Say how this certificate was confirmed, such as its fingerprint by telephone.")  # fmt: skip
    der = certificate_read(certificate) if certificate.strip() else b""
    mark = _mark(der, sha256)
    where = {"division": division, "sender": who, "sha256": mark, "ended_at": None}
    if SenderPin.objects.filter(**where).exists():
        raise Conflict(code="pin.known", zh="此证书已为该发送方登记；无须重复。", field="certificate", value=mark,
                       en="This certificate is pinned for that sender already.")  # fmt: skip
    found = certificate_of(der) if der else None
    pin = SenderPin.objects.create(
        **where, relay=relay, certificate=der, subject=subject(found) if found else "",
        valid_to=found.not_valid_after_utc if found else None, reason=reason, pinned_by=by.name, pinned_at=moment,
    )  # fmt: skip
    record(PinSet(pin=str(pin.id), sender=who, relay=relay, sha256=mark, subject=pin.subject, reason=reason),
           by=by, about=f"pin:{pin.id}", division=division, at=moment)  # fmt: skip
    return pin


@transaction.atomic
def pin_end(*, by: Actor, pin: SenderPin, reason: str, at: datetime | None = None) -> SenderPin:
    """Believe it no longer (注销); it stays on record. Raises Invalid without a reason, Conflict when it ended already."""
    moment = at or clock.now()
    by.must("feed.manage", pin.division)
    if not reason.strip():
        raise Invalid(
            code="pin.no_reason", zh="注销须写明理由。", en="Say why it is believed no longer.", field="reason"
        )
    row = SenderPin.objects.select_for_update().get(id=pin.id)
    if row.ended_at is not None:
        raise Conflict(code="pin.ended", zh="此证书已注销；请刷新。", en="This certificate has ended already; refresh.",
                       field="pin", value=row.sha256)  # fmt: skip
    row.ended_by, row.ended_at, row.ended_reason = by.name, moment, reason
    row.save(update_fields=["ended_by", "ended_at", "ended_reason"])
    record(PinEnded(pin=str(row.id), sender=row.sender, sha256=row.sha256, reason=reason),
           by=by, about=f"pin:{row.id}", division=row.division, at=moment)  # fmt: skip
    return row


def _mark(der: bytes, given: str) -> str:
    """The fingerprint; that of the certificate where one is given, which must agree with the one typed."""
    typed = re.sub(r"[\s:]", "", given).lower()
    own = fingerprint(der) if der else typed
    if not _HEX.fullmatch(own):
        raise Invalid(code="pin.fingerprint", zh="请提供证书文件，或其SHA-256指纹（64位十六进制）。", field="sha256", value=given[:80],
                      en="Give the certificate, or the SHA-256 of it as 64 hexadecimal digits.")  # fmt: skip
    if typed and typed != own:
        raise Invalid(code="pin.differs", zh="证书与所填指纹不符；请重新核对，不要登记。", field="sha256", value=given[:80],
                      en="The certificate is not the one of that fingerprint; check again before you pin it.")  # fmt: skip
    return own
