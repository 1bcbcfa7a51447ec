"""Watches places for a shard: which are touched, which can be passed over, and how their signals change."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence

import numpy as np

from anlan.monitoring.engine.columns import Ints
from anlan.monitoring.engine.judge import NEVER, judge, next_moment
from anlan.monitoring.engine.machine import NORMAL, Change, State, Transition, state_before
from anlan.monitoring.engine.memory import PAST, Memory, Taken
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.places import Plan
from anlan.monitoring.engine.screen import Screen, hits, screen
from anlan.monitoring.engine.truth import told
from anlan.monitoring.engine.versions import Versions


class Watcher:
    """The machines of all rules at all places. `trails`: of those that aren't plainly normal, by (rule, place)."""

    def __init__(self, plans: Sequence[Plan], memory: Memory) -> None:
        self.plans, self.memory = list(plans), memory
        self.screens: list[Screen | None] = [screen(plan) for plan in self.plans]
        self.versions = Versions(self.plans)
        self.rising = ~(memory.known.low < 0) & (memory.amounts & (memory.known.low >= 0) | memory.counter)
        self.trail: dict[tuple[str, str], list[Change]] = {}
        self.judged = [np.full(len(plan.keys), PAST, dtype=np.int64) for plan in self.plans]  # up to when
        self.alive = [np.zeros(len(plan.keys), dtype=bool) for plan in self.plans]  # not normal now, or lately
        self.next = [np.full(len(plan.keys), NEVER, dtype=np.int64) for plan in self.plans]

    # -- what readings change ------------------------------------------------------------------------------------------
    def judge(self, taken: Taken, series: Ints, at: Ints, horizon: int) -> list[Standing]:
        """Judge the places that a batch touches. series, at: the new believed readings."""
        found: list[Standing] = []
        for number in range(len(self.plans)):
            place, since = self._touched(number, taken, series, at)
            if len(place):
                mine = self.versions.mine(number, place, since, self.trail)
                found += self._over(number, place[mine], since[mine], horizon)
        return found + self.advance(horizon)

    def _touched(self, number: int, taken: Taken, series: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Return the places of a plan to be judged, and since when each changed."""
        plan = self.plans[number]
        if plan.rule.place != "series":
            return self._shared(plan, taken)
        place = plan.alone[taken.touched].astype(np.int64)
        ours = place >= 0
        place, since, plain = place[ours], taken.since[ours], taken.plain[ours]
        known = self.screens[number]
        if known is None or len(place) == 0:
            return place, since
        quiet = plain & ~self.alive[number][place]
        wanted = np.zeros(len(plan.keys), dtype=bool)
        wanted[place[quiet]] = True
        spot = plan.alone[series].astype(np.int64)
        rows = np.flatnonzero((spot >= 0) & wanted[np.maximum(spot, 0)])
        hit = hits(known, self.memory.pool.lines(), series[rows], spot[rows], at[rows], self.rising)
        wanted[:] = False
        wanted[spot[rows[hit]]] = True
        full = ~quiet | wanted[place]
        return place[full], since[full]

    @staticmethod
    def _shared(plan: Plan, taken: Taken) -> tuple[Ints, Ints]:
        """Places that several series play a part in: each once, with the earliest change."""
        since: dict[int, int] = {}
        for series, moment in zip(taken.touched.tolist(), taken.since.tolist(), strict=True):
            for place in plan.touching.get(series, ()):
                since[place] = min(since.get(place, moment), moment)
        order = sorted(since)
        return np.array(order, dtype=np.int64), np.array([since[place] for place in order], dtype=np.int64)

    # -- the clock -----------------------------------------------------------------------------------------------------
    def advance(self, horizon: int) -> list[Standing]:
        """Judge the places where something falls due by the clock up to `horizon`."""
        found: list[Standing] = []
        for number in range(len(self.plans)):
            place = np.flatnonzero(self.next[number] <= horizon)
            if len(place):
                found += self._over(number, place, np.full(len(place), NEVER, dtype=np.int64), horizon)
        return found

    def due(self) -> int:
        """Return the earliest moment at which something may fall due."""
        return min((int(moments.min(initial=NEVER)) for moments in self.next), default=NEVER)

    # -- judging -------------------------------------------------------------------------------------------------------
    def _over(self, number: int, place: Ints, since: Ints, horizon: int) -> list[Standing]:
        """Judge places from the moment they changed (or were judged up to) to now; return those that stand otherwise."""
        plan, lines = self.plans[number], self.memory.pool.lines()
        if len(place) == 0:
            return []
        quick = self.screens[number] is not None
        begun = self.judged[number][place]
        idle = quick & ~self.alive[number][place]  # nothing can have happened since it was last judged
        after = np.where(idle, since - 1, np.minimum(begun, since - 1))
        upto = np.maximum(horizon, self._newest(plan, place))
        keys = [(plan.rule.code, plan.keys[one]) for one in place.tolist()]
        states = [
            state_before(self.trail.get(key, ()), moment + 1) for key, moment in zip(keys, after.tolist(), strict=True)
        ]
        results = judge(plan, lines, place, after, upto, states)
        found = []
        now: list[State] = []
        for spot, (one, key, result) in enumerate(zip(place.tolist(), keys, results, strict=True)):
            standing = self._settle(
                number, one, key, int(after[spot]), states[spot], result.changes, result.transitions
            )
            trail = self.trail.get(key)
            now.append(trail[-1].state if trail else NORMAL)
            self.alive[number][one] = trail is not None
            if standing is not None:
                found.append(standing)
        self.judged[number][place] = upto
        self._plan_next(number, place, upto, now, quick)
        return found

    def _plan_next(self, number: int, place: Ints, upto: Ints, states: Sequence[State], quick: bool) -> None:
        """Note when each place must be looked at again by the clock."""
        self.next[number][place] = NEVER
        watched = np.array([not quick or state != NORMAL for state in states], dtype=bool)
        if watched.any():
            chosen = [state for state, wanted in zip(states, watched.tolist(), strict=True) if wanted]
            plan, lines = self.plans[number], self.memory.pool.lines()
            self.next[number][place[watched]] = next_moment(plan, lines, place[watched], upto[watched], chosen)

    def _settle(
        self, number: int, place: int, key: tuple[str, str], after: int, before: State, changes: list[Change],
        turns: list[Transition],
    ) -> Standing | None:  # fmt: skip
        """Lay new changes over a place's trail; return how it stands if that is otherwise than it was told."""
        plan = self.plans[number]
        old = self.trail.get(key, [])
        keep = bisect_right(old, after, key=lambda change: change.at)
        if old[keep:] == changes and not turns:  # with turns, late readings may have changed their figures
            return None
        trail = [*old[:keep], *changes]
        steps = [self.step(number, place, turn) for turn in turns]
        trail = self._pruned(plan, place, trail)
        if trail:
            self.trail[key] = trail
            self.versions.holds(key, number)
        else:
            self.trail.pop(key, None)
            self.versions.free(key)
        state = trail[-1].state if trail else NORMAL
        return Standing(
            plan.rule.code, plan.rule.version, plan.keys[place], plan.divisions[place], state, tuple(trail), after + 1,
            tuple(steps),
        )  # fmt: skip

    def _pruned(self, plan: Plan, place: int, trail: list[Change]) -> list[Change]:
        """Let go what lies before anything that may still be judged; nothing stays of a place long back to normal."""
        cut = int(self._newest(plan, np.array([place]))[0]) - int(self.memory.keep_us.max(initial=0))
        first = max(0, bisect_right(trail, cut, key=lambda change: change.at) - 1)
        kept = trail[first:]
        if len(kept) == 1 and kept[0].state == NORMAL and kept[0].at <= cut:
            return []
        return kept

    def step(self, number: int, place: int, turn: Transition) -> Step:
        """Tell a change of rank with its figures."""
        plan = self.plans[number]
        levels = plan.rule.levels
        figure = told(plan, self.memory.pool.lines(), place, turn.at, turn.telling)
        return Step(
            plan.rule.code, plan.rule.version, plan.keys[place], turn.event, turn.at,
            levels[turn.rank - 1].code if turn.rank else "", levels[turn.previous - 1].code if turn.previous else "",
            _number(figure.figure), _number(figure.bar), figure.leaf.window_s, figure.leaf.measure,
            figure.leaf.element, int(self.memory.number[figure.series]) if figure.series >= 0 else -1,
        )  # fmt: skip

    def _newest(self, plan: Plan, place: Ints) -> Ints:
        """Return the newest believed reading of any series a place looks at."""
        newest = self.memory.pool.newest()
        found = np.full(len(place), PAST, dtype=np.int64)
        for look in plan.looks:
            first, count = look.start[place], look.start[place + 1] - look.start[place]
            question = np.repeat(np.arange(len(place)), count)
            member = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
            np.maximum.at(found, question, newest[look.series[member]])
        return found

    # -- from and to the tables ----------------------------------------------------------------------------------------
    def trails(self) -> dict[tuple[str, str], tuple[str, list[Change]]]:
        """Return every trail with the version of the rule that judges it."""
        return {
            key: (self.plans[self.versions.holder[key]].rule.version, list(trail)) for key, trail in self.trail.items()
        }

    def restore(self, trails: Mapping[tuple[str, str], tuple[str, Sequence[Change]]]) -> None:
        """Put trails in, in place of all there are; those of rules or places that are gone are left out."""
        self.trail.clear()
        self.versions.holder.clear()
        for alive, next_, judged in zip(self.alive, self.next, self.judged, strict=True):
            alive[:], next_[:], judged[:] = False, NEVER, PAST
        for key, (version, changes) in trails.items():
            found = self.versions.find(key, version)
            if found is None or not changes:
                continue
            number, place = found
            self.trail[key] = list(changes)
            self.versions.holds(key, number)
            self.alive[number][place] = True
            self.judged[number][place] = changes[-1].at
            self.next[number][place] = changes[-1].at  # looked at as soon as the clock is asked
        for number, known in enumerate(self.screens):
            if known is None:  # may change by time alone, whatever its state: judged from its newest readings on
                fresh = np.flatnonzero(~self.alive[number])
                self.judged[number][fresh] = self._newest(self.plans[number], fresh) if len(fresh) else PAST
                self.next[number][fresh] = self.judged[number][fresh]


def _number(value: float) -> float:
    """A figure that can be stored: what isn't known is told as 0."""
    return 0.0 if math.isnan(value) or math.isinf(value) else value
