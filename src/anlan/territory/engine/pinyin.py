"""Pinyin of single characters (拼音): with which letters a character may be read, and the order of names by sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

SORTED_BY = 16  # characters of a name that its place in the order follows
_LETTERS = range(ord("a"), ord("z") + 1)
_ALPHABET_FIRST = 0x10000  # characters come after letters and digits
_UNREAD = 0x20000


@dataclass(frozen=True)
class Pinyin:
    """`letters` code point → a bit for each first letter of its readings; `ranks` code point → order by first reading."""

    letters: Mapping[int, int]
    ranks: Mapping[int, int]

    def readings(self, alphabet: np.ndarray) -> np.ndarray:
        """Return, for code points u4[a], their letters u4[a]; a Latin letter is read as itself."""
        return np.array([self._letters(int(point)) for point in alphabet], dtype="u4")

    def order(self, alphabet: np.ndarray) -> np.ndarray:
        """Return, for code points u4[a], their place in the order of sound, u4[a], above 0 but for the line end."""
        return np.array([self.rank(int(point)) for point in alphabet], dtype="u4")

    def rank(self, point: int) -> int:
        """Return the place of one code point: signs, letters, characters by sound, characters never read."""
        if point in self.ranks:
            return _ALPHABET_FIRST + self.ranks[point]
        return 0 if point == ord("\n") else min(point, _ALPHABET_FIRST - 1) if point < _ALPHABET_FIRST else _UNREAD

    def key(self, text: str) -> tuple[int, ...]:
        """Return what a folded name is ordered by: the ranks of its first characters, filled up with 0."""
        ranks = [self.rank(ord(letter)) for letter in text[:SORTED_BY]]
        return (*ranks, *[0] * (SORTED_BY - len(ranks)))

    def _letters(self, point: int) -> int:
        if point in _LETTERS:
            return 1 << (point - ord("a"))
        return self.letters.get(point, 0)

    @cached_property
    def spoken(self) -> int:
        """Return how many characters have a reading."""
        return len(self.letters)


def pinyin_read(text: str) -> Pinyin:
    """Return the table of `data/pinyin.tsv`: lines of syllable, characters read so first, characters also read so."""
    letters: dict[int, int] = {}
    ranks: dict[int, int] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        syllable, main, other = line.split("\t")
        bit = 1 << (ord(syllable[0]) - ord("a"))
        for letter in main + other:
            letters[ord(letter)] = letters.get(ord(letter), 0) | bit
        for letter in main:
            ranks[ord(letter)] = len(ranks)
    return Pinyin(letters, ranks)
