"""Rows into PostgreSQL by COPY, in chunks: bounded memory, a running hash and count per table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.db import connection

CHUNK = 20_000
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Copier:
    """Collects lines per table and writes them when many are there. `tables`: name → (table, columns with commas).

    The hash of a table is over its lines in the order they came; so it doesn't depend on the chunks.
    """

    def __init__(self, tables: dict[str, tuple[str, str]]) -> None:
        self.tables = tables
        self.lines: dict[str, list[str]] = {name: [] for name in tables}
        self.batches: dict[str, list[pa.RecordBatch]] = {}
        self.counts: dict[str, int] = dict.fromkeys(tables, 0)
        self.hashes = {name: hashlib.sha256() for name in tables}

    def add(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        """Take rows of one table; None is NULL, dicts and lists become JSON."""
        lines = self.lines[name]
        lines += [line(row) for row in rows]
        if len(lines) >= CHUNK:
            self._write(name)

    def add_batch(self, name: str, batch: pa.RecordBatch, unhashed: Sequence[str] = ()) -> None:
        """Take a batch, columns named as the table's; columns of `unhashed` stay out of the hash."""
        hashed = batch.drop_columns(list(unhashed)) if unhashed else batch
        self.hashes[name].update(memoryview(_csv(hashed)))
        self.counts[name] += batch.num_rows
        waiting = self.batches.setdefault(name, [])
        waiting.append(batch)
        if sum(item.num_rows for item in waiting) >= CHUNK:
            self._write_batches(name)

    def close(self) -> None:
        """Write what is left."""
        for name in self.tables:
            self._write(name)
            self._write_batches(name)

    def digests(self) -> dict[str, str]:
        """Return the hash of each table as hex."""
        return {name: found.hexdigest() for name, found in self.hashes.items()}

    def _write_batches(self, name: str) -> None:
        waiting = self.batches.pop(name, [])
        if not waiting:
            return
        table, columns = self.tables[name][0], ",".join(waiting[0].schema.names)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
            for batch in waiting:
                copy.write(memoryview(_csv(batch)))

    def _write(self, name: str) -> None:
        lines, self.lines[name] = self.lines[name], []
        if not lines:
            return
        body = "".join(lines).encode()
        self.hashes[name].update(body)
        self.counts[name] += len(lines)
        table, columns = self.tables[name]
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write(body)


def line(row: Sequence[Any]) -> str:
    """Return one line of COPY's text format."""
    return "\t".join([_cell(value) for value in row]) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
    text = str(value)
    return text if text.isalnum() or not (set(text) & {"\\", "\t", "\n", "\r"}) else text.translate(_ESCAPED)


def _csv(batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(batch, sink, arrow_csv.WriteOptions(include_header=False))
    return sink.getvalue()
