"""The finding index of a register in this process: the snapshot mapped from disk, and what was written since laid over.

A process that finds no snapshot makes none: callers then ask the database (`open_index` gives None). Whether anything
was written since is asked of the database each time; what was is read once and kept until more is.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from anlan.kernel.scope import Scope
from anlan.territory.engine.finder import Finder, Reach
from anlan.territory.engine.finder_build import finder_build, sorted_rows
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.shape import FORMAT, Shape
from anlan.territory.selectors.register_columns import columns_read
from anlan.territory.selectors.register_sources import Source, source
from anlan.territory.sources import snapshot_files
from anlan.territory.sources.pinyin import pinyin
from anlan.territory.sources.snapshot_files import Version

MOST_WRITTEN = 20_000
KEPT_OVERLAYS = 32
_loaded: dict[tuple[str, str], Base] = {}
_over: OrderedDict[tuple[str, tuple[int, int], tuple[str, ...]], tuple[Any, Overlay]] = OrderedDict()


@dataclass(frozen=True)
class Base:
    """A snapshot in force. `seen`: the transactions whose writing it has, as pg_snapshot says it."""

    version: Version
    finder: Finder
    points: PointIndex | None
    rows: np.ndarray | None  # position in `points` → row
    seen: str
    as_of: datetime

    def row_ids(self, rows: Any) -> list[UUID]:
        """Return the ids of some rows."""
        return [UUID(bytes=bytes(each)) for each in self.finder.arrays["ids"][rows]]

    def find(self, ids: np.ndarray) -> np.ndarray:
        """Return the rows of these ids (u1[k,16]), those the snapshot has."""
        low = ids[:, 8:].copy().view(">u8").ravel().astype("u8")
        order, known = self.finder.arrays["by_id"], self.finder.arrays["id_low"]
        found = []
        first, last = np.searchsorted(known, low, side="left"), np.searchsorted(known, low, side="right")
        for at in range(len(ids)):
            rows = order[first[at] : last[at]]
            found += [row for row in rows if (self.finder.arrays["ids"][row] == ids[at]).all()]
        return np.array(found, dtype="i8")


@dataclass(frozen=True)
class Overlay:
    """What was written since a snapshot: the rows of it that are no longer so, and the rows as they are, in scope."""

    stale: np.ndarray
    finder: Finder
    lon: np.ndarray
    lat: np.ndarray
    weights: dict[str, np.ndarray]
    mark: int = 0  # grows with each writing: two overlays of one snapshot with the same mark are the same

    def row_ids(self, rows: Any) -> list[UUID]:
        """Return the ids of some rows."""
        return [UUID(bytes=bytes(each)) for each in self.finder.arrays["ids"][rows]]

    @cached_property
    def points(self) -> tuple[PointIndex, np.ndarray]:
        """Return the points of the rows that have one, and which row stands at each position."""
        there = np.flatnonzero(np.isfinite(self.lon) & np.isfinite(self.lat))
        index, order = PointIndex.build(self.lon[there], self.lat[there], np.zeros(len(there), dtype="u1"), 1)
        return index, there[order]


@dataclass(frozen=True)
class Index:
    """A register's index as of now: `base`, and `over` where something was written since. `behind`: too much was, and
    the answers are as of the snapshot."""

    source: Source
    base: Base
    over: Overlay | None
    behind: bool
    reach: Reach = field(default_factory=Reach)


def open_index(scope: Scope, name: str) -> Index | None:
    """Return a register's index for a reader; None when there is none to be trusted. One query, three where rows were
    written since it was last asked, none where no snapshot is there."""
    found = source(name)
    for database in snapshot_files.databases(name):
        base = _base(found, database)
        if base is None:
            continue
        own, written, mark = _stand(found.table, base.seen)
        snapshot_files.this_is(own)
        if own != database:
            continue
        reach = Reach(scope.prefixes, scope.ancestors() if found.chain and "" not in scope.prefixes else ())
        if written > MOST_WRITTEN:
            return Index(found, base, None, behind=True, reach=reach)
        over = _overlay(scope, found, base, mark) if written else None
        return Index(found, base, over, behind=False, reach=reach)
    return None


def _base(found: Source, database: str) -> Base | None:
    """Return the snapshot in force, loaded anew where another one is."""
    name = found.register.name
    known, stamp = _loaded.get((database, name)), snapshot_files.stamp(database, name)
    if known is not None and known.version.stamp == stamp:
        return known
    version = snapshot_files.load(database, name)
    shape = Shape(found.register)
    if version is None or version.meta.get("format") != FORMAT or version.meta.get("fields") != shape.fields:
        _loaded.pop((database, name), None)
        return None
    points = {key[len("point:") :]: array for key, array in version.arrays.items() if key.startswith("point:")}
    rows = points.pop("rows", None)
    base = Base(
        version,
        Finder(shape, version.arrays, version.meta, pinyin()),
        PointIndex.from_arrays(points) if points else None,
        rows,
        str(version.meta["seen"]),
        datetime.fromisoformat(version.meta["as_of"]).astimezone(UTC),
    )
    _loaded[database, name] = base
    return base


def _stand(table: str, seen: str) -> tuple[str, int, int]:
    """Return (id of this database, number of rows written since, a mark that grows with each writing)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT database::text FROM kernel_nodestate WHERE id = 1), n, mark"
            " FROM territory_stand(%s, %s, %s)",
            [table, seen, MOST_WRITTEN],
        )
        database, written, mark = cursor.fetchone()
    return database or "", int(written), int(mark)


def _overlay(scope: Scope, found: Source, base: Base, mark: int) -> Overlay:
    key = (found.register.name, base.version.stamp, scope.prefixes)
    known = _over.get(key)
    if known is not None and known[0] == mark:
        _over.move_to_end(key)
        return known[1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT w::text FROM territory_written(%s, %s) w", [found.table, base.seen])
        ids = [UUID(row[0]) for row in cursor.fetchall()]
    over = replace(overlay_of(scope, found, base, ids), mark=mark)
    _over[key] = (mark, over)
    while len(_over) > KEPT_OVERLAYS:
        _over.popitem(last=False)
    return over


def overlay_of(scope: Scope, found: Source, base: Base | None, ids: list[UUID] | None = None) -> Overlay:
    """Return some rows (None: all) as they are now, in scope, as an overlay over a snapshot (None: over nothing)."""
    shape = Shape(found.register)
    table = sorted_rows(columns_read(found, shape, ids))
    inside = Reach(scope.prefixes, scope.ancestors() if found.chain else ())
    arrays, meta = finder_build(shape, table, pinyin())
    finder = Finder(shape, arrays, meta, pinyin())
    if not inside.whole:  # the session of a command sees more than its reader
        table = table.filter(pa.array(finder.ranges(inside.prefixes, inside.exact)))
        arrays, meta = finder_build(shape, table, pinyin())
        finder = Finder(shape, arrays, meta, pinyin())
    weights = {name: table[f"weight {name}"].to_numpy() for name in found.weights}
    lon, lat = (
        (table[name].to_numpy() for name in ("lon", "lat")) if found.register.point else (np.zeros(0), np.zeros(0))
    )
    raw = np.frombuffer(b"".join(each.bytes for each in ids or []), dtype="u1").reshape(-1, 16)
    stale = base.find(raw) if base is not None else np.zeros(0, dtype="i8")
    return Overlay(stale, finder, lon, lat, weights)


__all__ = ["Base", "Index", "Overlay", "open_index", "overlay_of"]
