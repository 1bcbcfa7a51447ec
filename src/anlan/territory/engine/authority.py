"""Who governs what: the nearest division above with a government of its own, for irregular branches have rungs without.

A prefecture without counties governs its townships itself; a county directly under the province answers to the province;
a placeholder (省直辖县级行政区划, 市辖区) governs nothing.
"""

from __future__ import annotations

from anlan.territory.codes import COUNTY, PREFECTURE, PROVINCE, ancestors, is_placeholder
from anlan.territory.engine.spec import Unit, World

NAME = 80  # characters of a division's name in the names of its posts and organisations
NAME_EN = 120


def governs(unit: Unit) -> bool:
    """Has this province, prefecture or county a government?"""
    return unit.kind != "placeholder" and not is_placeholder(unit.code, unit.name_zh)


def seat_of(world: World, code: str) -> Unit:
    """Return the nearest division above `code` with a government: of a township its county, as a rule."""
    above = [world.units[up] for up in reversed(ancestors(code))]
    return next((u for u in above if u.level in (PROVINCE, PREFECTURE, COUNTY) and governs(u)), above[-1])


def city_of(world: World, code: str) -> Unit:
    """Return the prefecture above a township or county, or, where there is none with a government, its county."""
    for up in ancestors(code):
        if world.units[up].level == PREFECTURE and governs(world.units[up]):
            return world.units[up]
    return world.units[code] if world.units[code].level == COUNTY else seat_of(world, code)


def has_department(world: World, unit: Unit, department: str) -> bool:
    """Has this prefecture or county a department of that code?"""
    listed = {PREFECTURE: world.profile.departments_city, COUNTY: world.profile.departments_county}
    return department in listed.get(unit.level, ())


def commander_of(unit: Unit) -> str:
    """Return the post that commands in a division; in a province it is the duty desk."""
    return f"{unit.code}.duty" if unit.level == PROVINCE else f"{unit.code}.commander"


def called(unit: Unit) -> tuple[str, str]:
    """Return a division's names as they go into the names of posts: some have sixty characters and more."""
    return unit.name_zh[:NAME], unit.name_en[:NAME_EN]
