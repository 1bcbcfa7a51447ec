"""Batches of rows: each column through its check, then what only a whole row can tell: its key and its point."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.kernel.geo import bd09_to_wgs84, gcj02_to_wgs84
from anlan.territory.engine.columns import CellFault, Known, check, clean
from anlan.territory.engine.identifiers import citizen_hash, citizen_mask
from anlan.territory.engine.register import Field, Register
from anlan.territory.engine.sphere import great_circle_km

FAR_KM = 120.0
LEAST_EXAMPLES = 3
ATTRIBUTE = "attributes."
DATUMS: dict[str, Callable[..., Any]] = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


@dataclass(frozen=True)
class Plan:
    """How a file's columns are taken: field (or "attributes.NAME") → column of the batch; the fields looked for.

    `points(codes)` gives an (n, 2) array of the divisions' own points, nan where unknown. `keep`: further columns that
    go into `extra` under their headings. `secret` keys the hash of citizen numbers.
    """

    register: Register
    fields: Mapping[str, int]
    attributes: Mapping[str, Field]
    points: Callable[[Sequence[str | None]], np.ndarray]
    datum: str = "wgs84"
    keep: Mapping[str, int] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True)
class Taken:
    """A batch after its checks: natural keys (null where there is none), values by field, all that was wrong, and which
    rows say nothing at all."""

    keys: pa.Array
    values: dict[str, pa.Array]
    faults: list[CellFault]
    blank: np.ndarray


def take(plan: Plan, batch: pa.RecordBatch, known: Known) -> Taken:
    """Check a batch of text columns (n rows) after the plan; values are typed, null where empty or at fault."""
    cells = {name: clean(batch.column(place)) for name, place in plan.fields.items()}
    blank = _blank(list(cells.values()), batch.num_rows)
    examples = np.flatnonzero(_examples(plan, cells, batch.num_rows) & ~blank).tolist()
    blank[examples] = True
    values: dict[str, pa.Array] = {}
    faults: list[CellFault] = []
    for name, column in cells.items():
        item = plan.attributes[name] if name in plan.attributes else plan.register.by_name[name]
        done = check(item, column, known)
        values[name] = done.values
        faults += [fault._replace(field=name) for fault in done.faults]
    if "lon" in values and "lat" in values:
        faults += _point(plan, values, cells)
    if plan.attributes:
        values["attributes"] = _attributes(plan, values)
    if plan.keep:
        values["extra"] = _extra({name: clean(batch.column(place)) for name, place in plan.keep.items()})
    if "citizen" in values:
        _citizens(plan, values)
    keys = _keys(plan.register, values, batch.num_rows, known)
    faults += _keyless(plan.register, keys, cells, faults)
    faults = [fault for fault in faults if not blank[fault.row]]
    faults += [CellFault(row, plan.register.key[0], "row.example") for row in examples]
    return Taken(keys, values, faults, blank)


def _examples(plan: Plan, cells: Mapping[str, pa.Array], rows: int) -> np.ndarray:
    """Find the example row of the template: every cell is the example of its field, or empty where there is none."""
    mine = {name: plan.register.by_name[name].example for name in cells if name in plan.register.by_name}
    if sum(bool(example) for example in mine.values()) < LEAST_EXAMPLES:
        return np.zeros(rows, bool)
    same = np.ones(rows, bool)
    for name, column in cells.items():
        example = mine.get(name, "")
        fits = pc.equal(column, example).fill_null(False) if example else column.is_null()
        same &= fits.to_numpy(zero_copy_only=False)
        if not same.any():
            break
    return same


def _blank(columns: Sequence[pa.Array], rows: int) -> np.ndarray:
    empty = np.ones(rows, bool)
    for column in columns:
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    return empty


def _keys(register: Register, values: Mapping[str, pa.Array], rows: int, known: Known) -> pa.Array:
    nothing = pa.nulls(rows, pa.string())
    if register.name == "units":
        legacy = values.get("legacy_id", nothing)
        return pc.coalesce(values.get("uscc", nothing), pc.binary_join_element_wise("L:", legacy, ""))
    if register.name == "licences":
        codes = {
            row: code for code, row in sorted(known.references["unit"].ids.items())
        }  # "L:..." comes last and stays
        units = pa.array([codes.get(row) for row in values.get("unit", nothing).to_pylist()], pa.string())
        return pc.binary_join_element_wise(units, values.get("kind", nothing), values.get("number", nothing), "|")
    return values.get("code", nothing)


def _keyless(
    register: Register, keys: pa.Array, cells: Mapping[str, pa.Array], faults: Sequence[CellFault]
) -> list[CellFault]:
    """Rows of units without any key, unless the key is there and at fault, or both cells were said to be required."""
    if register.name != "units":
        return []
    named = {fault.row for fault in faults if fault.field in register.key}
    rows = np.flatnonzero(keys.is_null().to_numpy(zero_copy_only=False)).tolist()
    return [CellFault(row, "uscc", "key.missing") for row in rows if row not in named]


def _point(plan: Plan, values: dict[str, pa.Array], cells: Mapping[str, pa.Array]) -> list[CellFault]:
    """Judge longitude and latitude together; put points at fault to nothing; turn other datums into WGS-84."""
    lon = values["lon"].to_numpy(zero_copy_only=False).astype(float)
    lat = values["lat"].to_numpy(zero_copy_only=False).astype(float)
    has_lon, has_lat = ~np.isnan(lon), ~np.isnan(lat)
    both = has_lon & has_lat
    written = cells["lon"].is_valid().to_numpy(zero_copy_only=False) & cells["lat"].is_valid().to_numpy(
        zero_copy_only=False
    )
    half = (has_lon ^ has_lat) & ~written
    with np.errstate(invalid="ignore"):
        swapped = both & (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
        beyond = both & ~swapped & ((np.abs(lat) > 90) | (np.abs(lon) > 180))
        zero = both & (lon == 0) & (lat == 0)
    faults = [CellFault(row, "lat" if has_lon[row] else "lon", "point.half") for row in np.flatnonzero(half).tolist()]
    for mask, code in ((swapped, "point.swapped"), (beyond, "point.range"), (zero, "point.zero")):
        faults += [CellFault(row, "lon", code) for row in np.flatnonzero(mask).tolist()]
    good = both & ~swapped & ~beyond & ~zero
    if plan.datum in DATUMS:
        lon[good], lat[good] = DATUMS[plan.datum](lon[good], lat[good])
    faults += _far(plan, values, lon, lat, good)
    values["lon"] = pa.array(np.round(lon, 7), pa.float64(), mask=~good)
    values["lat"] = pa.array(np.round(lat, 7), pa.float64(), mask=~good)
    return faults


def _far(plan: Plan, values: Mapping[str, pa.Array], lon: np.ndarray, lat: np.ndarray, good: np.ndarray) -> list[CellFault]:  # fmt: skip
    if "division" not in values:
        return []
    coded = values["division"].dictionary_encode()
    own = np.vstack([plan.points(coded.dictionary.to_pylist()).reshape(-1, 2), np.full((1, 2), np.nan)])
    places = own[coded.indices.fill_null(len(own) - 1).to_numpy(zero_copy_only=False)]
    rows = np.flatnonzero(good & ~np.isnan(places[:, 0]))
    away = great_circle_km(places[rows, 0], places[rows, 1], lon[rows], lat[rows])
    far = away > FAR_KM
    return [
        CellFault(row, "lon", "point.outside", {"km": round(km)})
        for row, km in zip(rows[far].tolist(), away[far].tolist(), strict=True)
    ]


def _attributes(plan: Plan, values: dict[str, pa.Array]) -> pa.Array:
    columns: dict[str, pa.Array] = {}
    for name, item in plan.attributes.items():
        column = values.pop(name)
        columns[name.removeprefix(ATTRIBUTE)] = pc.equal(column, "true") if item.choices == "yes_no" else column
    return _objects(columns)


def _extra(columns: Mapping[str, pa.Array]) -> pa.Array:
    return _objects(columns)


def _objects(columns: Mapping[str, pa.Array]) -> pa.Array:
    """Return one JSON object a row, null where it would be empty."""
    names = list(columns)
    rows = zip(*(column.to_pylist() for column in columns.values()), strict=True)
    found = [{name: _plain(cell) for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows]
    texts = [json.dumps(row, ensure_ascii=False, sort_keys=True) if row else None for row in found]
    return pa.array(texts, pa.string())


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _citizens(plan: Plan, values: dict[str, pa.Array]) -> None:
    numbers = values.pop("citizen").to_pylist()
    values["citizen_hash"] = pa.array([number and citizen_hash(number, plan.secret) for number in numbers], pa.string())
    values["citizen_mask"] = pa.array([number and citizen_mask(number) for number in numbers], pa.string())
