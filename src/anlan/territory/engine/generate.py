"""The generator: the same profile and seed always give the same territory, whole or any part of it alone.

Every draw is a hash of seed, table and parent key, never of what was drawn before. So `part(world, plan, code)` is
exactly the slice of `whole(world)` that belongs to `code`, and one township can be made without the rest.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from anlan.territory.codes import COUNTY, PREFECTURE, PROVINCE, TOWNSHIP, VILLAGE
from anlan.territory.engine.commands import city, county, province, township, village
from anlan.territory.engine.ground import scatter
from anlan.territory.engine.places import places
from anlan.territory.engine.plan import Plan, make_plan
from anlan.territory.engine.spec import Part, World

__all__ = ["digest", "make_plan", "part", "village_point", "whole"]


def part(world: World, plan: Plan, code: str) -> Part:
    """Return what belongs to the division `code` itself: for a township its posts and places, not its villages."""
    unit = world.units[code]
    if unit.level == TOWNSHIP:
        made = township(world, plan, unit)
        made.extend(places(world, plan, unit))
        return made
    if unit.level == VILLAGE:
        return village(world, plan, unit)
    return {PROVINCE: province, PREFECTURE: city, COUNTY: county}[unit.level](world, unit)


def whole(world: World) -> Part:
    """Return everything, in the order of division codes."""
    plan = make_plan(world)
    made = Part()
    for code in world.units:
        made.extend(part(world, plan, code))
    return made


def village_point(world: World, code: str) -> tuple[float, float]:
    """Return the (lon, lat) of a village: the list's where it knows one, else an estimate."""
    unit = world.units[code]
    if unit.lon is not None and unit.lat is not None:
        return unit.lon, unit.lat
    return scatter(world, world.units[code[:9]], "village", code)


def digest(made: Part, *more: Any) -> str:
    """Return the SHA-256 of all rows, and of `more`, as hex."""
    found = hashlib.sha256()
    for name, rows in vars(made).items():
        found.update(name.encode())
        found.update(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode())
    found.update(json.dumps(more, ensure_ascii=False, sort_keys=True).encode())
    return found.hexdigest()
