"""A register as columns in list order (division, key): which rows match, how many, in which order. Exact.

Rows of one division lie together, so a division, and a reader's scope, is a few ranges of rows. A filter is a column
of small codes. Words are in `words`. An answer is bool[n], or None for "all rows".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from anlan.territory.engine.pinyin import Pinyin
from anlan.territory.engine.query import Query
from anlan.territory.engine.shape import NULL, Shape
from anlan.territory.engine.words import Words

Array = np.ndarray
DIGITS_LEAST = 4
INITIALS_LEAST = 2
_HIGH = "\x7f"  # behind every digit and letter


@dataclass(frozen=True)
class Reach:
    """What a reader may see: rows inside these division prefixes, and those of exactly these divisions."""

    prefixes: tuple[str, ...] = ("",)
    exact: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Is everything seen?"""
        return "" in self.prefixes


@dataclass(frozen=True)
class Finder:
    """n rows. Arrays: ids u1[n,16]; keys u1[], key_starts u4[n+1]; division_starts u4[d+1]; "f:x" codes of a filter;
    "b:x" bit masks; "v:x" numbers; "d:x" telephone digits as a number and "l:x" how many; "e" u8[n] what is empty;
    "r:x" place of a name by sound and "p:x" the rows in that order; "w:x:part" words.
    `meta`: divisions (ascending) and values of each filter (ascending)."""

    shape: Shape
    arrays: Mapping[str, Array]
    meta: Mapping[str, Any]
    pinyin: Pinyin
    _readings: dict[str, Array] = field(default_factory=dict, compare=False)
    _ordered: dict[tuple[str, bool], tuple[Array, Array]] = field(default_factory=dict, compare=False)

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.arrays["key_starts"]) - 1

    @cached_property
    def words(self) -> dict[str, Words]:
        """Return field → index of its words."""
        return {name: Words(*(self.arrays[f"w:{name}:{part}"] for part in Words.NAMES)) for name in self.shape.words}

    def answers(self, query: Query) -> bool:
        """Can the index alone answer this question?"""
        known = {"division", "missing", *self.shape.filters, *self.shape.flags}
        missing = set(query.filters.get("missing", ()))
        sort = query.sort.removeprefix("-")
        return (
            known >= {name for name, values in query.filters.items() if values}
            and set(self.shape.empties) >= missing
            and set(self.shape.numbers) >= set(query.between)
            and (not sort or sort in self.shape.numbers or sort in self.shape.spoken)
            and (self.shape.register.point or (query.bbox is None and query.area is None))
        )

    def select(
        self,
        query: Query,
        reach: Reach,
        *,
        digits: bool = False,
        without: str = "",
        bits: Mapping[str, int] | None = None,
        hidden: Mapping[str, Sequence[str]] | None = None,
        inside: Array | None = None,
        between: Mapping[str, Sequence[int | None]] | None = None,
    ) -> Array | None:
        """Return bool[n], None for all rows. `bits`: flag field → mask asked for; `hidden`: filter → values left out;
        `inside`: rows within the area asked for; `between`: number field → first and last value; `without`: a filter left out."""
        found = _and(None if reach.whole else self.ranges(reach.prefixes, reach.exact), None)
        for name, values in query.filters.items():
            if values and name != without:
                found = _and(found, self._filter(name, tuple(values), bits or {}))
        for name, (first, last) in (between or {}).items():
            found = _and(found, self._between(name, first, last))
        for name, gone in (hidden or {}).items():
            found = _and(found, ~self._equal(name, gone))
        for word in query.words:
            found = _and(found, self.word(word, digits=digits))
        if inside is not None:
            there = np.zeros(self.n, dtype=bool)
            there[inside] = True
            found = _and(found, there)
        return found

    def word(self, word: str, *, digits: bool = False) -> Array:
        """Return the rows one of whose texts contains the word, whose name is read so, or whose telephone ends so."""
        found = np.zeros(self.n, dtype=bool)
        for index in self.words.values():
            _or(found, index.contains(word))
        if len(word) >= INITIALS_LEAST and word.isascii() and word.isalpha():
            for name in self.shape.spoken:
                _or(found, self.words[name].initials(word, self._readings_of(name)))
        if digits and len(word) >= DIGITS_LEAST and word.isascii() and word.isdigit():
            tail, value = 10 ** len(word), int(word)
            for name in self.shape.digits:
                enough = self.arrays[f"l:{name}"] >= len(word)
                _or(found, enough & (self.arrays[f"d:{name}"] % tail == value))
        return found

    def ranges(self, prefixes: Iterable[str], exact: Iterable[str] = ()) -> Array:
        """Return the rows inside any of these divisions."""
        found = np.zeros(self.n, dtype=bool)
        starts, divisions = self.arrays["division_starts"], self.meta["divisions"]
        for prefix in prefixes:
            low, high = bisect_left(divisions, prefix), bisect_left(divisions, prefix + _HIGH)
            found[starts[low] : starts[high]] = True
        for code in exact:
            at = bisect_left(divisions, code)
            if at < len(divisions) and divisions[at] == code:
                found[starts[at] : starts[at + 1]] = True
        return found

    def codes(self, name: str) -> tuple[Array, list[str]]:
        """Return the codes of a filter and the values they stand for."""
        return self.arrays[f"f:{name}"], self.meta["values"][name]

    def division_of(self, position: int) -> str:
        """Return the division of one row."""
        at = int(np.searchsorted(self.arrays["division_starts"], position, side="right")) - 1
        return str(self.meta["divisions"][at])

    def key_of(self, position: int) -> str:
        """Return the natural key of one row."""
        low, high = self.arrays["key_starts"][position : position + 2]
        return bytes(self.arrays["keys"][low:high]).decode()

    def locate(self, division: str, key: str) -> tuple[int, bool]:
        """Return where a row stands, or would stand, and whether it is there."""
        divisions, starts = self.meta["divisions"], self.arrays["division_starts"]
        at = bisect_left(divisions, division)
        if at == len(divisions) or divisions[at] != division:
            return int(starts[at]), False
        low, high = int(starts[at]), int(starts[at + 1])
        spot = low + bisect_left(range(low, high), key.encode(), key=lambda p: self.key_of(p).encode())
        return spot, spot < high and self.key_of(spot) == key

    def ordered(self, name: str, down: bool, values: Callable[[], Array]) -> tuple[Array, Array]:
        """Return (values i8[n], rows u4[n] ascending by them, then in list order); made once for each order."""
        if (name, down) not in self._ordered:
            made = values()
            self._ordered[name, down] = made, np.argsort(made, kind="stable").astype("u4")
        return self._ordered[name, down]

    def _filter(self, name: str, values: tuple[str, ...], bits: Mapping[str, int]) -> Array:
        if name == "division":
            return self.ranges(values)
        if name == "missing":
            mask = np.uint64(sum(1 << self.shape.empties.index(value) for value in set(values)))
            return np.asarray(self.arrays["e"] & mask == mask)
        if name in self.shape.flags:
            return np.asarray(self.arrays[f"b:{name}"] & np.uint32(bits[name]) != 0)
        return self._prefixed(name, values) if name in self.shape.prefixed else self._equal(name, values)

    def _equal(self, name: str, values: Sequence[str]) -> Array:
        codes, known = self.codes(name)
        found = np.zeros(self.n, dtype=bool)
        for value in values:
            at = bisect_left(known, value)
            if at < len(known) and known[at] == value:
                found |= codes == at
        return found

    def _prefixed(self, name: str, values: Sequence[str]) -> Array:
        codes, known = self.codes(name)
        found = np.zeros(self.n, dtype=bool)
        for value in values:
            low, high = bisect_left(known, value), bisect_right(known, value + _HIGH)
            found |= (codes >= low) & (codes < high)
        return found

    def _between(self, name: str, first: Any, last: Any) -> Array:
        values = self.arrays[f"v:{name}"]
        found = values != NULL
        if first is not None:
            found &= values >= first
        if last is not None:
            found &= values <= last
        return np.asarray(found)

    def _readings_of(self, name: str) -> Array:
        if name not in self._readings:
            self._readings[name] = self.pinyin.readings(self.words[name].alphabet)
        return self._readings[name]


def _and(found: Array | None, more: Array | None) -> Array | None:
    if found is None or more is None:
        return more if found is None else found
    found &= more
    return found


def _or(found: Array, more: Array | None) -> None:
    if more is not None:
        found |= more
