"""A shard: the live state of many series and of the rules that watch them. Arrays in, arrays out.

Signals are a function of the set of readings, the rules and the clock's time: any order, split, repetition or lateness
of readings within what is kept comes to the same signals. See judge.py for the definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import SECOND, Columns, Ints
from anlan.monitoring.engine.figures import figures
from anlan.monitoring.engine.judge import NEVER
from anlan.monitoring.engine.machine import Change
from anlan.monitoring.engine.memory import PAST, Memory, Taken
from anlan.monitoring.engine.outcome import Outcome, Pulses, Standing
from anlan.monitoring.engine.places import index, plan
from anlan.monitoring.engine.rules import Catalogue, Leaf, leaves
from anlan.monitoring.engine.suspects import suspect_steps
from anlan.monitoring.engine.watcher import Watcher

LATE_S = 2 * 3600  # how late a reading may come and still be judged as if it had been in time
Trails = Mapping[tuple[str, str], tuple[str, Sequence[Change]]]


class Shard:
    """Judges readings of a catalogue's series as they come. Not safe for several threads at once.

    late_s: how late, beyond the longest window of its rules, a reading may come and still be judged.
    """

    def __init__(self, catalogue: Catalogue, *, late_s: int = LATE_S) -> None:
        self.late_s = late_s
        self._lay(catalogue)

    def _lay(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.memory = Memory(catalogue.series, _keep(catalogue, self.late_s))
        known = index(catalogue)
        self.watcher = Watcher([plan(rule, catalogue, known) for rule in catalogue.rules], self.memory)

    def apply(self, rows: Columns, received: Ints, horizon: int) -> Outcome:
        """Take a batch in and judge what it changes: `take`, then `judge`."""
        return self.judge(rows, self.take(rows, received), horizon)

    def take(self, rows: Columns, received: Ints) -> Taken:
        """Take a batch in, judging no rule yet. received: when each row was received (µs, shape (n,))."""
        return self.memory.take(rows, received)

    def judge(self, rows: Columns, taken: Taken, horizon: int) -> Outcome:
        """Judge what a batch changes. horizon: the clock, up to which windows, `for` and `keep` are judged."""
        good = np.flatnonzero(taken.new & (taken.quality == 0))
        order = good[np.lexsort((rows.at[good], taken.series[good]))]
        standings = self.watcher.judge(taken, taken.series[order], rows.at[order], horizon)
        doubted = np.flatnonzero(taken.new & (taken.quality != 0))
        fresh = set(zip(rows.series[doubted].tolist(), rows.at[doubted].tolist(), strict=True))
        suspects = suspect_steps(self.watcher, self.memory.among(taken.series[doubted]))
        told = [step for step in suspects if (step.series, step.at) in fresh]
        heard = self.memory.among(taken.series[taken.new])
        moved = [(int(self.memory.number[s]), at, code) for s, at, code in taken.requalified]
        return Outcome(
            taken.new, taken.old, taken.quality, taken.repeated, taken.differing, taken.late,
            int((taken.series < 0).sum()), moved, self.memory.number[heard], standings, told,
        )  # fmt: skip

    def advance(self, horizon: int) -> list[Standing]:
        """Let the clock come to `horizon` (µs): what falls due by time alone happens."""
        return self.watcher.advance(horizon)

    def due(self) -> int | None:
        """Return the earliest moment at which `advance` may change anything (µs), None for never."""
        found = self.watcher.due()
        return None if found >= NEVER else found

    def learn(self, rows: Columns, since: int) -> None:
        """Take stored readings as known, judging nothing; complete later than `since` (µs). Into an empty shard."""
        self.memory.learn(rows, since)

    def restore(self, trails: Trails) -> None:
        """Put in the trails of all places that are not plainly normal: (rule, place) → (version, changes)."""
        self.watcher.restore(trails)

    def recatalogue(self, catalogue: Catalogue) -> None:
        """Go over to another catalogue. Readings stay; open signals stay with the version that judges them."""
        arrays, trails = self.memory.dump(), self.watcher.trails()
        self._lay(catalogue)
        self.memory.undump(arrays)
        self.watcher.restore(trails)

    def pulses(self, numbers: Ints | None = None) -> Pulses:
        """Return how these series stand (all of them without `numbers`)."""
        memory = self.memory
        series = np.arange(len(memory.number)) if numbers is None else memory.index(np.asarray(numbers, np.int64))
        series = series[series >= 0]
        newest = memory.pool.newest()[series]
        adds = memory.amounts[series] | memory.counter[series]
        sums = []
        for hours in (1, 3, 24):
            leaf = Leaf("", "sum", hours * 3600)
            at = np.where(newest > PAST, newest, 0)
            sums.append(np.where(adds, figures(memory.pool.lines(), leaf, series, at), np.nan))
        heard = memory.heard[series]
        due = np.where(heard > PAST, heard + memory.pool.silence[series], PAST)
        value = memory.pool.last_value(series)
        return Pulses(memory.number[series], newest, value, memory.heard_code[series], sums[0], sums[1], sums[2], due)

    def newest(self) -> int:
        """Return the time of the newest believed reading of all (µs), PAST for none."""
        return int(self.memory.pool.newest().max(initial=PAST))

    def dump(self) -> dict[str, NDArray[Any]]:
        """Return the readings that are kept, as arrays by name. Trails are not among them: the table has those."""
        return self.memory.dump()

    @classmethod
    def undump(cls, catalogue: Catalogue, arrays: Mapping[str, NDArray[Any]], *, late_s: int = LATE_S) -> Shard:
        """Make a shard from what `dump` gave; series that are no longer in the catalogue are left out."""
        shard = cls(catalogue, late_s=late_s)
        shard.memory.undump(arrays)
        return shard


def _keep(catalogue: Catalogue, late_s: int) -> Ints:
    """Return how long each series' readings are kept behind its newest: the longest window that looks at it, what its
    checks look back on, and the lateness."""
    longest: dict[str, int] = {}
    for rule in catalogue.rules:
        for level in rule.levels:
            for leaf in leaves(level.when):
                longest[leaf.element] = max(longest.get(leaf.element, 0), leaf.window_s)
    keep = [
        max(longest.get(item.element, 0), 86400 if item.kind != "gauge" else 3600, item.checks.stuck_s or 0) + late_s
        for item in catalogue.series
    ]
    return np.array(keep, dtype=np.int64) * SECOND
