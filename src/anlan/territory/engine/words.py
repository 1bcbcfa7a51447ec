"""Words in many short texts (检索词): exactly "contains", found through pairs of neighbouring characters.

Every text becomes a run of small codes, one for each different character, ended by the code 0. For each pair of
neighbours there is a list of the rows that hold it, ascending, with the place of the pair in the text. A longer word
is the rows where its pairs stand at the right distance; where a pair comes twice in a text, the text itself decides.
Pinyin initials (拼音首字母) run through the same lists: "hz" is all pairs whose characters may begin with h and z.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

Array = np.ndarray
END = "\n"  # closes every text; never part of a word
NONE, MANY = 255, 254  # no such pair in the row; more than one, or beyond BITS: then the mask tells, 0 for beyond
BITS = 64
BIT = np.concatenate([np.uint64(1) << np.arange(BITS, dtype="u8"), np.zeros(256 - BITS, dtype="u8")])
FEW = 4096  # so many rows are rather read than narrowed down further
LONG = 512  # a list at least so long is copied whole, not gathered with others


@dataclass(frozen=True)
class Words:
    """The index of one field. Shapes: chars u2[c], starts u4[n+1], alphabet u4[a] (code points, ascending, END first),
    keys u4[k] (first * a + second, ascending), offsets u4[k+1], rows u4[m], places u1[m]; several u4[s], which of the m
    are MANY, and masks u8[s], a bit for each place of those."""

    chars: Array
    starts: Array
    alphabet: Array
    keys: Array
    offsets: Array
    rows: Array
    places: Array
    several: Array
    masks: Array

    NAMES = ("chars", "starts", "alphabet", "keys", "offsets", "rows", "places", "several", "masks")

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by name, to be kept in files."""
        return {name: getattr(self, name) for name in self.NAMES}

    @cached_property
    def first_keys(self) -> Array:
        """Return i8[a+1]: where in `keys` the pairs that begin with each character stand."""
        size = len(self.alphabet)
        return np.searchsorted(self.keys, np.arange(size + 1, dtype="u8") * size)

    def text(self, row: int) -> str:
        """Return the folded text of one row."""
        codes = self.chars[self.starts[row] : self.starts[row + 1] - 1]
        return str(self.alphabet[codes].astype("<u4").tobytes().decode("utf-32-le"))

    def codes(self, word: str) -> list[Array] | None:
        """Return, for each character of a word, its code; None when some character comes in no text."""
        points = np.frombuffer(word.encode("utf-32-le"), dtype="<u4")
        found = np.searchsorted(self.alphabet, points)
        found[found == len(self.alphabet)] = 0
        if not len(points) or (self.alphabet[found] != points).any() or (found == 0).any():
            return None
        return [found[at : at + 1] for at in range(len(found))]

    def contains(self, word: str) -> Array | None:
        """Return bool[n]: the rows whose text contains the folded `word`; None for no row at all."""
        codes = self.codes(word)
        return None if codes is None else self.match(codes)

    def initials(self, word: str, readings: Array) -> Array | None:
        """Return bool[n]: the rows where neighbouring characters begin with these letters; None for no row at all.

        `readings` u4[a]: for each character of the alphabet, a bit for each letter its readings begin with.
        """
        letters = [ord(letter) - ord("a") for letter in word]
        codes = [np.flatnonzero(readings >> np.uint32(letter) & np.uint32(1)) for letter in letters]
        return self.match(codes) if all(len(each) for each in codes) else None

    def match(self, codes: Sequence[Array]) -> Array | None:
        """Return bool[n]: the rows with neighbours out of each of these sets of codes in turn; None for no row."""
        if len(codes) == 1:
            return self._single(codes[0])
        lists = [self._lists(first, second) for first, second in pairwise(codes)]
        sizes = [int(sum(stop - start for start, stop in each)) for each in lists]
        if min(sizes) == 0:
            return None
        if len(codes) == 2:
            found = np.zeros(self.n, dtype=bool)
            for at in self._postings(lists[0]):
                found[self.rows[at]] = True
            return found
        return self._longer(codes, lists, sizes)

    def _single(self, codes: Array) -> Array:
        found = np.zeros(self.n, dtype=bool)
        for code in codes:
            low, high = self.first_keys[code], self.first_keys[code + 1]
            found[self.rows[self.offsets[low] : self.offsets[high]]] = True
        return found

    def _lists(self, first: Array, second: Array) -> Array:
        """Return i8[l, 2]: where the lists of the pairs (one of `first`, one of `second`) start and stop."""
        size = len(self.alphabet)
        if len(first) == len(second) == 1:
            key = np.uint64(int(first[0]) * size + int(second[0]))
            at = int(np.searchsorted(self.keys, key))
            hits = np.array([at] if at < len(self.keys) and self.keys[at] == key else [], dtype="i8")
        else:
            wanted = np.zeros(size, dtype=bool)
            wanted[second] = True
            low, high = self.first_keys[first], self.first_keys[first + 1]
            keys = spans(low, high)
            hits = keys[wanted[self.keys[keys] - np.repeat(first.astype("u4") * np.uint32(size), high - low)]]
        return np.stack([self.offsets[hits], self.offsets[hits + 1]], axis=1).astype("i8")

    def _postings(self, lists: Array) -> Iterator[Array | slice]:
        """Yield which of the m entries some lists are: long lists as they lie, the short ones gathered."""
        size = lists[:, 1] - lists[:, 0]
        for start, stop in lists[size >= LONG]:
            yield slice(int(start), int(stop))
        short = lists[size < LONG]
        if len(short):
            yield spans(short[:, 0], short[:, 1])

    def _longer(self, codes: Sequence[Array], lists: list[Array], sizes: list[int]) -> Array:
        """Narrow down from the rarest pair; read the texts as soon as few rows are left."""
        first = int(np.argmin(sizes))
        if sizes[first] <= FEW:
            return self._read(np.unique(np.concatenate([self.rows[at] for at in self._postings(lists[first])])), codes)
        base = self._places(lists[first])
        left, sure = base != NONE, base != MANY
        covered, used = {first, first + 1}, [(first, base)]
        for at in sorted(range(len(lists)), key=sizes.__getitem__):
            if {at, at + 1} <= covered:
                continue
            covered |= {at, at + 1}
            here = self._places(lists[at])
            used.append((at, here))
            known = here != MANY
            fits = here == base + np.uint8((at - first) & 255)
            fits |= ~(sure & known)
            fits &= here != NONE
            left &= fits
            sure &= known
            if np.count_nonzero(left) <= FEW:
                return self._read(np.flatnonzero(left), codes)
        found: Array = left & sure
        unsure = np.flatnonzero(left & ~sure)
        if len(unsure):
            self._weigh(unsure, [(at - first, here, lists[at]) for at, here in used], codes, found)
        return found

    def _weigh(self, rows: Array, used: list[tuple[int, Array, Array]], codes: Sequence[Array], found: Array) -> None:
        """Settle in `found` the rows where some pair comes more than once: by the masks, at last by their texts."""
        together, wanted = np.full(len(rows), ~np.uint64(0)), np.zeros(self.n, dtype=bool)
        wanted[rows] = True
        vague = np.zeros(len(rows), dtype=bool)
        for step, here, lists in used:
            places = here[rows]
            mask = BIT[places] | self._masks(lists, wanted)[rows]
            vague |= (mask == 0) | ((mask >> np.uint64(BITS - 1)) & np.uint64(1)).astype(bool)
            together &= mask >> np.uint64(step) if step >= 0 else mask << np.uint64(-step)
        found[rows[(together != 0) & ~vague]] = True
        if vague.any():
            found |= self._read(rows[vague], codes)

    def _masks(self, lists: Array, wanted: Array) -> Array:
        """Return u8[n]: the places of a pair, at least in those `wanted` rows (bool[n]) where they are several."""
        found = np.zeros(self.n, dtype="u8")
        for at in self._postings(lists):
            if isinstance(at, slice):
                low, high = np.searchsorted(self.several, [at.start, at.stop])
                rows, masks = self.rows[self.several[low:high]], self.masks[low:high]
            else:
                many = at[self.places[at] == MANY]
                rows, masks = self.rows[many], self.masks[np.searchsorted(self.several, many)]
            if len(lists) == 1:
                found[rows] = masks
                return found
            np.bitwise_or.at(found, rows, masks)
            single = self.rows[at]
            hit = wanted[single]
            places = self.places[at][hit]
            np.bitwise_or.at(found, single[hit][places != MANY], BIT[places[places != MANY]])
        return found

    def _places(self, lists: Array) -> Array:
        """Return u1[n]: the place of a pair in each row, NONE or MANY."""
        if len(lists) == 1 and lists[0, 1] - lists[0, 0] == self.n:  # every row holds it, so they lie in order
            return np.asarray(self.places[lists[0, 0] : lists[0, 1]])
        found = np.full(self.n, NONE, dtype="u1")
        several = len(lists) > 1
        for at in self._postings(lists):
            rows, places = self.rows[at], self.places[at]
            if several:
                places = np.where(found[rows] == NONE, places, MANY).astype("u1")
            found[rows] = places
            if several and not isinstance(at, slice):  # one row twice: what was written last differs from one of them
                clash = rows[found[rows] != places]
                found[clash] = MANY
        return found

    def _read(self, rows: Array, codes: Sequence[Array]) -> Array:
        """Return bool[n]: which of some rows hold the word, by their texts."""
        found = np.zeros(self.n, dtype=bool)
        start = self.starts[rows].astype("i8")
        room = np.maximum(self.starts[rows + 1].astype("i8") - start - len(codes), 0)
        at, owner = spans(start, start + room), np.repeat(rows, room)
        for step, wanted in enumerate(codes):
            chars = self.chars[at + step]
            hit = chars == wanted[0] if len(wanted) == 1 else np.isin(chars, wanted)
            at, owner = at[hit], owner[hit]
        found[owner] = True
        return found


def spans(starts: Array, stops: Array) -> Array:
    """Return the whole numbers of all ranges [start, stop) one after the other. i8.

    >>> spans(np.array([3, 10]), np.array([5, 13])).tolist()
    [3, 4, 10, 11, 12]
    """
    sizes = np.maximum(stops.astype("i8") - starts.astype("i8"), 0)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total, dtype="i8") + np.repeat(starts.astype("i8") - (ends - sizes), sizes))
