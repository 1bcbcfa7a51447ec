"""Finding rows of any register (查找): pages, one row, counts by value, and whole columns for files.

Rows come from PostgreSQL under row-level security; personal data is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.engine.query import Cursor, Query, cursor_read
from anlan.territory.engine.register import Field
from anlan.territory.models import Kept
from anlan.territory.selectors.register_rows import rows_by_ids
from anlan.territory.selectors.register_sources import Source, source
from anlan.territory.selectors.register_where import CODES, Where, order, plain, where

__all__ = ["Page", "Query", "register_batches", "register_facets", "register_get", "register_page"]

PAGE = 50
MOST = 1000


@dataclass(frozen=True)
class Page:
    """One page of a list. `total` is exact. `next` and `previous` are what to give as `after`; None at the ends.
    `as_of`: how fresh it is; `behind`: rows written since may be missing."""

    rows: list[dict[str, Any]]
    total: int
    next: str | None
    previous: str | None
    as_of: datetime
    behind: bool = False


def register_page(
    scope: Scope,
    name: str,
    query: Query,
    *,
    after: str = "",
    limit: int = PAGE,
    columns: Sequence[str] | None = None,
    digits: bool = False,
) -> Page:
    """Return one page of a register in scope, personal data masked. `digits`: the reader may search telephones by
    their last digits. Invalid for a field, flag or cursor that is none; NotFound for a register that is none."""
    found, cursor = source(name), cursor_read(after)
    limit = max(1, min(limit, MOST))
    asked = where(scope, found, query, digits=digits)
    total = _count(found, asked)
    keys = _keys(found, query, asked, cursor, limit + 1)
    more, keys = len(keys) > limit, keys[:limit]
    back = cursor is not None and cursor.back
    if back:
        keys.reverse()
    rows = rows_by_ids(scope, found, [key[0] for key in keys], columns)
    forward, backward = (True, more) if back else (more, cursor is not None)
    return Page(
        rows,
        total,
        _cursor(keys[-1]).text() if keys and forward else None,
        replace(_cursor(keys[0]), back=True).text() if keys and backward else None,
        clock.now(),
    )


def register_get(scope: Scope, name: str, key_or_id: str) -> dict[str, Any]:
    """Return one row by its id or natural key, masked, with "_kept" the number of its kept versions. NotFound outside
    the scope too."""
    found = source(name)
    asked = where(scope, replace(found, state=None, hidden="false"), Query())
    try:
        asked.add("t.id = %s", UUID(key_or_id))
    except ValueError:
        asked.add(f"t.{found.key} = %s", key_or_id)
    ids = [key[0] for key in _keys(found, Query(), asked, None, 1)]
    rows = rows_by_ids(scope, found, ids)
    if not rows:
        raise NotFound(
            code="territory.no_row",
            zh=f"管辖范围内的“{found.register.zh}”名册没有“{key_or_id}”；请核对编号。",
            en=f"{found.register.en} in your area hold no “{key_or_id}”; check the code.",
            field="key",
            value=key_or_id,
        )
    return rows[0] | {"_kept": Kept.objects.filter(row=ids[0]).count()}


def register_facets(scope: Scope, name: str, query: Query, field: str) -> dict[str, int]:
    """Return value → number of rows under the query, the field's own filter left out, most first. Divisions and
    industries are counted one level below their filter (or the scope), which stays."""
    found = source(name)
    item = found.field(field)
    deeper = item.kind in ("division", "industry")
    asked = where(scope, found, query, without="" if deeper else field)
    if item.kind == "flags":
        return _flag_counts(found, item, asked)
    expr = found.expr(field)
    if deeper:
        expr = f"left({expr}, {below(item, scope, query)})"
    sql = f"SELECT {expr}, count(*) FROM {found.tables([*asked.fields, field])} WHERE {asked.sql} GROUP BY 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.values)
        counts = {"" if value is None else str(value): int(n) for value, n in cursor.fetchall()}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def register_batches(
    scope: Scope, name: str, query: Query, columns: Sequence[str], *, size: int = 20_000
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query as columns, in list order, `size` at a time with bounded memory. Values are raw: who
    calls is entitled to them or masks them. References give codes, flags are codes with ";" between."""
    found = source(name)
    fields = [found.field(column) for column in columns]
    asked = where(scope, found, query)
    parts = ", ".join(_raw(found, item) for item in fields)
    sql = (
        f"SELECT {parts} FROM {found.tables([*asked.fields, *columns])} WHERE {asked.sql}"
        f" ORDER BY t.division, t.{found.key}"
    )
    schema = pa.schema([(item.name, arrow_type(item)) for item in fields])
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, asked.values)
        while rows := cursor.fetchmany(size):
            arrays = [
                pa.array(column, type=kind) for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def arrow_type(item: Field) -> pa.DataType:
    """Return the column type of a field in batches."""
    if item.name == "updated_at":
        return pa.timestamp("us", tz="UTC")
    kinds = {"int": pa.int64(), "float": pa.float64(), "lon": pa.float64(), "lat": pa.float64(), "date": pa.date32()}
    return kinds.get(item.kind, pa.string())


def below(item: Field, scope: Scope, query: Query) -> int:
    """Return how many characters of a division or industry code its counts go by: one level below the filter."""
    given = query.filters.get(item.name) or (scope.prefixes if item.kind == "division" else ())
    shortest = min((len(value) for value in given), default=0)
    lengths = (2, 4, 6, 9, 12) if item.kind == "division" else (1, 3, 4, 5)
    return next((length for length in lengths if length > shortest), lengths[-1])


def _raw(found: Source, item: Field) -> str:
    expr = found.expr(item.name)
    if item.kind == "flags":
        names = ", ".join(f"CASE WHEN {expr} & {1 << at} <> 0 THEN '{code}' END" for at, code in
                          enumerate(getattr(choices, item.choices)))  # fmt: skip
        return f"concat_ws(';', {names})"
    if item.kind == "attributes" or item.name in CODES:
        return f"{expr}::text"
    return expr


def _count(found: Source, asked: Where) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {found.tables(asked.fields)} WHERE {asked.sql}", asked.values)
        return int(cursor.fetchone()[0])


def _keys(found: Source, query: Query, asked: Where, cursor: Cursor | None, limit: int) -> list[tuple[Any, ...]]:
    """Return (id, division, key, sort value) of the rows that follow the cursor, in the direction it goes."""
    expr, down, item = order(found, query.sort)
    back = cursor is not None and cursor.back
    parts, values = [asked.sql], list(asked.values)
    if cursor is not None:
        sign = "<" if back else ">"
        later, own = f"(t.division, t.{found.key}) {sign} (%s, %s)", [cursor.division, cursor.key]
        if expr:
            later, own = _after(expr, later, own, cursor, down)
        parts.append(later)
        values += own
    turn = "DESC" if back else "ASC"
    orders = [f"t.division {turn}", f"t.{found.key} {turn}"]
    if expr:
        orders.insert(0, f"{expr} {'DESC' if down != back else 'ASC'} NULLS {'FIRST' if back else 'LAST'}")
    fields = [*asked.fields, *([item.name] if item else [])]
    sql = (
        f"SELECT t.id, t.division, t.{found.key}, {expr or 'NULL'} FROM {found.tables(fields)}"
        f" WHERE {' AND '.join(parts)} ORDER BY {', '.join(orders)} LIMIT %s"
    )
    with connection.cursor() as handle:
        handle.execute(sql, [*values, limit])
        return list(handle.fetchall())


def _after(expr: str, later: str, own: list[Any], cursor: Cursor, down: bool) -> tuple[str, list[Any]]:
    """Return the condition "comes after the cursor" where a value leads the order; rows without one come last."""
    if cursor.value is None:
        same = f"({expr} IS NULL AND {later})"
        return (f"({expr} IS NOT NULL OR {same})" if cursor.back else same), own
    sign = "<" if down != cursor.back else ">"
    none = "" if cursor.back else f" OR {expr} IS NULL"
    return f"({expr} {sign} %s OR ({expr} = %s AND {later}){none})", [cursor.value, cursor.value, *own]


def _cursor(key: tuple[Any, ...]) -> Cursor:
    return Cursor(key[1], key[2], plain(key[3]))


def _flag_counts(found: Source, item: Field, asked: Where) -> dict[str, int]:
    codes = list(getattr(choices, item.choices))
    expr = found.expr(item.name)
    sums = ", ".join(f"count(*) FILTER (WHERE {expr} & {1 << at} <> 0)" for at in range(len(codes)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM {found.tables(asked.fields)} WHERE {asked.sql}", asked.values)
        counts = dict(zip(codes, map(int, cursor.fetchone()), strict=True))
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
