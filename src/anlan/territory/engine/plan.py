"""The exact numbers of a territory, before anything is made: how many sites where, whose post is vacant.

These are the only draws that look at more than one parent, because a total is a promise about all of them together.
Everything else is made from its own key; so a part made alone needs this plan and nothing made before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anlan.kernel.ids import draw
from anlan.territory.codes import TOWNSHIP, VILLAGE
from anlan.territory.engine.allot import largest_remainder, smallest
from anlan.territory.engine.population import groups
from anlan.territory.engine.spec import Hospital, NamedPlace, World
from anlan.territory.engine.staffing import TOTALS, staffed

LETTERS = {
    "reservoir": "R",
    "tunnel": "T",
    "metro_station": "M",
    "school": "S",
    "care_home": "C",
    "hospital": "H",
    "chemical_plant": "P",
    "shelter": "V",
    "depot": "D",
    "bridge": "B",
    "hazard_point": "G",
    "fire_station": "F",
    "monitoring_station": "N",
}
# Which exact figure is shared out over which kind of site.
FIGURES = {"pupils": "school", "residents": "care_home", "beds": "hospital"}
MORE_FIGURES = {"shelter_persons": "shelter"}


@dataclass(frozen=True)
class Plan:
    """Named and generated sites per (kind, township), exact figures per site code, and the village officers' gaps.

    `guides`: posts of safety guides per village or township; `officers`: posts of information officers of townships, where
    villages are too few. The `single` ones have an A holder only, so that an odd total is met.
    """

    named: Mapping[tuple[str, str], tuple[NamedPlace, ...]]
    hospitals: Mapping[str, tuple[Hospital, ...]]
    generated: Mapping[tuple[str, str], int]
    figures: Mapping[tuple[str, str], int]
    vacant: frozenset[str]
    with_second: frozenset[str]
    guides: Mapping[str, int] = field(default_factory=dict)
    guide_single: str = ""
    officers: Mapping[str, int] = field(default_factory=dict)
    officer_single: str = ""

    def size(self, kind: str, township: str) -> int:
        """Return how many sites of `kind` stand in `township`, named and generated."""
        known = len(self.hospitals.get(township, ())) if kind == "hospital" else 0
        return len(self.named.get((kind, township), ())) + known + self.generated.get((kind, township), 0)


def site_code(kind: str, township: str, number: int) -> str:
    """Return the code of the `number`-th site (from 1) of a kind in a township: R410103015.01."""
    return f"{LETTERS[kind]}{township}.{number:02d}"


def make_plan(world: World) -> Plan:
    """Share out every exact total of the profile."""
    named = _named(world)
    hospitals = _hospitals(world)
    generated: dict[tuple[str, str], int] = {}
    for kind in world.profile.sites:
        fixed = sum(len(places) for (named_kind, _), places in named.items() if named_kind == kind)
        if kind == "hospital":
            fixed += sum(len(group) for group in hospitals.values())
        for township, count in _spread(world, kind, fixed).items():
            generated[kind, township] = count
    bare = Plan(named, hospitals, generated, {}, frozenset(), frozenset())
    return replace(bare, figures=_figures(world, bare), **_officers(world))


def _officers(world: World) -> dict[str, Any]:
    """Return who is missing and who has a second, by the profile's shares, or so that the stated totals are met."""
    villages = [unit.code for unit in world.of_level(VILLAGE)]
    vacant = smallest(
        round(len(villages) * world.profile.officers_vacant),
        [(draw(world.seed, "vacant", code), code) for code in villages],
    )
    if set(TOTALS) & set(world.profile.totals):
        return staffed(world, villages, vacant)
    second = round(len(villages) * world.profile.officers_with_second)
    return {
        "vacant": vacant,
        "with_second": smallest(second, [(draw(world.seed, "second", code), code) for code in villages]),
    }


