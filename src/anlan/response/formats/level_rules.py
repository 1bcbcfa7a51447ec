"""Reads the shipped rules on what follows from a level: linked bodies, the closing, the clock of personal data."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

import msgspec

from anlan.response.engine.plan import Words
from anlan.response.formats.packs import pack_read


class Linkage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a linked command body has to follow or refuse (响应联动); minutes."""

    receipt: int
    within: int
    basis: Words
    mark: str


class CloseOutRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to be done after a response has ended (善后收尾). `role` duty: the duty desk of the plan's area."""

    kind: Literal["final_report", "loss_assessment", "lessons", "archive", "audit", "purge"]
    code: str
    text: Words
    role: str
    within_h: int
    receipt: int
    evidence: Words
    basis: Words
    mark: str
    department: str = ""


class PurgeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When personal data gathered for a response is destroyed, how long a hold may last at most, whose entries stay."""

    days: int
    most_hold_days: int
    keep: tuple[str, ...]
    mark: str


class LevelRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from a level, with its source."""

    version: str
    source: Words
    mark: str
    valid_from: date
    linkage: Linkage
    closeout: tuple[CloseOutRule, ...]
    purge: PurgeRule


@cache
def level_rules() -> LevelRules:
    """Return the shipped rules."""
    return pack_read("levels.yaml", LevelRules)
