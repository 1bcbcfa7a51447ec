"""Where a shard keeps its lines: one growing pool of arrays with a segment for each series."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import Floats, Ints, spread
from anlan.monitoring.engine.lines import Lines

LEAST = 16
SMALL = 4096  # readings; a pool under this isn't worth tidying


class Pool:
    """Readings of many series in segments of three arrays. A segment that is full lets go what is older than its series
    is kept for, else moves to a larger one at the end of the pool."""

    def __init__(self, silence: Ints) -> None:
        count = len(silence)
        self.at = np.zeros(0, dtype=np.int64)
        self.value = np.zeros(0, dtype=np.float64)
        self.total = np.zeros(0, dtype=np.int64)
        self.head = np.zeros(count, dtype=np.int64)  # where each segment begins
        self.room = np.zeros(count, dtype=np.int64)
        self.start = np.zeros(count, dtype=np.int64)
        self.stop = np.zeros(count, dtype=np.int64)
        self.base = np.zeros(count, dtype=np.int64)
        self.silence = silence
        self.used = 0

    def lines(self) -> Lines:
        """Return what is kept, for looking things up. Valid until the next change."""
        return Lines(self.at, self.value, self.total, self.start, self.stop, self.base, self.silence)

    def newest(self) -> Ints:
        """Return the time of each series' newest believed reading, the far past where there is none."""
        there = self.stop > self.start
        return np.where(there, self.at[np.where(there, self.stop - 1, 0)] if len(self.at) else 0, -(2**62))

    def last_value(self, series: Ints) -> Floats:
        """Return the newest believed value of each of these series; NaN where there is none."""
        there = self.stop[series] > self.start[series]
        found = self.value[np.where(there, self.stop[series] - 1, 0)] if len(self.at) else np.zeros(len(series))
        return np.where(there, found, np.nan)

    def last_total(self, series: Ints) -> Ints:
        """Return the running sum after the newest reading of each of these series."""
        there = self.stop[series] > self.start[series]
        found = self.total[np.where(there, self.stop[series] - 1, 0)] if len(self.at) else 0
        return np.where(there, found, self.base[series])

    def append(self, series: Ints, at: Ints, value: Floats, amount: Ints, cut: Ints) -> None:
        """Add rows sorted by series, then time, all newer than what their series has. `amount`: what each adds to the
        running sum, millionths; `cut`: for every series of the pool, up to when its readings may be let go."""
        self._tidy()
        touched, first, count = np.unique(series, return_index=True, return_counts=True)
        self._make_room(touched, count, cut)
        rank = np.arange(len(series)) - np.repeat(first, count)
        spot = np.repeat(self.stop[touched], count) + rank
        running = np.cumsum(amount)
        before = np.repeat(running[first] - amount[first], count)
        self.at[spot], self.value[spot] = at, value
        self.total[spot] = running - before + np.repeat(self.last_total(touched), count)
        self.stop[touched] += count

    def rewrite(self, series: Ints, count: Ints, at: Ints, value: Floats, amount: Ints) -> None:
        """Put other readings in place of all of some series': `count` rows each, in the order of `series`."""
        self._tidy()
        small = count > self.room[series]
        self._move(series[small], count[small])
        self.start[series] = self.head[series]
        self.stop[series] = self.start[series] + count
        spot, _ = spread(self.start[series], count)
        running = np.cumsum(amount)
        before = np.concatenate((np.zeros(1, dtype=np.int64), running))[np.cumsum(count) - count]
        self.at[spot], self.value[spot] = at, value
        self.total[spot] = running - np.repeat(before, count) + np.repeat(self.base[series], count)

    def _make_room(self, series: Ints, count: Ints, cut: Ints) -> None:
        full = self.stop[series] + count > self.head[series] + self.room[series]
        for one, more in zip(series[full].tolist(), count[full].tolist(), strict=True):
            self._let_go(one, int(cut[one]))
            if self.stop[one] + more > self.head[one] + self.room[one] * 3 // 4 or self.room[one] == 0:
                grown = np.array([max(LEAST, (self.stop[one] - self.start[one] + more) * 2)])
                self._move(np.array([one]), grown, exact=True)

    def _let_go(self, one: int, cut: int) -> None:
        """Forget the readings of a series up to `cut` and move the others to the front of its segment."""
        start, stop, head = int(self.start[one]), int(self.stop[one]), int(self.head[one])
        keep = start + int(np.searchsorted(self.at[start:stop], cut, side="right"))
        if keep > start:
            self.base[one] = self.total[keep - 1]
        for column in (self.at, self.value, self.total):
            column[head : head + stop - keep] = column[keep:stop].copy()
        self.start[one], self.stop[one] = head, head + stop - keep

    def _move(self, series: Ints, need: Ints, *, exact: bool = False) -> None:
        """Give series larger segments at the end of the pool, taking what they have along."""
        if len(series) == 0:
            return
        rooms = need if exact else np.maximum(LEAST, need + need // 2)
        self._reserve(self.used + int(rooms.sum()))
        for one, room in zip(series.tolist(), rooms.tolist(), strict=True):
            start, stop = int(self.start[one]), int(self.stop[one])
            kept = min(stop - start, room)
            for column in (self.at, self.value, self.total):
                column[self.used : self.used + kept] = column[start : start + kept]
            self.head[one], self.room[one] = self.used, room
            self.start[one], self.stop[one] = self.used, self.used + kept
            self.used += room

    def _tidy(self) -> None:
        """Put the segments close together again when over half of the pool is ground that was left behind. Only before
        anything is measured out: rooms change."""
        if self.used < SMALL or int(self.room.sum()) * 2 > self.used:
            return
        kept = self.dump()
        self.at, self.value, self.total = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
        self.used = 0
        rows = (kept["at"].astype(np.int64), kept["value"].astype(np.float64), kept["total"].astype(np.int64))
        every = np.flatnonzero(self.room)
        self.undump(every, kept["count"][every].astype(np.int64), self.base[every], rows)

    def _reserve(self, size: int) -> None:
        if size > len(self.at):
            grown = max(size, len(self.at) * 3 // 2)
            for name in ("at", "value", "total"):
                column = getattr(self, name)
                fresh = np.zeros(grown, dtype=column.dtype)
                fresh[: self.used] = column[: self.used]
                setattr(self, name, fresh)

    def dump(self) -> dict[str, Ints | Floats]:
        """Return everything that is kept, packed tightly, as arrays by name."""
        count = self.stop - self.start
        spot, _ = spread(self.start, count)
        return {
            "at": self.at[spot], "value": self.value[spot], "total": self.total[spot], "count": count,
            "base": self.base.copy(),
        }  # fmt: skip

    def undump(self, series: Ints, count: Ints, base: Ints, rows: tuple[Ints, Floats, Ints]) -> None:
        """Fill an empty pool: `count` rows for each of `series`, their running sums following `base`."""
        room = np.maximum(LEAST, count + count // 4)
        head = np.cumsum(room) - room
        self._reserve(int(room.sum()))
        self.used = int(room.sum())
        self.head[series], self.room[series] = head, room
        self.start[series], self.stop[series], self.base[series] = head, head + count, base
        spot, _ = spread(head, count)
        self.at[spot], self.value[spot], self.total[spot] = rows
