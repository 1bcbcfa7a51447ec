"""Where a shard keeps its lines: one growing pool of arrays with a segment for each series."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import Floats, Ints, openings, spread
from anlan.monitoring.engine.lines import Lines, find

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
        first = np.flatnonzero(openings(series))
        touched, count = series[first], np.diff(first, append=len(series))
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
        self._move(series[small], np.maximum(LEAST, count[small] * 3 // 2))
        self.start[series] = self.head[series]
        self.stop[series] = self.start[series] + count
        spot, _ = spread(self.start[series], count)
        running = np.cumsum(amount)
        before = np.concatenate((np.zeros(1, dtype=np.int64), running))[np.cumsum(count) - count]
        self.at[spot], self.value[spot] = at, value
        self.total[spot] = running - np.repeat(before, count) + np.repeat(self.base[series], count)

    def _make_room(self, series: Ints, count: Ints, cut: Ints) -> None:
        full = self.stop[series] + count > self.head[series] + self.room[series]
        series, count = series[full], count[full]
        self._let_go(series, cut[series])
        held = self.stop[series] - self.start[series]
        tight = (held + count > self.room[series] * 3 // 4) | (self.room[series] == 0)
        self._move(series[tight], np.maximum(LEAST, (held + count) * 2)[tight])

    def _let_go(self, series: Ints, cut: Ints) -> None:
        """Forget what each series has up to its cut, and move what is left to the front of its segment."""
        keep = find(self.lines(), series, cut)
        gone = keep > self.start[series]
        self.base[series[gone]] = self.total[keep[gone] - 1]
        self._copy(series, keep, self.head[series], self.stop[series] - keep)

    def _move(self, series: Ints, room: Ints) -> None:
        """Give series segments of `room` at the end of the pool, taking what they have along."""
        self._reserve(self.used + int(room.sum()))
        head = self.used + np.cumsum(room) - room
        self._copy(series, self.start[series], head, np.minimum(self.stop[series] - self.start[series], room))
        self.head[series], self.room[series] = head, room
        self.used += int(room.sum())

    def _copy(self, series: Ints, source: Ints, target: Ints, count: Ints) -> None:
        """Let the readings of series lie elsewhere: `count` of each, from `source` on, at `target`."""
        spot, _ = spread(source, count)
        there, _ = spread(target, count)
        for column in (self.at, self.value, self.total):
            column[there] = column[spot]  # read whole before it is written
        self.start[series], self.stop[series] = target, target + count

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
