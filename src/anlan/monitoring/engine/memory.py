"""What a shard keeps of readings, and how new ones come in: sorted, once, believed or doubted.

The result depends only on which readings came (the first value of a series and time stands), never on their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.belief import (
    FUTURE,
    GOOD,
    Believed,
    allowed,
    believed,
    by_itself,
    run_start,
)
from anlan.monitoring.engine.columns import SECOND, Codes, Columns, Floats, Ints, Mask, openings
from anlan.monitoring.engine.doubted import Doubt, Doubts
from anlan.monitoring.engine.lines import MILLIONTHS, find, increases, millionths, totals
from anlan.monitoring.engine.pool import Pool
from anlan.monitoring.engine.reworking import rework
from anlan.monitoring.engine.rules import SeriesDef

PAST = -(2**62)
AHEAD_US = 2 * 86_400 * SECOND  # readings further in the future are not kept in mind


class Taken(NamedTuple):
    """What became of the rows of a batch, in the order they came, and what it changed.

    series: index of each row's series, -1 for none of ours. new: surely new. old: older than what is kept; only the
    table knows. quality: code of each new row. differing: came again with another value. late: not newer than its
    series. requalified: (series index, time, code) of earlier readings thought of otherwise now. touched: indexes of
    series with believed or disbelieved readings; since: the earliest moment at which each of them changed; plain: it
    only grew at its end.
    """

    series: Ints
    new: Mask
    old: Mask
    quality: Codes
    repeated: int
    differing: int
    late: int
    requalified: list[tuple[int, int, int]]
    touched: Ints
    since: Ints
    plain: Mask


class Memory:
    """Believed readings in a pool, doubtful ones beside it, of the series of a catalogue."""

    def __init__(self, series: tuple[SeriesDef, ...], keep_us: Ints) -> None:
        self.number = np.array([item.number for item in series], dtype=np.int64)
        self.order = np.argsort(self.number)
        self.keep_us = keep_us
        self.counter = np.array([item.kind == "counter" for item in series], dtype=bool)
        self.amounts = np.array([item.kind == "increment" for item in series], dtype=bool)
        self.known: Believed = believed([item.checks for item in series], [item.isolated for item in series])
        self.pool = Pool(np.array([item.max_silence_s for item in series], dtype=np.int64) * SECOND)
        self.complete = np.full(len(series), PAST, dtype=np.int64)  # nothing later than this is unknown to us
        self.run = np.full(len(series), PAST, dtype=np.int64)  # since when the newest value has stood
        self.heard = np.full(len(series), PAST, dtype=np.int64)  # newest reading of any quality but from the future
        self.heard_code = np.zeros(len(series), dtype=np.int16)
        self.spoken = self.heard.copy()  # the latest moment any reading is of, or, from the future, was received at
        self.doubts = Doubts(len(series))

    def index(self, number: Ints) -> Ints:
        """Return the index of each series number, -1 for none."""
        if len(self.order) == 0:
            return np.full(len(number), -1, dtype=np.int64)
        spot = np.minimum(np.searchsorted(self.number, number, sorter=self.order), len(self.order) - 1)
        found = self.order[spot]
        return np.where(self.number[found] == number, found, -1)

    def among(self, series: Ints) -> Ints:
        """Return each of these series once, in the order of the catalogue."""
        there = np.zeros(len(self.number), dtype=bool)
        there[series] = True
        return np.flatnonzero(there)

    def cut(self) -> Ints:
        """Return up to when each series' readings may be let go."""
        newest = self.pool.newest()
        return np.where(newest > PAST, newest - self.keep_us, PAST)

    def take(self, rows: Columns, received: Ints) -> Taken:
        """Take a batch in. received: when each row was received, µs, by which its future is told."""
        series = self.index(rows.series.astype(np.int64))
        order = np.lexsort((np.arange(len(rows)), rows.at, series))
        order = order[series[order] >= 0]
        ordered_series, at, value = series[order], rows.at[order], rows.value[order]
        first, same = _firsts(ordered_series, at, value)
        seen, other, old = self._seen(ordered_series, at, value)
        fresh = first & ~seen & ~old
        quality = by_itself(self.known, ordered_series, at, value, rows.quality[order], received[order])
        absurd = (quality == FUTURE) & (at > received[order] + AHEAD_US)  # for the table to know, not for us
        old, fresh = old | absurd & ~seen, fresh & ~absurd
        np.maximum.at(self.spoken, ordered_series, np.minimum(at, received[order]))
        late = fresh & (at <= self.pool.newest()[ordered_series])
        codes, result = self._merge(ordered_series, at, value, quality, fresh)
        new, older = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        out = np.zeros(len(rows), dtype=np.int16)
        new[order[fresh]], older[order[first & old]], out[order] = True, True, codes
        self._hear(ordered_series[fresh], at[fresh], codes[fresh])
        self._relieve(self.among(ordered_series[fresh & (codes != GOOD)]))
        again = ~fresh & ~(first & old)
        differing = int((again & np.where(seen, other, ~same)).sum())
        return Taken(series, new, older, out, int(again.sum()), differing, int(late.sum()), *result)

    def _relieve(self, series: Ints) -> None:
        """Let go of old doubtful readings where they have become many; what comes of that time asks the table."""
        for one in series.tolist():
            if self.doubts.crowded(one):
                cut = int(self.spoken[one] - self.keep_us[one])
                self.doubts.let_go(one, cut)
                self.complete[one] = max(int(self.complete[one]), cut)

    def learn(self, rows: Columns, since: int) -> None:
        """Take stored readings as they were judged, all later than `since` (µs), into an empty memory."""
        series = self.index(rows.series.astype(np.int64))
        ours = np.flatnonzero(series >= 0)
        ours = ours[np.lexsort((rows.at[ours], series[ours]))]
        whose, at, value, code = series[ours], rows.at[ours], rows.value[ours], rows.quality[ours]
        for row in np.flatnonzero(code != GOOD).tolist():
            self.doubts.put(int(whose[row]), Doubt(int(at[row]), float(value[row]), int(code[row])))
        fine = code == GOOD
        self._grow(whose[fine], at[fine], value[fine])
        self.complete[:] = np.maximum(self.complete, since)
        self._hear(whose, at, code)

    def dump(self) -> dict[str, NDArray[Any]]:
        """Return everything that is kept, as arrays by name."""
        doubts = list(self.doubts.every())
        return {
            **self.pool.dump(), "number": self.number, "complete": self.complete, "run": self.run, "heard": self.heard,
            "heard_code": self.heard_code,
            "doubt_number": np.array([self.number[one] for one, _ in doubts], dtype=np.int64),
            "doubt_at": np.array([doubt.at for _, doubt in doubts], dtype=np.int64),
            "doubt_value": np.array([doubt.value for _, doubt in doubts], dtype=np.float64),
            "doubt_code": np.array([doubt.code for _, doubt in doubts], dtype=np.int16),
        }  # fmt: skip

    def undump(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Fill an empty memory from a dump; series we don't have are left out."""
        series = self.index(arrays["number"])
        ours = series >= 0
        rows = np.repeat(ours, arrays["count"])
        body = (arrays["at"][rows], arrays["value"][rows], arrays["total"][rows])
        self.pool.undump(series[ours], arrays["count"][ours], arrays["base"][ours], body)
        for name in ("complete", "run", "heard", "heard_code"):
            getattr(self, name)[series[ours]] = arrays[name][ours]
        self.spoken = self.heard.copy()
        doubts = zip(
            self.index(arrays["doubt_number"]).tolist(), arrays["doubt_at"].tolist(), arrays["doubt_value"].tolist(),
            arrays["doubt_code"].tolist(), strict=True,
        )  # fmt: skip
        for one, at, value, code in doubts:
            if one >= 0:
                self.doubts.put(one, Doubt(at, value, code))

    def _hear(self, series: Ints, at: Ints, codes: Codes) -> None:
        heard = codes != FUTURE
        np.maximum.at(self.heard, series[heard], at[heard])
        newest = heard & (at == self.heard[series])
        self.heard_code[series[newest]] = codes[newest]

    def _seen(self, series: Ints, at: Ints, value: Floats) -> tuple[Mask, Mask, Mask]:
        """Tell which rows are kept already, which of those with another value, and which are older than what is kept."""
        seen, other = self.doubts.known(series, at, value)
        back = np.flatnonzero(at <= self.pool.newest()[series])
        lines = self.pool.lines()
        if len(back):
            spot = find(lines, series[back], at[back]) - 1
            there = spot >= lines.start[series[back]]
            hit = there & (lines.at[np.where(there, spot, 0)] == at[back])
            seen[back[hit]] = True
            other[back[hit]] |= lines.value[spot[hit]] != value[back[hit]]
        return seen, other, (at <= self.complete[series]) & ~seen

    def _merge(self, series: Ints, at: Ints, value: Floats, quality: Codes, fresh: Mask) -> tuple[Codes, tuple]:  # type: ignore[type-arg]
        """Put the fresh rows in; return every row's code, and the last four parts of `Taken`."""
        codes = quality.copy()
        for row in np.flatnonzero(fresh & (quality != GOOD)).tolist():
            self.doubts.put(int(series[row]), Doubt(int(at[row]), float(value[row]), int(quality[row])))
        good = np.flatnonzero(fresh & (quality == GOOD))
        tangled = self._tangled(series[good], at[good], value[good])
        easy, hard = good[~tangled[series[good]]], good[tangled[series[good]]]
        requalified: list[tuple[int, int, int]] = []
        parts = []
        if len(easy):
            self._grow(series[easy], at[easy], value[easy])
            place = easy[openings(series[easy])]
            parts.append((series[place], at[place], np.ones(len(place), dtype=bool)))
        if len(hard):
            codes[hard], changed, since = rework(self, series[hard], at[hard], value[hard], requalified)
            parts.append((changed, since, np.zeros(len(changed), dtype=bool)))
        if not parts:
            empty = np.zeros(0, dtype=np.int64)
            return codes, (requalified, empty, empty, np.zeros(0, dtype=bool))
        touched, since, plain = (np.concatenate(column) for column in zip(*parts, strict=True))
        return codes, (requalified, touched, since, plain)

    def _tangled(self, series: Ints, at: Ints, value: Floats) -> Mask:
        """Tell for every series of the catalogue whether its new rows need more than being put at its end."""
        tangled = self.doubts.in_time.copy()
        newest = self.pool.newest()
        tangled[series[at <= newest[series]]] = True
        before_at, before = np.concatenate((newest[:1], at[:-1])), np.concatenate((np.zeros(1), value[:-1]))
        opening = openings(series)
        before_at = np.where(opening, newest[series], before_at)
        before = np.where(opening, self.pool.last_value(series), before)
        states = ~self.amounts[series]
        with np.errstate(invalid="ignore", over="ignore"):
            passed = np.where(np.isnan(before), 0, at - np.where(np.isnan(before), at, before_at))
            far = np.abs(value - before) > allowed(self.known, series, passed)
        tangled[series[states & far]] = True
        watched = np.flatnonzero(states & ~np.isnan(self.known.stuck_us[series]))
        if len(watched):
            whose, begun = series[watched], run_start(series[watched], at[watched], value[watched])
            goes_on = (begun == at[watched][np.searchsorted(whose, whose)]) & (
                value[watched] == self.pool.last_value(whose)
            )
            begun = np.where(goes_on, self.run[whose], begun)
            tangled[whose[at[watched] - begun >= self.known.stuck_us[whose]]] = True
        self._hours(tangled, series, at, value)
        return tangled

    def _hours(self, tangled: Mask, series: Ints, at: Ints, value: Floats) -> None:
        """Amounts that may bring an hour over what is believed: told by the sum over all that is kept, then exactly."""
        checked = self.amounts[series] & ~np.isnan(self.known.hour_most[series])
        if not checked.any():
            return
        coming = np.bincount(series[checked], weights=value[checked], minlength=len(self.number))
        pool, most = self.pool, np.nan_to_num(self.known.hour_most, nan=np.inf)
        kept = (pool.last_total(np.arange(len(self.number))) - pool.base) / MILLIONTHS
        near = np.flatnonzero((coming > 0) & (coming + kept > most) & ~tangled)
        if len(near):
            lines, newest = pool.lines(), pool.newest()[near]
            before = totals(lines, near, find(lines, near, newest - 3600 * SECOND))
            hour = (pool.last_total(near) - before) / MILLIONTHS
            tangled[near[coming[near] + hour > most[near]]] = True

    def amount(self, series: Ints, value: Floats, opening: Mask, before: Floats) -> Ints:
        """What each row adds to its series' running sum, millionths."""
        amount = millionths(value)
        counts = self.counter[series]
        if counts.any():
            rise = increases(value[counts], opening[counts], before[counts], self.known.wrap[series[counts]])
            amount[counts] = millionths(rise)
        return amount

    def _grow(self, series: Ints, at: Ints, value: Floats) -> None:
        """Put rows at the end of their series."""
        opening = openings(series)
        before = self.pool.last_value(series)
        amount = self.amount(series, value, opening, before)
        previous = np.where(opening, before, np.concatenate((np.zeros(1), value[:-1])))
        turn = value != previous
        self.run[series[turn]] = at[turn]  # the last one of a series stands
        cut = self.cut()
        self.pool.append(series, at, value, amount, cut)
        self._forget(series[opening], cut)

    def _forget(self, series: Ints, cut: Ints) -> None:
        first = self.pool.start[series]
        base = self.pool.at[np.minimum(first, max(len(self.pool.at) - 1, 0))]
        gone = (cut[series] > PAST) & (base > cut[series])
        self.complete[series[gone]] = np.maximum(self.complete[series[gone]], cut[series[gone]])


def _firsts(series: Ints, at: Ints, value: Floats) -> tuple[Mask, Mask]:
    """Of rows sorted by series and time: which are the first of theirs, and which have the first one's value."""
    first = openings(series, at)
    leader = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))
    return first, value[leader] == value
