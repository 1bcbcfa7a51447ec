"""A question to a register answered by the database alone: where no index is, or it can't answer."""

from __future__ import annotations

from typing import Any

from django.db import connection

from anlan.territory import choices
from anlan.territory.engine.query import Cursor, Query
from anlan.territory.engine.register import Field
from anlan.territory.selectors.register_sources import Source
from anlan.territory.selectors.register_where import Where, order, plain

Key = tuple[Any, str, str, Any]  # id, division, key, value the list is sorted by where a cursor may carry it
_CARRIED = ("int", "float", "date", "lon", "lat")  # a name is no part of an address


def sql_total(found: Source, asked: Where) -> int:
    """Return how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {found.tables(asked.fields)} WHERE {asked.sql}", asked.values)
        return int(cursor.fetchone()[0])


def sql_keys(found: Source, query: Query, asked: Where, cursor: Cursor | None, limit: int) -> list[Key]:
    """Return the keys of the rows that follow the cursor, in the direction it goes."""
    expr, down, item = order(found, query.sort)
    if cursor is not None and item is not None and item.kind not in _CARRIED:
        cursor = _with_value(found, expr, item, cursor)
    back = cursor is not None and cursor.back
    parts, values = [asked.sql], list(asked.values)
    if cursor is not None:
        later, own = f"(t.division, t.{found.key}) {'<' if back else '>'} (%s, %s)", [cursor.division, cursor.key]
        if expr:
            later, own = _after(expr, later, own, cursor, down)
        parts.append(later)
        values += own
    turn = "DESC" if back else "ASC"
    orders = [f"t.division {turn}", f"t.{found.key} {turn}"]
    if expr:
        orders.insert(0, f"{expr} {'DESC' if down != back else 'ASC'} NULLS {'FIRST' if back else 'LAST'}")
    fields = [*asked.fields, *([item.name] if item else [])]
    value = expr if item is not None and item.kind in _CARRIED else "NULL"
    sql = (
        f"SELECT t.id, t.division, t.{found.key}, {value} FROM {found.tables(fields)}"
        f" WHERE {' AND '.join(parts)} ORDER BY {', '.join(orders)} LIMIT %s"
    )
    with connection.cursor() as handle:
        handle.execute(sql, [*values, limit])
        return [(key[0], key[1], key[2], plain(key[3])) for key in handle.fetchall()]


def sql_facets(found: Source, item: Field, asked: Where, length: int) -> dict[str, int]:
    """Return value → number of rows; of `length` > 0 the first characters of the value."""
    if item.kind == "flags":
        return _flag_counts(found, item, asked)
    expr = f"left({found.expr(item.name)}, {length})" if length else found.expr(item.name)
    sql = f"SELECT {expr}, count(*) FROM {found.tables([*asked.fields, item.name])} WHERE {asked.sql} GROUP BY 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.values)
        counts: dict[str, int] = {}
        for value, n in cursor.fetchall():
            counts["" if value is None else str(value)] = counts.get("" if value is None else str(value), 0) + int(n)
    return counts


def _with_value(found: Source, expr: str, item: Field, cursor: Cursor) -> Cursor | None:
    """Return the cursor with its row's value, None (the first page) when the row is no longer there."""
    sql = f"SELECT {expr} FROM {found.tables([item.name])} WHERE t.division = %s AND t.{found.key} = %s LIMIT 1"
    with connection.cursor() as handle:
        handle.execute(sql, [cursor.division, cursor.key])
        row = handle.fetchone()
    return Cursor(cursor.division, cursor.key, row[0], cursor.back) if row else None


def _after(expr: str, later: str, own: list[Any], cursor: Cursor, down: bool) -> tuple[str, list[Any]]:
    """Return the condition "comes after the cursor" where a value leads the order; rows without one come last."""
    if cursor.value is None:
        same = f"({expr} IS NULL AND {later})"
        return (f"({expr} IS NOT NULL OR {same})" if cursor.back else same), own
    sign = "<" if down != cursor.back else ">"
    none = "" if cursor.back else f" OR {expr} IS NULL"
    return f"({expr} {sign} %s OR ({expr} = %s AND {later}){none})", [cursor.value, cursor.value, *own]


def _flag_counts(found: Source, item: Field, asked: Where) -> dict[str, int]:
    codes = list(getattr(choices, item.choices))
    expr = found.expr(item.name)
    sums = ", ".join(f"count(*) FILTER (WHERE {expr} & {1 << at} <> 0)" for at in range(len(codes)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM {found.tables(asked.fields)} WHERE {asked.sql}", asked.values)
        counts: dict[str, int] = dict(zip(codes, map(int, cursor.fetchone()), strict=True))
    return counts
