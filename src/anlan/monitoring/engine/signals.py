"""When a signal opens, rises, falls and clears: pure decisions over window sums or levels (信号的起、升、降、解除).

A level is reached when its value stands at or over the threshold (the figure itself counts). It is left only when
the value has stayed under the lower, holding threshold for the hold time: rain that pauses for ten minutes does not
take a signal down and up again. Decisions depend on event times alone, never on when readings arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ranks = NDArray[np.int64]
Action = Literal["opened", "raised", "lowered", "cleared"]


class Steps(NamedTuple):
    """How the steps of a rule are left again: a step holds while value >= threshold × clear_ratio − clear_margin, and
    is left after `hold_s` seconds below that."""

    clear_ratio: float
    clear_margin: float
    hold_s: int


class State(NamedTuple):
    """Where a signal stands: rank 0 is none, 1 the lowest step; since when the value has been below holding."""

    rank: int = 0
    below_since: int | None = None


class Transition(NamedTuple):
    """A change of rank at event time `at` (epoch seconds); `place` is the place of that time in what was walked."""

    action: Action
    at: int
    previous: int
    rank: int
    place: int

    @property
    def telling(self) -> int:
        """The rank whose measure tells of the change: the one reached, or the one that is left."""
        return self.rank if self.action in ("opened", "raised") else self.previous


def ranks(values: Floats, thresholds: Floats, steps: Steps) -> tuple[Ranks, Ranks]:
    """Return for each row the highest rank reached, and the highest still held; shapes (n, steps) and (n or 1, steps).

    NaN thresholds (a station without that limit) and NaN values are neither reached nor held.
    """
    ups = _highest(values >= thresholds)
    lower = thresholds * steps.clear_ratio - steps.clear_margin
    return ups, np.maximum(ups, _highest(values >= lower))


def _highest(over: NDArray[np.bool_]) -> Ranks:
    order = np.arange(1, over.shape[1] + 1, dtype=np.int64)
    found: Ranks = np.where(over, order, 0).max(axis=1, initial=0)
    return found


def decide(state: State, at: int, up: int, held: int, hold_s: int) -> State:
    """Return the state after event time `at`: `up` is the rank reached, `held` (>= up) the highest rank still held."""
    if up > state.rank:
        return State(up)
    if held >= state.rank:
        return State(state.rank)
    since = at if state.below_since is None else state.below_since
    return State(held) if at - since >= hold_s else State(state.rank, since)


def walk(
    state: State, at: Sequence[int], ups: Sequence[int], helds: Sequence[int], hold_s: int
) -> tuple[State, list[Transition]]:
    """Walk one station's event times in order; return where the signal stands at the end and every change."""
    found: list[Transition] = []
    for index, (moment, up, held) in enumerate(zip(at, ups, helds, strict=True)):
        after = decide(state, moment, up, held, hold_s)
        if after.rank != state.rank:
            found.append(Transition(_action(state.rank, after.rank), moment, state.rank, after.rank, index))
        state = after
    return state, found


def _action(before: int, after: int) -> Action:
    if before == 0:
        return "opened"
    if after == 0:
        return "cleared"
    return "raised" if after > before else "lowered"
