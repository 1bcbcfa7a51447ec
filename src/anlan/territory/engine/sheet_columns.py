"""Units as the template writes them: Chinese headings, labels for codes, several flags in one cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory import choices
from anlan.territory.engine.register import Field, Register

SEPARATOR = "；"
KINDS = {"int": "number", "float": "number", "lon": "number", "lat": "number", "date": "date"}


def sheet_batch(register: Register, batch: pa.RecordBatch, *, chinese: bool = True) -> pa.RecordBatch:
    """Return the importable columns under their headings, choices as labels; numbers and dates keep their types."""
    fields = register.importable()
    columns = [_labelled(column, batch.column(column.name), chinese) for column in fields]
    return pa.record_batch(columns, names=[column.heading(chinese) for column in fields])


def sheet_kinds(register: Register, *, chinese: bool = True) -> dict[str, str]:
    """Return heading → "number" or "date" for the columns that are not text."""
    return {f.heading(chinese): KINDS[f.kind] for f in register.importable() if f.kind in KINDS}


def as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return all columns as text, what is missing as ""; dates as 2026-11-01."""
    columns = [
        pc.strftime(column, "%Y-%m-%d") if pa.types.is_date(column.type) else pc.cast(column, pa.string())
        for column in batch.columns
    ]
    return pa.record_batch([pc.fill_null(column, "") for column in columns], names=batch.schema.names)


def _labelled(column: Field, values: pa.Array, chinese: bool) -> pa.Array:
    if column.kind not in ("choice", "flags"):
        return values
    table: Mapping[str, choices.Choice] = getattr(choices, column.choices)
    labels = {code: (choice.zh if chinese else choice.en) for code, choice in table.items()}
    if column.kind == "flags":
        return _flags(values, list(labels.values()))
    coded = pc.dictionary_encode(pc.fill_null(pc.cast(values, pa.string()), ""))
    words = pa.array([labels.get(code, code) for code in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)


def _flags(values: pa.Array, labels: list[str]) -> pa.Array:
    masks, places = np.unique(values.to_numpy(zero_copy_only=False), return_inverse=True)
    words = [
        SEPARATOR.join(label for bit, label in enumerate(labels) if int(mask) >> bit & 1) for mask in masks.tolist()
    ]
    return pa.array(words, pa.string()).take(pa.array(places))