def _named(world: World) -> dict[tuple[str, str], tuple[NamedPlace, ...]]:
    found: dict[tuple[str, str], tuple[NamedPlace, ...]] = {}
    for place in world.named:
        if place.township in world.units and place.kind in world.profile.sites:
            key = (place.kind, place.township)
            found[key] = (*found.get(key, ()), place)
    return found


def _hospitals(world: World) -> dict[str, tuple[Hospital, ...]]:
    """Put each hospital of the list into a township of its county; of an unknown county, into a drawn one."""
    rule = world.profile.sites.get("hospital")
    if rule is None:
        return {}
    counties = groups(world)
    drawn = [code for code in counties if rule.weights.get(code, 0)]
    known = [h for h in world.hospitals if h.county in counties or (not h.county and drawn)]
    found: dict[str, tuple[Hospital, ...]] = {}
    for hospital in known[: rule.total]:
        county = hospital.county or _pick(drawn, [rule.weights[c] for c in drawn], world.seed, "h", hospital.name_zh)
        below = townships_of(world, county)
        if not below:
            continue
        township = _pick(below, [1] * len(below), world.seed, "ht", hospital.name_zh)
        found[township] = (*found.get(township, ()), hospital)
    return found


def _pick(options: Sequence[str], weights: Sequence[int], *key: object) -> str:
    at = draw(*key) * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        at -= weight
        if at < 0:
            return option
    return options[-1]


def _spread(world: World, kind: str, fixed: int) -> dict[str, int]:
    """Share the sites of a kind that have no name of their own over the counties, then over their townships."""
    rule = world.profile.sites[kind]
    counties = [code for code in groups(world) if _places_for(world, kind, code)]
    if not counties:
        return {}
    weights_of = [_weight(world, kind, code) for code in counties]
    by_county = largest_remainder(max(rule.total - fixed, 0), weights_of)
    found: dict[str, int] = {}
    for county, count in zip(counties, by_county, strict=True):
        townships = _places_for(world, kind, county)
        weights = [
            int((0.5 + draw(world.seed, "spread", kind, code)) * 100 * _room(world, kind, code)) for code in townships
        ]
        found |= dict(zip(townships, largest_remainder(count, weights), strict=True))
    return {township: count for township, count in found.items() if count}


def townships_of(world: World, county: str) -> tuple[str, ...]:
    """Return the townships right below a county or a prefecture without counties."""
    return tuple(code for code in world.below.get(county, ()) if world.units[code].level == TOWNSHIP)


def _places_for(world: World, kind: str, county: str) -> tuple[str, ...]:
    """Return the townships where sites of a kind can stand: for hilly kinds, those in hills."""
    townships = townships_of(world, county)
    if kind in world.profile.hilly:
        return tuple(code for code in townships if code in (world.hills or ()))
    return townships


def _room(world: World, kind: str, township: str) -> int:
    """Return how much room a township has for sites of a kind: its villages; for reservoirs the rural ones only."""
    below = world.below.get(township, ())
    if kind == "reservoir" and "reservoir" not in world.profile.hilly:
        return sum(world.units[code].kind == "village" for code in below)
    return 1 + len(below)


def _weight(world: World, kind: str, county: str) -> int:
    weights = world.profile.sites[kind].weights
    if weights:
        return weights.get(county, 0)
    return sum(len(world.below.get(township, ())) for township in _places_for(world, kind, county))


def _figures(world: World, plan: Plan) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for figure, kind in (FIGURES | MORE_FIGURES).items():
        codes = [
            site_code(kind, unit.code, number)
            for unit in world.of_level(TOWNSHIP)
            for number in range(1, plan.size(kind, unit.code) + 1)
        ]
        if codes:
            weights = [int((0.4 + draw(world.seed, figure, code)) * 1000) for code in codes]
            shares = largest_remainder(world.profile.figures.get(figure, 0), weights)
            found |= {(figure, code): share for code, share in zip(codes, shares, strict=True)}
    return found
