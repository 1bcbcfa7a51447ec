"""Rows of entities as a request asks for them: one query for a list, one for each expansion, however many rows.

This is the reader of the SensorThings face: everything it reads is within the reader's scope (`sources`), and the
database enforces it again. A request's time and rows are bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg.errors import QueryCanceled

from anlan.kernel.problem import TooLarge, Unavailable
from anlan.kernel.scope import Scope
from anlan.site.sta.asking import Asked
from anlan.site.sta.errors import unreadable
from anlan.site.sta.expanding import expand
from anlan.site.sta.joining import condition
from anlan.site.sta.ordering import Order, after, order_of
from anlan.site.sta.pages import Page, Row, Under, columns, cut
from anlan.site.sta.sources import Source
from anlan.site.sta.windows import windows

MOST_ROWS, MOST_COUNT, MOST_S = 50_000, 1_000_000, 20


@dataclass
class Reader:
    """Reads for one request. `rows`: how many it has read so far."""

    scope: Scope
    rows: int = 0

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Read within a bounded time; what the database can't reckon is a fault of the request."""
        try:
            with transaction.atomic():
                self.fetch(f"SET LOCAL statement_timeout = '{MOST_S}s'", [])
                yield
        except DatabaseError as failure:
            cause = failure.__cause__
            if isinstance(cause, QueryCanceled):
                raise _too_slow() from failure
            if getattr(cause, "sqlstate", "") and str(cause.sqlstate)[:2] in ("22", "42", "54"):  # type: ignore[union-attr]
                raise _too_big(str(cause).split("\n")[0][:80]) from failure
            raise

    def page(self, asked: Asked, under: Sequence[Under] = ()) -> Page:
        """Return one page of a list, its expansions filled in."""
        order = order_of(self.scope, asked, "a")
        start = after(asked.after, order) if asked.after else Source("", ())
        rows = self._list(asked, under, order, start)
        page = cut(rows, asked, order)
        if asked.count:
            page.count = self._count(asked, under)
        expand(self, asked, page.rows)
        return page

    def one(self, asked: Asked, under: Sequence[Under]) -> Row | None:
        """Return the one entity that hangs there, its expansions filled in; None where there is none."""
        source = asked.entity.make(self.scope)
        where, params = _where("a", under)
        sql = f"SELECT {columns(asked, 'a')} FROM ({source.sql}) a WHERE {where} LIMIT 1"
        rows = self.fetch(sql, [*source.params, *params])
        expand(self, asked, rows)
        return rows[0] if rows else None

    def _list(self, asked: Asked, under: Sequence[Under], order: Order, start: Source) -> list[Row]:
        """Return one row more than the page takes, if there is one."""
        found, before = [], self.rows
        for window in windows(asked, order, under, start):
            self.rows = before
            found = self._query(asked, under, order, [part for part in (start, window) if part.sql])
            if len(found) > asked.top:
                break
        return found

    def _query(self, asked: Asked, under: Sequence[Under], order: Order, more: Sequence[Source]) -> list[Row]:
        source = asked.entity.make(self.scope)
        joins, where, params = self.conditions(asked, "a", under, more)
        sql = (
            f"SELECT {columns(asked, 'a')}{order.columns} FROM ({source.sql}) a {order.joins.sql} {joins.sql}"
            f" WHERE {where} ORDER BY {order.sql} LIMIT {asked.top + 1} OFFSET {asked.skip}"
        )
        values = [*order.column_params, *source.params, *order.joins.params, *joins.params, *params, *order.params]
        return self.fetch(sql, values)

    def conditions(
        self, asked: Asked, alias: str, under: Sequence[Under], more: Sequence[Source]
    ) -> tuple[Source, str, list[Any]]:
        """Return joins, condition and its parameters: what a list hangs on, its filter, and what comes from elsewhere."""
        where, params = _where(alias, under)
        joins = Source("", ())
        if asked.filter is not None:
            joins, found = condition(self.scope, asked.entity, alias, asked.filter)
            where, params = f"{where} AND {found.sql}", [*params, *found.params]
        for part in more:
            where, params = f"{where} AND {part.sql}", [*params, *part.params]
        return joins, where, params

    def _count(self, asked: Asked, under: Sequence[Under]) -> int:
        """Return how many there are; above a million as the planner reckons it."""
        source = asked.entity.make(self.scope)
        joins, where, params = self.conditions(asked, "a", under, ())
        body = f"SELECT 1 FROM ({source.sql}) a {joins.sql} WHERE {where}"
        values = [*source.params, *joins.params, *params]
        found = int(
            self.fetch(f"SELECT count(*) FROM ({body} LIMIT {MOST_COUNT + 1}) c", values, free=True)[0]["count"]
        )
        if found <= MOST_COUNT:
            return found
        plan = self.fetch(f"EXPLAIN (FORMAT JSON) {body}", values, free=True)[0]["QUERY PLAN"]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        return max(found, int(plan[0]["Plan"]["Plan Rows"]))

    def fetch(self, sql: str, params: Sequence[Any], *, free: bool = False) -> list[Row]:
        """Run one query. TooLarge when the request has read more rows than one answer holds."""
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(MOST_ROWS + 1 - self.rows)]
        self.rows += 0 if free else len(rows)
        if self.rows > MOST_ROWS:
            raise TooLarge(
                code="sta.too_large",
                zh=f"一次回答最多 {MOST_ROWS} 个对象；请减小 $top 或少展开几层，再沿 @iot.nextLink 翻页。",
                en=f"One answer holds at most {MOST_ROWS} entities; ask for a smaller $top or fewer expansions and follow"
                " @iot.nextLink.",
                field="$top",
                value=MOST_ROWS,
            )
        return rows


def _where(alias: str, under: Sequence[Under]) -> tuple[str, list[Any]]:
    if not under:
        return "true", []
    return " AND ".join(f"{alias}.{part.column} = %s" for part in under), [part.value for part in under]


def _too_big(said: str) -> Exception:
    return unreadable("$filter", said, "数据库无法计算此表达式；请检查数值是否过大。",
                      "The database can't reckon this expression; check for values that are too big.")  # fmt: skip


def _too_slow() -> Unavailable:
    return Unavailable(
        code="sta.too_slow",
        zh=f"查询超过 {MOST_S} 秒；请用 phenomenonTime 限定时段，或从某个 Datastream 开始查询。",
        en=f"The query took more than {MOST_S} s; bound phenomenonTime, or start from one Datastream.",
        field="$filter",
        value="",
    )
