"""Readings that come late, or are doubted among their neighbours: their series is put in order anew (迟到与存疑读数)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from anlan.monitoring.engine.belief import GOOD, IN_TIME, in_time, run_start
from anlan.monitoring.engine.columns import Codes, Floats, Ints, Mask, openings, spread
from anlan.monitoring.engine.doubted import Doubt
from anlan.monitoring.engine.lines import MILLIONTHS

if TYPE_CHECKING:
    from anlan.monitoring.engine.memory import Memory

PAST = -(2**62)
Gathered = tuple[Ints, Ints, Floats, Codes, Mask]


def rework(
    memory: Memory, series: Ints, at: Ints, value: Floats, requalified: list[tuple[int, int, int]]
) -> tuple[Codes, Ints, Ints]:
    """Merge rows (sorted by series, then time) into the middle of their series, judging anew who is believed there.

    Returns the rows' codes, the touched series and since when each changed; adds to `requalified` which earlier
    readings are thought of otherwise now.
    """
    touched, counts = np.unique(series, return_counts=True)
    whose, when, what, was, mine = _gathered(memory, touched, series, at, value)
    first_new = at[np.cumsum(counts) - counts]
    codes = in_time(memory.known, whose, when, what, memory.amounts[whose])
    before = _neighbour_before(whose, when, touched, first_new)[np.searchsorted(touched, whose)]
    settled = (when < before) & ~mine
    codes[settled] = was[settled]
    _put_back(memory, touched, whose, when, what, codes)
    moved = ~mine & (codes != was)
    requalified += zip(whose[moved].tolist(), when[moved].tolist(), codes[moved].tolist(), strict=True)
    changed = np.full(len(touched), 2**62, dtype=np.int64)
    news = moved | mine
    np.minimum.at(changed, np.searchsorted(touched, whose[news]), when[news])
    return codes[mine], touched, changed


def _gathered(memory: Memory, touched: Ints, series: Ints, at: Ints, value: Floats) -> Gathered:
    """Return what is kept of the touched series and the new rows, sorted: series, time, value, code so far, new."""
    pool, doubts = memory.pool, memory.doubts
    count = pool.stop[touched] - pool.start[touched]
    spot, _ = spread(pool.start[touched], count)
    dim = [(one, d) for one in touched[doubts.in_time[touched]].tolist() for d in doubts.of(one) if d.code in IN_TIME]
    whose = np.concatenate((np.repeat(touched, count), [one for one, _ in dim], series)).astype(np.int64)
    when = np.concatenate((pool.at[spot], [d.at for _, d in dim], at)).astype(np.int64)
    what = np.concatenate((pool.value[spot], [d.value for _, d in dim], value)).astype(np.float64)
    was = np.concatenate((np.zeros(len(spot)), [d.code for _, d in dim], np.zeros(len(at)))).astype(np.int16)
    mine = np.concatenate((np.zeros(len(spot) + len(dim), dtype=bool), np.ones(len(at), dtype=bool)))
    order = np.lexsort((when, whose))
    return whose[order], when[order], what[order], was[order], mine[order]


def _put_back(memory: Memory, touched: Ints, whose: Ints, when: Ints, what: Floats, codes: Codes) -> None:
    """Write the touched series anew: the believed into the pool, the doubted beside it."""
    fine = codes == GOOD
    count = np.bincount(np.searchsorted(touched, whose[fine]), minlength=len(touched)).astype(np.int64)
    mine, times, values = whose[fine], when[fine], what[fine]
    opening = openings(mine)
    amount = memory.amount(mine, values, opening, _before(memory, mine, opening, times))
    memory.pool.rewrite(touched, count, times, values, amount)
    dim: dict[int, list[Doubt]] = {one: [] for one in touched.tolist()}
    for row in np.flatnonzero(~fine).tolist():
        dim[int(whose[row])].append(Doubt(int(when[row]), float(what[row]), int(codes[row])))
    for one, doubts in dim.items():
        memory.doubts.replace_in_time(one, doubts)
    ends = np.flatnonzero(np.append(mine[1:] != mine[:-1], True)[: len(mine)])
    memory.run[mine[ends]] = run_start(mine, times, values)[ends]


def _before(memory: Memory, series: Ints, opening: Mask, at: Ints) -> Floats:
    """Return the value a counter had before the first reading that is kept; NaN when that was its first ever."""
    pool, found = memory.pool, np.full(len(series), np.nan)
    for row in np.flatnonzero(opening & memory.counter[series]).tolist():
        one = int(series[row])
        start = int(pool.start[one])
        if pool.stop[one] > start and memory.complete[one] > PAST and pool.at[start] == at[row]:
            # the first kept one stays first: what it added is known, so is what stood before
            found[row] = pool.value[start] - (pool.total[start] - pool.base[one]) / MILLIONTHS
    return found


def _neighbour_before(whose: Ints, when: Ints, touched: Ints, first: Ints) -> Ints:
    """Return for each touched series the time of the reading just before its first new one (or that one's own)."""
    begins, ends = np.searchsorted(whose, touched), np.searchsorted(whose, touched, side="right")
    found = first.copy()
    for number, moment in enumerate(first.tolist()):
        begin, end = int(begins[number]), int(ends[number])
        place = begin + int(np.searchsorted(when[begin:end], moment))
        found[number] = when[max(begin, place - 1)]
    return found
