"""A day of readings as a Parquet file (归档): columns station, element, series, at, value, quality, sorted by series, at.

Compressed with zstd, with a checksum on every page; any Parquet reader takes it (DuckDB, pandas, Polars). Written and
read in groups of rows, so that a day of any size needs the same memory.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anlan.monitoring.engine.columns import Columns, columns, microseconds

GROUP = 1_000_000  # rows
SCHEMA = pa.schema(
    [
        pa.field("station", pa.string()), pa.field("element", pa.string()), pa.field("series", pa.int32()),
        pa.field("at", pa.timestamp("us", tz="UTC")), pa.field("value", pa.float64()), pa.field("quality", pa.int16()),
    ]
)  # fmt: skip
_READ = ("series", "at", "value", "quality")
_WRITING = {
    "compression": "zstd",
    "compression_level": 6,
    "use_dictionary": ["station", "element", "series", "value", "quality"],
    "column_encoding": {"at": "DELTA_BINARY_PACKED"},
    "write_page_checksum": True,
    "sorting_columns": [pq.SortingColumn(2), pq.SortingColumn(3)],
}


class Content(NamedTuple):
    """What a file holds: rows, the sum of their values, and a hash over all rows (not over the file's bytes)."""

    rows: int
    total: float
    sha256: str


class Tally:
    """Counts, adds and hashes groups of rows as they pass."""

    def __init__(self) -> None:
        self._rows, self._sums, self._hash = 0, [0.0], hashlib.sha256()

    def add(self, rows: Columns) -> None:
        """Take in one group."""
        self._rows += len(rows)
        self._sums.append(math.fsum(rows.value[np.isfinite(rows.value)].tolist()))
        packed = np.empty(len(rows), [("s", "<i4"), ("t", "<i8"), ("v", "<f8"), ("q", "<i2")])
        packed["s"], packed["t"], packed["v"], packed["q"] = rows.series, rows.at, rows.value, rows.quality
        self._hash.update(packed.tobytes())

    @property
    def content(self) -> Content:
        """What passed so far."""
        return Content(self._rows, math.fsum(self._sums), self._hash.hexdigest())


def write(file: IO[bytes], groups: Iterable[Columns], names: Mapping[int, tuple[str, str]]) -> Content:
    """Write groups of sorted readings; `names`: series number → station code and element. Returns what was written."""
    tally = Tally()
    with pq.ParquetWriter(file, SCHEMA, **_WRITING) as writer:
        for rows in groups:
            writer.write_batch(_batch(rows, names), row_group_size=GROUP)
            tally.add(rows)
    return tally.content


def groups(
    file: IO[bytes], *, after: datetime | None = None, upto: datetime | None = None, series: int | None = None
) -> Iterator[Columns]:
    """Give the readings group by group, only those in (after, upto] and of one series where that is asked.

    Groups that can't hold any are not read. A damaged file raises OSError or pyarrow.ArrowInvalid.
    """
    found = pq.ParquetFile(file, page_checksum_verification=True)
    for number in range(found.num_row_groups):
        if series is not None and not _may_hold(found, number, series):
            continue
        rows = _columns(found.read_row_group(number, columns=list(_READ)))
        keep = np.ones(len(rows), dtype=np.bool_)
        if after is not None:
            keep &= rows.at > microseconds(after)
        if upto is not None:
            keep &= rows.at <= microseconds(upto)
        if series is not None:
            keep &= rows.series == series
        yield rows if keep.all() else rows.where(keep)


def content(file: IO[bytes]) -> Content:
    """Read the whole file and return what it holds."""
    tally = Tally()
    for rows in groups(file):
        tally.add(rows)
    return tally.content


def _may_hold(found: pq.ParquetFile, number: int, series: int) -> bool:
    statistics = found.metadata.row_group(number).column(SCHEMA.get_field_index("series")).statistics
    return statistics is None or not statistics.has_min_max or statistics.min <= series <= statistics.max


def _batch(rows: Columns, names: Mapping[int, tuple[str, str]]) -> pa.RecordBatch:
    numbers, places = np.unique(rows.series, return_inverse=True)
    known = [names.get(number, ("", "")) for number in numbers.tolist()]
    texts = [
        pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(part, pa.string())).dictionary_decode()
        for part in ([station for station, _ in known], [element for _, element in known])
    ]
    at = pa.array(rows.at, pa.int64()).cast(SCHEMA.field("at").type)
    plain = [pa.array(rows.series), at, pa.array(rows.value), pa.array(rows.quality)]
    return pa.RecordBatch.from_arrays([*texts, *plain], schema=SCHEMA)


def _columns(table: pa.Table) -> Columns:
    series, at, value, quality = (table.column(name) for name in _READ)
    return columns(series.to_numpy(), at.cast(pa.int64()).to_numpy(), value.to_numpy(), quality.to_numpy())
