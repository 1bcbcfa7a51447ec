"""A question to a register as SQL: what the finding index answers, answered by the database where there is no index."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection

from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.engine.extent import Area
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.query import Query
from anlan.territory.engine.register import Field
from anlan.territory.selectors.register_sources import Source, scope_where

NUMBERS = ("int", "float", "lon", "lat", "date", "choice")
CODES = ("standardisation", "major_hazard")  # choices kept as small numbers
DIGITS_LEAST = 4


class Where:
    """Conditions with their parameters, and the fields whose joins they need."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []
        self.fields: list[str] = []

    def add(self, part: str, *values: Any) -> None:
        """Add one condition."""
        self.parts.append(part)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """Return the conditions joined by AND."""
        return " AND ".join(f"({part})" for part in self.parts) or "true"


def where(scope: Scope, source: Source, query: Query, *, digits: bool = False, without: str = "") -> Where:
    """Return the SQL of a question; `without` leaves one filter out (for its own counts)."""
    found = Where()
    found.add(*_spread(scope_where(scope, source.chain)))
    if source.hidden != "false":
        found.add(f"NOT ({source.hidden})")
    if source.state and source.state[0] not in query.filters:
        found.add(f't."{source.state[0]}" <> ALL(%s)', list(source.state[1]))
    for name, values in query.filters.items():
        if name != without and values:
            _filter(found, source, name, tuple(values))
    for name, ends in query.between.items():
        _between(found, source, name, ends)
    for word in query.words:
        _word(found, source, word, digits)
    _spatial(found, source, query)
    return found


def _spread(pair: tuple[str, list[Any]]) -> tuple[Any, ...]:
    return pair[0], *pair[1]


def _filter(found: Where, source: Source, name: str, values: tuple[str, ...]) -> None:
    if name == "missing":
        for value in values:
            found.add(missing_sql(source, value))
            found.fields += [value] if value != "point" else []
        return
    item = source.field(name)
    found.fields.append(name)
    expr = source.expr(name)
    if item.kind in ("division", "industry"):
        found.add(f"({' OR '.join([f'{expr} LIKE %s'] * len(values))})", *(f"{like(value)}%" for value in values))
    elif item.kind == "flags":
        found.add(f"{expr} & %s <> 0", flag_bits(item, values))
    else:
        found.add(f"{expr}::text = ANY(%s)", list(values))


def _between(found: Where, source: Source, name: str, ends: tuple[Any, Any]) -> None:
    source.field(name)
    found.fields.append(name)
    for sign, value in zip((">=", "<="), ends, strict=True):
        if value is not None:
            found.add(f"{source.expr(name)} {sign} %s", value)


def missing_sql(source: Source, name: str) -> str:
    """Return the SQL condition that a field, or the point, is empty."""
    if name == "point":
        if not source.register.point:
            source.field(name)
        return "t.lon IS NULL OR t.lat IS NULL"
    item, expr = source.field(name), source.expr(name)
    if item.kind in NUMBERS and (item.kind != "choice" or name in CODES):
        return f"{expr} IS NULL"
    if item.kind == "flags":
        return f"{expr} = 0"
    if item.kind == "attributes":
        return f"{expr} = '{{}}'"
    return f"coalesce({expr}, '') = ''"


def _word(found: Where, source: Source, word: str, digits: bool) -> None:
    """One word must be in one of the fields: in words and codes anywhere, in telephone numbers at the end."""
    parts: list[str] = []
    values: list[str] = []
    for item in source.register.fields:
        if item.index in ("words", "code"):
            parts.append(f"lower(normalize({source.expr(item.name)}, NFKC)) LIKE %s")
            values.append(f"%{like(word)}%")
            found.fields.append(item.name)
        elif item.index == "digits" and digits and word.isascii() and word.isdigit() and len(word) >= DIGITS_LEAST:
            parts.append(f"regexp_replace({source.expr(item.name)}, '[^0-9]', '', 'g') LIKE %s")
            values.append(f"%{word}")
    found.add(f"({' OR '.join(parts) or 'false'})", *values)


def _spatial(found: Where, source: Source, query: Query) -> None:
    if query.bbox is None and query.area is None:
        return
    if not source.register.point:
        raise Invalid(
            code="territory.no_point",
            zh=f"名册“{source.register.zh}”没有坐标，不能按范围查询；请去掉范围条件。",
            en=f"{source.register.en} have no point: leave the area out.",
            field="bbox",
            value=source.register.name,
        )
    if query.bbox is not None:
        west, south, east, north = query.bbox
        sides = "t.lon BETWEEN %s AND %s" if west <= east else "(t.lon >= %s OR t.lon <= %s)"
        found.add(f"{sides} AND t.lat BETWEEN %s AND %s", west, east, south, north)
    if query.area is not None:
        found.add("t.id = ANY(%s)", _in_area(source, query.area))


def _in_area(source: Source, area: Area) -> list[Any]:
    """Return the ids of the rows whose point lies in the area: read whole, for there is no index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, lon, lat FROM {source.table} WHERE lon IS NOT NULL AND lat IS NOT NULL")
        rows = cursor.fetchall()
    lon, lat = (np.array([row[at] for row in rows], dtype="f8") for at in (1, 2))
    index, order = PointIndex.build(lon, lat, np.zeros(len(rows), dtype="u1"), 1)
    return [rows[at][0] for at in order[index.positions(area)]]


def flag_bits(item: Field, values: tuple[str, ...]) -> int:
    """Return the bit mask of flag names; Invalid for one that is not in the field's list."""
    table = list(getattr(choices, item.choices))
    bits = 0
    for value in values:
        if value not in table:
            raise Invalid(
                code="territory.no_flag",
                zh=f"没有标志“{value}”；可用：{'、'.join(table)}。",
                en=f"There is no flag “{value}”; take one of: {', '.join(table)}.",
                field=item.name,
                value=value,
            )
        bits |= 1 << table.index(value)
    return bits


def like(text: str) -> str:
    """Return text with LIKE's own signs escaped."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def order(source: Source, sort: str) -> tuple[str, bool, Field | None]:
    """Return (SQL expression of the first sort value, descending, field); ("", False, None) for the list's own order."""
    if not sort:
        return "", False, None
    item = source.field(sort.removeprefix("-"))
    if item.kind in ("flags", "attributes", "citizen", "phone"):
        raise Invalid(
            code="territory.no_sort",
            zh=f"不能按“{item.zh}”排序；请换一个字段。",
            en=f"A list can't be sorted by {item.en}; take another field.",
            field="sort",
            value=sort,
        )
    return source.expr(item.name), sort.startswith("-"), item


def plain(value: Any) -> Any:
    """Return a database value as JSON and SQL both know it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
