"""Residents of townships and villages: the county's figure shared out so that every sum is exact.

Only the county figures come from a census; what is below is an assumption (population_src "generated"). Statistical
zones have no published figure of their own here and stay unknown rather than being counted twice.
"""

from __future__ import annotations

from anlan.kernel.ids import draw
from anlan.territory.codes import COUNTY, TOWNSHIP, is_zone, parent_of
from anlan.territory.engine.allot import largest_remainder
from anlan.territory.engine.spec import World

# How many people a township of a kind holds against another, before the draw.
PREFECTURE_CHARS = 4
WEIGHTS = {"subdistrict": 300, "town": 200, "township": 120, "quasi": 60}


def populations(world: World) -> dict[str, int]:
    """Return code → residents for all townships and villages whose county has a figure and is wholly in the world."""
    found: dict[str, int] = {}
    for code in groups(world):
        own = len(code) > PREFECTURE_CHARS or all(is_zone(below) for below in counties_of(world, code))
        if own and not is_zone(code) and code in world.population and not world.profile.townships:
            found |= _below(world, code, world.population[code])
    return found


def counties_of(world: World, code: str) -> list[str]:
    """Return the counties right below a prefecture."""
    return [below for below in world.below.get(code, ()) if world.units[below].level == COUNTY]


def groups(world: World) -> list[str]:
    """Return the divisions townships hang under, in code order: counties, and prefectures without counties."""
    counties = [unit.code for unit in world.of_level(COUNTY)]
    return sorted({parent_of(unit.code) for unit in world.of_level(TOWNSHIP)} | set(counties))


def _below(world: World, code: str, total: int) -> dict[str, int]:
    children = [child for child in world.below.get(code, ()) if world.units[child].level >= TOWNSHIP]
    if not children:
        return {}
    weights = [_weight(world, child) for child in children]
    found = dict(zip(children, largest_remainder(total, weights), strict=True))
    for child in children:
        found |= _below(world, child, found[child])
    return found


def _weight(world: World, code: str) -> int:
    return int(WEIGHTS.get(world.units[code].kind, 100) * (50 + 100 * draw(world.seed, "population", code)))
