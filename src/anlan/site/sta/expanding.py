"""What links lead to, put under each row: one query for each link, however many rows (with counts two).

Readings under series are first looked for near the end they are asked from; only series that have too few of them there
are asked again over all of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anlan.site.sta.asking import Asked
from anlan.site.sta.entities import Entity
from anlan.site.sta.joining import KEYS
from anlan.site.sta.ordering import Order, order_of
from anlan.site.sta.pages import Page, Row, columns, cut
from anlan.site.sta.windows import Nearby, nearby

if TYPE_CHECKING:
    from anlan.site.sta.reading import Reader

Key = tuple[Any, ...]
Pages = dict[Key, Page]


def expand(reader: Reader, asked: Asked, rows: list[Row]) -> None:
    """Put under each row what its links lead to."""
    for name, inner in asked.expand.items():
        link = asked.entity.links[name]
        own, theirs = tuple(pair[0] for pair in link.pairs), tuple(pair[1] for pair in link.pairs)
        keys = list(dict.fromkeys(_key(row, own) for row in rows if None not in _key(row, own)))
        if not link.many:
            found = {_key(row, theirs): row for row in _each(reader, inner, theirs, keys)} if keys else {}
            expand(reader, inner, list(found.values()))
            for row in rows:
                row[name] = found.get(_key(row, own))
            continue
        pages = _pages(reader, inner, theirs, keys) if keys else {}
        expand(reader, inner, [row for page in pages.values() for row in page.rows])
        for row in rows:
            row[name] = pages.get(_key(row, own), Page([], count=0 if inner.count else None))


def _each(reader: Reader, asked: Asked, theirs: tuple[str, ...], keys: list[Key]) -> list[Row]:
    """Return the entities that single links lead to."""
    source = asked.entity.make(reader.scope)
    kind = _type(theirs[0], asked.entity)
    sql = f"SELECT {columns(asked, 'a', *theirs)} FROM ({source.sql}) a WHERE a.{theirs[0]} = ANY(%s::{kind}[])"
    return reader.fetch(sql, [*source.params, [key[0] for key in keys]])


def _pages(reader: Reader, asked: Asked, theirs: tuple[str, ...], keys: list[Key]) -> Pages:
    """Return the page under each of several parents."""
    order = order_of(reader.scope, asked, "a")
    grouped: dict[Key, list[Row]] = {}
    todo = keys
    if theirs == ("series",) and (near := nearby(asked, order, [key[0] for key in keys])):
        grouped = _lateral(reader, asked, theirs, [key for key in keys if key[0] in near], order, near)
        todo = [key for key in keys if len(grouped.get(key, ())) <= asked.top and not _whole(near, key)]
    if todo:
        reader.rows -= sum(len(grouped.get(key, ())) for key in todo)
        grouped |= _lateral(reader, asked, theirs, todo, order, {})
    pages = {key: cut(rows, asked, order) for key, rows in grouped.items()}
    if asked.count:
        _counts(reader, asked, theirs, keys, pages)
    return pages


def _whole(near: dict[int, Nearby], key: Key) -> bool:
    return key[0] in near and near[key[0]].whole


def _lateral(
    reader: Reader, asked: Asked, theirs: tuple[str, ...], keys: list[Key], order: Order, near: dict[int, Nearby]
) -> dict[Key, list[Row]]:
    source = asked.entity.make(reader.scope)
    joins, where, params = reader.conditions(asked, "a", (), ())
    parents, equal, arrays = _parents(asked.entity, theirs, keys)
    if near:
        parents = parents.replace(") AS p(", ", %s::timestamptz[]) AS p(").replace("p(_p0", "p(_p0, _edge")
        arrays.append([near[key[0]].edge for key in keys])
        equal += f" AND a.at {'>' if order.falls else '<'} p._edge"
    inner = (
        f"SELECT {columns(asked, 'a')}{order.columns} FROM ({source.sql}) a {order.joins.sql} {joins.sql}"
        f" WHERE {equal} AND {where} ORDER BY {order.sql} LIMIT {asked.top + 1} OFFSET {asked.skip}"
    )
    names = [f"_p{at}" for at in range(len(theirs))]
    sql = f"SELECT {', '.join(f'p.{name}' for name in names)}, b.* FROM {parents} CROSS JOIN LATERAL ({inner}) b"
    values = [*arrays, *order.column_params, *source.params, *order.joins.params, *joins.params, *params, *order.params]
    grouped: dict[Key, list[Row]] = {}
    for row in reader.fetch(sql, values):
        grouped.setdefault(_key(row, tuple(names)), []).append(row)
    return grouped


def _counts(reader: Reader, asked: Asked, theirs: tuple[str, ...], keys: list[Key], pages: Pages) -> None:
    source = asked.entity.make(reader.scope)
    joins, where, params = reader.conditions(asked, "a", (), ())
    parents, equal, arrays = _parents(asked.entity, theirs, keys)
    names = tuple(f"_p{at}" for at in range(len(theirs)))
    sql = (
        f"SELECT {', '.join(f'p.{name}' for name in names)}, c.count FROM {parents} CROSS JOIN LATERAL"
        f" (SELECT count(*) FROM ({source.sql}) a {joins.sql} WHERE {equal} AND {where}) c"
    )
    for row in reader.fetch(sql, [*arrays, *source.params, *joins.params, *params], free=True):
        pages.setdefault(_key(row, names), Page([])).count = row["count"]


def _parents(entity: Entity, theirs: tuple[str, ...], keys: list[Key]) -> tuple[str, str, list[list[Any]]]:
    """Return the parents as a FROM item, the condition that ties to them, and the item's parameters."""
    arrays = [[key[at] for key in keys] for at in range(len(theirs))]
    places = ", ".join(f"%s::{_type(column, entity)}[]" for column in theirs)
    names = ", ".join(f"_p{at}" for at in range(len(theirs)))
    equal = " AND ".join(f"a.{column} = p._p{at}" for at, column in enumerate(theirs))
    return f"unnest({places}) AS p({names})", equal, arrays


def _key(row: Row, names: tuple[str, ...]) -> Key:
    return tuple(row[name] for name in names)


def _type(column: str, entity: Entity) -> str:
    return "int" if column == "id" and entity.numbered else KEYS.get(column, "text")
