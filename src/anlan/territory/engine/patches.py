"""How many units stand in which township, and round which settlements."""

from __future__ import annotations

import numpy as np

from anlan.kernel.ids import draw
from anlan.territory.codes import COUNTY, PREFECTURE, TOWNSHIP, ancestors, is_placeholder
from anlan.territory.engine.allot import largest_remainder
from anlan.territory.engine.estimate import outline_of
from anlan.territory.engine.generate import village_point
from anlan.territory.engine.masses import Patch
from anlan.territory.engine.names import brief
from anlan.territory.engine.population import populations
from anlan.territory.engine.spec import World

PEOPLE_UNKNOWN = 20_000  # a zone's township has no published figure; it still has firms
ADDRESS_CHARS = 160


def units_allotted(world: World, total: int) -> dict[str, int]:
    """Return township → number of units, summing to exactly `total`; in proportion to residents and a draw. Townships with
    none are left out."""
    townships = [unit.code for unit in world.of_level(TOWNSHIP)]
    people = populations(world)
    weights = [int(people.get(code, PEOPLE_UNKNOWN) * (0.5 + draw(world.seed, "units", code))) for code in townships]
    shares = largest_remainder(total, weights)
    return {township: count for township, count in zip(townships, shares, strict=True) if count}


def patch_of(world: World, township: str) -> Patch:
    """Return where the units of a township stand: its villages, or its own point where no village is known."""
    villages = world.below.get(township, ())
    unit = world.units[township]
    if villages:
        points = [village_point(world, code) for code in villages]
        names = [brief(world.units[code].name_zh) for code in villages]
    else:
        points, names, villages = [(unit.lon or 0.0, unit.lat or 0.0)], [brief(unit.name_zh)], (township,)
    lon, lat = np.array(points).T
    return Patch(
        township, _address(world, township), _county(world, township), villages, names, lon, lat,
        world.ordinals[township], outline_of(world.outlines, township),
    )  # fmt: skip


def _address(world: World, township: str) -> str:
    above = [code for code in (*ancestors(township), township) if len(code) > 2 and not is_placeholder(code)]
    return "".join(brief(world.units[code].name_zh, 40) for code in above)[:ADDRESS_CHARS]


def _county(world: World, township: str) -> str:
    above = [world.units[code] for code in ancestors(township) if world.units[code].level in (PREFECTURE, COUNTY)]
    return brief(above[-1].name_zh) if above else ""
