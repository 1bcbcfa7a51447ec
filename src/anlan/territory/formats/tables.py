"""What the formats share: a table read as columns of text, its limits, and the refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from anlan.kernel.problem import Invalid

FORMATS = ("xlsx", "csv", "parquet", "geojson", "gpkg")
SUFFIXES = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xlsx", ".xlsb": "xlsx", ".ods": "xlsx", ".csv": "csv", ".txt": "csv",
    ".tsv": "csv", ".parquet": "parquet", ".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg",
}  # fmt: skip
MOST_COLUMNS = 500
MOST_ROWS = 5_000_000
BATCH = 65_536


@dataclass(frozen=True)
class Table:
    """A file as read: columns of text (null where empty), and the file's own number of the first row of the batches.

    Where the format names its columns itself (parquet, geojson) `names` holds them; else the heading is among the rows.
    """

    batches: Iterator[pa.RecordBatch]
    names: list[str] | None = None
    first_row: int = 1
    sheet: str = ""


def format_of(name: str) -> str:
    """Return the format a file's name stands for; Invalid when it is none of ours."""
    found = SUFFIXES.get(Path(name).suffix.lower())
    if found is None:
        raise Invalid(
            code="file.format",
            zh=f"不认识“{name}”的格式；请用 xlsx、csv、parquet 或 geojson。",
            en=f"The format of “{name}” is not known here; use xlsx, csv, parquet or geojson.",
            field="file",
            value=name,
        )
    return found


def refuse(code: str, zh: str, en: str, value: object = "") -> Invalid:
    """Return the refusal of a file that can't be read or is too much."""
    return Invalid(code=f"file.{code}", zh=zh, en=en, field="file", value=value)


def must_be_narrow(columns: int) -> None:
    """Refuse a table of absurd width."""
    if columns > MOST_COLUMNS:
        raise refuse(
            "wide",
            f"文件有{columns}列，上限{MOST_COLUMNS}列。",
            f"The file has {columns} columns; {MOST_COLUMNS} at most.",
            columns,
        )


def text_columns(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with every column as text; dates in ISO form, true and false as words."""
    arrays = [column if column.type == pa.string() else _as_text(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_binary(kind) or pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_float64(kind):
        return pa.array([None if value is None else f"{value:.12g}" for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())
