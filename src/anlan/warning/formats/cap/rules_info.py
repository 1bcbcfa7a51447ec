"""What the text of the standard asks of an info block and its resources (CAP 1.2 §3.2.2, §3.2.3). Pure."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

from anlan.warning.formats.cap import rules_area, rules_times, structure
from anlan.warning.formats.cap.values import DEFAULT_LANGUAGE, Alert, Coded, Finding, Info, Resource
from anlan.warning.formats.cap.wording import finding

LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_MIME: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?\Z", re.ASCII)
_MARKUP: Final = re.compile(
    r"</?(?:p|br|b|i|u|a|ul|ol|li|div|span|strong|em|font|table|tr|td|h\d)\b[^<>]{0,200}>|&(?:[a-z]{2,8}|#\d{1,7});",
    re.IGNORECASE,
)
_TEST: Final = re.compile(r"\b(?:test|testing|exercise|drill)\b|测试|演练|演習")
_TEST_WORDS: Final = ("test", "exercise", "drill", "测试", "演练", "演習")
_HEX40: Final = re.compile(r"[0-9A-Fa-f]{40}\Z")
_BLANKS: Final = dict.fromkeys(map(ord, " \t\r\n"))


def check(
    info: Info, alert: Alert, sent: datetime | None, path: str, found: list[Finding], rings: rules_area.Rings
) -> None:
    """Add to `found` what one info breaks; `sent` is when the message was sent, if that can be read."""
    if info.language is not None and (len(info.language) > 100 or not _is_language(info.language)):
        found.append(finding("language_form", f"{path}/language", info.language))
    _levels(info, alert, path, found)
    if not info.event:
        found.append(finding("element_empty", f"{path}/event", "event"))
    rules_times.times(info, alert, sent, path, found)
    if info.web and not _ABSOLUTE.match(info.web):
        found.append(finding("web_form", f"{path}/web", info.web))
    for name, text in (
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    ):
        if text and ("&" in text or "<" in text) and (match := _MARKUP.search(text)):
            found.append(finding("markup", f"{path}/{name}", match[0]))
    if info.headline and alert.status == "Actual" and _speaks_of_test(info.headline.lower()):
        found.append(finding("test_words", f"{path}/headline", info.headline))
    if info.event_codes:
        names(info.event_codes, path, "eventCode", found)
    if info.parameters:
        names(info.parameters, path, "parameter", found)
    for number, resource in enumerate(info.resources, 1):
        _resource(resource, f"{path}/resource[{number}]", found)
    coded = bare = 0
    for number, area in enumerate(info.areas, 1):
        rules_area.check(area, alert.version, path, number, found, rings)
        if not area.polygons and not area.circles:
            coded, bare = (coded + 1, bare) if area.geocodes else (coded, bare + 1)
    if coded:
        found.append(finding("geocode_alone", f"{path}/area", str(coded)))
    if bare:
        found.append(finding("area_words_only", f"{path}/area", str(bare)))


@lru_cache(maxsize=1024)  # of texts no longer than 100
def _is_language(text: str) -> bool:
    return LANGUAGE.match(text) is not None


def _speaks_of_test(text: str) -> bool:
    return any(map(text.__contains__, _TEST_WORDS)) and _TEST.search(text) is not None


def _levels(info: Info, alert: Alert, path: str, found: list[Finding]) -> None:
    if not structure.CATEGORIES.issuperset(info.categories):
        wrong = next(one for one in info.categories if one not in structure.CATEGORIES)
        found.append(finding("enumeration", f"{path}/category", wrong))
    if not structure.RESPONSES.issuperset(info.responses):
        wrong = next(one for one in info.responses if one not in structure.RESPONSES)
        found.append(finding("enumeration", f"{path}/responseType", wrong))
    if info.urgency not in structure.URGENCIES:
        found.append(finding("enumeration", f"{path}/urgency", info.urgency))
    if info.severity not in structure.SEVERITIES:
        found.append(finding("enumeration", f"{path}/severity", info.severity))
    if info.certainty not in structure.CERTAINTIES:
        older = alert.version == "1.0" and info.certainty == "Very Likely"
        found.append(finding("enumeration", f"{path}/certainty", info.certainty, severity="info" if older else None))


def names(pairs: Iterable[Coded], path: str, element: str, found: list[Finding]) -> None:
    """Add to `found` the pairs that have no valueName."""
    for number, pair in enumerate(pairs, 1):
        if not pair.name:
            found.append(finding("name_empty", f"{path}/{element}[{number}]", element))


def _resource(resource: Resource, path: str, found: list[Finding]) -> None:
    if not _MIME.match(resource.mime):
        found.append(finding("mime_form", f"{path}/mimeType", resource.mime))
    if resource.size is not None and not is_size(resource.size):
        found.append(finding("size_form", f"{path}/size", resource.size))
    if resource.uri and not resource.deref and not _ABSOLUTE.match(resource.uri):
        found.append(finding("uri_relative", f"{path}/uri", resource.uri))
    if resource.digest and not _HEX40.match(resource.digest):
        found.append(finding("digest_form", f"{path}/digest", resource.digest))
    if resource.deref:
        _content(resource, path, found)
    elif not resource.uri:
        found.append(finding("resource_bare", path))


def _content(resource: Resource, path: str, found: list[Finding]) -> None:
    content = decoded(resource.deref or "")
    if content is None:
        found.append(finding("deref_form", f"{path}/derefUri"))
        return
    size = resource.size or ""
    if is_size(size) and int(size) != len(content):
        found.append(finding("size_differs", f"{path}/size", f"{size}, {len(content)}"))
    if resource.digest and _HEX40.match(resource.digest):
        told = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if told != resource.digest.lower():
            found.append(finding("digest_differs", f"{path}/digest"))


def is_size(text: str) -> bool:
    """Tell whether a text is a number of bytes."""
    return len(text) < 20 and text.isascii() and text.isdigit()


def decoded(text: str) -> bytes | None:
    """The bytes of a derefUri (base64, blanks allowed); None when it is not base64."""
    try:
        return binascii.a2b_base64(text.translate(_BLANKS), strict_mode=True)
    except ValueError:
        return None


def together(alert: Alert, found: list[Finding]) -> None:
    """Add to `found` what several infos break together: overriding in one language, one text under two languages."""
    first: dict[tuple[str, ...], tuple[str, str, str]] = {}
    texts: dict[str, str] = {}
    languages = [(info.language or DEFAULT_LANGUAGE).lower() for info in alert.infos]
    alone = len(set(languages)) == len(languages)
    for number, (language, info) in enumerate(zip(languages, alert.infos, strict=True), 1):
        if not alone:
            where = (language, info.event, *[area.desc for area in info.areas])
            levels = (info.urgency, info.severity, info.certainty)
            if first.setdefault(where, levels) != levels:
                found.append(finding("language_override", f"/alert/info[{number}]"))
        text = info.description or info.headline
        if text and texts.setdefault(text, language) != language:
            found.append(finding("language_same_text", f"/alert/info[{number}]"))
