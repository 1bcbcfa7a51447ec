"""Reads the duty desk's shipped rules: YAML text → frozen values."""

from __future__ import annotations

from functools import cache

from anlan.response.engine.duty_rules import DutyRule, Holidays
from anlan.response.formats.packs import pack_read


@cache
def duty_rule() -> DutyRule:
    """Return the shipped rule on duty desks."""
    return pack_read("duty.yaml", DutyRule)


@cache
def holidays() -> Holidays:
    """Return the shipped days off."""
    return pack_read("holidays.yaml", Holidays)
