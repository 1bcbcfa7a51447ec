"""A small territory for the tests of people and care, and the people who act in it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.territory.services import generate

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2021, 6, 1, 9, tzinfo=ZONE)
COUNTY, TOWN, VILLAGE = "410181", "410181100", "410181100201"
DESK = Actor("person", "巩义值班员", Scope((COUNTY,)), roles=frozenset({"duty"}))
OTHER = Actor("person", "荥阳值班员", Scope(("410182",)), roles=frozenset({"duty"}))
READER = Actor("person", "巩义查阅员", Scope((COUNTY,)), roles=frozenset({"auditor"}))


def lay_down() -> None:
    """Three counties with twelve townships, their posts and people."""
    generate("tiny", 7, at=NOW)
