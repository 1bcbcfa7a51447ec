"""From generated values to table rows, and into PostgreSQL by COPY (triggers that keep row versions fire as usual)."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from shapely.geometry import shape

from anlan.territory.codes import COUNTY, is_zone
from anlan.territory.engine.generate import village_point
from anlan.territory.engine.keys import stable_id
from anlan.territory.engine.population import populations
from anlan.territory.engine.spec import Part, Unit, World
from anlan.territory.sources import embedded

EDITION = "2023-06-30"  # edition of the division codes
Rows = list[tuple[Any, ...]]

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
        "id,code,kind,name_zh,name_en,lon,lat,organisation_id,attributes,division",
    ),
    "posts": (
        "territory_post",
        "id,code,name_zh,name_en,role,organisation_id,superior_id,place_id,division",
    ),
    "persons": ("territory_person", "id,code,name,phone,division"),
    "appointments": ("territory_appointment", "id,post_id,person_id,holder,valid_from,division"),
    "duties": ("territory_duty", "id,post_id,kind,place_id,division"),
}


def copy_in(name: str, rows: Rows) -> None:
    """Write the rows of one of TABLES."""
    table, columns = TABLES[name]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def analyse() -> None:
    """Let the planner know the new sizes now: the first call after a load must not wait for the autovacuum."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(table for table, _ in TABLES.values()))


def division_rows(world: World) -> Rows:
    """Return the division table: Henan to the county, all its townships or the profile's, the profile's villages."""
    shared = populations(world)
    rows: Rows = []
    for code, reference in embedded.divisions().items():
        unit = reference.unit
        if unit.level > COUNTY and world.profile.townships and code not in world.units:
            continue
        known = embedded.population().get(code)
        count, source = known or ((shared[code], "generated") if code in shared else (None, ""))
        rows.append(_division(unit, reference.parent, reference.legal_parent, count, source))
    for unit in world.of_level(5):
        lon, lat = village_point(world, unit.code)
        placed = unit._replace(lon=lon, lat=lat, coord_src="est_village")
        count = shared.get(unit.code)
        up = unit.code[:9]
        rows.append(_division(placed, up, up, count, "" if count is None else "generated"))
    return rows


def _division(unit: Unit, parent: str | None, legal: str | None, count: int | None, source: str) -> tuple[Any, ...]:
    zone = unit.level >= COUNTY and is_zone(unit.code)
    names = (unit.code, unit.name_zh, unit.name_en, unit.level, unit.kind, parent, legal, zone)
    return (*names, unit.lon, unit.lat, unit.coord_src, count, source, EDITION)


def boundary_rows() -> Rows:
    """Return the outlines of Henan's counties and prefectures."""
    rows: Rows = []
    for item in (*embedded.features("prefectures"), *embedded.features("counties")):
        box = shape(item["geometry"]).bounds
        text = json.dumps(item["geometry"], separators=(",", ":"))
        rows.append((item["properties"]["code"], text, *box, embedded.ATTRIBUTION))
    return rows


def generated_rows(made: Part) -> dict[str, Rows]:
    """Return the other tables, codes turned into ids."""
    return {
        "organisations": [(stable_id("organisation", row.code), *row) for row in made.organisations],
        "places": [
            (
                stable_id("place", row.code),
                *row[:6],
                _id("organisation", row.organisation),
                json.dumps(row.attributes, ensure_ascii=False),
                row.division,
            )
            for row in made.places
        ],
        "posts": [
            (
                stable_id("post", row.code),
                *row[:4],
                _id("organisation", row.organisation),
                _id("post", row.superior),
                _id("place", row.place),
                row.division,
            )
            for row in made.posts
        ],
        "persons": [(stable_id("person", row.code), *row) for row in made.persons],
        "appointments": [
            (
                stable_id("appointment", f"{row.post}|{row.holder}|{row.valid_from}"),
                _id("post", row.post),
                _id("person", row.person),
                *row[2:],
            )
            for row in made.appointments
        ],
        "duties": [
            (
                stable_id("duty", f"{row.post}|{row.kind}|{row.place}|{row.division}"),
                _id("post", row.post),
                row.kind,
                _id("place", row.place),
                row.division,
            )
            for row in made.duties
        ],
    }


def _id(table: str, code: str | None) -> Any:
    return stable_id(table, code) if code else None
