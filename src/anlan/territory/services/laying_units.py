"""Production units of a large territory into the database, township by township, with licences and hazard sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory.choices import RISK_FLAGS
from anlan.territory.engine.authority import city_of, has_department, seat_of
from anlan.territory.engine.dirt import IN_DATABASE, Dirty, dirt_drawn, soiled
from anlan.territory.engine.keys import stable_ids
from anlan.territory.engine.masses import units_make
from anlan.territory.engine.patches import patch_of, units_allotted
from anlan.territory.engine.regulator import rules_of
from anlan.territory.engine.sheet_columns import as_text
from anlan.territory.engine.spec import World
from anlan.territory.engine.unit_extras import HazardRow, LicenceRow, hazards_make, licences_make, regulators_of
from anlan.territory.services.ahead import ahead
from anlan.territory.services.copying import Copier
from anlan.territory.sources.care_rules import pack
from anlan.territory.sources.trades import hazard_stock, unit_mix

Say = Callable[[str, int, int], None]
TABLES: dict[str, tuple[str, str]] = {
    "units": ("territory_unit", ""),
    "licences": ("territory_licence", "id,code,unit_id,kind,number,issuer,issued_on,expires_on,state,division"),
    "hazards": (
        "territory_majorhazard",
        "id,code,unit_id,name,lon,lat,people_500m,substances,r,grade,state,division",
    ),
}
STATE_AT_FIRST = "valid"


class Made(NamedTuple):
    """What was made for one township."""

    township: str
    units: pa.RecordBatch
    licences: list[tuple[Any, ...]]
    hazards: list[tuple[Any, ...]]
    dirty: list[Dirty]


def lay_units(
    world: World, copier: Copier, total: int, at: datetime, dirty: float = 0.0, say: Say | None = None
) -> list[tuple[str, Dirty]]:
    """Write `total` units; return (township, what was made dirty). Licences and sources only where the profile has them."""
    spoiled: list[tuple[str, Dirty]] = []
    done = 0
    for made in ahead(_made(world, units_allotted(world, total), at, dirty)):
        copier.add("licences", made.licences)
        copier.add("hazards", made.hazards)
        copier.add_batch("units", made.units, unhashed=("updated_at",))
        spoiled += [(made.township, item) for item in made.dirty]
        done += made.units.num_rows
        if say:
            say("units", done, total)
    return spoiled


def _made(world: World, counts: dict[str, int], at: datetime, dirty: float) -> Iterator[Made]:
    """Yield the units of each township with what belongs to them."""
    mix = unit_mix()
    rules = rules_of(pack("regulators")["rules"], {code: place for place, code in enumerate(RISK_FLAGS)})
    for township, count in counts.items():
        index = np.arange(count)
        made = _prefixed(units_make(world.seed, patch_of(world, township), mix, index))
        spoilt: list[Dirty] = []
        if dirty:
            made, spoilt = _spoilt(made, dirt_drawn(world.seed, township, index, dirty, IN_DATABASE))
        ids = dict(zip(keys := made.column("key").to_pylist(), stable_ids("unit", keys), strict=True))
        licences: list[LicenceRow] = []
        hazards: list[HazardRow] = []
        if world.profile.licences:
            hazards = hazards_make(world.seed, township, made, index, hazard_stock())
            licences = licences_make(world.seed, township, made, index, mix.as_of)
        chosen, why = regulators_of(rules, made, partial(_office, world, township))
        stored = _stored(made, list(ids.values()), hazards, chosen, why, at)
        yield Made(township, stored, _licences(licences, ids), _hazards(hazards, ids), spoilt)


def _office(world: World, township: str, department: str, city: bool) -> str | None:
    """Return the department's organisation: the county's, of a zone that has none the city's; `city`: the city's first."""
    county, prefecture = seat_of(world, township), city_of(world, township)
    for unit in (prefecture, county) if city else (county, prefecture):
        if has_department(world, unit, department):
            return f"{unit.code}.department.{department}"
    return None


def _prefixed(made: pa.RecordBatch) -> pa.RecordBatch:
    """Return the units with the prefix form of their division: nine digits where no village is known."""
    place = made.schema.get_field_index("division")
    codes = made.column("division")
    short = pc.if_else(
        pc.equal(pc.utf8_slice_codeunits(codes, 9, 12), "000"), pc.utf8_slice_codeunits(codes, 0, 9), codes
    )
    return made.set_column(place, "division", short)


def _spoilt(made: pa.RecordBatch, drawn: list[tuple[int, str]]) -> tuple[pa.RecordBatch, list[Dirty]]:
    text, done, _ = soiled(as_text(made), made.column("key").to_pylist(), drawn)
    columns = {}
    for name, kind in zip(made.schema.names, made.schema.types, strict=True):
        values = text.column(name)
        columns[name] = (
            values if pa.types.is_string(kind) else pc.if_else(pc.equal(values, ""), None, values).cast(kind)
        )
    key = pc.if_else(
        pc.equal(columns["uscc"], ""), pc.binary_join_element_wise("L:", columns["legacy_id"], ""), columns["uscc"]
    )
    return pa.record_batch(columns | {"key": key}), done


def _stored(
    made: pa.RecordBatch,
    ids: list[str],
    hazards: list[HazardRow],
    regulators: list[str | None],
    rules: list[str],
    at: datetime,
) -> pa.RecordBatch:
    distinct = [code for code in dict.fromkeys(regulators) if code]
    keyed = dict(zip(distinct, stable_ids("organisation", distinct), strict=True))
    grades = {row.unit: row.grade for row in hazards}
    columns: dict[str, Any] = {name: made.column(name) for name in made.schema.names if name != "regulator"}
    constant = {"coord_src": "est_site", "updated_at": at.isoformat()}
    keys = made.column("key").to_pylist() if grades else []
    grade = [grades.get(key, 0) for key in keys] if grades else np.zeros(len(ids), np.int16)
    columns |= {
        "id": pa.array(ids),
        "regulator_id": pa.array([keyed[code] if code else None for code in regulators], pa.string()),
        "regulator_rule": pa.array(rules),
        "major_hazard": pa.array(grade, pa.int16()),
        **{name: pa.array([value] * len(ids)) for name, value in constant.items()},
    }
    return pa.record_batch(columns)


def _licences(rows: list[LicenceRow], ids: dict[str, str]) -> list[tuple[Any, ...]]:
    keyed = stable_ids("licence", [row.code for row in rows])
    return [
        (i, row.code, ids[row.unit], row.kind, row.number, row.issuer, row.issued_on, row.expires_on, STATE_AT_FIRST, row.division)
        for i, row in zip(keyed, rows, strict=True)
    ]  # fmt: skip


def _hazards(rows: list[HazardRow], ids: dict[str, str]) -> list[tuple[Any, ...]]:
    keyed = stable_ids("hazard", [row.code for row in rows])
    return [
        (i, row.code, ids[row.unit], row.name, row.lon, row.lat, row.people_500m, row.substances, row.r, row.grade, "active", row.division)
        for i, row in zip(keyed, rows, strict=True)
    ]  # fmt: skip
