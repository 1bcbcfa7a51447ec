"""What the inbox wants of a CAP file, whatever reads it: the one place that knows the format's reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from anlan.warning.engine.chain_values import Message, Reference
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry

_NAMES = ("identifier", "sent", "references")
T = TypeVar("T")


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


def read(body: bytes, *, verified: bool = False, doubt: str = "") -> Reading:
    """Read a file in the manner of a receiver: never raises for what it is. verified, doubt: as `Message` has them."""
    found = cap.read(body, "record")
    findings = tuple(
        {"code": one.code, "severity": one.severity, "path": one.path, "zh": one.zh, "en": one.en}
        for one in found.findings
    )
    alert = found.alert
    if alert is None or found.verdict == "rejected":
        return Reading("rejected", findings)
    info = alert.infos[0] if alert.infos else None
    return Reading(
        found.verdict,
        findings,
        _message(alert, verified=verified, doubt=doubt),
        (info.event or "") if info else "",
        (info.headline or "") if info else "",
        (info.severity or "") if info else "",
    )


def shape(body: bytes) -> Shape:
    """Where a file that was read says it holds; nothing for one that can't be read."""
    alert = cap.read(body, "record").alert
    if alert is None:
        return Shape((), (), ())
    areas = [area for info in alert.infos for area in info.areas]
    rings = [ring for area in areas for text in area.polygons if (ring := _parsed(geometry.ring, text)) is not None]
    circles = [one for area in areas for text in area.circles if (one := _parsed(geometry.circle, text)) is not None]
    words = dict.fromkeys(area.desc or "" for area in areas)
    return Shape(tuple(dict.fromkeys(rings)), tuple(dict.fromkeys(circles)), tuple(words))


def _parsed(reader: Callable[[str], T], text: str) -> T | None:
    """An area that can't be read is told as a finding; it has no place on a map."""
    try:
        return reader(text)
    except ValueError:
        return None


def _message(alert: cap.Alert, *, verified: bool, doubt: str) -> Message:
    fields: dict[str, Any] = msgspec.to_builtins(alert)
    whole = msgspec.json.encode(fields, order="sorted")
    content = msgspec.json.encode({k: v for k, v in fields.items() if k not in _NAMES}, order="sorted")
    expires = [at for info in alert.infos if info.expires and (at := _parsed(cap.instant, info.expires)) is not None]
    return Message(
        sender=alert.sender or "",
        identifier=alert.identifier or "",
        sent=cap.instant(alert.sent or ""),
        msg_type=alert.msg_type or "",
        digest=hashlib.sha256(whole).hexdigest(),
        fingerprint=hashlib.sha256(content).hexdigest(),
        status=alert.status or "",
        scope=alert.scope or "",
        references=tuple(
            Reference(one.sender, one.identifier, _parsed(cap.instant, one.sent), one.sent)
            for one in cap.references(alert.references)
        ),
        expires=max(expires, default=None),
        sent_text=alert.sent or "",
        verified=verified,
        doubt=doubt,
    )
