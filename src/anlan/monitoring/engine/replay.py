"""Judging a whole set of readings at once: the live engine over everything, with the clock at the end (重放)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import Codes, Columns
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.rules import Catalogue
from anlan.monitoring.engine.shard import Shard

FOREVER_S = 2**40


class Replayed(NamedTuple):
    """steps: every step by time, rule and place, suspect ones among them. quality: code of each row as it came; -1 for
    rows that repeat an earlier one, -2 for rows of unknown series. standings: how each (rule, place) stands at the end."""

    steps: tuple[Step, ...]
    quality: Codes
    standings: dict[tuple[str, str], Standing]


def replay(catalogue: Catalogue, rows: Columns, end: int | None = None) -> Replayed:
    """Judge `rows` (any order, repetitions allowed) with the clock at `end` (µs; the newest reading without)."""
    shard = Shard(catalogue, late_s=FOREVER_S)
    newest = int(rows.at.max(initial=0))
    horizon = newest if end is None else end
    outcome = shard.apply(rows, np.full(len(rows), max(newest, horizon)), horizon)
    quality = np.where(outcome.new, outcome.quality, -1)
    quality[shard.memory.index(rows.series.astype(np.int64)) < 0] = -2
    steps = sorted([*outcome.steps, *outcome.suspects], key=lambda step: (step.at, step.rule, step.place, step.event))
    standings = {(standing.rule, standing.place): standing for standing in outcome.standings}
    return Replayed(tuple(steps), quality.astype(np.int16), standings)
