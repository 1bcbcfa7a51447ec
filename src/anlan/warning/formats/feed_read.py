"""Feeds and bundles of others (外部预警源解析): Atom, RSS, lists of alerts, EDXL-DE, single alerts → what to fetch or take.

Tolerant, for the feeds in public circulation are: elements of any Atom namespace, relative links, fat entries of any CAP
version, and broken bytes, of which the readable part is taken and told. Bounded, without network. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from anlan.warning.formats.edxl import edxl_alerts, edxl_read
from anlan.warning.formats.edxl_values import EdxlError
from anlan.warning.formats.xml_safe import XmlRefused, embedded, xml_parse

MAX_BYTES: Final = 16 * 1024 * 1024
MOST_ENTRIES: Final = 5_000
CAP_PREFIXES: Final = ("urn:oasis:names:tc:emergency:cap:", "http://www.incident.com/cap/")
# How likely a link leads to the CAP file: by its media type, the surest first. Pages for people are never fetched.
_TYPES: Final = ("application/cap+xml", "application/common-alerting-protocol+xml", "application/xml", "text/xml",
                 "application/atom+xml", "")  # fmt: skip
_RELATIONS: Final = ("alternate", "enclosure", "related", "")
_ROOTS: Final = {"feed": "feed", "rss": "feed", "RDF": "feed", "alert": "alert", "EDXLDistribution": "edxl_de"}


@dataclass(frozen=True, slots=True)
class FeedRemark:
    """Something odd about a feed that was read all the same."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry: its id, when it says it changed (as written), title, where its CAP file may be, and alerts inside."""

    id: str
    updated: str
    title: str
    links: tuple[str, ...] = ()
    alerts: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedContent:
    """What came: `kind` feed, alert, bundle or edxl_de; its items; remarks."""

    kind: str
    items: tuple[FeedItem, ...]
    remarks: tuple[FeedRemark, ...] = ()


def feed_read(raw: bytes, base: str) -> FeedContent:
    """What a feed, bundle, envelope or single alert holds. `base`: the address it came from, for relative links.

    A single alert comes back as the bytes received, broken or not, so that its signature can be checked and its faults
    recorded. Raises XmlRefused when nothing
    can be read at all: too large, no XML, a document type, or a root that is none of these.
    """
    remarks: list[FeedRemark] = []
    try:
        root = xml_parse(raw, MAX_BYTES)
    except XmlRefused as refused:
        if refused.code != "xml.malformed":
            raise
        root = xml_parse(raw, MAX_BYTES, recover=True)
        remarks.append(FeedRemark("feed.not_well_formed", f"源文件不完好，只取可读部分：{refused.zh}",
                                  f"The feed is broken; what can be read of it is taken: {refused.en}"))  # fmt: skip
    name = _name(root)
    kind = _ROOTS.get(name, "")
    if kind == "alert":
        item = FeedItem(_under(root, "identifier")[:1000], _under(root, "sent")[:64], "", (), (raw,))
        return FeedContent("alert", (item,), tuple(remarks))
    if kind == "edxl_de":
        return FeedContent("edxl_de", tuple(_envelope(raw)), tuple(remarks))
    if kind == "feed":
        items = list(_entries(root, base, remarks))
        return FeedContent("feed", tuple(items), tuple(remarks))
    alerts = [element for element in root.iter(etree.Element) if _is_alert(element)]
    if not alerts:
        raise XmlRefused("feed.unknown", f"根元素“{name[:40]}”不是预警源、报文或分发封装；请核对地址",
                         f"the root “{name[:40]}” is no feed, alert or envelope; check the address")  # fmt: skip
    if len(alerts) > MOST_ENTRIES:
        remarks.append(_too_many(len(alerts)))
    return FeedContent("bundle", tuple(_own(alert) for alert in alerts[:MOST_ENTRIES]), tuple(remarks))


def _entries(root: etree._Element, base: str, remarks: list[FeedRemark]) -> Iterator[FeedItem]:
    found = [e for e in root.iter(etree.Element) if _name(e) in {"entry", "item"}]
    if len(found) > MOST_ENTRIES:
        remarks.append(_too_many(len(found)))
    for entry in found[:MOST_ENTRIES]:
        alerts = tuple(embedded(e) for e in entry.iter(etree.Element) if _is_alert(e))
        links = () if alerts else tuple(_links(entry, base))
        ident = _under(entry, "id") or _under(entry, "guid") or _under(entry, "identifier") or "".join(links[:1])
        updated = (
            _under(entry, "updated") or _under(entry, "pubDate") or _under(entry, "published") or _under(entry, "sent")
        )
        yield FeedItem(ident[:1000], updated[:64], _under(entry, "title")[:500], links, alerts)


def _links(entry: etree._Element, base: str) -> Iterator[str]:
    """Where the entry's CAP file may be, the likeliest first, each once; http and https alone."""
    ranked: list[tuple[int, int, str]] = []
    for element in entry.iterchildren(etree.Element):
        if _name(element) not in {"link", "enclosure"}:
            continue
        kind = element.get("type", "").split(";")[0].strip().lower()
        relation = element.get("rel", "alternate").lower()
        address = (element.get("href") or element.get("url") or _words(element)).strip()
        if address and kind in _TYPES and relation in _RELATIONS:
            ranked.append((_TYPES.index(kind), _RELATIONS.index(relation), address))
    ranked.sort(key=lambda link: link[:2])
    seen: set[str] = set()
    for _, _, address in ranked:
        whole = _absolute(base, address)
        if whole and whole not in seen:
            seen.add(whole)
            yield whole


def _absolute(base: str, address: str) -> str:
    try:
        whole = urljoin(base, address)
        return whole if urlsplit(whole).scheme in {"http", "https"} and len(whole) <= 2000 else ""
    except ValueError:
        return ""


def _envelope(raw: bytes) -> Iterator[FeedItem]:
    try:
        alerts = edxl_alerts(edxl_read(raw))
    except EdxlError as refused:
        first = refused.findings[0]
        raise XmlRefused(first.code, first.zh, first.en) from refused
    for alert in alerts:
        yield _own(xml_parse(alert, MAX_BYTES))


def _own(alert: etree._Element) -> FeedItem:
    return FeedItem(_under(alert, "identifier")[:1000], _under(alert, "sent")[:64], "", (), (embedded(alert),))


def _is_alert(element: etree._Element) -> bool:
    return _name(element) == "alert" and str(element.tag).startswith(tuple("{" + prefix for prefix in CAP_PREFIXES))


def _name(element: etree._Element) -> str:
    """The tag without its namespace; what is left of a broken document may have names that are none."""
    return str(element.tag).rpartition("}")[2]


def _under(parent: etree._Element, tag: str) -> str:
    found = parent.find(f"{{*}}{tag}")
    return _words(found) if found is not None else ""


def _words(element: etree._Element) -> str:
    return str(element.xpath("string()")).strip()


def _too_many(count: int) -> FeedRemark:
    return FeedRemark("feed.too_many", f"共{count}条，只取前{MOST_ENTRIES}条；请改用分区的源",
                      f"{count} entries, the first {MOST_ENTRIES} are taken; use a feed of a smaller area")  # fmt: skip
