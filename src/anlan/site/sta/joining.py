"""What a property is in SQL, over the entity itself and the entities that hang on it.

Related entities are joined from outside; where one of them may be many, the whole condition asks whether there is a
combination of them for which it holds, as SensorThings clients expect it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from anlan.kernel.scope import Scope
from anlan.site.sta import sources
from anlan.site.sta.compiling import Compiler
from anlan.site.sta.entities import ENTITIES, PAST_LOCATION, Entity, Field
from anlan.site.sta.errors import unreadable
from anlan.site.sta.geometry import Box
from anlan.site.sta.ids import observation_key
from anlan.site.sta.sources import Source
from anlan.site.sta.terms import Geo, Period, Term, Value, composed_key
from anlan.site.sta.tree import Call, Literal, Node, Path

KEYS = {"series": "int", "at": "timestamptz", "station": "uuid"}  # others are texts
MOST_JOINS = 12


class Joins:
    """The entities an expression speaks of, each joined once. `alias`: of the entity itself. `field`: the option."""

    def __init__(self, scope: Scope, entity: Entity, alias: str, field: str) -> None:
        self.scope, self.entity, self.alias, self.field = scope, entity, alias, field
        self.sql: list[str] = []
        self.params: list[Any] = []
        self.many = False
        self.known: dict[tuple[str, ...], str] = {}

    def resolve(self, parts: tuple[str, ...]) -> Value:
        """Return a property, perhaps of a related entity. Raises Unreadable for one that is none."""
        entity, alias = self.entity, self.alias
        for place, name in enumerate(parts):
            if name in ("id", "@iot.id") and place == len(parts) - 1:
                return _id(entity, alias, place > 0)
            if name in entity.fields:
                return _property(entity, entity.fields[name], alias, place > 0, parts[place:], self.field)
            if name.startswith("#"):
                return Term("number" if name == "#series" else "time", f"{alias}.{name[1:]}", (), False)
            if name not in entity.links:
                break
            entity, alias = self._joined(entity, alias, parts[: place + 1])
        known = [*entity.fields, *entity.links, "id"]
        raise unreadable(
            self.field, "/".join(parts)[:80], f"{entity.one} 没有属性“{parts[-1][:40]}”；可用：{'、'.join(known)}。",
            f"{entity.one} has no property “{parts[-1][:40]}”; take one of: {', '.join(known)}.",
        )  # fmt: skip

    def _joined(self, entity: Entity, alias: str, path: tuple[str, ...]) -> tuple[Entity, str]:
        link = entity.links[path[-1]]
        target = ENTITIES[link.to]
        self.many = self.many or link.many
        if path in self.known:
            return target, self.known[path]
        if len(self.known) >= MOST_JOINS:
            raise unreadable(self.field, "/".join(path)[:80], f"最多引用 {MOST_JOINS} 个相关对象。",
                             f"At most {MOST_JOINS} related entities in one expression.")  # fmt: skip
        name = f"{self.field[1]}{len(self.known) + 1}"
        self.known[path] = name
        found = target.make(self.scope)
        equal = " AND ".join(f"{name}.{theirs} = {alias}.{own}" for own, theirs in link.pairs)
        self.sql.append(f"LEFT JOIN ({found.sql}) {name} ON {equal}")
        self.params += found.params
        return target, name

    def text(self) -> Source:
        """Return the joins."""
        return Source(" ".join(self.sql), tuple(self.params))


def condition(scope: Scope, entity: Entity, alias: str, node: Node) -> tuple[Source, Source]:
    """Return joins and condition of a filter over `alias`."""
    joins = Joins(scope, entity, alias, "$filter")
    compiler = Compiler(joins.resolve, lambda box, past: points(scope, box, past))
    found = compiler.condition(_by_id(node, entity))
    where = Source(found.sql, found.params)
    if not joins.many:
        return joins.text(), where
    inner = joins.text()
    return Source("", ()), Source(
        f"EXISTS (SELECT 1 FROM (SELECT 1) one {inner.sql} WHERE {where.sql})", (*inner.params, *where.params)
    )


def points(scope: Scope, box: Box | None, past: bool) -> NDArray[np.float64]:
    """Return the points of stations in a box, (n, 2) lon and lat; with `past` those where they once stood too."""
    parts = [sources.spots(scope)] + ([sources.past_spots(scope)] if past else [])
    within, params = "", []
    if box is not None:
        within, params = " WHERE u.lon BETWEEN %s AND %s AND u.lat BETWEEN %s AND %s", [box[0], box[2], box[1], box[3]]
    union = " UNION ALL ".join(f"SELECT s.lon, s.lat FROM ({part.sql}) s" for part in parts)
    values = [value for part in parts for value in part.params]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT u.lon, u.lat FROM ({union}) u{within}", [*values, *params])
        return np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 2)


def _id(entity: Entity, alias: str, joined: bool) -> Term:
    kind = "number" if entity.numbered else "text"
    return Term(kind, f"{alias}.id", (), joined)


def _property(entity: Entity, found: Field, alias: str, joined: bool, rest: tuple[str, ...], field: str) -> Value:
    columns = [f"{alias}.{column}" for column in found.columns]
    nullable = found.nullable or joined
    if found.kind == "none":
        return Term("null", "NULL")
    if found.kind == "quality" and rest[1:] == ("code",):
        return Term("number", columns[0], (), nullable)
    if found.kind == "json":
        return Term("json", *composed_key(columns[0], rest[1:]))
    if len(rest) > 1 or found.kind == "quality":
        raise unreadable(field, "/".join(rest)[:80], f"{rest[0]} 不能这样引用；质量请写 resultQuality/code。",
                         f"{rest[0]} can't be used like that; write resultQuality/code for quality.")  # fmt: skip
    if found.kind == "geo":
        lon, lat = (Term("number", column, (), joined) for column in columns)
        return Geo(lon, lat, entity is PAST_LOCATION)
    if found.kind == "period":
        first, last = (Term("time", column) for column in columns)
        return Period(first, last)
    return Term(found.kind, columns[0], (), nullable)


def _by_id(node: Node, entity: Entity) -> Node:
    """Take the id of a reading apart, so that the index finds it: `id eq '7-1626800000000000'`."""
    if entity.many != "Observations" or not isinstance(node, Call):
        return node
    if node.name in ("and", "or", "not"):
        return Call(node.name, tuple(_by_id(part, entity) for part in node.arguments))
    if node.name == "eq" and len(node.arguments) == 2:
        one, other = node.arguments
        if isinstance(one, Literal):
            one, other = other, one
        if isinstance(one, Path) and one.parts in (("id",), ("@iot.id",)) and isinstance(other, Literal):
            key = observation_key(str(other.value))
            if key is None:
                return Literal("bool", False)
            return Call("and", (
                Call("eq", (Path(("#series",)), Literal("number", key[0]))),
                Call("eq", (Path(("#at",)), Literal("time", key[1]))),
            ))  # fmt: skip
    return node
