"""What doubtful readings would say if they were true: shown as suspect steps, never fired on (可疑信号).

Of a run of doubtful readings that say the same, only the first is told. A run ends with a believed reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from anlan.monitoring.engine.belief import DEVICE, FUTURE, ISOLATED, NEGATIVE
from anlan.monitoring.engine.columns import Floats, Ints
from anlan.monitoring.engine.doubted import Doubt
from anlan.monitoring.engine.figures import bars, figures
from anlan.monitoring.engine.lines import Lines, find
from anlan.monitoring.engine.machine import state_before
from anlan.monitoring.engine.outcome import Step
from anlan.monitoring.engine.places import Plan
from anlan.monitoring.engine.rules import Leaf, leaves

if TYPE_CHECKING:
    from anlan.monitoring.engine.watcher import Watcher

MUTE = (NEGATIVE, FUTURE, DEVICE, ISOLATED)  # these tell of the sensor, not of a danger
TELLING = ("last", "sum", "max")


def suspect_steps(watcher: Watcher, series: Ints) -> list[Step]:
    """Return the suspect steps of all doubtful readings that are kept of these series (indexes), for every rule over
    single series, by rule, place and time."""
    found: list[Step] = []
    for number, plan in enumerate(watcher.plans):
        if plan.rule.place == "series":
            for one in series.tolist():
                if plan.alone[one] >= 0:
                    found += _at(watcher, number, int(plan.alone[one]), one)
    return found


def _at(watcher: Watcher, number: int, place: int, series: int) -> list[Step]:
    plan, lines = watcher.plans[number], watcher.memory.pool.lines()
    trail = watcher.trail.get((plan.rule.code, plan.keys[place]), [])
    doubts = [doubt for doubt in watcher.memory.doubts.of(series) if doubt.code not in MUTE]
    moments = np.array([doubt.at for doubt in doubts], dtype=np.int64)
    between = find(lines, np.full(len(doubts), series), moments).tolist()
    mine = watcher.versions.mine(number, np.full(len(doubts), place), moments, watcher.trail).tolist()
    ranks, figure, bar = _would(plan, lines, place, np.full(len(doubts), series), moments, doubts)
    steps, said = [], 0
    for row, (doubt, rank) in enumerate(zip(doubts, ranks.tolist(), strict=True)):
        if row and between[row] != between[row - 1]:
            said = 0  # a believed reading lies between
        if mine[row] and rank > max(said, state_before(trail, doubt.at + 1).rank):
            level = plan.rule.levels[rank - 1]
            leaf = next(leaves(level.when))
            steps.append(Step(
                plan.rule.code, plan.rule.version, plan.keys[place], "suspect", doubt.at, level.code, "",
                float(figure[row]), float(bar[row]), leaf.window_s, leaf.measure, leaf.element,
                int(watcher.memory.number[series]), doubt.code,
            ))  # fmt: skip
        said = rank
    return steps


def _would(
    plan: Plan, lines: Lines, place: int, series: Ints, moment: Ints, doubts: Sequence[Doubt]
) -> tuple[Ints, Floats, Floats]:
    """The highest rank each doubtful value, were it true, would reach by itself or on top of the window's sum (0: none),
    with its figure and the bar. Only levels of one comparison are asked."""
    value = np.array([doubt.value for doubt in doubts], dtype=np.float64)
    rank, figure, bar = np.zeros(len(value), np.int64), value.copy(), np.zeros(len(value))
    number = 0
    for order, level in enumerate(plan.rule.levels, start=1):
        look = plan.looks[number]
        number += sum(1 for _ in leaves(level.when))
        leaf = level.when
        if not isinstance(leaf, Leaf) or leaf.measure not in TELLING or leaf.below:
            continue
        one = value + np.nan_to_num(figures(lines, leaf, series, moment)) if leaf.measure == "sum" else value
        line = float(bars(leaf, look.limit[look.start[place] : look.start[place] + 1], None)[0])
        hit = np.isfinite(value) & (one >= line)
        rank[hit], figure[hit], bar[hit] = order, one[hit], line
    return rank, figure, bar
