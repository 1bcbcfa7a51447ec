"""What comes of a batch or of the clock: which rows are new, how they are believed, and how signals changed."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import Codes, Floats, Ints, Mask
from anlan.monitoring.engine.machine import Change, State

Happening = Literal["opened", "raised", "lowered", "cleared", "suspect"]


class Step(NamedTuple):
    """One step of a signal at event time `at` (µs). level, previous: codes, '' for none. value, threshold: of the
    comparison that tells (measure of element over window_s); series: number of the series it stands on, -1 for many.
    quality: code of the doubtful reading of a "suspect" step, else 0."""

    rule: str
    version: str
    place: str
    event: Happening
    at: int
    level: str
    previous: str
    value: float
    threshold: float
    window_s: int
    measure: str
    element: str
    series: int
    quality: int = 0


class Standing(NamedTuple):
    """How one rule stands at one place now. trail: its changes of state by event time ((), nothing to remember).
    since: steps at or after this moment are replaced by `steps`. version: of the rule that judges it."""

    rule: str
    version: str
    place: str
    division: str
    state: State
    trail: tuple[Change, ...]
    since: int
    steps: tuple[Step, ...]

    @property
    def level(self) -> int:
        """The rank that fires, 0 for none."""
        return self.state.rank


class Pulses(NamedTuple):
    """How series stand, arrays of one length. last_at, due_at: µs, `PAST` for never; sums in the series' unit, NaN where
    values don't add up."""

    number: Ints
    last_at: Ints
    last_value: Floats
    last_quality: Codes
    sum_1h: Floats
    sum_3h: Floats
    sum_24h: Floats
    due_at: Ints


class Outcome(NamedTuple):
    """What became of a batch. Per row, in the order given: new (surely new: store it), old (older than what is kept:
    the table must say), quality. `unknown`: rows of series we don't have (neither new nor old). touched: numbers of
    the series that were heard. requalified: (series number, µs, code) of stored readings thought of otherwise now.
    suspects: what new doubtful readings would say if they were true; they play no part in any standing."""

    new: Mask
    old: Mask
    quality: NDArray[np.int16]
    repeated: int
    differing: int
    late: int
    unknown: int
    requalified: list[tuple[int, int, int]]
    touched: Ints
    standings: list[Standing]
    suspects: list[Step]

    @property
    def steps(self) -> list[Step]:
        """Every step of every standing."""
        return [step for standing in self.standings for step in standing.steps]
