"""EDXL-DE 1.0 (Emergency Data Exchange Language, Distribution Element: 应急数据交换分发封装): bytes ⇄ frozen values.

OASIS EDXL-DE 1.0, 1 May 2006, §3. Strict when we send; on reading, what is missing or out of its list is a finding and
the contents are found all the same. Bounded, without network, entities or document types. Pure.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from lxml import etree

from anlan.warning.formats.cap import instant_text
from anlan.warning.formats.edxl_values import (
    STATUSES,
    TYPES,
    EdxlContent,
    EdxlDistribution,
    EdxlError,
    EdxlFinding,
    EdxlList,
    EdxlTarget,
)
from anlan.warning.formats.xml_safe import XmlRefused, embedded, xml_parse

NAMESPACE: Final = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
MAX_BYTES: Final = 16 * 1024 * 1024
MOST_CONTENTS: Final = 5_000
_DEFAULT: Final[dict[Any, str]] = {None: NAMESPACE}
_LISTS: Final = ("senderRole", "recipientRole", "keyword")
_CONTENT_LISTS: Final = ("contentKeyword", "originatorRole", "consumerRole")


def edxl_check(envelope: EdxlDistribution) -> tuple[EdxlFinding, ...]:
    """Every rule of EDXL-DE 1.0 §3.2 that the envelope breaks."""
    found = [
        EdxlFinding(f"edxl.{name}_missing", f"缺少{name}", f"{name} is missing")
        for name, value in (
            ("distributionID", envelope.distribution_id),
            ("senderID", envelope.sender_id),
            ("combinedConfidentiality", envelope.confidentiality),
        )
        if not value.strip()
    ]
    if envelope.sent is None:
        found.append(EdxlFinding("edxl.dateTimeSent", "dateTimeSent缺失或不是带时区的时间",
                                 "dateTimeSent is missing or no dateTime with offset"))  # fmt: skip
    for name, value, known in (("Status", envelope.status, STATUSES), ("Type", envelope.kind, TYPES)):
        if value not in known:
            found.append(EdxlFinding(f"edxl.distribution{name}", f"distribution{name}“{value[:40]}”不在标准取值之内",
                                     f"distribution{name} “{value[:40]}” is not one of the standard's"))  # fmt: skip
    if envelope.kind in {"Update", "Cancel", "Ack", "Error"} and not envelope.references:
        found.append(EdxlFinding("edxl.distributionReference", f"{envelope.kind}须写明所指的distributionReference",
                                 f"{envelope.kind} must name what it acts on in distributionReference"))  # fmt: skip
    return tuple(found)


def edxl_write(envelope: EdxlDistribution) -> bytes:
    """The envelope as UTF-8 XML, its contents embedded unchanged. Raises EdxlError with every broken rule.

    What is embedded must be well-formed XML; signatures in it hold when they are exclusively canonicalised.
    """
    faults = edxl_check(envelope)
    if faults:
        raise EdxlError(faults)
    root = etree.Element(f"{{{NAMESPACE}}}EDXLDistribution", nsmap=_DEFAULT)
    _put(root, "distributionID", envelope.distribution_id)
    _put(root, "senderID", envelope.sender_id)
    _put(root, "dateTimeSent", instant_text(envelope.sent) if envelope.sent is not None else "")
    _put(root, "distributionStatus", envelope.status)
    _put(root, "distributionType", envelope.kind)
    _put(root, "combinedConfidentiality", envelope.confidentiality)
    if envelope.language:
        _put(root, "language", envelope.language)
    _put_lists(root, _LISTS, envelope.lists)
    for reference in envelope.references:
        _put(root, "distributionReference", reference)
    for scheme, values in envelope.addresses:
        node = etree.SubElement(root, f"{{{NAMESPACE}}}explicitAddress")
        _put(node, "explicitAddressScheme", scheme)
        for value in values:
            _put(node, "explicitAddressValue", value)
    for target in envelope.targets:
        _put_target(root, target)
    for content in envelope.contents:
        _put_content(root, content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _put(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}").text = text


def _put_lists(parent: etree._Element, names: tuple[str, ...], lists: tuple[EdxlList, ...]) -> None:
    for name in names:
        for one in (one for one in lists if one.name == name):
            node = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
            _put(node, "valueListUrn", one.urn)
            for value in one.values:
                _put(node, "value", value)


def _put_target(root: etree._Element, target: EdxlTarget) -> None:
    node = etree.SubElement(root, f"{{{NAMESPACE}}}targetArea")
    for tag, values in (
        ("circle", target.circles),
        ("polygon", target.polygons),
        ("country", target.countries),
        ("subdivision", target.subdivisions),
        ("locCodeUN", target.places),
    ):
        for value in values:
            _put(node, tag, value)


def _put_content(root: etree._Element, content: EdxlContent) -> None:
    node = etree.SubElement(root, f"{{{NAMESPACE}}}contentObject")
    if content.description:
        _put(node, "contentDescription", content.description)
    _put_lists(node, _CONTENT_LISTS[:1], content.lists)
    for tag, text in (("incidentID", content.incident), ("incidentDescription", content.incident_description)):
        if text:
            _put(node, tag, text)
    _put_lists(node, _CONTENT_LISTS[1:], content.lists)
    if content.confidentiality:
        _put(node, "confidentiality", content.confidentiality)
    if content.xml or content.key_xml:
        holder = etree.SubElement(node, f"{{{NAMESPACE}}}xmlContent")
        for tag, documents in (("keyXMLContent", content.key_xml), ("embeddedXMLContent", content.xml)):
            for raw in documents:
                etree.SubElement(holder, f"{{{NAMESPACE}}}{tag}").append(xml_parse(raw, MAX_BYTES))
        return
    holder = etree.SubElement(node, f"{{{NAMESPACE}}}nonXMLContent")
    _put(holder, "mimeType", content.mime_type)
    if content.data:
        _put(holder, "size", str(len(content.data)))
    for tag, text in (("digest", content.digest), ("uri", content.uri)):
        if text:
            _put(holder, tag, text)
    if content.data:
        _put(holder, "contentData", base64.b64encode(content.data).decode())


def edxl_read(raw: bytes) -> EdxlDistribution:
    """The envelope and what it carries. Raises EdxlError only for what is no EDXL-DE 1.0 at all.

    Each embedded document comes back as bytes of its own, in exclusive canonical form, so that an enveloped signature
    made before it was put in can still be checked.
    """
    try:
        root = xml_parse(raw, MAX_BYTES)
    except XmlRefused as refused:
        raise EdxlError((EdxlFinding("edxl.xml", refused.zh, refused.en),)) from refused
    if root.tag != f"{{{NAMESPACE}}}EDXLDistribution":
        raise EdxlError((EdxlFinding("edxl.root", "根元素不是EDXL-DE 1.0的EDXLDistribution",
                                     "the root is no EDXLDistribution of EDXL-DE 1.0"),))  # fmt: skip
    contents = root.findall(f"{{{NAMESPACE}}}contentObject")
    if len(contents) > MOST_CONTENTS:
        raise EdxlError((EdxlFinding("edxl.contents", f"contentObject超过{MOST_CONTENTS}个",
                                     f"more than {MOST_CONTENTS} contentObjects"),))  # fmt: skip
    return EdxlDistribution(
        distribution_id=_text(root, "distributionID"),
        sender_id=_text(root, "senderID"),
        sent=_moment(_text(root, "dateTimeSent")),
        status=_text(root, "distributionStatus"),
        kind=_text(root, "distributionType"),
        confidentiality=_text(root, "combinedConfidentiality"),
        language=_text(root, "language"),
        lists=tuple(_lists(root, _LISTS)),
        references=_texts(root, "distributionReference"),
        addresses=tuple(
            (_text(node, "explicitAddressScheme"), _texts(node, "explicitAddressValue"))
            for node in root.findall(f"{{{NAMESPACE}}}explicitAddress")
        ),
        targets=tuple(_target(node) for node in root.findall(f"{{{NAMESPACE}}}targetArea")),
        contents=tuple(_content(node) for node in contents),
    )


def _text(parent: etree._Element, tag: str) -> str:
    element = parent.find(f"{{{NAMESPACE}}}{tag}")
    return _whole(element) if element is not None else ""


def _texts(parent: etree._Element, tag: str) -> tuple[str, ...]:
    return tuple(_whole(element) for element in parent.findall(f"{{{NAMESPACE}}}{tag}"))


def _whole(element: etree._Element) -> str:
    """All of an element's words, comments left out."""
    return str(element.xpath("string()")).strip()


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _lists(parent: etree._Element, names: tuple[str, ...]) -> Iterator[EdxlList]:
    for name in names:
        for node in parent.findall(f"{{{NAMESPACE}}}{name}"):
            yield EdxlList(name, _text(node, "valueListUrn"), _texts(node, "value"))


