"""Registers as map tiles: the points of the finding index that a reader may see and a question asks for.

What was written since the index was made is laid over it: changed points leave, new ones come as points of their own.
Without an index the database is asked for the rows of the tile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.area import box
from anlan.territory.engine.finder import Finder
from anlan.territory.engine.mvt import Coded
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.query import Query
from anlan.territory.engine.tiles import BUFFER, LIMIT, points_tile, tile_box
from anlan.territory.selectors.finding_index import Answer, answers
from anlan.territory.selectors.index import Index, open_index
from anlan.territory.selectors.register_sources import Source, source
from anlan.territory.selectors.register_where import where

DEEPEST = 22
NAMED = 2000  # points in a tile up to which each carries its key
KEPT = 64
Mask = np.ndarray
_kept: OrderedDict[tuple[Any, ...], tuple[Mask | None, Mask | None]] = OrderedDict()


@dataclass(frozen=True)
class Asked:
    """A tile that was asked for, the index that answers it, and `version`: equal versions give equal bytes. `version`
    is None where the database answers."""

    source: Source
    query: Query
    scope: Scope
    tile: tuple[int, int, int]
    index: Index | None
    version: tuple[Any, ...] | None

    def bytes(self) -> bytes:
        """Return the tile as MVT, b"" where nothing is."""
        if self.index is None:
            return _from_database(self)
        return _from_index(self, self.index)


def tile_ask(scope: Scope, name: str, query: Query, z: int, x: int, y: int) -> Asked:
    """Return what answers a tile. NotFound for a register without points or a tile that is none; one query or none."""
    found = source(name)
    if not found.register.point:
        raise NotFound(
            code="territory.no_tiles",
            zh=f"名册“{found.register.zh}”没有坐标，没有瓦片。",
            en=f"{found.register.en} have no points, and so no tiles.",
            field="register",
            value=name,
        )
    if not (0 <= z <= DEEPEST and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFound(
            code="territory.no_tile",
            zh=f"没有瓦片 {z}/{x}/{y}；级别0至{DEEPEST}，行列号在该级别范围内。",
            en=f"There is no tile {z}/{x}/{y}: levels go from 0 to {DEEPEST}, x and y lie within the level.",
            field="tile",
            value=f"{z}/{x}/{y}",
        )
    if query.bbox is not None or query.area is not None or query.sort or query.between:
        raise Invalid(
            code="territory.tile_filters",
            zh="瓦片只接受关键词和筛选项；请去掉 bbox、sort。",
            en="A tile takes words and filters; leave bbox and sort out.",
            field="bbox",
            value=str(query.bbox or query.sort),
        )
    index = open_index(scope, name)
    if index is None or not answers(index, query):
        return Asked(found, query, scope, (z, x, y), None, None)
    mark = index.over.mark if index.over is not None else 0
    asked = (query.q, tuple(sorted(query.filters.items())))
    version = (name, index.base.version.stamp, mark, scope.prefixes, asked, LIMIT, NAMED)
    return Asked(found, query, scope, (z, x, y), index, version)


def _from_index(asked: Asked, index: Index) -> bytes:
    points, rows = index.base.points, index.base.rows
    if points is None or rows is None:
        return b""
    base, over = _masks(asked, index, rows)
    names = list(index.base.version.meta["classes"])
    fresh = _fresh(asked, index, over, names)
    if fresh is None:
        return _tile(points, asked.tile, base, _Keys.of(index.base.finder, rows), names)
    here = points.positions(box(*tile_box(*asked.tile, BUFFER)))
    here = here if base is None else here[base[here]]
    if len(here) > LIMIT:  # clusters, and what is new as points beside them
        new, _, keys = fresh
        return _tile(points, asked.tile, base, None, names) + _tile(new, asked.tile, None, keys, names)
    return _joined(points, here, index.base.finder, rows, fresh, asked.tile, names)


def _tile(
    points: PointIndex, tile: tuple[int, int, int], keep: Mask | None, keys: Coded | None, names: Sequence[str]
) -> bytes:
    """Encode a tile; the key goes along where there are few points."""
    few = keys is not None and points.count(box(*tile_box(*tile, BUFFER))) <= NAMED
    return points_tile(points, *tile, keep=keep, properties={"key": keys} if few and keys else {}, classes=names,
                       limit=LIMIT)  # fmt: skip


class _Keys(Coded):
    """The natural keys of points, read only for those that are drawn."""

    def take(self, which: np.ndarray) -> Coded:
        """Return the keys of some of the points."""
        return Coded(np.arange(len(which)), [self.values[int(row)] for row in self.codes[which]])

    @classmethod
    def of(cls, finder: Finder, rows: np.ndarray) -> Coded:
        """Return the keys of the points whose rows are `rows`."""
        return cls(rows, _KeyOf(finder))  # type: ignore[arg-type]


class _KeyOf:
    """Row → natural key."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder

    def __getitem__(self, row: int) -> str:
        return self.finder.key_of(row)


