"""Posts and holders in this process: the snapshot mapped from disk, posts concerned by later writing laid over it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.territory.engine.holders import Holders
from anlan.territory.engine.shape import FORMAT
from anlan.territory.selectors.holder_columns import HOLDERS, MOST_WRITTEN, holders_arrays, holders_stand
from anlan.territory.sources import snapshot_files

KEPT = 16
_loaded: dict[str, tuple[tuple[int, int], Holders, dict[str, Any]]] = {}
_over: OrderedDict[tuple[tuple[int, int], tuple[str, ...]], tuple[int, Holders, np.ndarray]] = OrderedDict()


@dataclass(frozen=True)
class Duties:
    """Posts and holders as of now: `parts` of (holders, bool[n] of the posts that count, None for all). `behind`: too
    much was written since `as_of`, and it is left out."""

    parts: tuple[tuple[Holders, np.ndarray | None], ...]
    as_of: datetime
    behind: bool


def open_duties(scope: Scope) -> Duties:
    """Return posts and holders. One query with a snapshot, six more where something was written since it was last
    asked; without a snapshot everything is read from the database."""
    for database in snapshot_files.databases(HOLDERS):
        stamp = snapshot_files.stamp(database, HOLDERS)
        base = _base(database, stamp)
        if base is None or stamp is None:
            continue
        holders, meta = base
        own, written, mark = holders_stand(str(meta["seen"]), MOST_WRITTEN)
        snapshot_files.this_is(own)
        if own != database:
            continue
        if not written:
            return Duties(((holders, None),), clock.now(), behind=False)
        if written > MOST_WRITTEN:
            return Duties(((holders, None),), datetime.fromisoformat(meta["as_of"]).astimezone(UTC), behind=True)
        over, kept = _overlay(scope, holders, stamp, str(meta["seen"]), mark)
        return Duties(((holders, kept), (over, None)), clock.now(), behind=False)
    return Duties(((Holders(*holders_arrays()), None),), clock.now(), behind=False)


def _base(database: str, stamp: tuple[int, int] | None) -> tuple[Holders, dict[str, Any]] | None:
    known = _loaded.get(database)
    if known is not None and known[0] == stamp:
        return known[1], known[2]
    version = snapshot_files.load(database, HOLDERS)
    if version is None or version.meta.get("format") != FORMAT:
        _loaded.pop(database, None)
        return None
    holders = Holders(version.arrays, version.meta)
    _loaded[database] = (version.stamp, holders, dict(version.meta))
    return holders, dict(version.meta)


def _overlay(scope: Scope, base: Holders, stamp: tuple[int, int], seen: str, mark: int) -> tuple[Holders, np.ndarray]:
    """Return the concerned posts as they are, and which posts of the snapshot are not concerned."""
    key = (stamp, scope.prefixes)
    known = _over.get(key)
    if known is not None and known[0] == mark:
        return known[1], known[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT w::text FROM territory_posts_written(%s) w", [seen])
        ids = [UUID(row[0]) for row in cursor.fetchall()]
    over = Holders(*holders_arrays(ids))
    raw = np.frombuffer(b"".join(each.bytes for each in ids), dtype="V16")
    kept = ~np.isin(np.ascontiguousarray(base.arrays["post_ids"]).view("V16").ravel(), raw)
    _over[key] = (mark, over, kept)
    while len(_over) > KEPT:
        _over.popitem(last=False)
    return over, kept
