"""The staging table of one import: rows that passed their checks, typed, in a schema only the owner reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pyarrow as pa
from django.db import connection
from pyarrow import csv as arrow_csv

from anlan.territory.engine.columns import CellFault
from anlan.territory.engine.faults import FAULTS
from anlan.territory.engine.keys import stable_ids
from anlan.territory.engine.rows import Taken
from anlan.territory.services.imports_target import Column, Target

SCHEMA = "anlan_import"
VALUE_CHARS = 200


def stage_name(batch: UUID) -> str:
    """Return the staging table of an import."""
    return f"{SCHEMA}.s_{batch.hex}"


def stage_make(batch: UUID, columns: Sequence[Column]) -> None:
    """Make the staging table anew, empty. Unlogged: after a crash of the server the file is read again."""
    parts = [
        "row integer",
        'key text COLLATE "C"',
        "id uuid",
        *(f'"{column.name}" {column.type}' for column in columns),
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"DROP TABLE IF EXISTS {stage_name(batch)}")
        cursor.execute(f"CREATE UNLOGGED TABLE {stage_name(batch)} ({', '.join(parts)})")


def stage_drop(batch: UUID) -> None:
    """Let the staging table go."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {stage_name(batch)}, {stage_name(batch)}_held")


def stage_rows(batch: UUID) -> int | None:
    """Return how many rows are staged, None when there is no staging table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [stage_name(batch)])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"SELECT count(*) FROM {stage_name(batch)}")
        return int(cursor.fetchone()[0])


def stage_batch(target: Target, columns: Sequence[Column], taken: Taken, first_row: int) -> tuple[bytes, int, int]:
    """Return the good rows of a batch as CSV for COPY, how many they are, and how many are bad. `first_row`: the
    file's number of the batch's first row."""
    good = ~taken.blank
    bad = np.zeros(len(good), bool)
    bad[[fault.row for fault in taken.faults if FAULTS[fault.code].fatal]] = True
    good &= ~bad
    rows = np.flatnonzero(good)
    keys = taken.keys.take(pa.array(rows))
    arrays = [pa.array(rows + first_row, pa.int32()), keys, pa.array(stable_ids(target.entity, keys.to_pylist()))]
    arrays += [_stored(taken.values.get(_source(column)), rows) for column in columns]
    names = ["row", "key", "id", *(column.name for column in columns)]
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(pa.table(arrays, names), sink, arrow_csv.WriteOptions(include_header=False))
    return sink.getvalue().to_pybytes(), len(rows), int(bad.sum())


def _source(column: Column) -> str:
    return column.name if column.name.startswith("citizen_") else column.field


def _stored(values: pa.Array | None, rows: np.ndarray) -> pa.Array:
    return pa.nulls(len(rows), pa.string()) if values is None else values.take(pa.array(rows))


def stage_copy(second: psycopg.Connection[Any], batch: UUID, columns: Sequence[Column], body: bytes) -> None:
    """Write one batch into the staging table."""
    names = ", ".join(["row", "key", "id", *(f'"{column.name}"' for column in columns)])
    words = f"COPY {stage_name(batch)} ({names}) FROM STDIN (FORMAT csv)"
    with second.cursor() as cursor, cursor.copy(words) as copy:
        copy.write(body)


class Issues:
    """What is wrong with the rows of one file, on its way into `ImportIssue`: all are counted, `most` are written."""

    def __init__(self, batch: UUID, division: str, header: Mapping[str, str], most: int) -> None:
        self.batch, self.division, self.header, self.most = batch, division, header, most
        self.counts: dict[str, int] = {}
        self.written = 0

    def rows(self, faults: Sequence[CellFault], text: Mapping[str, pa.Array], first_row: int) -> list[tuple[Any, ...]]:
        """Return the table rows of a batch's faults; `text`: field → cells as they came."""
        found: list[tuple[Any, ...]] = []
        for fault in faults:
            self.counts[fault.code] = self.counts.get(fault.code, 0) + 1
            cells = text.get(fault.field)
            value = (cells[fault.row].as_py() or "")[:VALUE_CHARS] if cells is not None else ""
            found.append(self._row(fault, value, first_row + fault.row))
        room = max(self.most - self.written, 0)
        self.written += min(len(found), room)
        return found[:room]

    def row(self, number: int, field: str, code: str, value: str, detail: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the table row of one fault found later; `number` is the file's own."""
        self.counts[code] = self.counts.get(code, 0) + 1
        self.written += 1
        return self._row(CellFault(0, field, code, detail), value, number)

    def _row(self, fault: CellFault, value: str, number: int) -> tuple[Any, ...]:
        column = self.header.get(fault.field, "")
        detail = json.dumps(dict(fault.detail), ensure_ascii=False)
        clean = value.replace("\x00", "")
        return (self.batch, self.division, number, column, fault.field, fault.code, clean, detail, FAULTS[fault.code].fatal)  # fmt: skip


def issues_copy(second: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write issues by COPY."""
    if not rows:
        return
    words = (
        'COPY territory_importissue (batch_id, division, row, "column", field, code, value, detail, fatal) FROM STDIN'
    )
    with second.cursor() as cursor, cursor.copy(words) as copy:
        for row in rows:
            copy.write_row(row)
