"""Making the finding index of each register from the database, when much was written since the last (快照).

A snapshot is of one moment: it is read in one REPEATABLE READ transaction, and which transactions that one sees is kept
with it, so that what it lacks can be told exactly. It is derived and rebuilt at will, so nothing is recorded in the
journal.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import structlog
from django.db import connection, transaction

from anlan.kernel.node import node_state
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.territory.engine.finder import Finder
from anlan.territory.engine.finder_build import finder_build, sorted_rows
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.shape import FORMAT, Shape
from anlan.territory.selectors.holder_columns import HOLDERS, holders_arrays, holders_written
from anlan.territory.selectors.index import MOST_WRITTEN
from anlan.territory.selectors.inside import classes_of
from anlan.territory.selectors.register_columns import columns_read
from anlan.territory.selectors.register_sources import Source, source
from anlan.territory.sources import snapshot_files
from anlan.territory.sources.pinyin import pinyin
from anlan.territory.sources.registers import NAMES

log = structlog.get_logger()
LEAST_ROWS = 2_000  # fewer are found by the database as fast
LEAST_ROWS_DRILL = 20_000
MUCH_WRITTEN = 500
PAUSE = timedelta(seconds=60)  # between two builds of one register while it is being written to
AGE = timedelta(hours=1)  # how long a few rows may be laid over
THREADS = 2


def snapshot_build(name: str) -> Path | None:
    """Build one register's snapshot (or "holders") from what is committed; return its folder. None when another process
    is building it, or inside a transaction. Unavailable for a session that does not see every row."""
    if connection.in_atomic_block:
        return None
    database = str(node_state().database)
    with snapshot_files.building(database, name) as mine:
        if not mine:
            return None
        with transaction.atomic():
            seen, as_of = _begin()
            if name == HOLDERS:
                arrays, meta = holders_arrays()
            else:
                table = columns_read(source(name), Shape(source(name).register))
        if name != HOLDERS:
            arrays, meta = _columns(source(name), table)
        meta |= {"format": FORMAT, "seen": seen, "as_of": as_of.isoformat(), "rows": meta.get("rows", 0)}
        return snapshot_files.store(database, name, arrays, meta)


def snapshots_refresh(*, force: bool = False) -> list[str]:
    """Build the snapshots that are due; return their names. `force`: all that have rows enough. Does nothing inside a
    transaction: call it after the commit."""
    if connection.in_atomic_block:
        return []
    database = str(node_state().database)
    snapshot_files.forget_others(database)
    built = []
    for name in (*NAMES, HOLDERS):
        if _due(database, name, force) and snapshot_build(name) is not None:
            log.info("snapshot.built", register=name)
            built.append(name)
    return built


def _begin() -> tuple[str, datetime]:
    """Fix the moment of the transaction; return which transactions it sees and the wall's time."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_current_snapshot()::text, clock_timestamp(), row_security_active('territory_unit')")
        seen, as_of, limited = cursor.fetchone()
    if limited:
        raise Unavailable(
            code="territory.snapshot_scoped",
            zh="本进程只能看到部分数据，不能建立检索快照；快照由后台进程建立。",
            en="This process sees a part of the rows only and builds no snapshot; the worker does.",
        )
    return str(seen), as_of.astimezone(UTC)


def _columns(found: Source, table: pa.Table) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arrays and meta of a register's snapshot."""
    shape = Shape(found.register)
    table = sorted_rows(table)
    with ThreadPoolExecutor(THREADS) as pool:
        arrays, meta = finder_build(shape, table, pinyin(), each=pool.map)
    low = arrays["ids"][:, 8:].copy().view(">u8").ravel().astype("u8")
    order = np.argsort(low, kind="stable")
    arrays |= {"by_id": order.astype("u4"), "id_low": low[order]}
    if found.register.point:
        arrays |= _points(found, table, arrays, meta)
    return arrays, meta | {"fields": shape.fields, "rows": table.num_rows}


def _points(found: Source, table: pa.Table, arrays: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    """Return the point index of the rows that have a point, by class, with the register's weights."""
    lon, lat = (table[name].to_numpy() for name in ("lon", "lat"))
    there = np.flatnonzero((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    classes, codes = classes_of(Finder(Shape(found.register), arrays, meta, pinyin()), found)
    working = (codes != len(classes) - 1)[there]
    weights = {name: table[f"weight {name}"].to_numpy()[there] * working for name in found.weights}
    index, order = PointIndex.build(lon[there], lat[there], codes[there], len(classes), weights)
    meta["classes"] = classes
    return {f"point:{name}": array for name, array in index.arrays().items()} | {
        "point:rows": there[order].astype("u4")
    }


def _due(database: str, name: str, force: bool) -> bool:
    """Is a snapshot missing, described otherwise, or is enough written since to make it anew?"""
    table = "territory_post" if name == HOLDERS else source(name).table
    least = LEAST_ROWS_DRILL if options.drill else LEAST_ROWS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), clock_timestamp() FROM (SELECT 1 FROM {table} LIMIT %s) x", [least])
        rows, wall = cursor.fetchone()
    if rows < least:
        return False
    version = snapshot_files.load(database, name)
    fields = [] if name == HOLDERS else Shape(source(name).register).fields
    if force or version is None or version.meta.get("format") != FORMAT or version.meta.get("fields", []) != fields:
        return True
    age = wall - datetime.fromisoformat(version.meta["as_of"])
    written = _written(name, str(version.meta["seen"]))
    much = written > MUCH_WRITTEN and age > PAUSE
    return much or written > MOST_WRITTEN or (written > 0 and age > AGE)  # beyond MOST_WRITTEN lists fall behind


def _written(name: str, seen: str) -> int:
    if name == HOLDERS:
        return holders_written(seen)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM territory_stand(%s, %s, %s)", [source(name).table, seen, MOST_WRITTEN])
        return int(cursor.fetchone()[0])
