"""A profile as values: who says what about a CAP message, and how sure we are of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Kind = Literal["code", "field", "count", "event_code", "parameter", "geocode", "language", "one_event"]
Mark = Literal["S", "K", "G"]
"""S = read in the named source, K = general knowledge of the published text, G = a guess or platform default."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in Chinese and English."""

    zh: str
    en: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a profile asks. Kinds and what they read:

    code: some `code` of the alert is one of `values` or matches `pattern`.
    field: the element `field` ("identifier", "info.expires") is there if `required`, and its text fits.
    count: at least `least` of `field` ("codes", "infos", "info.areas", "info.event_codes").
    event_code, parameter (every info), geocode (every area): a pair whose valueName is `name` is there if `required`,
        and the text of each such pair fits.
    language: each info's language is one of `values`; every one of `together` has an info, if any of them has.
    one_event: the infos don't differ in their event codes named `name`.

    A text fits when it is one of `values` (if any), matches `pattern` whole (if any), does not match `avoid` from its
    start (if any), and has at most `max_length` characters (if any). `when` narrows a rule to alerts whose status,
    msg_type or scope is listed. Only a rule of mark S may be an error.
    """

    code: str
    kind: Kind
    mark: Mark
    zh: str
    en: str
    severity: Literal["error", "warning"] = "error"
    field: str = ""
    name: str = ""
    required: bool = True
    values: tuple[str, ...] = ()
    pattern: str = ""
    avoid: str = ""
    max_length: int | None = None
    least: int = 1
    together: tuple[str, ...] = ()
    when: dict[Literal["status", "msg_type", "scope"], tuple[str, ...]] = {}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule pack of one profile: name, version, source, issuer, where and how long it holds, its rules."""

    pack: Literal["warning.cap_profile"]
    name: str
    version: str
    title: Words
    source: Words
    issuer: Words
    area: str
    valid_from: date
    valid_to: date | None
    mark: Mark
    rules: tuple[Rule, ...]
