"""What doubtful readings would say if they were true: shown as suspect steps, never fired on (可疑信号).

Of a run of doubtful readings that say the same, only the first is told. A run ends with a believed reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from anlan.monitoring.engine.belief import DEVICE, FUTURE, ISOLATED, NEGATIVE
from anlan.monitoring.engine.columns import Ints
from anlan.monitoring.engine.doubted import Doubt
from anlan.monitoring.engine.figures import bars, figures
from anlan.monitoring.engine.lines import find
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
    steps, said = [], 0
    for row, doubt in enumerate(doubts):
        if row and between[row] != between[row - 1]:
            said = 0  # a believed reading lies between
        rank, step = _would(watcher, plan, place, series, doubt)
        if mine[row] and step is not None and rank > max(said, state_before(trail, doubt.at + 1).rank):
            steps.append(step)
        said = rank
    return steps


def _would(watcher: Watcher, plan: Plan, place: int, series: int, doubt: Doubt) -> tuple[int, Step | None]:
    """The highest rank that the doubtful value, were it true, would reach by itself or on top of the window's sum."""
    lines, number = watcher.memory.pool.lines(), 0
    best: tuple[int, Step | None] = (0, None)
    for rank, level in enumerate(plan.rule.levels, start=1):
        if not isinstance(level.when, Leaf):
            number += sum(1 for _ in leaves(level.when))
            continue
        leaf, look = level.when, plan.looks[number]
        number += 1
        if leaf.measure not in TELLING or leaf.below or not np.isfinite(doubt.value):
            continue
        figure = doubt.value
        if leaf.measure == "sum":
            window = figures(lines, leaf, np.array([series]), np.array([doubt.at]))[0]
            figure += 0.0 if np.isnan(window) else float(window)
        bar = float(bars(leaf, look.limit[look.start[place] : look.start[place] + 1], None)[0])
        if figure >= bar:
            best = rank, Step(
                plan.rule.code, plan.rule.version, plan.keys[place], "suspect", doubt.at, level.code, "", figure, bar,
                leaf.window_s, leaf.measure, leaf.element, int(watcher.memory.number[series]), doubt.code,
            )  # fmt: skip
    return best
