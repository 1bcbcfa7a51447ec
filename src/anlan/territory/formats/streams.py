"""Registers out as streams of bytes, a batch of columns at a time: CSV, GeoJSON, Parquet, Excel. Memory stays bounded.

Each carries its watermark (who took it, when, by which token): as the heading of a last, empty column in CSV and Excel,
where it survives sorting and copying; as a member of the collection in GeoJSON; as metadata in Parquet.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from anlan.territory.formats.excel_out import SheetWriter

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SLICE = 2000
# What a spreadsheet would take for a formula; a signed number is none.
_FORMULA = r"^([=@\t\r]|[+\-][^0-9.])"


class Sink(io.RawIOBase):
    """A file that only goes forward: what was written since the last look is taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: object, /) -> int:
        """Take some bytes in."""
        part = bytes(memoryview(data))  # type: ignore[arg-type]
        self.parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """Return what was written since the last look."""
        out = b"".join(self.parts)
        self.parts.clear()
        return out


def csv_stream(schema: pa.Schema, batches: Iterable[pa.RecordBatch], mark: str, sheet: str) -> Iterator[bytes]:
    """Yield CSV with a byte-order mark. Text a spreadsheet would run as a formula gets an apostrophe before it."""
    head = pa.RecordBatch.from_arrays(
        [pa.array([], pa.string())] * (len(schema.names) + 1), names=[*schema.names, mark]
    )
    yield b"\xef\xbb\xbf" + _csv(head, True)
    for batch in batches:
        columns = [_disarmed(column) if pa.types.is_string(column.type) else column for column in batch.columns]
        columns.append(pa.nulls(batch.num_rows, pa.string()))
        yield _csv(pa.RecordBatch.from_arrays(columns, names=[*schema.names, mark]), False)


def _csv(batch: pa.RecordBatch, head: bool) -> bytes:
    out = pa.BufferOutputStream()
    csv.write_csv(batch, out, csv.WriteOptions(include_header=head))
    return bytes(out.getvalue())


def _disarmed(column: pa.Array) -> pa.Array:
    risky = pc.fill_null(pc.match_substring_regex(column, _FORMULA), False)
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def geojson_stream(schema: pa.Schema, batches: Iterable[pa.RecordBatch], mark: str, sheet: str) -> Iterator[bytes]:
    """Yield a FeatureCollection; rows without a point have null for geometry."""
    yield b'{"type":"FeatureCollection","watermark":' + orjson.dumps(mark) + b',"features":['
    first = True
    for batch in batches:
        for start in range(0, batch.num_rows, SLICE):
            rows = batch.slice(start, SLICE).to_pylist()
            text = b",\n".join(orjson.dumps(_feature(row), option=orjson.OPT_NAIVE_UTC) for row in rows)
            yield text if first else b",\n" + text
            first = False
    yield b"]}\n"


def _feature(row: dict[str, object]) -> dict[str, object]:
    lon, lat = row.pop("lon", None), row.pop("lat", None)
    point = None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": point, "properties": row}


def parquet_stream(schema: pa.Schema, batches: Iterable[pa.RecordBatch], mark: str, sheet: str) -> Iterator[bytes]:
    """Yield Parquet, a row group a batch."""
    sink = Sink()
    marked = schema.with_metadata({**(schema.metadata or {}), "watermark": mark.encode()})
    with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), marked, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(marked.metadata))
            yield sink.taken()
    yield sink.taken()


def xlsx_stream(schema: pa.Schema, batches: Iterable[pa.RecordBatch], mark: str, sheet: str) -> Iterator[bytes]:
    """Yield an Excel workbook of one sheet."""
    sink = Sink()
    kinds: Mapping[str, str] = {item.name: _kind(item.type) for item in schema}
    names = [*schema.names, mark]
    with SheetWriter(sink, names, kinds, sheet) as writer:  # type: ignore[arg-type]
        for batch in batches:
            columns = [_plain(column) for column in batch.columns]
            columns.append(pa.nulls(batch.num_rows, pa.string()))
            writer.write(pa.RecordBatch.from_arrays(columns, names=names))
            yield sink.taken()
    yield sink.taken()


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "date"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "text"


def _plain(column: pa.Array) -> pa.Array:
    return pc.strftime(column, "%Y-%m-%d %H:%M:%S") if pa.types.is_timestamp(column.type) else column


Stream = Callable[[pa.Schema, Iterable[pa.RecordBatch], str, str], Iterator[bytes]]
STREAMS: dict[str, Stream] = {
    "csv": csv_stream,
    "geojson": geojson_stream,
    "parquet": parquet_stream,
    "xlsx": xlsx_stream,
}
