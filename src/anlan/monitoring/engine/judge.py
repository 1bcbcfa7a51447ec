"""Judging places over a stretch of time: from readings to changes of state. This is the definition; whatever the live
shard does faster must come to the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.calendar import edges
from anlan.monitoring.engine.columns import SECOND, Ints, Mask
from anlan.monitoring.engine.figures import bars
from anlan.monitoring.engine.lines import Lines, find, within
from anlan.monitoring.engine.machine import Change, Moment, State, Transition, walk
from anlan.monitoring.engine.places import Looks, Plan
from anlan.monitoring.engine.rules import Leaf
from anlan.monitoring.engine.truth import Ranks, ranks

NEVER = 2**62


class Judged(NamedTuple):
    """What became of one place: every change of state, and those of rank among them."""

    changes: list[Change]
    transitions: list[Transition]


NOTHING = Judged([], [])


class Course(NamedTuple):
    """What is true at each place from moment to moment: moments sorted by question, those of question q in
    [start[q], stop[q]). calm: nothing changes there, for certain."""

    start: Ints
    stop: Ints
    moment: Ints
    ranks: Ranks
    calm: Mask


def course(plan: Plan, lines: Lines, place: Ints, after: Ints, upto: Ints, steady: Ints) -> Course:
    """Look at each place over (after, upto]. steady: the rank of a place that neither rises nor falls at `after`, -1
    for one that does: where that rank holds all along and no graver one is reached, the place stays as it is."""
    question, moment = breakpoints(plan, lines, place, after, upto)
    found = ranks(plan, lines, place[question], moment)
    asked = np.arange(len(place))
    highest = np.zeros(len(place), dtype=np.int64)
    np.maximum.at(highest, question, np.where(found.known, found.reached, 0))
    lowest = np.full(len(place), NEVER, dtype=np.int64)
    np.minimum.at(lowest, question, np.where(found.known, found.held, NEVER))
    calm = (steady >= 0) & (highest <= steady) & (lowest >= steady)
    return Course(
        np.searchsorted(question, asked), np.searchsorted(question, asked, side="right"), moment, found, calm
    )  # fmt: skip


def judge(plan: Plan, known: Course, number: int, state: State, upto: int) -> Judged:
    """Walk one place of a course from the state it was in to `upto`."""
    part = slice(int(known.start[number]), int(known.stop[number]))
    columns = (known.moment[part], known.ranks.reached[part], known.ranks.held[part], known.ranks.known[part])
    moments = [Moment(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    for_us, keep_us = plan.rule.for_s * SECOND, plan.rule.keep_s * SECOND
    changes, turns = walk(state, moments, upto, for_us=for_us, keep_us=keep_us)
    return Judged(changes, turns)


def breakpoints(plan: Plan, lines: Lines, place: Ints, after: Ints, upto: Ints) -> tuple[Ints, Ints]:
    """Return every moment in (after, upto] at which anything may change at each place: when a reading comes, when it
    leaves a window, when it grows too old, when hours and seasons begin and end. Sorted by question, then moment."""
    questions: list[Ints] = [np.empty(0, dtype=np.int64)]
    moments: list[Ints] = [np.empty(0, dtype=np.int64)]
    for leaf, look in zip(plan.leaf_list(), plan.looks, strict=True):
        member, asks = look.members(place)
        series = look.series[member]
        for offset in _offsets(plan, leaf, look, member, lines):
            spot, which = within(lines, series, after[asks] - offset, upto[asks] - offset)
            questions.append(asks[which])
            moments.append(lines.at[spot] + offset[which])
    question, moment = np.concatenate(questions), np.concatenate(moments)
    if plan.rule.hours is not None or plan.rule.season is not None or _seasonal(plan):
        question, moment = _with_edges(plan, question, moment, after, upto)
    order = np.lexsort((moment, question))
    question, moment = question[order], moment[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (question[1:] != question[:-1]) | (moment[1:] != moment[:-1])
    return question[fresh], moment[fresh]


def next_moment(plan: Plan, lines: Lines, place: Ints, after: Ints) -> Ints:
    """Return for each place the first moment later than `after` at which a reading leaves a window or grows too old, or
    hours or a season turn while it is heard; NEVER when nothing of the kind will be. The machine's own deadlines are
    not among them (see `machine.deadline`)."""
    found = np.full(len(place), NEVER, dtype=np.int64)
    for leaf, look in zip(plan.leaf_list(), plan.looks, strict=True):
        member, asks = look.members(place)
        series = look.series[member]
        for offset in _offsets(plan, leaf, look, member, lines):
            spot = find(lines, series, after[asks] - offset)
            there = spot < lines.stop[series]
            np.minimum.at(found, asks[there], lines.at[spot[there]] + offset[there])
    if plan.rule.hours is not None or plan.rule.season is not None or _seasonal(plan):
        for number in np.flatnonzero(found != NEVER).tolist():
            turn = edges(int(after[number]), int(after[number]) + 86400 * SECOND, plan.rule.hours, True)
            found[number] = min(int(found[number]), int(turn[0]))
    return found


def _offsets(plan: Plan, leaf: Leaf, look: Looks, member: Ints, lines: Lines) -> list[Ints]:
    """How long after a reading its coming, leaving and ageing change something, µs for each asked series."""
    asked = len(member)
    found = [np.zeros(asked, dtype=np.int64)]
    if leaf.measure not in ("count", "no_data"):
        found.append(lines.silence[look.series[member]])
    if leaf.window_s:
        found.append(np.full(asked, leaf.window_s * SECOND, dtype=np.int64))
    if leaf.measure == "no_data":
        for mild in (None, (plan.rule.ratio, plan.rule.margin)):
            bar = bars(leaf, look.limit[member], mild)
            found.append(np.where(np.isnan(bar), NEVER // 4, np.ceil(np.nan_to_num(bar) * SECOND)).astype(np.int64))
    return found


def _seasonal(plan: Plan) -> bool:
    return any(leaf.season is not None for leaf in plan.leaf_list())


def _with_edges(plan: Plan, question: Ints, moment: Ints, after: Ints, upto: Ints) -> tuple[Ints, Ints]:
    """Add the turns of hours and seasons between the first and the last moment of each question."""
    questions, moments = [question], [moment]
    for number in np.unique(question).tolist():
        own = moment[question == number]
        turns = edges(int(own.min()), min(int(own.max()), int(upto[number])), plan.rule.hours, True)
        turns = turns[turns > after[number]]
        questions.append(np.full(len(turns), number, dtype=np.int64))
        moments.append(turns)
    return np.concatenate(questions), np.concatenate(moments)
