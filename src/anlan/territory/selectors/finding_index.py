"""A question to a register answered by its index: the snapshot's rows that are still so, and those written since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from anlan.territory import choices
from anlan.territory.engine import listing
from anlan.territory.engine.finder import Array, Finder
from anlan.territory.engine.listing import Order, Spot, order_read
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.query import Cursor, Query
from anlan.territory.engine.register import Field
from anlan.territory.selectors.finding_sql import Key
from anlan.territory.selectors.index import Base, Index, Overlay
from anlan.territory.selectors.register_where import flag_bits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Answer:
    """The rows of an index that answer a question: `base` bool[n] and `over` bool[m], None for all."""

    def __init__(self, index: Index, query: Query, *, digits: bool = False, without: str = "") -> None:
        self.index, self.query = index, query
        finder, over = index.base.finder, index.over
        self.between = {
            name: tuple(_number(finder.shape.field(name), value) for value in ends)
            for name, ends in query.between.items()
        }
        self.base = self._select(finder, index.base.points, index.base.rows, digits, without)
        self.over: Array | None = None
        if over is not None:
            if len(over.stale):
                self.base = np.ones(finder.n, dtype=bool) if self.base is None else self.base
                self.base[over.stale] = False
            points, rows = over.points if finder.shape.register.point else (None, None)
            self.over = self._select(over.finder, points, rows, digits, without)

    def total(self) -> int:
        """Return how many rows there are."""
        over = self.index.over
        more = listing.total(over.finder, self.over) if over is not None else 0
        return listing.total(self.index.base.finder, self.base) + more

    def keys(self, cursor: Cursor | None, limit: int) -> list[Key]:
        """Return the keys of the rows that follow the cursor, in the direction it goes."""
        order, back = order_read(self.query.sort), cursor is not None and cursor.back
        spot = self._spot(cursor, order) if cursor else None
        base, over = self.index.base, self.index.over
        found: list[tuple[Spot, Base | Overlay, int]] = [
            (spot_, base, row) for spot_, row in listing.page(base.finder, self.base, order, spot, limit, back=back)
        ]
        if over is not None:
            laid = listing.page(over.finder, self.over, order, spot, limit, back=back)
            found += [(spot_, over, row) for spot_, row in laid]
            found.sort(key=lambda each: each[0].tuple(), reverse=back)
        return [
            (part.row_ids([row])[0], spot_.division, spot_.key, self._carried(order, spot_.value))
            for spot_, part, row in found[:limit]
        ]

    def facets(self, item: Field, length: int) -> dict[str, int]:
        """Return value → number of rows; of `length` > 0 the first characters of the value."""
        parts = [(self.index.base.finder, self.base)]
        if self.index.over is not None:
            parts.append((self.index.over.finder, self.over))
        counts: dict[str, int] = {}
        for finder, found in parts:
            for value, n in _counts(finder, found, item, length).items():
                counts[value] = counts.get(value, 0) + n
        return counts

    def ids(self, size: int) -> Iterator[list[UUID]]:
        """Yield the ids of all rows in list order, `size` at a time."""
        finder, over = self.index.base.finder, self.index.over
        rows = np.arange(finder.n) if self.base is None else np.flatnonzero(self.base)
        ids, places = finder.arrays["ids"][rows], rows * 2 + 1
        if over is not None:
            laid = np.arange(over.finder.n) if self.over is None else np.flatnonzero(self.over)
            spots = (finder.locate(over.finder.division_of(row), over.finder.key_of(row)) for row in laid.tolist())
            own = np.array([2 * place + there for place, there in spots], dtype="i8")
            ids = np.concatenate([ids, over.finder.arrays["ids"][laid]])
            places = np.concatenate([places, own])
            ids = ids[np.argsort(places, kind="stable")]
        for start in range(0, len(ids), size):
            yield [UUID(bytes=bytes(each)) for each in ids[start : start + size]]

    def _select(
        self, finder: Finder, points: PointIndex | None, rows: Array | None, digits: bool, without: str
    ) -> Array | None:
        source, query = self.index.source, self.query
        bits = {name: flag_bits(finder.shape.field(name), tuple(query.filters[name]))
                for name in finder.shape.flags if query.filters.get(name)}  # fmt: skip
        hidden: Mapping[str, Any] = {}
        if source.state and source.state[0] not in query.filters:
            hidden = {source.state[0]: source.state[1]}
        inside = _inside(query, points, rows) if points is not None and rows is not None else None
        return finder.select(
            query, self.index.reach, digits=digits, without=without, bits=bits, hidden=hidden, inside=inside,
            between=self.between,
        )  # fmt: skip

    def _spot(self, cursor: Cursor, order: Order) -> Spot | None:
        """Return the cursor's place in the order; None (the first page) where its row is no longer to be found."""
        finder = self.index.base.finder
        if not order.field:
            return Spot(0, cursor.division, cursor.key)
        if order.field not in finder.shape.spoken:
            value = _number(finder.shape.field(order.field), cursor.value)
            value = listing.LAST if value is None else -value if order.down else value
            return Spot(value, cursor.division, cursor.key)
        for part in (self.index.over, self.index.base):
            if part is not None:
                row, there = part.finder.locate(cursor.division, cursor.key)
                if there:
                    return listing.spot_of(part.finder, row, order)
        return None

    def _carried(self, order: Order, value: Any) -> Any:
        """Return the value a cursor carries, as the database writes it."""
        finder = self.index.base.finder
        if not order.field or order.field in finder.shape.spoken or value == listing.LAST:
            return None
        value = -value if order.down else value
        if order.field == "updated_at":
            return (EPOCH + value * MICROSECOND).isoformat()
        if finder.shape.field(order.field).kind == "date":
            return (EPOCH.date() + timedelta(days=value)).isoformat()
        return value


def answers(index: Index, query: Query) -> bool:
    """Can the index alone answer? Times are not compared with dates here."""
    finder = index.base.finder
    return finder.answers(query) and not any(
        isinstance(value, datetime | str) and name != "updated_at"
        for name, ends in query.between.items()
        for value in ends
    )


def _inside(query: Query, points: PointIndex, rows: Array) -> Array | None:
    """Return the rows whose point lies in the box and the area; None when neither is asked for."""
    found: Array | None = None
    if query.bbox is not None:
        found = rows[points.in_box(*query.bbox)]
    if query.area is not None:
        within = rows[points.positions(query.area)]
        found = within if found is None else np.intersect1d(found, within)
    return found


def _counts(finder: Finder, found: Array | None, item: Field, length: int) -> dict[str, int]:
    if item.kind == "flags":
        codes = list(getattr(choices, item.choices))
        return dict(zip(codes, listing.flag_counts(finder, found, item.name, len(codes)), strict=True))
    return listing.counts(finder, found, item.name, length)


def _number(item: Field, value: Any) -> int | None:
    """Return a value of a number field as its column keeps it."""
    if value is None:
        return None
    if item.name == "updated_at":
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // MICROSECOND
    if item.kind == "date":
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return (day - EPOCH.date()).days
    return int(value)
