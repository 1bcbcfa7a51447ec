"""Doubtful readings a shard still has in mind: they count in nothing, but come again, and may be believed later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.belief import IN_TIME
from anlan.monitoring.engine.columns import Floats, Ints, Mask


class Doubt(NamedTuple):
    """A doubtful reading: time (µs), value, code of its quality."""

    at: int
    value: float
    code: int


CROWD = 512  # of one series; over twice what was left the last time, what is old is let go


class Doubts:
    """Doubtful readings by series index. Few, but of sensors that send nothing but nonsense."""

    def __init__(self, series: int) -> None:
        self.any = np.zeros(series, dtype=bool)  # has any at all
        self.in_time = np.zeros(series, dtype=bool)  # has some that its neighbours in time made doubtful
        self._by: dict[int, dict[int, tuple[float, int]]] = {}
        self._left: dict[int, int] = {}  # how many were left of a crowded series

    def put(self, series: int, doubt: Doubt) -> None:
        """Keep a doubtful reading, over one of the same time."""
        self._by.setdefault(series, {})[doubt.at] = (doubt.value, doubt.code)
        self.any[series] = True
        self.in_time[series] |= doubt.code in IN_TIME

    def of(self, series: int) -> list[Doubt]:
        """Return a series' doubtful readings by time."""
        return [Doubt(at, value, code) for at, (value, code) in sorted(self._by.get(series, {}).items())]

    def replace_in_time(self, series: int, doubts: list[Doubt]) -> None:
        """Put other readings in place of those the neighbours in time made doubtful."""
        kept = {at: (v, c) for at, (v, c) in self._by.get(series, {}).items() if c not in IN_TIME}
        kept |= {doubt.at: (doubt.value, doubt.code) for doubt in doubts}
        self._set(series, kept)

    def crowded(self, series: int) -> bool:
        """Are there so many that it is time to let go of old ones?"""
        return len(self._by.get(series, ())) > CROWD + 2 * self._left.get(series, 0)

    def let_go(self, series: int, cut: int) -> None:
        """Forget what is not later than `cut` (µs)."""
        own = {at: pair for at, pair in self._by.get(series, {}).items() if at > cut}
        self._set(series, own)
        self._left[series] = len(own)

    def known(self, series: Ints, at: Ints, value: Floats) -> tuple[Mask, Mask]:
        """Tell which rows are among them, and which of those came with another value."""
        there, other = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
        for row in np.flatnonzero(self.any[series]).tolist():
            pair = self._by[int(series[row])].get(int(at[row]))
            if pair is not None:
                there[row] = True
                other[row] = not (pair[0] == value[row] or (np.isnan(pair[0]) and np.isnan(value[row])))
        return there, other

    def every(self) -> Iterator[tuple[int, Doubt]]:
        """Return all of them by series, then time."""
        for series in sorted(self._by):
            for doubt in self.of(series):
                yield series, doubt

    def _set(self, series: int, own: dict[int, tuple[float, int]]) -> None:
        if own:
            self._by[series] = own
        else:
            self._by.pop(series, None)
        self.any[series] = bool(own)
        self.in_time[series] = any(code in IN_TIME for _, code in own.values())
