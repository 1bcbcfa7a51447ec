"""The quick look: of places where nothing is the matter, which stay so for certain when new readings come in order.

It holds for rules whose comparisons can only become true at a reading (newest value, sum, greatest, at or over a bar).
What the screen can't rule out is judged in full.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anlan.monitoring.engine.columns import Floats, Ints, Mask
from anlan.monitoring.engine.figures import bars, figures
from anlan.monitoring.engine.lines import Lines
from anlan.monitoring.engine.places import Plan
from anlan.monitoring.engine.rules import All, Any, Leaf, Node

RISING = ("last", "sum", "max")


class Screen(NamedTuple):
    """For each figure the rule looks at: a comparison that gives it, and each place's lowest bar (inf for none).
    The longest sum comes first: where amounts are never negative, no shorter one is larger."""

    figures: tuple[tuple[Leaf, Floats], ...]
    least: Floats  # lowest bar of any sum, by place


def screen(plan: Plan) -> Screen | None:
    """Return the screen of a rule over single series; None when a quick look can't tell."""
    if plan.rule.place != "series" or not all(_rises(level.when) for level in plan.rule.levels):
        return None
    lowest: dict[tuple[str, int], tuple[Leaf, Floats]] = {}
    for leaf, look in zip(plan.leaf_list(), plan.looks, strict=True):
        bar = np.full(len(plan.keys), np.inf)
        place = np.repeat(np.arange(len(plan.keys)), np.diff(look.start))
        own = bars(leaf, look.limit, None)
        np.minimum.at(bar, place, np.where(np.isnan(own), np.inf, own))
        known = lowest.get((leaf.measure, leaf.window_s))
        lowest[(leaf.measure, leaf.window_s)] = (leaf, bar if known is None else np.minimum(bar, known[1]))
    ordered = sorted(lowest.values(), key=lambda pair: (pair[0].measure != "sum", -pair[0].window_s))
    sums = [bar for leaf, bar in ordered if leaf.measure == "sum"]
    return Screen(tuple(ordered), np.minimum.reduce(sums) if sums else np.full(len(plan.keys), np.inf))


def _rises(node: Node) -> bool:
    if isinstance(node, Leaf):
        return node.measure in RISING and not node.below
    return isinstance(node, All | Any) and all(_rises(part) for part in node.parts)


def hits(known: Screen, lines: Lines, series: Ints, place: Ints, moment: Ints, rising: Mask) -> Mask:
    """Tell which of the new readings (series index, place, time) may reach something. rising: series whose amounts are
    never negative."""
    hit = np.zeros(len(moment), dtype=bool)
    open_ = np.ones(len(moment), dtype=bool)  # whose sums have to be looked at
    for leaf, bar in known.figures:
        rows = np.flatnonzero(open_ & ~hit) if leaf.measure == "sum" else np.flatnonzero(~hit)
        figure = figures(lines, leaf, series[rows], moment[rows])
        hit[rows] = figure >= bar[place[rows]]  # unknown is never at or over
        if leaf.measure == "sum":
            done = rising[series[rows]] & (figure < known.least[place[rows]])
            open_[rows[done]] = False
    return hit
