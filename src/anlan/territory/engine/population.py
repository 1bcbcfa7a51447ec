"""Residents of townships and villages: the county's figure shared out so that every sum is exact.

Only the county figures come from a census; what is below is an assumption (population_src "generated"). Statistical
zones have no published figure of their own here and stay unknown rather than being counted twice.
"""

from __future__ import annotations

from anlan.kernel.ids import draw
from anlan.territory.codes import COUNTY, is_zone
from anlan.territory.engine.allot import largest_remainder
from anlan.territory.engine.spec import World

# How many people a township of a kind holds against another, before the draw.
WEIGHTS = {"subdistrict": 300, "town": 200, "township": 120, "quasi": 60}


def populations(world: World) -> dict[str, int]:
    """Return code → residents for all townships and villages whose county has a figure and is wholly in the world."""
    found: dict[str, int] = {}
    for county in world.of_level(COUNTY):
        if not is_zone(county.code) and county.code in world.population and not world.profile.townships:
            found |= _below(world, county.code, world.population[county.code])
    return found


def _below(world: World, code: str, total: int) -> dict[str, int]:
    children = world.below.get(code, ())
    if not children:
        return {}
    weights = [_weight(world, child) for child in children]
    found = dict(zip(children, largest_remainder(total, weights), strict=True))
    for child in children:
        found |= _below(world, child, found[child])
    return found


def _weight(world: World, code: str) -> int:
    return int(WEIGHTS.get(world.units[code].kind, 100) * (50 + 100 * draw(world.seed, "population", code)))
