"""CAP 1.2 (Common Alerting Protocol, GB/T 35965.1 的国际对应): bytes ⇄ frozen values.

Strict when we send: `write` refuses an alert that breaks the schema or a MUST rule of the standard's text and
names every fault. `read` takes what a strict sender writes, bounded in size, without network or entities.
Source: OASIS CAP 1.2, 1 July 2010; the schema stands in `schema/CAP-v1.2.xsd` under its own notice.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final

from lxml import etree

from anlan.warning.formats.cap_values import (
    CapAlert,
    CapArea,
    CapError,
    CapInfo,
    Coded,
    Fault,
    Reference,
    Ring,
)

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_DEFAULT: Final[dict[Any, str]] = {None: NAMESPACE}
MAX_BYTES: Final = 4 * 1024 * 1024
# Space, comma, `<`, `&` and control characters may not stand in an identifier or sender (CAP 1.2 §3.2.1).
_NAME = re.compile(r"[^\s,<&\x00-\x1f]{1,200}\Z")
_ILLEGAL_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def instant(moment: datetime) -> str:
    """A CAP dateTime: whole seconds, numeric offset, UTC as -00:00, never Z (CAP 1.2 §3.3.2)."""
    offset = moment.utcoffset()
    if offset is None:
        raise CapError((Fault("dateTime", "has no time zone"),))
    if offset == timedelta(0):
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + "-00:00"
    return moment.replace(microsecond=0).isoformat()


def check(alert: CapAlert) -> tuple[Fault, ...]:
    """Every MUST of the standard's text that `alert` breaks (the schema is checked by `write`)."""
    found = [
        Fault(name, "has a character CAP forbids, or is empty")
        for name, value in (("identifier", alert.identifier), ("sender", alert.sender))
        if not _NAME.match(value)
    ]
    if alert.msg_type in {"Update", "Cancel"} and not alert.references:
        found.append(Fault("references", f"{alert.msg_type} must name the message it acts on"))
    if alert.status == "Exercise" and not alert.note.strip():
        found.append(Fault("note", "an exercise must name itself in note"))
    for reference in alert.references:
        if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
            found.append(Fault("references", "a message may not refer to itself"))
        if reference.sent > alert.sent:
            found.append(Fault("references", "refers to a later message"))
    if not alert.infos:
        found.append(Fault("info", "is missing"))
    for info in alert.infos:
        found.extend(_check_info(info, alert))
    return tuple(found)


def _check_info(info: CapInfo, alert: CapAlert) -> list[Fault]:
    here = f"info[{info.language}]"
    found = [
        Fault(f"{here}.{name}", "is empty")
        for name in ("event", "headline", "description")
        if not getattr(info, name).strip()
    ]
    if alert.msg_type != "Cancel" and not info.instruction.strip():
        found.append(Fault(f"{here}.instruction", "is empty: say what people must do"))
    if info.expires < (info.effective or alert.sent):
        found.append(Fault(f"{here}.expires", "is before the message takes effect"))
    if alert.status in {"Actual", "Exercise"} and not info.areas:
        found.append(Fault(f"{here}.area", "is missing"))
    for area in info.areas:
        if not area.polygons and not area.geocodes:
            found.append(Fault(f"{here}.area", "has neither polygon nor geocode"))
        for ring in area.polygons:
            found.extend(Fault(f"{here}.area.polygon", text) for text in _ring_faults(ring))
    return found


def _ring_faults(ring: Ring) -> list[str]:
    found = []
    if len(ring) < 4:
        found.append("needs at least four points")
    elif ring[0] != ring[-1]:
        found.append("is not closed")
    if any(not (-180 <= lon <= 180 and -90 <= lat <= 90) for lon, lat in ring):
        found.append("leaves the world: longitude -180..180, latitude -90..90")
    return found


@cache
def schema() -> etree.XMLSchema:
    """The compiled CAP 1.2 schema."""
    raw = resources.files(__package__).joinpath("schema/CAP-v1.2.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(raw))


def _schema_faults() -> tuple[Fault, ...]:
    log: Any = schema().error_log
    return tuple(Fault(f"line {entry.line}", entry.message) for entry in log)


def write(alert: CapAlert) -> bytes:
    """The alert as UTF-8 XML, valid by schema and text. Raises `CapError` with every fault."""
    faults = check(alert)
    if faults:
        raise CapError(faults)
    root = _alert_element(alert)
    if not schema().validate(root):
        raise CapError(_schema_faults())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _put(parent: etree._Element, tag: str, text: str | None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    if text is not None:
        element.text = _ILLEGAL_XML.sub("", text)
    return element


def _put_coded(parent: etree._Element, tag: str, pairs: tuple[Coded, ...]) -> None:
    for pair in pairs:
        element = _put(parent, tag, None)
        _put(element, "valueName", pair.name)
        _put(element, "value", pair.value)


def _alert_element(alert: CapAlert) -> etree._Element:
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_DEFAULT)
    _put(root, "identifier", alert.identifier)
    _put(root, "sender", alert.sender)
    _put(root, "sent", instant(alert.sent))
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.msg_type)
    _put(root, "scope", alert.scope)
    for code in alert.codes:
        _put(root, "code", code)
    if alert.note:
        _put(root, "note", alert.note)
    if alert.references:
        _put(root, "references", " ".join(f"{r.sender},{r.identifier},{instant(r.sent)}" for r in alert.references))
    for info in alert.infos:
        _info_element(root, info)
    return root


