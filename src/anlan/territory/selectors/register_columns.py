"""A register's rows read from the database as columns, for its index. One query, streamed."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.csv as csv
from django.db import connection

from anlan.territory.engine.shape import Shape
from anlan.territory.selectors.register_sources import Source
from anlan.territory.selectors.register_where import missing_sql

BLOCK = 4 << 20


def columns_read(source: Source, shape: Shape, ids: Iterable[UUID] | None = None) -> pa.Table:
    """Return the columns `engine.finder_build` takes, of all rows or of some, as far as the session may see them. With
    `points`: lon, lat; weights by their names."""
    wanted = _columns(source, shape)
    where = f"NOT ({source.hidden})"
    if ids is not None:
        where += f" AND t.id = ANY('{{{','.join(str(UUID(str(each))) for each in ids)}}}'::uuid[])"
    sql = f"SELECT {', '.join(expr for _, expr, _ in wanted)} FROM {source.tables(_fields(shape))} WHERE {where}"
    return copied(sql, {name: kind for name, _, kind in wanted})


def copied(sql: str, types: dict[str, pa.DataType]) -> pa.Table:
    """Return the rows of a SELECT as columns of these names and types, streamed by COPY. Texts have no line breaks."""
    names = list(types)
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copy:
        stream = _Stream(copy)
        if not stream.filled():  # no rows: nothing to tell columns from
            return pa.table({name: pa.array([], type=kind) for name, kind in types.items()})
        reader = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=names, block_size=BLOCK),
            parse_options=csv.ParseOptions(newlines_in_values=False),
            convert_options=options,
        )
        return reader.read_all()


def _fields(shape: Shape) -> list[str]:
    return [*shape.words, *shape.filters, *shape.numbers, *shape.digits, *shape.empties]


def _columns(source: Source, shape: Shape) -> list[tuple[str, str, pa.DataType]]:
    """Return (name, SQL expression, type) of every column."""
    found: dict[str, tuple[str, pa.DataType]] = {
        "id": ("t.id", pa.string()),
        "division": ("t.division", pa.string()),
        "key": (f"t.{source.key}", pa.string()),
    }
    for name in (*shape.words, *shape.filters, *shape.digits):
        found.setdefault(name, (_plain(source.expr(name)), pa.string()))
    for name in shape.flags:
        found[name] = (source.expr(name), pa.int64())
    for name in shape.numbers:
        number = source.expr(name)
        if name == "updated_at":
            number = f"(extract(epoch FROM {number}) * 1000000)::bigint"
        elif shape.field(name).kind == "date":
            number = f"{number} - date '1970-01-01'"
        found[f"number {name}"] = (number, pa.int64())
    bits = [f"(({missing_sql(source, name)})::int::bigint << {bit})" for bit, name in enumerate(shape.empties)]
    found["empty"] = (" | ".join(bits) or "0", pa.int64())
    if shape.register.point:
        found |= {"lon": ("t.lon", pa.float64()), "lat": ("t.lat", pa.float64())}
    found |= {f"weight {name}": (expr, pa.int64()) for name, expr in source.weights.items()}
    return [(name, expr, kind) for name, (expr, kind) in found.items()]


def _plain(expr: str) -> str:
    """Return text without line breaks, so that a row is a line."""
    return f"translate(({expr})::text, E'\\n\\r', '  ')"


class _Stream(io.RawIOBase):
    """The bytes of a COPY as a file to read from."""

    def __init__(self, copy: Any) -> None:
        self._copy, self._left = copy, b""

    def readable(self) -> bool:
        return True

    def filled(self) -> bool:
        """Is there anything to read?"""
        self._left = bytes(self._copy.read())
        return bool(self._left)

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._left], len(self._left)
        while size < 0 or length < size:
            block = bytes(self._copy.read())
            if not block:
                break
            parts.append(block)
            length += len(block)
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]
