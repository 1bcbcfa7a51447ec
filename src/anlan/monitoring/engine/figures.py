"""What a condition looks at: the figure of a measure at moments, and whether it reaches the bar (指标与判别).

Truth has three values, so that NOT of nothing known stays unknown: FALSE < UNKNOWN < TRUE; AND is the least of the
parts, OR the greatest, NOT the mirror.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import SECOND, Floats, Ints
from anlan.monitoring.engine.lines import MILLIONTHS, Lines, find, totals
from anlan.monitoring.engine.rules import Leaf

Truth = NDArray[np.int8]
FALSE, UNKNOWN, TRUE = np.int8(0), np.int8(1), np.int8(2)


def figures(lines: Lines, leaf: Leaf, series: Ints, moment: Ints) -> Floats:
    """Return the figure of the leaf's measure for each (series, moment), shape (n,); NaN where it is unknown."""
    upto = find(lines, series, moment)
    heard = upto > lines.start[series]
    last = np.maximum(upto - 1, 0)
    age = np.where(heard, moment - lines.at[last] if len(lines.at) else 0, 0)
    if leaf.measure == "no_data":
        return np.where(heard, age / SECOND, np.nan)
    after = find(lines, series, moment - leaf.window_s * SECOND) if leaf.window_s else upto
    if leaf.measure == "count":
        return (upto - after).astype(np.float64)
    known = heard & (age < lines.silence[series])
    if leaf.measure == "last":
        found = lines.value[last] if len(lines.value) else np.full(len(last), np.nan)
    elif leaf.measure == "sum":
        found = (totals(lines, series, upto) - totals(lines, series, after)) / MILLIONTHS
    else:
        count = upto - after
        known &= count >= (2 if leaf.measure == "rate" else 1)
        found = _over(lines, leaf, series, after, upto, known)
    return np.where(known, found, np.nan)


def _over(lines: Lines, leaf: Leaf, series: Ints, after: Ints, upto: Ints, known: NDArray[np.bool_]) -> Floats:
    """The measures that need at least one reading in the window."""
    found = np.full(len(upto), np.nan)
    ask = np.flatnonzero(known)
    if len(ask) == 0:
        return found
    low, high = after[ask], upto[ask]
    if leaf.measure == "mean":
        total = totals(lines, series[ask], high) - totals(lines, series[ask], low)
        found[ask] = total / (high - low) / MILLIONTHS
    elif leaf.measure == "rate":
        hours = (lines.at[high - 1] - lines.at[low]) / (3600 * SECOND)
        found[ask] = (lines.value[high - 1] - lines.value[low]) / hours
    else:
        reduce = np.maximum if leaf.measure == "max" else np.minimum
        ends = np.minimum(np.column_stack((low, high)).ravel(), len(lines.value) - 1)
        best = reduce.reduceat(lines.value, ends)[::2]
        found[ask] = reduce(best, lines.value[high - 1])  # a range that ends with the arrays is cut one short above
    return found


def bars(leaf: Leaf, limits: Floats, mild: tuple[float, float] | None) -> Floats:
    """Return the bar of each place: its limit plus the leaf's offset, else the threshold; NaN for none. `limits`: the
    places' limits of that name, NaN where they have none. mild: (ratio, margin) of the rule, to hold rather than reach.
    """
    own = np.full(len(limits), np.nan if leaf.threshold is None else leaf.threshold)
    found = np.where(np.isnan(limits), own, limits + leaf.offset)
    if mild is None:
        return found
    ratio, margin = mild
    return found / ratio + margin if leaf.below else found * ratio - margin


def reached(leaf: Leaf, figure: Floats, bar: Floats) -> Truth:
    """Compare figures with bars: unknown figures are UNKNOWN, missing bars FALSE. The figure itself counts as reached."""
    over = (figure <= bar) if leaf.below else (figure >= bar)
    truth = np.where(np.isnan(figure), UNKNOWN, np.where(over, TRUE, FALSE))
    return np.where(np.isnan(bar), FALSE, truth).astype(np.int8)
