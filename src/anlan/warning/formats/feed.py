"""Feeds of warnings: Atom (RFC 4287) and RSS 2.0, thin (links) or fat (the CAP message inside each entry). Pure.

OASIS CAP Feeds 1.0 note: entry ids are stable, `updated` moves when the content does, each entry links to its CAP file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

from lxml import etree

ATOM: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"
MOST_BYTES: Final = 4 * 1024 * 1024
_DEFAULT: Final[dict[Any, str]] = {None: ATOM}
_ILLEGAL_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FeedHead:
    """The feed itself: a stable id, its own address, title, language tag, and when its content last changed."""

    id: str
    href: str
    title: str
    language: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One message: its CAP identifier, title, what to do, when it was sent and last changed, and where its file is.

    category: the kind of message (Alert, Update, Cancel). cap: the message itself for a fat feed; empty in a thin one.
    """

    identifier: str
    title: str
    summary: str
    updated: datetime
    href: str
    category: str = "Alert"
    cap: bytes = b""

    @property
    def id(self) -> str:
        """The entry's id: it follows from the message alone, whoever serves it."""
        return f"urn:anlan:warning:{self.identifier}"


def atom_write(head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
    """The feed as Atom, UTF-8. An entry with `cap` carries the message as its content."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_DEFAULT)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", head.language)
    for tag, text in (("id", head.id), ("title", head.title), ("updated", _stamp(head.updated))):
        _put(root, tag, text)
    etree.SubElement(root, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=head.href)
    _put(_put(root, "author"), "name", head.title)
    for entry in entries:
        node = _put(root, "entry")
        for tag, text in (("id", entry.id), ("title", entry.title), ("updated", _stamp(entry.updated))):
            _put(node, tag, text)
        etree.SubElement(node, f"{{{ATOM}}}category", term=entry.category)
        etree.SubElement(node, f"{{{ATOM}}}link", rel="alternate", type=CAP_TYPE, href=entry.href)
        _put(node, "summary", entry.summary)
        if entry.cap:
            content = _put(node, "content")
            content.set("type", CAP_TYPE)
            content.append(_message(entry.cap))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def rss_write(head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
    """The feed as RSS 2.0, UTF-8. An item with `cap` carries the message as an element of CAP's namespace."""
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    for tag, text in (
        ("title", head.title),
        ("link", head.href),
        ("description", head.title),
        ("language", head.language),
        ("lastBuildDate", format_datetime(head.updated.astimezone(UTC), usegmt=True)),
    ):
        etree.SubElement(channel, tag).text = _clean(text)
    prefix: dict[Any, str] = {"atom": ATOM}
    etree.SubElement(channel, f"{{{ATOM}}}link", nsmap=prefix, rel="self", type="application/rss+xml", href=head.href)
    for entry in entries:
        item = etree.SubElement(channel, "item")
        for tag, text in (("title", entry.title), ("link", entry.href), ("description", entry.summary)):
            etree.SubElement(item, tag).text = _clean(text)
        etree.SubElement(item, "category").text = entry.category
        etree.SubElement(item, "guid", isPermaLink="false").text = entry.id
        etree.SubElement(item, "pubDate").text = format_datetime(entry.updated.astimezone(UTC), usegmt=True)
        if entry.cap:
            item.append(_message(entry.cap))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def entity_tag(raw: bytes) -> str:
    """A strong entity tag: the same bytes always give the same tag (RFC 9110 §8.8.3)."""
    return '"' + hashlib.sha256(raw).hexdigest()[:32] + '"'


def http_date(moment: datetime) -> str:
    """A Last-Modified value (RFC 9110 §5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def unchanged(tag: str, changed: datetime, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Does the reader have these bytes already (304)? If-None-Match outweighs If-Modified-Since (RFC 9110 §13.2.2)."""
    if if_none_match is not None:
        offered = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
        return tag in offered or "*" in offered
    if if_modified_since is None:
        return False
    try:
        known = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    return known.tzinfo is not None and changed.replace(microsecond=0) <= known


def _message(raw: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(raw[:MOST_BYTES], parser)


def _stamp(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()


def _clean(text: str) -> str:
    return _ILLEGAL_XML.sub("", text)


def _put(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{tag}")
    if text is not None:
        element.text = _clean(text)
    return element
