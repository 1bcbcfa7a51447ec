"""Watches places for a shard: which are touched, which can be passed over, and how their signals change."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Ints, Mask
from anlan.monitoring.engine.judge import NEVER, Judged, course, judge, next_moment
from anlan.monitoring.engine.machine import NORMAL, Change, Transition, deadline, state_before
from anlan.monitoring.engine.memory import PAST, Memory, Taken
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.places import Plan
from anlan.monitoring.engine.screen import Screen, hits, screen
from anlan.monitoring.engine.truth import told
from anlan.monitoring.engine.versions import Versions


class Kept(NamedTuple):
    """What is kept of each place of a plan: up to when it was judged, whether it isn't normal (now or lately), the rank
    it steadily has (-1: it rises or falls), and when it must be looked at by the clock."""

    judged: Ints
    alive: Mask
    steady: Ints
    next: Ints

    @classmethod
    def of(cls, places: int) -> Kept:
        """Places that were never judged."""
        past, never = np.full(places, PAST, dtype=np.int64), np.full(places, NEVER, dtype=np.int64)
        return cls(past, np.zeros(places, dtype=bool), np.zeros(places, dtype=np.int64), never)


class Watcher:
    """The machines of all rules at all places. `trails`: of those that aren't plainly normal, by (rule, place)."""

    def __init__(self, plans: Sequence[Plan], memory: Memory) -> None:
        self.plans, self.memory = list(plans), memory
        self.screens: list[Screen | None] = [screen(plan) for plan in self.plans]
        self.versions = Versions(self.plans)
        self.rising = memory.amounts & (memory.known.low >= 0) | memory.counter
        self.trail: dict[tuple[str, str], list[Change]] = {}
        self.kept = [Kept.of(len(plan.keys)) for plan in self.plans]
        self.keep_us = int(memory.keep_us.max(initial=0))

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
        quiet = plain & ~self.kept[number].alive[place]
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
        place, which = plan.touching.places(taken.touched)
        since = np.full(len(plan.keys), NEVER, dtype=np.int64)
        np.minimum.at(since, place, taken.since[which])
        order = np.flatnonzero(since < NEVER)
        return order, since[order]

    # -- the clock -----------------------------------------------------------------------------------------------------
    def advance(self, horizon: int) -> list[Standing]:
        """Judge the places where something falls due by the clock up to `horizon`."""
        found: list[Standing] = []
        for number in range(len(self.plans)):
            place = np.flatnonzero(self.kept[number].next <= horizon)
            if len(place):
                held = self.versions.held(number, place)
                self.kept[number].next[place[~held]] = NEVER
                place = place[held]
                found += self._over(number, place, np.full(len(place), NEVER, dtype=np.int64), horizon)
        return found

    def due(self) -> int:
        """Return the earliest moment at which something may fall due."""
        return min((int(kept.next.min(initial=NEVER)) for kept in self.kept), default=NEVER)

    # -- judging -------------------------------------------------------------------------------------------------------
    def _over(self, number: int, place: Ints, since: Ints, horizon: int) -> list[Standing]:
        """Judge places from the moment they changed (or were judged up to) to now; return those that stand otherwise."""
        if len(place) == 0:
            return []
        plan, lines, kept = self.plans[number], self.memory.pool.lines(), self.kept[number]
        begun = kept.judged[place]
        idle = (self.screens[number] is not None) & ~kept.alive[place]  # nothing can have happened since
        after = np.where(idle, since - 1, np.minimum(begun, since - 1))
        newest = self._newest(plan, place)
        upto = np.maximum(np.maximum(horizon, newest), begun)  # what was judged up to a later clock stays judged
        steady = np.where(idle | (after == begun), kept.steady[place], -1)
        known = course(plan, lines, place, after, upto, steady)
        found, deadlines = [], np.full(len(place), NEVER, dtype=np.int64)
        for row in np.flatnonzero(~known.calm).tolist():
            one, moment = int(place[row]), int(after[row])
            key = (plan.rule.code, plan.keys[one])
            before = state_before(self.trail.get(key, ()), moment + 1)
            result = judge(plan, known, row, before, int(upto[row]))
            standing = self._settle(number, one, key, moment, result, int(newest[row]))
            deadlines[row] = self._note(number, one, key)
            if standing is not None:
                found.append(standing)
        kept.judged[place] = upto
        self._plan_next(number, place, upto, deadlines)
        return found

    def _note(self, number: int, place: int, key: tuple[str, str]) -> int:
        """Note whether a place is alive and steady; return when its machine changes by the clock alone."""
        kept, rule = self.kept[number], self.plans[number].rule
        trail = self.trail.get(key)
        state = trail[-1].state if trail else NORMAL
        kept.alive[place] = trail is not None
        kept.steady[place] = -1 if state.since or state.below is not None else state.rank
        due = deadline(state, rule.for_s * SECOND, rule.keep_s * SECOND)
        return NEVER if due is None else due

    def _plan_next(self, number: int, place: Ints, upto: Ints, deadlines: Ints) -> None:
        """Note when each place must be looked at again by the clock."""
        kept = self.kept[number]
        kept.next[place] = NEVER
        # a place that fires no more and rises by readings alone needs no clock
        watched = np.flatnonzero(kept.steady[place] != 0) if self.screens[number] is not None else np.arange(len(place))
        if len(watched):
            spots = place[watched]
            moments = next_moment(self.plans[number], self.memory.pool.lines(), spots, upto[watched])
            kept.next[spots] = np.minimum(moments, deadlines[watched])

    def _settle(
        self, number: int, place: int, key: tuple[str, str], after: int, result: Judged, newest: int
    ) -> Standing | None:
        """Lay new changes over a place's trail; return how it stands if that is otherwise than it was told."""
        plan = self.plans[number]
        old = self.trail.get(key, [])
        keep = bisect_right(old, after, key=lambda change: change.at)
        if (
            old[keep:] == result.changes and not result.transitions
        ):  # with turns, late readings may change their figures
            return None
        steps = [self.step(number, place, turn) for turn in result.transitions]
        trail = _pruned([*old[:keep], *result.changes], newest - self.keep_us)
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
            member, question = look.members(place)
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
        for number, plan in enumerate(self.plans):
            self.kept[number] = Kept.of(len(plan.keys))
        for key, (version, changes) in trails.items():
            found = self.versions.find(key, version)
            if found is None or not changes:
                continue
            number, place = found
            self.trail[key] = list(changes)
            self.versions.holds(key, number)
            self._note(number, place, key)
            # looked at as soon as the clock is asked
            self.kept[number].judged[place] = self.kept[number].next[place] = changes[-1].at
        for number, known in enumerate(self.screens):
            if known is None:  # may change by time alone, whatever its state: judged from its newest readings on
                kept = self.kept[number]
                fresh = np.flatnonzero(~kept.alive)
                kept.judged[fresh] = kept.next[fresh] = self._newest(self.plans[number], fresh)


def _pruned(trail: list[Change], cut: int) -> list[Change]:
    """Let go what lies before anything that may still be judged; nothing stays of a place long back to normal."""
    first = max(0, bisect_right(trail, cut, key=lambda change: change.at) - 1)
    kept = trail[first:]
    return [] if len(kept) == 1 and kept[0].state == NORMAL and kept[0].at <= cut else kept


def _number(value: float) -> float:
    """A figure that can be stored: what isn't known is told as 0."""
    return 0.0 if math.isnan(value) or math.isinf(value) else value
