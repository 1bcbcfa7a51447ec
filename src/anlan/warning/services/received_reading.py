"""What the inbox wants of a CAP file, whatever reads it: the one place that knows the format's reader."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from anlan.warning.engine.chain_values import Message, Reference
from anlan.warning.formats import cap
from anlan.warning.formats.cap_values import CapAlert, CapError

_NAMES = ("identifier", "sent", "references")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. message: None where it can't be read; findings [{code, severity, path, zh, en}]."""

    verdict: str
    findings: tuple[dict[str, str], ...]
    message: Message | None = None
    event: str = ""
    headline: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a message holds: outer rings [(lon, lat)], circles (lon, lat, km), and the words for it."""

    rings: tuple[tuple[tuple[float, float], ...], ...]
    circles: tuple[tuple[float, float, float], ...]
    words: tuple[str, ...]


def read(body: bytes, *, verified: bool = False) -> Reading:
    """Read a file in the manner of a receiver: never raises for what it is."""
    try:
        alert = cap.read(body)
    except CapError as error:
        findings = tuple(
            {"code": "cap", "severity": "error", "path": fault.field, "zh": fault.text, "en": fault.text}
            for fault in error.faults
        )
        return Reading("rejected", findings)
    faults = cap.check(alert)
    findings = tuple(
        {"code": "cap", "severity": "error", "path": fault.field, "zh": fault.text, "en": fault.text}
        for fault in faults
    )
    info = alert.infos[0] if alert.infos else None
    return Reading(
        "accepted_with_findings" if findings else "valid",
        findings,
        _message(alert, verified=verified),
        info.event if info else "",
        info.headline if info else "",
        info.severity if info else "",
    )


def shape(body: bytes) -> Shape:
    """Where a file that was read says it holds; nothing for one that can't be read."""
    try:
        alert = cap.read(body)
    except CapError:
        return Shape((), (), ())
    areas = [area for info in alert.infos for area in info.areas]
    rings = dict.fromkeys(ring for area in areas for ring in area.polygons)
    return Shape(tuple(rings), (), tuple(dict.fromkeys(area.description for area in areas)))


def _message(alert: CapAlert, *, verified: bool) -> Message:
    fields: dict[str, Any] = asdict(alert)
    whole = msgspec.json.encode(fields, order="sorted")
    content = msgspec.json.encode({k: v for k, v in fields.items() if k not in _NAMES}, order="sorted")
    return Message(
        sender=alert.sender,
        identifier=alert.identifier,
        sent=alert.sent,
        msg_type=alert.msg_type,
        digest=hashlib.sha256(whole).hexdigest(),
        fingerprint=hashlib.sha256(content).hexdigest(),
        status=alert.status,
        scope=alert.scope,
        references=tuple(Reference(one.sender, one.identifier, one.sent) for one in alert.references),
        expires=max((info.expires for info in alert.infos), default=None),
        sent_text=cap.instant(alert.sent),
        verified=verified,
    )
