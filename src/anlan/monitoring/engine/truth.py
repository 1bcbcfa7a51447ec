"""Which level is reached, and which still holds, at many moments of many places at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.calendar import in_hours, in_season
from anlan.monitoring.engine.columns import Floats, Ints
from anlan.monitoring.engine.figures import FALSE, TRUE, UNKNOWN, Truth, bars, figures, reached
from anlan.monitoring.engine.lines import Lines
from anlan.monitoring.engine.places import Looks, Plan
from anlan.monitoring.engine.rules import All, Leaf, Node, Not, leaves


class Ranks(NamedTuple):
    """For each (place, moment): gravest rank reached, gravest held (>= reached), and whether anything is known."""

    reached: Ints
    held: Ints
    known: NDArray[np.bool_]


Cache = dict[tuple[object, ...], Floats]


class Told(NamedTuple):
    """The comparison a level is told with: figure, bar, the comparison, and the series it chiefly stands on (-1: many)."""

    figure: float
    bar: float
    leaf: Leaf
    series: int


def ranks(plan: Plan, lines: Lines, place: Ints, moment: Ints) -> Ranks:
    """Judge every (place, moment); both int64 arrays of shape (n,)."""
    rule = plan.rule
    looks = iter(plan.looks)
    rank, held = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
    known = np.ones(len(place), dtype=bool)
    cache: Cache = {}
    for number, level in enumerate(rule.levels, start=1):
        strict, mild = _node(level.when, plan, looks, lines, place, moment, cache)
        rank[strict == TRUE] = number
        held[(mild == TRUE) | (strict == TRUE)] = number
        known &= mild != UNKNOWN
    open_ = in_season(moment, rule.season) & in_hours(moment, rule.hours)
    known |= ~open_  # outside its season or hours a rule reaches nothing, whatever is heard
    return Ranks(np.where(open_, rank, 0), np.where(open_, np.maximum(rank, held), 0), known)


def _node(
    node: Node, plan: Plan, looks: Iterator[Looks], lines: Lines, place: Ints, moment: Ints, cache: Cache
) -> tuple[Truth, Truth]:
    """Return (truth with the bars as they are, truth with milder bars) of a condition tree."""
    if isinstance(node, Leaf):
        look = next(looks)
        return _leaf(node, plan, look, lines, place, moment, cache)
    if isinstance(node, Not):
        strict, _ = _node(node.part, plan, looks, lines, place, moment, cache)
        return TRUE - strict, TRUE - strict
    parts = [_node(part, plan, looks, lines, place, moment, cache) for part in node.parts]
    join = np.minimum if isinstance(node, All) else np.maximum
    return join.reduce([part[0] for part in parts]), join.reduce([part[1] for part in parts])


def _leaf(
    leaf: Leaf, plan: Plan, look: Looks, lines: Lines, place: Ints, moment: Ints, cache: Cache
) -> tuple[Truth, Truth]:
    member, question = look.members(place)
    key = (leaf.element, leaf.measure, leaf.window_s, leaf.over)
    if key not in cache:
        cache[key] = figures(lines, leaf, look.series[member], moment[question])
    figure = cache[key]
    mildness = (plan.rule.ratio, plan.rule.margin)
    found = []
    for mild in (None, mildness):
        bar = bars(leaf, look.limit[member], mild)
        truth = _joined(leaf, figure, bar, look.weight[member], question, len(place))
        if leaf.season is not None:
            truth = np.where(in_season(moment, leaf.season), truth, FALSE).astype(np.int8)
        found.append(truth)
    return found[0], found[1]


def _joined(leaf: Leaf, figure: Floats, bar: Floats, weight: Floats, question: Ints, asked: int) -> Truth:
    """Make one truth of the series of each question."""
    if leaf.over == "":
        truth = np.full(asked, FALSE)
        np.maximum.at(truth, question, reached(leaf, figure, bar))
        return truth
    if leaf.over == "count":
        each = reached(leaf, figure, bar)
        sure = np.bincount(question[each == TRUE], minlength=asked)
        maybe = np.bincount(question[each != FALSE], minlength=asked)
        return np.where(sure >= leaf.members, TRUE, np.where(maybe >= leaf.members, UNKNOWN, FALSE)).astype(np.int8)
    one, line = joined(leaf, figure, bar, weight, question, asked)
    return reached(leaf, one, line)


def joined(
    leaf: Leaf, figure: Floats, bar: Floats, weight: Floats, question: Ints, asked: int
) -> tuple[Floats, Floats]:
    """Return one figure and one bar for each question: of what is known, weighted for means; NaN with nothing known."""
    known = ~np.isnan(figure)
    asks, values, weights = question[known], figure[known], weight[known]
    if leaf.over in ("max", "min"):
        best = np.full(asked, -np.inf if leaf.over == "max" else np.inf)
        (np.maximum if leaf.over == "max" else np.minimum).at(best, asks, values)
        one = np.where(np.isinf(best), np.nan, best)
    else:
        share = weights if leaf.over == "mean" else np.ones(len(values))
        total = np.bincount(asks, weights=values * share, minlength=asked)
        weigh = np.bincount(asks, weights=share, minlength=asked)
        with np.errstate(invalid="ignore", divide="ignore"):
            one = np.where(weigh > 0, total / (weigh if leaf.over == "mean" else 1.0), np.nan)
    line = np.full(asked, -np.inf)
    np.maximum.at(line, question, np.where(np.isnan(bar), -np.inf, bar))
    return one, np.where(np.isinf(line), np.nan, line)


def told(plan: Plan, lines: Lines, place: int, moment: int, rank: int) -> Told:
    """Return the figures a level is told with: of its comparisons the first that is true, else the first known one."""
    number, best = 0, None
    asked, when = np.array([place]), np.array([moment])
    for order, level in enumerate(plan.rule.levels, start=1):
        for leaf in leaves(level.when):
            look = plan.looks[number]
            number += 1
            if order != rank:
                continue
            member, question = look.members(asked)
            figure = figures(lines, leaf, look.series[member], when[question])
            bar = bars(leaf, look.limit[member], None)
            found = _first(leaf, figure, bar, look, member, question)
            if found is not None and (best is None or (np.isnan(best.figure) and not np.isnan(found.figure))):
                best = found
            truth = _joined(leaf, figure, bar, look.weight[member], question, 1)
            if found is not None and truth[0] == TRUE:
                return found
    return best or Told(float("nan"), float("nan"), next(leaves(plan.rule.levels[rank - 1].when)), -1)


def _first(leaf: Leaf, figure: Floats, bar: Floats, look: Looks, member: Ints, question: Ints) -> Told | None:
    if len(member) == 0:
        return None
    if len(member) == 1:
        return Told(float(figure[0]), float(bar[0]), leaf, int(look.series[member[0]]))
    if leaf.over in ("", "count"):
        over = np.where(np.isnan(figure), -np.inf, -figure if leaf.below else figure)
        place = int(np.argmax(over))
        return Told(float(figure[place]), float(bar[place]), leaf, int(look.series[member[place]]))
    one, line = joined(leaf, figure, bar, look.weight[member], question, 1)
    return Told(float(one[0]), float(line[0]), leaf, -1)
