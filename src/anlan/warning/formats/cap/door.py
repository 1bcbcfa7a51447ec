"""Bytes from anybody → the root of an XML tree, or why not. No network, no DTD, no entities; bounded in every way.

Everything is brought to UTF-8 before the parser sees it, so that only the encodings named here are ever decoded.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from lxml import etree

from anlan.warning.formats.cap.values import Finding
from anlan.warning.formats.cap.wording import finding

MAX_BYTES: Final = 4 * 1024 * 1024
# `<` and `=` bound elements and attributes before a tree is built: a tree costs many times the bytes of its tags.
MAX_MARKS: Final = 120_000
MAX_ATTRIBUTES: Final = 50_000
CODECS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be", "iso-8859-1": "iso-8859-1", "latin1": "iso-8859-1", "windows-1252": "windows-1252",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}  # fmt: skip
for _codec in ("utf-16-le", "utf-16-be", *CODECS.values()):
    codecs.lookup(_codec)  # Python opens a codec's file when it is first asked for: here, not while a document is read
_DECLARED: Final = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_NOTHING: Final = b"\0 \t\r\n"
_PROLOGUE: Final = re.compile(rb"\s+|<\?|<!--")


def _parser(*, blanks: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False, remove_blank_text=not blanks,
    )  # fmt: skip


_PARSER: Final = _parser(blanks=True)
_BARE_PARSER: Final = _parser(blanks=False)


def enter(raw: bytes) -> tuple[etree._Element | None, tuple[Finding, ...]]:
    """The root element of a document, and what was found at the door; None when the document is not read.

    Findings beside a root are those that recording mode repairs (blanks before the declaration, a wrong declaration).
    """
    data, found = opened(raw)
    return (None, found) if data is None else parsed(data, found)


def parsed(data: bytes, found: tuple[Finding, ...] = ()) -> tuple[etree._Element | None, tuple[Finding, ...]]:
    """The root element of what `opened` gave, None when that is not well-formed; `found` and what is found now."""
    try:
        return etree.fromstring(data, _PARSER), found
    except etree.XMLSyntaxError as error:
        return None, (*found, finding("not_well_formed", "/", (error.msg or "").removesuffix(" (<string>, line 0)")))


def bare(data: bytes) -> etree._Element | None:
    """The root element of what `opened` gave without the blanks between elements, None when it is not well-formed.

    Quicker to make and to walk than `parsed`; what is in it must not be taken out as XML again.
    """
    try:
        return etree.fromstring(data, _BARE_PARSER)
    except etree.XMLSyntaxError:
        return None


def opened(raw: bytes) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The document in UTF-8 as the parser may see it, and what was found; None when the document is not read."""
    if len(raw) > MAX_BYTES:
        return None, (finding("too_large", "/", str(MAX_BYTES)),)
    if _blank(raw):
        return None, (finding("empty_file", "/"),)
    data, found = _as_utf8(raw)
    if data is None:
        return None, found
    if _blank(data):  # a byte order mark and nothing behind it
        return None, (*found, finding("empty_file", "/"))
    if data[0] in b" \t\r\n" and data.lstrip()[:5] == b"<?xml":
        data = data.lstrip()
        found += (finding("leading_blanks", "/", repair="blanks left out"),)
    if len(data) > MAX_ATTRIBUTES and (data.count(b"<") > MAX_MARKS or data.count(b"=") > MAX_ATTRIBUTES):
        return None, (*found, finding("too_many_marks", "/", str(MAX_MARKS)))
    if b"<!DOCTYPE" in data and _doctype(data):
        return None, (*found, finding("doctype", "/"))
    return data, found


def _blank(data: bytes) -> bool:
    """Whether nothing is written; a document with a mark in its first bytes is told without a copy of it."""
    return not data[:64].strip(_NOTHING) and not data.strip(_NOTHING)


def _as_utf8(raw: bytes) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The document in UTF-8 without byte order mark."""
    if raw.startswith(codecs.BOM_UTF8):
        raw, codec, name = raw[3:], "utf-8", "utf-8"
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec, name = "utf-16", "utf-16"
    elif raw[:4] in {b"<\0?\0", b"\0<\0?"} or raw[:2] in {b"<\0", b"\0<"}:
        codec = name = "utf-16-le" if raw[0] else "utf-16-be"
    else:
        match = _DECLARED.match(raw[:300].lstrip())
        name = match[1].decode().lower() if match else "utf-8"
        codec = CODECS.get(name, "")
        if not codec:
            return None, (finding("encoding_unknown", "/", name),)
        if codec.startswith("utf-16"):  # one byte a character, whatever it says
            return raw, (finding("encoding_differs", "/", name, repair="read as UTF-8"),)
    if codec == "utf-8":
        return raw, ()
    try:
        return raw.decode(codec).encode("utf-8"), ()
    except UnicodeError:
        return None, (finding("encoding_differs", "/", name),)


def _doctype(data: bytes) -> bool:
    """Tell whether a DOCTYPE stands before the root element: the word may also stand in a text."""
    at = 0
    while (match := _PROLOGUE.match(data, at)) is not None:
        token = match[0]
        end = match.end() if token.isspace() else data.find(b"?>" if token == b"<?" else b"-->", match.end())
        if end < 0:
            return True
        at = end if token.isspace() else end + (2 if token == b"<?" else 3)
    return data.startswith(b"<!DOCTYPE", at)