def _masks(asked: Asked, index: Index, rows: np.ndarray) -> tuple[Mask | None, Mask | None]:
    """Return which points of the snapshot are kept (None: all), and which rows of the overlay; kept for the next tile."""
    known = _kept.get(key := asked.version or ())
    if known is not None:
        _kept.move_to_end(key)
        return known
    answer = Answer(index, asked.query)
    found = (None if answer.base is None else answer.base[rows], answer.over)
    _kept[key] = found
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


Fresh = tuple[PointIndex, np.ndarray, Coded]


def _fresh(asked: Asked, index: Index, keep: Mask | None, names: list[str]) -> Fresh | None:
    """Return the points written since that lie in the tile, their rows in the overlay, and their keys."""
    over = index.over
    if over is None or not len(over.lon):
        return None
    west, south, east, north = tile_box(*asked.tile, BUFFER)
    inside = (over.lon >= west) & (over.lon <= east) & (over.lat >= south) & (over.lat <= north)
    rows = np.flatnonzero(inside if keep is None else inside & keep)
    if not len(rows):
        return None
    codes = _classes(asked.source, over.finder, names)[rows]
    new, order = PointIndex.build(over.lon[rows], over.lat[rows], codes, len(names))
    return new, rows[order], _Keys.of(over.finder, rows[order])


def _classes(found: Source, finder: Finder, names: list[str]) -> np.ndarray:
    """Return the class of each row of an overlay; classes the snapshot did not know are added to `names`."""
    closed = len(names) - 1  # the snapshot's last class: what is there no longer
    codes, values = finder.codes(found.register.classes)
    if found.register.by_name[found.register.classes].kind == "industry":
        values = [value[:1] for value in values]
    for value in values:
        if value not in names:
            names.append(value)
    number: np.ndarray = np.array([names.index(value) for value in values] or [0], dtype="u2")[codes]
    states, words = finder.codes(found.working[0])
    gone = [at for at, word in enumerate(words) if word in found.working[1]]
    number[np.isin(states, gone)] = closed
    return number


def _joined(
    points: PointIndex, here: np.ndarray, finder: Finder, rows: np.ndarray, fresh: Fresh, tile: tuple[int, int, int],
    names: list[str],
) -> bytes:  # fmt: skip
    """Encode the few points of a tile and those written since as one layer."""
    new, _, keys = fresh
    lon, lat = np.concatenate([points.lon[here], new.lon]), np.concatenate([points.lat[here], new.lat])
    both, order = PointIndex.build(lon, lat, np.concatenate([points.classes[here], new.classes]), len(names))
    few = len(here) + len(new) <= NAMED
    words: list[str] = []
    if few:
        words = [finder.key_of(int(row)) for row in rows[here]]
        words += list(keys.take(np.arange(len(new))).values)  # type: ignore[arg-type]
    given = {"key": Coded(order, words)} if few else {}
    return points_tile(both, *tile, properties=given, classes=names, limit=2 * LIMIT)


def _from_database(asked: Asked) -> bytes:
    """Encode a tile from the rows themselves: there is no index, or it can't answer this."""
    found, box = asked.source, tile_box(*asked.tile, BUFFER)
    query = Query(q=asked.query.q, filters=asked.query.filters, bbox=box)
    asks = where(asked.scope, found, query)
    expr = found.expr(found.register.classes)
    sql = f"SELECT t.lon, t.lat, {expr}, t.{found.key} FROM {found.tables(asks.fields)} WHERE {asks.sql}"
    with connection.cursor() as cursor:
        cursor.execute(sql, asks.values)
        rows = cursor.fetchall()
    if not rows:
        return b""
    section = found.register.by_name[found.register.classes].kind == "industry"
    classes = [(row[2] or "")[:1] if section else row[2] or "" for row in rows]
    names = sorted(set(classes))
    codes = np.array([names.index(value) for value in classes], dtype="u2")
    lon, lat = (np.array([row[at] for row in rows], dtype="f8") for at in (0, 1))
    points, order = PointIndex.build(lon, lat, codes, len(names))
    few = len(rows) <= NAMED
    given = {"key": Coded(np.asarray(order), [row[3] for row in rows])} if few else {}
    return points_tile(points, *asked.tile, properties=given, classes=names)
