"""A CAP message as frozen values: the document's own texts in the words of the standard (CAP 1.2 §3.2).

Every leaf is the text of its element with the blanks around it taken off, nothing else: so that reading and writing
lose nothing. None = the element is not in the document, "" = it is there and empty. What a text means is told by pure
functions: `instants.instant`, `geometry.ring`, `geometry.circle`, `references` and `quoted` below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Version = Literal["1.0", "1.1", "1.2"]
DEFAULT_LANGUAGE = "en-US"


class Coded(msgspec.Struct, frozen=True, gc=False):
    """One valueName/value pair (eventCode, parameter, geocode). CAP 1.0's `name=value` is split at its first `=`."""

    name: str
    value: str


class Area(msgspec.Struct, frozen=True, gc=False):
    """Where (CAP 1.2 §3.2.4). `polygons` "lat,lon lat,lon …", `circles` "lat,lon km", heights in feet above sea level."""

    desc: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Coded, ...] = ()
    altitude: str | None = None
    ceiling: str | None = None


class Resource(msgspec.Struct, frozen=True, gc=False):
    """A file that goes with the message (CAP 1.2 §3.2.3). `size` in bytes, `deref` base64, `digest` SHA-1 in hex."""

    desc: str
    mime: str
    size: str | None = None
    uri: str | None = None
    deref: str | None = None
    digest: str | None = None


class Info(msgspec.Struct, frozen=True, gc=False):
    """What happens and what to do, in one language (CAP 1.2 §3.2.2). `language` None means en-US."""

    event: str
    urgency: str
    severity: str
    certainty: str
    categories: tuple[str, ...] = ()
    language: str | None = None
    responses: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[Coded, ...] = ()
    effective: str | None = None
    onset: str | None = None
    expires: str | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Coded, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Alert(msgspec.Struct, frozen=True, gc=False):
    """One CAP message (CAP 1.2 §3.2.1). `version` is that of the document it came from; we write 1.2 only."""

    identifier: str
    sender: str
    sent: str
    status: str
    msg_type: str
    scope: str
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    incidents: str | None = None
    infos: tuple[Info, ...] = ()
    version: Version = "1.2"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing seen in a message: its code, how bad, where ("/alert/info[1]/area[2]/polygon[1]"), in both languages.

    `repair` says what recording mode did about it ("" = nothing, the text stands as it was).
    """

    code: str
    severity: Severity
    path: str
    zh: str
    en: str
    repair: str = ""


class Reference(msgspec.Struct, frozen=True, gc=False):
    """An earlier message this one acts on: sender, identifier, sent, all as written."""

    sender: str
    identifier: str
    sent: str


class CapError(ValueError):
    """The message may not be sent, or the bytes are no CAP message. `findings` names every reason."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{finding.path}: {finding.en}" for finding in findings))
        self.findings = findings


_QUOTED = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\S+")
MOST_REFERENCES = 5_000  # of one message; a hostile one has millions


def references(text: str | None) -> tuple[Reference, ...]:
    """The readable triples "sender,identifier,sent" of a references element, in order; the others are left out.

    >>> references("a@b,1,2021-07-19T21:59:00+08:00 broken")
    (Reference(sender='a@b', identifier='1', sent='2021-07-19T21:59:00+08:00'),)
    """
    parts = (triple[0].split(",", 3) for triple in _WORD.finditer(text or ""))
    good = (Reference(*part) for part in parts if len(part) == 3 and all(part))
    return tuple(islice(good, MOST_REFERENCES))


def broken_references(text: str | None) -> Iterator[str]:
    """What stands in a references element and is no triple "sender,identifier,sent"."""
    for triple in _WORD.finditer(text or ""):
        part = triple[0].split(",", 3)
        if len(part) != 3 or not all(part):
            yield triple[0]


def quoted(text: str | None) -> tuple[str, ...]:
    """The values of addresses, incidents: blanks divide, double quotes hold a value with blanks together.

    >>> quoted('one "two words" three')
    ('one', 'two words', 'three')
    """
    return tuple(held or plain for held, plain in _QUOTED.findall(text or "") if held or plain)
