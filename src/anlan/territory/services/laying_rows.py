"""The rows of divisions, organisations, posts, people, duties and places of a large territory, ready for COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shapely.geometry import shape

from anlan.kernel.ids import draw
from anlan.territory.codes import COUNTY, VILLAGE, is_zone, legal_parent_of, parent_of
from anlan.territory.engine.generate import village_point
from anlan.territory.engine.keys import stable_ids
from anlan.territory.engine.land import Land
from anlan.territory.engine.population import populations
from anlan.territory.engine.spec import Part, Unit, World

Rows = list[tuple[Any, ...]]
STALE = 0.03  # share of people whose contact nobody checked this year

TABLES: dict[str, tuple[str, str]] = {
    "divisions": (
        "territory_division",
        "code,name_zh,name_en,level,kind,parent_id,legal_parent_id,functional_zone,lon,lat,coord_src,population,"
        "population_src,valid_from",
    ),
    "boundaries": ("territory_boundary", "division_id,geojson,west,south,east,north,source"),
    "organisations": ("territory_organisation", "id,code,name_zh,name_en,kind,division"),
    "places": (
        "territory_place",
        "id,code,kind,name_zh,name_en,lon,lat,organisation_id,attributes,coord_src,division",
    ),
    "posts": ("territory_post", "id,code,name_zh,name_en,role,organisation_id,superior_id,place_id,division"),
    "persons": ("territory_person", "id,code,name,phone,contact_checked_on,division"),
    "appointments": ("territory_appointment", "id,post_id,person_id,holder,valid_from,division"),
    "duties": ("territory_duty", "id,post_id,kind,place_id,division"),
    "downstream": ("territory_downstream", "id,place_id,travel_min,population,source,division"),
}


def division_rows(world: World, land: Land) -> Iterator[tuple[Any, ...]]:
    """Yield the divisions of the world, those above before those below."""
    shared = populations(world)
    for code in sorted(world.units, key=lambda code: (len(code), code)):
        unit = world.units[code]
        listed = land.references.get(code)
        legal = listed.legal_parent if listed else legal_parent_of(code)
        if unit.level == VILLAGE:
            lon, lat = village_point(world, code)
            unit = unit._replace(lon=lon, lat=lat, coord_src=unit.coord_src or "est_village")
        count, source = land.population.get(code) or _estimate(world, shared, code)
        yield (*_division(unit, legal or None), count, source, land.edition)


def boundary_rows(world: World, land: Land) -> Rows:
    """Return the outlines of the world's divisions."""
    found: Rows = []
    for outline in land.boundaries:
        if outline.code in world.units:
            found.append((outline.code, outline.geometry, *shape(outline.geometry).bounds, outline.source))
    return found


def part_rows(made: Part, *, seed: int, checked: str) -> dict[str, Rows]:
    """Return the tables of what was made for some divisions, codes turned into ids. `checked`: ISO day contacts were checked,
    of all but a few."""
    return {
        "organisations": [(i, *row) for i, row in zip(_ids("organisation", made.organisations), made.organisations, strict=True)],
        "places": _places(made),
        "posts": _posts(made),
        "persons": _persons(made, seed, checked),
        "appointments": _appointments(made),
        "duties": _duties(made),
        "downstream": _downstream(made),
    }  # fmt: skip


def _division(unit: Unit, legal: str | None) -> tuple[Any, ...]:
    zone = unit.level >= COUNTY and is_zone(unit.code)
    names = (unit.code, unit.name_zh, unit.name_en, unit.level, unit.kind, parent_of(unit.code) or None, legal, zone)
    return (*names, unit.lon, unit.lat, unit.coord_src)


def _estimate(world: World, shared: dict[str, int], code: str) -> tuple[int | None, str]:
    if code in shared:
        return shared[code], "generated"
    return (world.population[code], "shared") if code in world.population else (None, "")


def _ids(table: str, rows: Sequence[Any]) -> list[str]:
    return stable_ids(table, [row.code for row in rows])


def _keyed(table: str, codes: Sequence[str | None]) -> list[str | None]:
    """Return the ids of codes, None where there is no code; equal neighbours are made once."""
    known = list(dict.fromkeys(code for code in codes if code))
    found = dict(zip(known, stable_ids(table, known), strict=True))
    return [found[code] if code else None for code in codes]


def _places(made: Part) -> Rows:
    organisations = _keyed("organisation", [row.organisation for row in made.places])
    ids = _ids("place", made.places)
    return [
        (i, *row[:6], organisation, row.attributes, row.attributes["coord_src"], row.division)
        for i, row, organisation in zip(ids, made.places, organisations, strict=True)
    ]


def _posts(made: Part) -> Rows:
    organisations = _keyed("organisation", [row.organisation for row in made.posts])
    superiors = _keyed("post", [row.superior for row in made.posts])
    places = _keyed("place", [row.place for row in made.posts])
    columns = zip(_ids("post", made.posts), made.posts, organisations, superiors, places, strict=True)
    return [(i, *row[:4], organisation, up, place, row.division) for i, row, organisation, up, place in columns]


def _persons(made: Part, seed: int, checked: str) -> Rows:
    old = f"{int(checked[:4]) - 2}{checked[4:]}"
    return [
        (i, row.code, row.name, row.phone, old if draw(seed, "checked", row.code) < STALE else checked, row.division)
        for i, row in zip(_ids("person", made.persons), made.persons, strict=True)
    ]  # fmt: skip


def _appointments(made: Part) -> Rows:
    rows = made.appointments
    ids = stable_ids("appointment", [f"{row.post}|{row.holder}|{row.valid_from}" for row in rows])
    posts, persons = _keyed("post", [row.post for row in rows]), _keyed("person", [row.person for row in rows])
    return [(i, post, person, *row[2:]) for i, row, post, person in zip(ids, rows, posts, persons, strict=True)]


def _duties(made: Part) -> Rows:
    rows = made.duties
    ids = stable_ids("duty", [f"{row.post}|{row.kind}|{row.place}|{row.division}" for row in rows])
    posts, places = _keyed("post", [row.post for row in rows]), _keyed("place", [row.place for row in rows])
    return [
        (i, post, row.kind, place, row.division) for i, row, post, place in zip(ids, rows, posts, places, strict=True)
    ]


def _downstream(made: Part) -> Rows:
    found: Rows = []
    for place in made.places:
        for below in place.attributes.get("downstream", ()):
            key = stable_ids("downstream", [f"{place.code}|{below['division']}"])[0]
            owner = stable_ids("place", [place.code])[0]
            found.append((key, owner, below["minutes"], None, "est", below["division"]))
    return found
