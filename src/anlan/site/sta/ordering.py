"""In which order a list comes, and how its next page is found: by the last row's values, so that pages don't shift.

Where a value to order by may be missing, or values rise and fall together, pages go by number instead.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from anlan.kernel.scope import Scope
from anlan.site.sta.asking import Asked
from anlan.site.sta.compiling import Compiler
from anlan.site.sta.errors import unreadable
from anlan.site.sta.joining import KEYS, Joins, points
from anlan.site.sta.literals import moment
from anlan.site.sta.sources import Source
from anlan.site.sta.terms import TYPES, Geo, Period, Shape, Term
from anlan.site.sta.tree import Node

MOST_TERMS, MOST_TOKEN = 5, 4000


@dataclass(frozen=True)
class Order:
    """What to order by. `terms`: SQL, type and parameters of each; `keyset`: pages go by values."""

    sql: str
    params: tuple[Any, ...]
    joins: Source
    columns: str
    column_params: tuple[Any, ...]
    terms: tuple[tuple[str, str, tuple[Any, ...]], ...]
    falls: bool
    keyset: bool


def order_of(scope: Scope, asked: Asked, alias: str) -> Order:
    """Return the order of a list: what was asked, then the entity's keys, so that no two rows are equal."""
    joins = Joins(scope, asked.entity, alias, "$orderby")
    compiler = Compiler(joins.resolve, lambda box, past: points(scope, box, past), "$orderby")
    if len(asked.orders) > MOST_TERMS:
        raise unreadable("$orderby", len(asked.orders), f"最多按 {MOST_TERMS} 项排序。", f"At most {MOST_TERMS} terms.")
    found = [(_term(compiler, node), falls) for node, falls in asked.orders]
    if joins.many:
        raise unreadable("$orderby", "", "不能按多个相关对象排序；请按自身属性或单个相关对象的属性。",
                         "Can't order by what is related many times; take own properties or those of one related.")  # fmt: skip
    down = found[-1][1] if found else False
    seen = {term.sql for term, _ in found}
    for key in asked.entity.keys:
        if f"{alias}.{key}" not in seen:
            kind = "int" if asked.entity.numbered else KEYS.get(key, "text")
            found.append((Term(kind, f"{alias}.{key}", (), False), down))
    same = len({falls for _, falls in found}) == 1
    return Order(
        sql=", ".join(f"{term.sql} {'DESC NULLS LAST' if falls and term.nullable else 'DESC' if falls else 'ASC'}"
                      for term, falls in found),
        params=tuple(value for term, _ in found for value in term.params),
        joins=joins.text(),
        columns="".join(f", {term.sql} AS _o{at}" for at, (term, _) in enumerate(found)),
        column_params=tuple(value for term, _ in found for value in term.params),
        terms=tuple((term.sql, TYPES.get(term.kind, term.kind), term.params) for term, _ in found),
        falls=down,
        keyset=same and not any(term.nullable for term, _ in found),
    )  # fmt: skip


def token_of(row: dict[str, Any], order: Order) -> str:
    """Return the token that leads to what follows this row; '' where pages go by number."""
    values = [row[f"_o{at}"] for at in range(len(order.terms))]
    if not order.keyset or any(isinstance(value, float) and not math.isfinite(value) for value in values):
        return ""
    plain = [value.isoformat() if isinstance(value, datetime | date | time) else value for value in values]
    if not all(isinstance(value, str | int | float) for value in plain):
        return ""
    text = base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")
    return text if len(text) <= MOST_TOKEN else ""


def after(token: str, order: Order) -> Source:
    """Return the condition of the page a token leads to. Raises Unreadable for one that isn't of this list."""
    try:
        if len(token) > MOST_TOKEN or not order.keyset:
            raise ValueError
        plain = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(plain, list) or len(plain) != len(order.terms):
            raise ValueError
        values = [_value(value, kind) for value, (_, kind, _) in zip(plain, order.terms, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, UnicodeError):
        raise unreadable("$skiptoken", token[:40], "不是本列表的翻页标记；请原样使用 @iot.nextLink。",
                         "This is no token of this list; follow @iot.nextLink as it is.") from None  # fmt: skip
    sign = "<" if order.falls else ">"
    names = ", ".join(sql for sql, _, _ in order.terms)
    places = ", ".join(f"%s::{kind}" for _, kind, _ in order.terms)
    own = tuple(value for _, _, params in order.terms for value in params)
    first, kind, first_params = order.terms[0]  # said again by itself, for the planner to leave partitions out
    sql = f"({names}) {sign} ({places}) AND {first} {sign}= %s::{kind}"
    return Source(sql, (*own, *values, *first_params, values[0]))


def _value(value: Any, kind: str) -> Any:
    """Return a value of a token as its type; ValueError where it is none."""
    if kind == "timestamptz":
        return moment(str(value))
    if kind in ("int", "float8"):
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
            raise ValueError
        if kind == "int" and (not isinstance(value, int) or abs(value) >= 2**31):
            raise ValueError
        return value
    if kind == "boolean":
        if not isinstance(value, bool):
            raise ValueError
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    return {"date": date.fromisoformat, "time": time.fromisoformat}.get(kind, str)(value)


def _term(compiler: Compiler, node: Node) -> Term:
    value = compiler.value(node)
    if isinstance(value, Period):
        return value.start
    if isinstance(value, Geo | Shape) or value.kind == "null":
        raise unreadable("$orderby", value.kind, "不能按几何图形或空值排序。", "Can't order by geometry or nothing.")
    if value.kind == "json":
        return Term("jsonb", value.sql, value.params)
    return value
