"""Pages and counts over the rows a finder selected: in list order, by a number, or by the sound of a name."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np

from anlan.territory.engine.finder import Array, Finder
from anlan.territory.engine.shape import NULL

LAST = 2**63 - 1  # rows without a value come last, in either direction
CHUNK = 4096


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by `field` ("" its own order), downwards or not."""

    field: str = ""
    down: bool = False


@dataclass(frozen=True)
class Spot:
    """The place of a row in an order, comparable between an index and what is laid over it: sort key (a number, or the
    ranks of a name), division, key."""

    value: Any
    division: str
    key: str

    def tuple(self) -> tuple[Any, str, str]:
        """Return what spots are compared by."""
        return self.value, self.division, self.key


def order_read(sort: str) -> Order:
    """Return the order of a query's `sort`."""
    return Order(sort.removeprefix("-"), sort.startswith("-"))


def page(
    finder: Finder, found: Array | None, order: Order, spot: Spot | None, limit: int, *, back: bool = False
) -> list[tuple[Spot, int]]:
    """Return up to `limit` of the rows in `found` that follow `spot` (come before it, nearest first, with `back`), each
    with its place in the order."""
    if order.field:
        rows = _sorted(finder, found, order, spot, limit, back)
    else:
        rows = _listed(finder, found, spot, limit, back)
    return [(spot_of(finder, row, order), row) for row in rows]


def spot_of(finder: Finder, row: int, order: Order) -> Spot:
    """Return the place of a row in an order."""
    return Spot(_value(finder, row, order), finder.division_of(row), finder.key_of(row))


def counts(finder: Finder, found: Array | None, name: str, length: int = 0) -> dict[str, int]:
    """Return value → number of rows in `found`; of divisions and prefixed codes the first `length` characters."""
    if name == "division":
        values, each = list(finder.meta["divisions"]), _by_division(finder, found)
    else:
        codes, values = finder.codes(name)
        each = np.bincount(codes if found is None else codes[found], minlength=len(values))
    result: dict[str, int] = {}
    for value, n in zip(values, each.tolist(), strict=True):
        if n:
            short = value[:length] if length else value
            result[short] = result.get(short, 0) + n
    return result


def flag_counts(finder: Finder, found: Array | None, name: str, n: int) -> list[int]:
    """Return how many rows in `found` have each of n flags."""
    masks = finder.arrays[f"b:{name}"]
    masks = masks if found is None else masks[found]
    masks = masks[masks != 0]
    return [int(np.count_nonzero(masks & np.uint32(1 << bit))) for bit in range(n)]


def total(finder: Finder, found: Array | None) -> int:
    """Return how many rows were found."""
    return finder.n if found is None else int(np.count_nonzero(found))


def _by_division(finder: Finder, found: Array | None) -> Array:
    starts = finder.arrays["division_starts"].astype("i8")
    if found is None:
        return np.diff(starts)
    running = np.concatenate([[0], np.cumsum(found, dtype="i8")])
    return np.diff(running[starts])


def _listed(finder: Finder, found: Array | None, spot: Spot | None, limit: int, back: bool) -> list[int]:
    start, there = finder.locate(spot.division, spot.key) if spot else (finder.n if back else 0, False)
    if found is None:
        low, high = (max(start - limit, 0), start) if back else (start + there, min(start + there + limit, finder.n))
        return list(range(low, high))[:: -1 if back else 1]
    rows: list[int] = []
    at, size = start if back else start + there, CHUNK
    while len(rows) < limit and (at > 0 if back else at < finder.n):
        low, high = (max(at - size, 0), at) if back else (at, min(at + size, finder.n))
        hits = np.flatnonzero(found[low:high]) + low
        rows += (hits[::-1] if back else hits)[: limit - len(rows)].tolist()
        at, size = (low if back else high), size * 4
    return rows


def _sorted(finder: Finder, found: Array | None, order: Order, spot: Spot | None, limit: int, back: bool) -> list[int]:
    """Walk the rows in the order asked for, from the spot on, until there are enough."""
    values, ranked = finder.ordered(order.field, order.down, lambda: _numbers(finder, order))
    start = finder.n if back else 0
    if spot is not None:
        place, there = finder.locate(spot.division, spot.key)
        mark = (_mark(finder, spot, order), place if back else place + there)
        start = bisect_left(ranked, mark, key=lambda row: (int(values[row]), int(row)))
    rows: list[int] = []
    at, size = start, CHUNK
    while len(rows) < limit and (at > 0 if back else at < finder.n):
        low, high = (max(at - size, 0), at) if back else (at, min(at + size, finder.n))
        hits = ranked[low:high] if found is None else ranked[low:high][found[ranked[low:high]]]
        rows += (hits[::-1] if back else hits)[: limit - len(rows)].tolist()
        at, size = (low if back else high), size * 4
    return rows


def _numbers(finder: Finder, order: Order) -> Array:
    """Return i8[n], ascending in the order asked for; LAST where there is no value."""
    if order.field in finder.shape.spoken:
        ranks = finder.arrays[f"r:{order.field}"].astype("i8") * 2  # odd numbers lie between two names
        return -ranks if order.down else ranks
    values = finder.arrays[f"v:{order.field}"].astype("i8")
    return np.where(values == NULL, LAST, -values if order.down else values)


def _mark(finder: Finder, spot: Spot, order: Order) -> int:
    """Return where a spot's value lies among `_numbers`."""
    if order.field not in finder.shape.spoken:
        return int(spot.value)
    ranked, words = finder.arrays[f"p:{order.field}"], finder.words[order.field]
    key = tuple(-rank for rank in spot.value) if order.down else spot.value
    at = bisect_left(ranked, key, key=lambda row: finder.pinyin.key(words.text(int(row))))
    if at == len(ranked):
        mark = 2 * finder.n + 1
    else:
        row = int(ranked[at])
        rank = 2 * int(finder.arrays[f"r:{order.field}"][row])
        mark = rank if finder.pinyin.key(words.text(row)) == key else rank - 1
    return -mark if order.down else mark


def _value(finder: Finder, row: int, order: Order) -> Any:
    if not order.field:
        return 0
    if order.field in finder.shape.spoken:
        key = finder.pinyin.key(finder.words[order.field].text(row))
        return tuple(-rank for rank in key) if order.down else key
    value = int(finder.arrays[f"v:{order.field}"][row])
    return LAST if value == NULL else -value if order.down else value