def _target(node: etree._Element) -> EdxlTarget:
    return EdxlTarget(*(_texts(node, tag) for tag in ("circle", "polygon", "country", "subdivision", "locCodeUN")))


def _content(node: etree._Element) -> EdxlContent:
    other = node.find(f"{{{NAMESPACE}}}nonXMLContent")
    return EdxlContent(
        description=_text(node, "contentDescription"),
        incident=_text(node, "incidentID"),
        incident_description=_text(node, "incidentDescription"),
        confidentiality=_text(node, "confidentiality"),
        lists=tuple(_lists(node, _CONTENT_LISTS)),
        key_xml=_documents(node, "keyXMLContent"),
        xml=_documents(node, "embeddedXMLContent"),
        mime_type=_text(other, "mimeType") if other is not None else "",
        digest=_text(other, "digest") if other is not None else "",
        uri=_text(other, "uri") if other is not None else "",
        data=_bytes(_text(other, "contentData")) if other is not None else b"",
    )


def _documents(node: etree._Element, tag: str) -> tuple[bytes, ...]:
    holders = node.findall(f"{{{NAMESPACE}}}xmlContent/{{{NAMESPACE}}}{tag}")
    return tuple(embedded(child) for holder in holders for child in holder.iterchildren(tag=etree.Element))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def edxl_alerts(envelope: EdxlDistribution) -> tuple[bytes, ...]:
    """The CAP messages an envelope carries, of any CAP version, in order; as XML or as data of a CAP media type."""
    found = []
    for content in envelope.contents:
        found += [raw for raw in content.xml if _is_alert(raw)]
        if content.mime_type.lower() in {"application/cap+xml", "text/xml", "application/xml"} and content.data:
            found += [content.data] if _is_alert(content.data) else []
    return tuple(found)


def _is_alert(raw: bytes) -> bool:
    try:
        return etree.QName(xml_parse(raw, MAX_BYTES)).localname == "alert"
    except XmlRefused:
        return False
