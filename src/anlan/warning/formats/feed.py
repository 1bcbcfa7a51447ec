"""Atom feed of warnings (RFC 4287), thin: each entry links to its CAP file. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_DEFAULT: Final[dict[Any, str]] = {None: NAMESPACE}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One message: its identity, title, what to do, when it last changed, and where its CAP file is."""

    identifier: str
    title: str
    summary: str
    updated: datetime
    href: str


def feed_write(home: str, title: str, entries: Sequence[FeedEntry]) -> tuple[bytes, str]:
    """The feed as UTF-8 XML, and its entity tag: the same entries always give the same tag."""
    root = etree.Element(f"{{{NAMESPACE}}}feed", nsmap=_DEFAULT)
    newest = max((entry.updated for entry in entries), default=datetime(1970, 1, 1, tzinfo=UTC))
    for tag, text in (("id", home), ("title", title), ("updated", newest.isoformat())):
        _put(root, tag, text)
    etree.SubElement(root, f"{{{NAMESPACE}}}link", rel="self", href=home)
    _put(_put(root, "author", None), "name", title)
    for entry in entries:
        node = _put(root, "entry", None)
        for tag, text in (
            ("id", f"urn:anlan:warning:{entry.identifier}"),
            ("title", entry.title),
            ("summary", entry.summary),
            ("updated", entry.updated.isoformat()),
        ):
            _put(node, tag, text)
        etree.SubElement(node, f"{{{NAMESPACE}}}link", rel="alternate", type="application/cap+xml", href=entry.href)
    raw = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return raw, '"' + hashlib.sha256(raw).hexdigest()[:32] + '"'


def _put(parent: etree._Element, tag: str, text: str | None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    if text is not None:
        element.text = text
    return element
