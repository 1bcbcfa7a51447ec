"""Reads a file of any format into one Arrow file of text columns; run as a process of its own by `sources.reading`.

A workbook is read whole before its first row can be used: that memory must not stay with the worker, and a hostile
file must not take more than it is given.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from anlan.kernel.problem import Problem
from anlan.territory.engine.mapping import LOOK_AT_ROWS, distinct, header_row, headings
from anlan.territory.formats import csv, excel, geojson, parquet
from anlan.territory.formats.tables import BATCH, Table
from anlan.territory.sources.geopackage import to_geojson
from anlan.territory.sources.registers import register

ABOUT = "anlan"  # key of the schema's metadata: header, header_row, first_row, sheet


def table_of(path: Path, kind: str, options: dict[str, Any], spare: Path) -> Table:
    """Return the file's rows in its format; `spare` is a file to put things down in."""
    if kind == "xlsx":
        return excel.read(path, sheet=options.get("sheet", ""))
    if kind == "csv":
        return csv.read(path, encoding=options.get("encoding", ""), separator=options.get("separator", ""))
    if kind == "parquet":
        return parquet.read(path)
    if kind == "gpkg":
        return geojson.read(to_geojson(path, spare, layer=options.get("sheet", "")))
    return geojson.read(path)


def convert(path: Path, out: Path, name: str, kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """Write `out`, an Arrow file of text columns with blank rows left in; return header, row of it, first row, rows."""
    spare = out.with_suffix(".geojson")
    try:
        return _written(table_of(path, kind, options, spare), out, name, options)
    finally:
        spare.unlink(missing_ok=True)


def _written(table: Table, out: Path, name: str, options: dict[str, Any]) -> dict[str, Any]:
    header, at, batches = _heading(table, name, options)
    fresh = out.with_suffix(f".{os.getpid()}")
    rows = 0
    about = {"header": header, "header_row": at, "first_row": table.first_row + at, "sheet": table.sheet}
    schema = pa.schema([pa.field(f"c{place}", pa.string()) for place in range(len(header))], {ABOUT: json.dumps(about)})
    with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            plain = pa.RecordBatch.from_arrays(batch.columns, schema=schema)
            for start in range(0, plain.num_rows, BATCH):
                writer.write_batch(plain.slice(start, BATCH))
            rows += plain.num_rows
    fresh.replace(out)
    return {**about, "rows": rows}


def _heading(table: Table, name: str, options: dict[str, Any]) -> tuple[list[str], int, Iterator[pa.RecordBatch]]:
    """Return the header, its row (0: the format names its columns) and the batches after it."""
    if table.names is not None:
        return distinct(table.names), 0, table.batches
    first = next(table.batches, None)
    if first is None:
        return [], 0, iter(())
    top = [list(row.values()) for row in first.slice(0, LOOK_AT_ROWS).to_pylist()]
    place = int(options["header_row"]) - 1 if options.get("header_row") else header_row(register(name), top)
    place = min(max(place, 0), len(top) - 1)

    def rest() -> Iterator[pa.RecordBatch]:
        yield first.slice(place + 1)
        yield from table.batches

    return distinct(top[place]), place + 1, rest()


def main() -> int:
    """Read one order (JSON) from stdin, do it within its memory, and print the answer or the refusal as JSON."""
    order = json.load(sys.stdin)
    if order["memory_mb"]:
        limit = int(order["memory_mb"]) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        done = convert(Path(order["path"]), Path(order["out"]), order["register"], order["format"], order["options"])
    except Problem as problem:
        words = {"code": problem.code, "zh": problem.zh, "en": problem.en, "value": str(problem.value)}
        print(json.dumps({"problem": words}))  # noqa: T201
        return 0
    print(json.dumps({"done": done, "known": len(headings(register(order["register"])))}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