def _info_element(root: etree._Element, info: CapInfo) -> None:
    element = _put(root, "info", None)
    _put(element, "language", info.language)
    _put(element, "category", info.category)
    _put(element, "event", info.event)
    for response in info.response_types:
        _put(element, "responseType", response)
    for tag in ("urgency", "severity", "certainty"):
        _put(element, tag, getattr(info, tag))
    _put_coded(element, "eventCode", info.event_codes)
    for tag, moment in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        if moment is not None:
            _put(element, tag, instant(moment))
    for tag, text in (
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    ):
        if text:
            _put(element, tag, text)
    _put_coded(element, "parameter", info.parameters)
    for area in info.areas:
        node = _put(element, "area", None)
        _put(node, "areaDesc", area.description)
        for ring in area.polygons:
            _put(node, "polygon", " ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in ring))
        _put_coded(node, "geocode", area.geocodes)


def read(raw: bytes) -> CapAlert:
    """A CAP 1.2 message as values. Strict: raises `CapError` for anything but a schema-valid message."""
    if len(raw) > MAX_BYTES:
        raise CapError((Fault("message", f"is larger than {MAX_BYTES} bytes"),))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise CapError((Fault("xml", str(error)),)) from error
    if not schema().validate(root):
        raise CapError(_schema_faults())
    return _read_alert(root)


def _text(parent: etree._Element, tag: str) -> str:
    return (parent.findtext(f"{{{NAMESPACE}}}{tag}") or "").strip()


def _moment(parent: etree._Element, tag: str) -> datetime | None:
    text = _text(parent, tag)
    return datetime.fromisoformat(text) if text else None


def _coded(parent: etree._Element, tag: str) -> tuple[Coded, ...]:
    return tuple(Coded(_text(e, "valueName"), _text(e, "value")) for e in parent.findall(f"{{{NAMESPACE}}}{tag}"))


def _texts(parent: etree._Element, tag: str) -> tuple[str, ...]:
    return tuple((e.text or "").strip() for e in parent.findall(f"{{{NAMESPACE}}}{tag}"))


def _read_alert(root: etree._Element) -> CapAlert:
    sent = _moment(root, "sent") or datetime.min.replace(tzinfo=UTC)
    infos = tuple(_read_info(e, sent) for e in root.findall(f"{{{NAMESPACE}}}info"))
    return CapAlert(
        identifier=_text(root, "identifier"),
        sender=_text(root, "sender"),
        sent=sent,
        status=_text(root, "status"),
        msg_type=_text(root, "msgType"),
        infos=infos,
        scope=_text(root, "scope"),
        note=_text(root, "note"),
        references=tuple(_read_reference(t) for t in _text(root, "references").split()),
        codes=_texts(root, "code"),
    )


def _read_reference(triple: str) -> Reference:
    parts = triple.split(",")
    try:
        return Reference(parts[0], parts[1], datetime.fromisoformat(",".join(parts[2:])))
    except (IndexError, ValueError) as error:
        raise CapError((Fault("references", f"{triple!r} is not sender,identifier,sent"),)) from error


def _read_info(element: etree._Element, sent: datetime) -> CapInfo:
    return CapInfo(
        language=_text(element, "language") or "en-US",
        category=_text(element, "category"),
        event=_text(element, "event"),
        urgency=_text(element, "urgency"),
        severity=_text(element, "severity"),
        certainty=_text(element, "certainty"),
        headline=_text(element, "headline"),
        description=_text(element, "description"),
        instruction=_text(element, "instruction"),
        expires=_moment(element, "expires") or sent,
        effective=_moment(element, "effective"),
        onset=_moment(element, "onset"),
        response_types=_texts(element, "responseType"),
        event_codes=_coded(element, "eventCode"),
        sender_name=_text(element, "senderName"),
        parameters=_coded(element, "parameter"),
        areas=tuple(_read_area(e) for e in element.findall(f"{{{NAMESPACE}}}area")),
    )


def _read_area(element: etree._Element) -> CapArea:
    return CapArea(
        _text(element, "areaDesc"), tuple(_read_ring(t) for t in _texts(element, "polygon")), _coded(element, "geocode")
    )


def _read_ring(text: str) -> Ring:
    try:
        pairs = [pair.split(",") for pair in text.split()]
        ring = tuple((float(lon), float(lat)) for lat, lon in pairs)
    except ValueError as error:
        raise CapError((Fault("polygon", f"{text[:40]!r} is not a list of lat,lon pairs"),)) from error
    faults = _ring_faults(ring)
    if faults:
        raise CapError(tuple(Fault("polygon", fault) for fault in faults))
    return ring
