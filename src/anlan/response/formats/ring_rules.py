"""Reads the shipped rule on ringing people: YAML text → a frozen value."""

from __future__ import annotations

from datetime import date
from functools import cache

import msgspec

from anlan.response.engine.plan import Words
from anlan.response.formats.packs import pack_read


class RingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By which ways people are rung, in this order, and for how many minutes about what."""

    pack: str
    version: str
    source: Words
    mark: str
    valid_from: date
    ring_by: tuple[str, ...]
    stop_line_min: int
    proposal_min: int
    report_kinds: tuple[str, ...]
    report_before_min: int
    report_min: int


@cache
def ring_rule() -> RingRule:
    """Return the shipped rule."""
    return pack_read("rings.yaml", RingRule)
