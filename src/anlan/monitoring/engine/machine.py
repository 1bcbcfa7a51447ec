"""When a signal opens, rises, falls and clears at one place: a pure walk over moments (信号的起、升、降、解除).

Between two moments nothing changes at the place. A level fires when it has been reached without a break for `for_s`; it
is left when it hasn't held without a break for `keep_s`. Both happen at their very moment by the clock, whether a
reading comes then or not. Times are event times, microseconds; who hears of readings when plays no part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal, NamedTuple

Event = Literal["opened", "raised", "lowered", "cleared"]


class State(NamedTuple):
    """Where a signal stands: `rank` 0 is none, 1 the lowest level. since: (rank, moment) since when graver levels are
    reached without a break, gravest last. below: (since when the rank does not hold, the rank that holds now)."""

    rank: int = 0
    since: tuple[tuple[int, int], ...] = ()
    below: tuple[int, int] | None = None

    @property
    def pending(self) -> int | None:
        """Since when a line is crossed that hasn't fired: nothing fires yet, something may."""
        return self.since[0][1] if self.rank == 0 and self.since else None


class Change(NamedTuple):
    """The machine goes over to another state at a moment."""

    at: int
    state: State


class Transition(NamedTuple):
    """A change of rank at a moment. It is told with the figures of `telling`: the rank reached, or the one left."""

    event: Event
    at: int
    previous: int
    rank: int

    @property
    def telling(self) -> int:
        """The rank whose figures tell of the change."""
        return self.rank if self.event in ("opened", "raised") else self.previous


class Moment(NamedTuple):
    """What is true from this moment on: the gravest rank reached, the gravest held (>= reached), and whether anything
    is known; while nothing is known nothing fires and nothing is left."""

    at: int
    reached: int
    held: int
    known: bool


NORMAL = State()


def walk(
    start: State, moments: Sequence[Moment], end: int, *, for_us: int, keep_us: int
) -> tuple[list[Change], list[Transition]]:
    """Walk from `start` through the moments (rising in time) to `end`; return every change of state and of rank."""
    state = start
    changes: list[Change] = []
    for moment in moments:
        state = _clocks(state, moment.at - 1, for_us, keep_us, changes)
        after = _at(state, moment, for_us, keep_us)
        if after != state:
            changes.append(Change(moment.at, after))
            state = after
    _clocks(state, end, for_us, keep_us, changes)
    return changes, transitions(start.rank, changes)


def deadline(state: State, for_us: int, keep_us: int) -> int | None:
    """Return when the state changes by the clock alone, None for never."""
    if not state.since and state.below is None:
        return None
    times = [since + for_us for rank, since in state.since if rank > state.rank]
    if state.below is not None:
        times.append(state.below[0] + keep_us)
    return min(times, default=None)


def transitions(rank: int, changes: Sequence[Change]) -> list[Transition]:
    """Return the changes of rank among changes of state that follow a state of `rank`."""
    found = []
    for change in changes:
        now = change.state.rank
        if now != rank:
            event: Event = "opened" if rank == 0 else "cleared" if now == 0 else "raised" if now > rank else "lowered"
            found.append(Transition(event, change.at, rank, now))
        rank = now
    return found


def state_before(trail: Sequence[Change], at: int) -> State:
    """Return the state just before a moment; NORMAL before everything the trail (rising in time) tells."""
    place = bisect_left(trail, at, key=lambda change: change.at)
    return trail[place - 1].state if place else NORMAL


def _clocks(state: State, upto: int, for_us: int, keep_us: int, changes: list[Change]) -> State:
    """Let what falls due by the clock alone happen, up to and including `upto`."""
    while (due := deadline(state, for_us, keep_us)) is not None and due <= upto:
        state = _due(state, due, for_us, keep_us)
        changes.append(Change(due, state))
    return state


def _at(state: State, moment: Moment, for_us: int, keep_us: int) -> State:
    """The state once a moment's truth is taken in: stretches begin and break, and what is due at once happens."""
    if not moment.known:
        return State(state.rank)
    begun = dict(state.since)
    since = tuple((rank, begun.get(rank, moment.at)) for rank in range(state.rank + 1, moment.reached + 1))
    below = None
    if moment.held < state.rank:
        below = (moment.at if state.below is None else state.below[0], moment.held)
    return _due(State(state.rank, since, below), moment.at, for_us, keep_us)


def _due(state: State, at: int, for_us: int, keep_us: int) -> State:
    """What has lasted long enough at `at` happens: the gravest due level fires, or what doesn't hold is left."""
    rank = max((rank for rank, since in state.since if since + for_us <= at), default=0) if state.since else 0
    if rank:
        return State(rank, tuple(pair for pair in state.since if pair[0] > rank))
    if state.below is not None and state.below[0] + keep_us <= at:
        return State(state.below[1], state.since)
    return state
