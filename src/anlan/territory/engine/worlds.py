"""From a territory's data and a profile to the world the generator reads: which divisions, who is below whom, hills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from anlan.territory.codes import COUNTY, PREFECTURE, PROVINCE, TOWNSHIP, ancestors, is_placeholder, is_zone, parent_of
from anlan.territory.engine.allot import largest_remainder
from anlan.territory.engine.land import Land
from anlan.territory.engine.spec import Profile, Unit, World


def world_of(profile: Profile, seed: int, land: Land, root: str) -> World:
    """Return the world under the division `root`: all of `land` inside it, and what is above it."""
    listed = {code: reference.unit for code, reference in land.references.items()}
    inside = {code: unit for code, unit in listed.items() if code.startswith(root)}
    inside |= {unit.code: unit for unit in land.villages if unit.code.startswith(root)}
    above = {code: listed[code] for code in ancestors(root)}
    units = dict(sorted((above | inside).items()))
    return World(
        profile=replace(profile, root=root),
        seed=seed,
        units=units,
        population=populations_known(land, units),
        outlines=land.outlines,
        named=land.named,
        hospitals=land.hospitals,
        below=below_of(units),
        hills=hills_of(land, units),
    )


def below_of(units: Mapping[str, Unit]) -> dict[str, tuple[str, ...]]:
    """Return division → those right below it, in code order; only divisions that have any."""
    found: dict[str, list[str]] = {}
    for code in units:
        if above := parent_of(code):
            found.setdefault(above, []).append(code)
    return {code: tuple(below) for code, below in found.items()}


def root_of(land: Land, profile: Profile, wanted: str = "") -> str:
    """Return the division a profile is laid down for: `wanted`, the profile's own where the land has it, else the first
    of the profile's scale that has townships and is no mere rung of the ladder. "" when the land has none."""
    if wanted or profile.root in land.references:
        return wanted or profile.root
    level = PROVINCE if profile.scale == "province" else PREFECTURE
    held = {code[: 2 * level] for code, reference in land.references.items() if reference.unit.level == TOWNSHIP}
    fit = [code for code in land.references if len(code) == 2 * level and code in held and not is_placeholder(code)]
    named = [code for code in fit if any(_is_called(land, code, name) for name in land.totals)]
    return next(iter([*named, *fit]), "")


def totals_of(land: Land, root: str) -> Mapping[str, int]:
    """Return the totals the land's own table states for `root`: by its code, its name, or (last) its residents."""
    for name, totals in land.totals.items():
        if _is_called(land, root, name):
            return totals
    people = land.population.get(root)
    same = [t for t in land.totals.values() if people and t.get("population_2020") == people[0]]
    return same[0] if same else {}


def populations_known(land: Land, units: Mapping[str, Unit]) -> dict[str, int]:
    """Return code → residents of all divisions with a figure; counties without one share what their prefecture's figure
    leaves, by number of divisions below them. Zones have none of their own."""
    found = {code: count for code, (count, _) in land.population.items() if code in units}
    below = below_of(units)
    for code, unit in units.items():
        counties = [c for c in below.get(code, ()) if units[c].level == COUNTY and not is_zone(c)]
        blank = [c for c in counties if c not in found]
        if unit.level == PREFECTURE and code in found and blank:
            left = max(found[code] - sum(found.get(c, 0) for c in counties), 0)
            found |= dict(zip(blank, largest_remainder(left, [1 + _size(below, c) for c in blank]), strict=True))
    return found


def hills_of(land: Land, units: Mapping[str, Unit]) -> frozenset[str] | None:
    """Return the townships that lie in hills; with no terrain, those of counties with a listed reservoir; else None."""
    townships = [unit for unit in units.values() if unit.level == TOWNSHIP and unit.lon is not None]
    if land.terrain is not None:
        return frozenset(u.code for u in townships if land.terrain.hilly(u.lon or 0.0, u.lat or 0.0))
    held = {place.township[:6] for place in land.named if place.kind == "reservoir"}
    return frozenset(u.code for u in townships if u.code[:6] in held) if held else None


def _size(below: Mapping[str, tuple[str, ...]], code: str) -> int:
    return sum(1 + len(below.get(child, ())) for child in below.get(code, ()))


def _is_called(land: Land, code: str, name: str) -> bool:
    unit = land.references[code].unit
    called = {code, code.ljust(6, "0"), unit.name_zh, unit.name_en.lower(), unit.name_en.split(" ")[0].lower()}
    return name in called or name.lower() in called or (len(name) > 1 and unit.name_zh.removesuffix("市") == name)
