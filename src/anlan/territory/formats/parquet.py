"""Parquet in: row groups as columns of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from anlan.territory.formats.tables import BATCH, Table, must_be_narrow, refuse, text_columns


def read(path: Path) -> Table:
    """Return the file's columns as text, batch by batch; rows count from 1, without a heading."""
    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as failure:
        raise refuse("broken", f"读不出Parquet：{failure}", f"The Parquet file can't be read: {failure}") from None
    must_be_narrow(len(file.schema_arrow.names))
    return Table(batches=_batches(file), names=list(file.schema_arrow.names))


def _batches(file: parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
        yield text_columns(batch)
