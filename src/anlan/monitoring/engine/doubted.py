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


class Doubts:
    """Doubtful readings by series index. Few: a sensor that sends nothing but nonsense has a day of them at most."""

    def __init__(self, series: int) -> None:
        self.any = np.zeros(series, dtype=bool)  # has any at all
        self.in_time = np.zeros(series, dtype=bool)  # has some that its neighbours in time made doubtful
        self._by: dict[int, dict[int, tuple[float, int]]] = {}

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

    def let_go(self, cut: Ints) -> None:
        """Forget what is not later than its series' cut."""
        for series in np.flatnonzero(self.any).tolist():
            own = self._by.get(series, {})
            if own and min(own) <= cut[series]:
                self._set(series, {at: pair for at, pair in own.items() if at > cut[series]})

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
