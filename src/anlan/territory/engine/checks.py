"""Doubts about the rows of a register, column by column: which rows, and what is known of each.

Columns in, row numbers out. A check runs where its columns are there. Words are in `choices_care.CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anlan.territory.engine.border import Border
from anlan.territory.engine.identifier_columns import phone_column, uscc_column

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """What the columns are checked against: divisions in force, abolished ones with their successor ("": none), the
    outlines, whether an industry code is one, how many rows may share a telephone."""

    divisions: frozenset[str]
    abolished: Mapping[str, str]
    border: Border
    is_industry: Callable[[str], bool]
    shared_phone: int


@dataclass
class Found:
    """Rows by check, and what is known of single rows: (check, row) → detail."""

    rows: dict[str, Rows] = field(default_factory=dict)
    detail: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)


def check(table: pa.Table, known: Known) -> Found:
    """Run all checks whose columns the table has.

    Columns: division, phone, uscc, industry: strings, "" where empty; lon, lat: floats, null where empty; regulator,
    organisation: bool, whether there is one; expired, uncertified: bool.
    """
    found = Found()
    names = set(table.column_names)
    if "phone" in names:
        _phones(table, known, found)
    if {"lon", "lat"} <= names:
        _points(table, known, found)
    _divisions(table, known, found)
    if "uscc" in names:
        _usccs(table, found)
    if "industry" in names:
        _industries(table, known, found)
    for column, name, wanted in (
        ("regulator", "regulator_missing", False), ("organisation", "organisation_missing", False),
        ("expired", "licence_expired", True), ("uncertified", "certificate_expired", True),
    ):  # fmt: skip
        if column in names:
            found.rows[name] = _where(pc.equal(table[column], wanted))
    return found


def _phones(table: pa.Table, known: Known, found: Found) -> None:
    column = table["phone"].combine_chunks()
    empty = pc.equal(column, "")
    found.rows["phone_missing"] = _where(empty)
    stored, faults = phone_column(pc.if_else(empty, pa.scalar(None, pa.string()), column))
    # A right number in a form nothing can dial or find: it has a remedy.
    faults = dict.fromkeys(_where(pc.not_equal(stored, column)).tolist(), "phone.stored") | faults
    found.rows["phone_bad"] = np.array(sorted(faults), dtype=np.int64)
    found.detail |= {("phone_bad", row): {"fault": code} for row, code in faults.items()}
    coded = pc.dictionary_encode(stored)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counts = np.bincount(codes[codes >= 0], minlength=len(coded.dictionary))
    shared = np.flatnonzero((codes >= 0) & (counts[codes] > known.shared_phone)) if len(counts) else np.zeros(0, int)
    found.rows["phone_shared"] = shared
    found.detail |= {("phone_shared", int(row)): {"rows": int(counts[codes[row]])} for row in shared}


def _points(table: pa.Table, known: Known, found: Found) -> None:
    lon, lat = (table[name].combine_chunks().to_numpy(zero_copy_only=False).astype(float) for name in ("lon", "lat"))
    there = ~(np.isnan(lon) | np.isnan(lat))
    found.rows["point_missing"] = np.flatnonzero(~there)
    at = np.flatnonzero(there)
    coded = pc.dictionary_encode(table["division"].combine_chunks())
    divisions = coded.indices.to_numpy(zero_copy_only=False)[at]
    outside, datum, seen = known.border.judge(lon[at], lat[at], divisions, coded.dictionary.to_pylist())
    found.rows["point_outside"], found.rows["point_datum"] = at[outside], at[np.array(sorted(datum), dtype=np.int64)]
    found.detail |= {("point_datum", int(at[row])): {"datum": name} for row, name in datum.items()}
    found.detail |= {("point_outside", int(at[row])): {"lies_in": code} for row, code in seen.items() if code}


def _divisions(table: pa.Table, known: Known, found: Found) -> None:
    coded = pc.dictionary_encode(table["division"].combine_chunks())
    codes, names = coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    old = np.array([name in known.abolished for name in names], dtype=bool)
    strange = np.array([name not in known.divisions and name not in known.abolished for name in names], dtype=bool)
    found.rows["division_old"] = np.flatnonzero(old[codes]) if names else np.zeros(0, np.int64)
    found.rows["division_unknown"] = np.flatnonzero(strange[codes]) if names else np.zeros(0, np.int64)
    for row in found.rows["division_old"]:
        successor = known.abolished[names[codes[row]]]
        found.detail["division_old", int(row)] = {"successor": successor} if successor else {}


def _usccs(table: pa.Table, found: Found) -> None:
    column = table["uscc"].combine_chunks()
    empty = pc.equal(column, "")
    found.rows["uscc_missing"] = _where(empty)
    _, faults = uscc_column(pc.if_else(empty, pa.scalar(None, pa.string()), column))
    found.rows["uscc_bad"] = np.array(sorted(faults), dtype=np.int64)
    found.detail |= {("uscc_bad", row): {"fault": code} for row, code in faults.items()}


def _industries(table: pa.Table, known: Known, found: Found) -> None:
    coded = pc.dictionary_encode(table["industry"].combine_chunks())
    codes, names = coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    strange = np.array([bool(name) and not known.is_industry(name) for name in names], dtype=bool)
    found.rows["industry_unknown"] = np.flatnonzero(strange[codes]) if names else np.zeros(0, np.int64)
    found.rows["industry_missing"] = _where(pc.equal(table["industry"], ""))


def _where(mask: pa.Array | pa.ChunkedArray) -> Rows:
    if isinstance(mask, pa.ChunkedArray):
        mask = mask.combine_chunks()
    return np.flatnonzero(mask.fill_null(False).to_numpy(zero_copy_only=False))
