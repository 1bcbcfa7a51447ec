"""What and who is inside an area (范围内): counts by class and sums without listing, the rows, the nearest.

Counted are rows that are there now: units that are not closed, places in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.territory.engine.area import Area
from anlan.territory.engine.finder import Array, Finder
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.query import Query
from anlan.territory.selectors.finding import Page, register_page
from anlan.territory.selectors.index import Base, Overlay, open_index, overlay_of
from anlan.territory.selectors.register_rows import rows_by_ids
from anlan.territory.selectors.register_sources import Source, source

CLOSED = "closed"


@dataclass(frozen=True)
class Inside:
    """What is inside: `counts` register → class → rows (units by industry section, places by kind), `sums` register →
    weight → total (staff; pupils, residents, bedridden, beds ...). `behind`: rows written since `as_of` are left out."""

    counts: dict[str, dict[str, int]]
    sums: dict[str, dict[str, int]]
    as_of: datetime
    behind: bool = False


@dataclass
class _Tally:
    """Counts and sums being added up."""

    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, counts: dict[str, int], sums: dict[str, int]) -> None:
        """Add what was found in one part."""
        for into, more in ((self.counts, counts), (self.sums, sums)):
            for name, n in more.items():
                into[name] = into.get(name, 0) + int(n)


def inside(scope: Scope, area: Area, *, registers: Sequence[str] = ("units", "places")) -> Inside:
    """Return counts and sums of what lies in the area and the reader's scope. One query for each register with an index,
    where nothing was written since; without an index the register is read whole."""
    found: dict[str, _Tally] = {}
    as_of, behind = clock.now(), False
    for name in registers:
        tally, index = _Tally(), open_index(scope, name)
        if index is None or index.base.points is None:
            _add_part(tally, source(name), overlay_of(scope, source(name), None), area)
        else:
            _add_base(tally, index.base, index.base.points, index.over, scope, area)
            if index.over is not None:
                _add_part(tally, index.source, index.over, area)
            if index.behind:
                behind, as_of = True, min(as_of, index.base.as_of)
        found[name] = tally
    counts = {name: {c: n for c, n in sorted(tally.counts.items()) if n} for name, tally in found.items()}
    return Inside(counts, {name: tally.sums for name, tally in found.items()}, as_of, behind)


def inside_rows(scope: Scope, area: Area, name: str, *, after: str = "", limit: int = 50) -> Page:
    """Return one page of a register's rows in the area, in list order, masked."""
    return register_page(scope, name, Query(area=area), after=after, limit=limit)


def nearest(
    scope: Scope, name: str, lon: float, lat: float, k: int, *, kinds: Sequence[str] = (), max_km: float | None = None
) -> list[dict[str, Any]]:
    """Return the k rows nearest to a point (degrees) with "_km" (great circle), of some classes (kinds of places,
    sections of units; none given: all), nearest first. Rows that are closed are left out."""
    index = open_index(scope, name)
    base = index.base if index is not None else None
    over = index.over if index is not None else overlay_of(scope, source(name), None)
    found: list[tuple[float, Any]] = []
    if index is not None and base is not None and base.points is not None and base.rows is not None:
        keep = _seen(base, scope, over)
        wanted = [
            at for at, each in enumerate(base.finder.meta["classes"]) if each != CLOSED and (not kinds or each in kinds)
        ]
        keep &= np.isin(base.points.classes, wanted)
        positions, km = base.points.nearest(lon, lat, k, max_km=max_km, keep=keep)
        ids = base.row_ids(base.rows[positions]) if len(positions) else []
        found = list(zip(km.tolist(), ids, strict=True))
    if over is not None:
        found += _near_over(source(name), over, lon, lat, k, kinds, max_km)
    best = sorted(found, key=lambda pair: (pair[0], pair[1]))[:k]
    km_of = {str(each): km for km, each in best}
    rows = rows_by_ids(scope, source(name), [each for _, each in best])
    return [row | {"_km": km_of[row["_id"]]} for row in rows]


def classes_of(finder: Finder, found: Source) -> tuple[list[str], Array]:
    """Return (classes, class of each row): a unit's industry section, a place's kind; CLOSED for what is gone."""
    name, (state, gone) = found.register.classes, found.working
    codes, values = finder.codes(name)
    if found.register.by_name[name].kind == "industry":
        values = [value[:1] for value in values]
    classes = sorted(set(values))
    own = np.array([classes.index(value) for value in values] or [0], dtype="u2")[codes]
    states, known = finder.codes(state)
    own[np.isin(states, [at for at, value in enumerate(known) if value in gone])] = len(classes)
    return [*classes, CLOSED], own


def _add_base(tally: _Tally, base: Base, points: PointIndex, over: Overlay | None, scope: Scope, area: Area) -> None:
    """Add what the snapshot has: from its sums where all of it counts, else position by position."""
    classes = base.finder.meta["classes"]
    if "" in scope.prefixes and (over is None or not len(over.stale)):
        counts, sums = points.counts_and_sums(area)
    else:
        found = points.positions(area)
        found = found[_seen(base, scope, over)[found]]
        counts = np.bincount(points.classes[found], minlength=len(classes))
        sums = {name: int((run[found + 1] - run[found]).sum()) for name, run in points.weights.items()}
    tally.add({name: int(n) for name, n in zip(classes, counts, strict=True) if name != CLOSED}, sums)


def _seen(base: Base, scope: Scope, over: Overlay | None) -> Array:
    """Return which positions of the point index are in scope and still so."""
    rows = np.ones(base.finder.n, dtype=bool) if "" in scope.prefixes else base.finder.ranges(scope.prefixes)
    if over is not None:
        rows[over.stale] = False
    return np.asarray(rows[base.rows])


def _add_part(tally: _Tally, found: Source, over: Overlay, area: Area) -> None:
    """Add what was written since the snapshot (or all there is)."""
    points, rows = over.points
    hit = rows[points.positions(area)]
    classes, own = classes_of(over.finder, found)
    working = own[hit] != len(classes) - 1
    counts = np.bincount(own[hit], minlength=len(classes))
    tally.add(
        {name: int(n) for name, n in zip(classes, counts, strict=True) if name != CLOSED},
        {name: int(values[hit][working].sum()) for name, values in over.weights.items()},
    )


def _near_over(
    found: Source, over: Overlay, lon: float, lat: float, k: int, kinds: Sequence[str], max_km: float | None
) -> list[tuple[float, Any]]:
    points, rows = over.points
    classes, own = classes_of(over.finder, found)
    wanted = [at for at, each in enumerate(classes) if each != CLOSED and (not kinds or each in kinds)]
    positions, km = points.nearest(lon, lat, k, max_km=max_km, keep=np.isin(own[rows], wanted))
    return list(zip(km.tolist(), over.row_ids(rows[positions]) if len(positions) else [], strict=True))
