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
from anlan.territory.selectors.finding_index import Answer, answers
from anlan.territory.selectors.finding_sql import sql_facets, sql_keys, sql_total
from anlan.territory.selectors.index import open_index
from anlan.territory.selectors.register_rows import rows_by_ids
from anlan.territory.selectors.register_sources import Source, scope_where, source
from anlan.territory.selectors.register_where import CODES, where

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
    limit, back = max(1, min(limit, MOST)), cursor is not None and cursor.back
    answer = _answer(scope, name, query, digits=digits)
    if answer is not None:
        total, keys = answer.total(), answer.keys(cursor, limit + 1)
    else:
        asked = where(scope, found, query, digits=digits)
        total, keys = sql_total(found, asked), sql_keys(found, query, asked, cursor, limit + 1)
    more, keys = len(keys) > limit, keys[:limit]
    keys = keys[::-1] if back else keys
    forward, backward = (True, more) if back else (more, cursor is not None)
    behind = answer is not None and answer.index.behind
    return Page(
        rows_by_ids(scope, found, [key[0] for key in keys], columns),
        total,
        Cursor(*keys[-1][1:]).text() if keys and forward else None,
        Cursor(*keys[0][1:], back=True).text() if keys and backward else None,
        answer.index.base.as_of if answer is not None and behind else clock.now(),
        behind,
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
    ids = [key[0] for key in sql_keys(found, Query(), asked, None, 1)]
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
    length, without = (below(item, scope, query), "") if deeper else (0, field)
    answer = _answer(scope, name, query, without=without, field=field)
    if answer is not None:
        counts = answer.facets(item, length)
    else:
        counts = sql_facets(found, item, where(scope, found, query, without=without), length)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def register_batches(
    scope: Scope, name: str, query: Query, columns: Sequence[str], *, size: int = 20_000
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query as columns, in list order, `size` at a time with bounded memory. Values are raw: who
    calls is entitled to them or masks them. References give codes, flags are codes with ";" between."""
    found = source(name)
    fields = [found.field(column) for column in columns]
    schema = pa.schema([(item.name, arrow_type(item)) for item in fields])
    for rows in _raw_rows(scope, found, query, fields, size):
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


def _answer(
    scope: Scope, name: str, query: Query, *, digits: bool = False, without: str = "", field: str = ""
) -> Answer | None:
    """Return the index's answer; None where the database has to be asked."""
    index = open_index(scope, name)
    if index is None or not answers(index, query):
        return None
    shape = index.base.finder.shape
    if field and field not in ("division", *shape.filters, *shape.flags):
        return None
    return Answer(index, query, digits=digits, without=without)


def _raw_rows(
    scope: Scope, found: Source, query: Query, fields: Sequence[Field], size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows of raw values: by their ids where words or an area choose them, else in one stream."""
    columns = [item.name for item in fields]
    parts, order = ", ".join(_raw(found, item) for item in fields), f"ORDER BY t.division, t.{found.key}"
    narrow = bool(query.words or query.bbox or query.area)
    answer = _answer(scope, found.register.name, query) if narrow else None
    if answer is not None:
        inside, values = scope_where(scope, found.chain)
        sql = f"SELECT {parts} FROM {found.tables(columns)} WHERE t.id = ANY(%s) AND {inside} {order}"
        for ids in answer.ids(size):
            with connection.cursor() as cursor:
                cursor.execute(sql, [ids, *values])
                if rows := cursor.fetchall():
                    yield rows
        return
    asked = where(scope, found, query)
    sql = f"SELECT {parts} FROM {found.tables([*asked.fields, *columns])} WHERE {asked.sql} {order}"
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, asked.values)
        while rows := cursor.fetchmany(size):
            yield rows


def _raw(found: Source, item: Field) -> str:
    expr = found.expr(item.name)
    if item.kind == "flags":
        names = ", ".join(f"CASE WHEN {expr} & {1 << at} <> 0 THEN '{code}' END" for at, code in
                          enumerate(getattr(choices, item.choices)))  # fmt: skip
        return f"concat_ws(';', {names})"
    if item.kind == "attributes" or item.name in CODES:
        return f"{expr}::text"
    return expr
