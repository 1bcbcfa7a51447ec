"""A ten-minute rain field that meets published facts (降雨场重建): shape from storm cells and seeded noise, amounts by
raking to the anchors. Pure: the same seed, anchors, gauges and cells give the same field; another seed another one.

The result is synthetic. Between the anchored sums nothing is known; the field only promises to contradict none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.readiness.engine.rain_shape import Cell, Gauge, Grid, shape, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 400
SETTLED = 1e-7
CAP_MM = 28.0  # most that a gauge without a fact of its own takes in ten minutes: under the record hour of 201.9 mm
GREAT_MM = 500.0


class Anchor(NamedTuple):
    """A fact the field must meet: a gauge's sum, the mean over gauges, or the share of gauges over 500 mm.

    `after`/`until` epoch seconds of the span (after, until]; `value` in mm or as a share; `fit` False: checked only.
    """

    kind: str
    station: str
    after: int
    until: int
    value: float
    tolerance: float
    fit: bool


@dataclass(frozen=True)
class RainField:
    """Rain in mm over the step that ends at `at[t]`, shape (times, gauges), in tenths of a millimetre."""

    codes: tuple[str, ...]
    at: Ints
    mm: Floats

    def total(self, station: str, after: int, until: int) -> Floats:
        """Return the sum at one gauge, or at all of them in order for "*", over (after, until]."""
        rows = (self.at > after) & (self.at <= until)
        columns = slice(None) if station == "*" else slice(self.codes.index(station), self.codes.index(station) + 1)
        sums: Floats = self.mm[rows, columns].sum(axis=0)
        return sums


def field(
    seed: int, anchors: Sequence[Anchor], gauges: Sequence[Gauge], cells: Sequence[Cell], grid: Grid
) -> RainField:
    """Return the field on `grid`. Raises ValueError when the anchors contradict one another."""
    at = grid.times()
    rain = shape(seed, gauges, cells, at)
    codes = tuple(gauge.code for gauge in gauges)
    facts = _Facts(codes, at, [anchor for anchor in anchors if anchor.fit])
    totals = _totals(seed, rain, facts)
    rain = _rake(rain, facts, totals)
    return RainField(codes, at, _tenths(rain))


def misses(found: RainField, anchors: Sequence[Anchor]) -> list[tuple[Anchor, float]]:
    """Return every anchor with the figure the field gives for it, to be laid beside the published one."""
    return [(anchor, _figure(found, anchor)) for anchor in anchors]


def _figure(found: RainField, anchor: Anchor) -> float:
    sums = found.total(anchor.station, anchor.after, anchor.until)
    if anchor.kind == "share_over_500":
        return float((sums > GREAT_MM).mean())
    return float(sums.mean())


class _Facts:
    """The anchors as row spans and columns of the field."""

    def __init__(self, codes: tuple[str, ...], at: Ints, anchors: Sequence[Anchor]) -> None:
        def rows(anchor: Anchor) -> slice:
            first, last = np.searchsorted(at, [anchor.after, anchor.until], side="right")
            return slice(int(first), int(last))

        index = {code: number for number, code in enumerate(codes)}
        self.count = len(codes)
        self.sums = [(index[a.station], rows(a), a.value) for a in anchors if a.kind == "sum"]
        self.means = [(rows(a), a.value) for a in anchors if a.kind == "mean"]
        shares = [a for a in anchors if a.kind == "share_over_500"]
        self.share = shares[0].value if shares else 0.0
        self.span = rows(shares[0]) if shares else slice(0, len(at))
        self.mean = next((value for span, value in self.means if span == self.span), 0.0)
        # a gauge whose event total is given by the press keeps it; the others share what is left of the mean
        self.pinned = sorted({column for column, span, _ in self.sums if _long(span, self.span)})
        self.free = np.setdiff1d(np.arange(self.count), self.pinned)


def _long(span: slice, event: slice) -> bool:
    """Does a sum speak of most of the event?"""
    return bool(span.stop - span.start > (event.stop - event.start) * 0.4)


def _totals(seed: int, rain: Floats, facts: _Facts) -> Floats:
    """Return event totals (mm) for the free gauges: ranked as the cells have them, spread so that the share over
    500 mm and the mean over all gauges are met."""
    pinned = _rake_sums(rain.copy(), facts)[facts.span][:, facts.pinned].sum(axis=0)
    raw = rain[facts.span][:, facts.free].sum(axis=0) * (0.9 + 0.2 * uniform(seed, "rank", facts.count)[facts.free])
    order = np.argsort(np.argsort(raw, kind="stable"), kind="stable")
    over = round(facts.share * facts.count) - int((pinned > GREAT_MM).sum())
    under = len(facts.free) - over
    great = GREAT_MM + 8 + 270 * ((np.arange(over) + 0.5) / over) ** 1.5
    need = facts.mean * facts.count - float(pinned.sum()) - float(great.sum())
    rest = _spread(need / under, under, 90.0, GREAT_MM - 8)
    totals: Floats = np.concatenate((rest, great))[order]
    return totals


def _spread(mean: float, count: int, low: float, high: float) -> Floats:
    """Return `count` rising values between low and high with the given mean. Raises ValueError if there are none."""
    if not low < mean < high:
        raise ValueError(f"the anchors leave a mean of {mean:.0f} mm for {count} gauges, outside {low}-{high} mm")
    steps = (np.arange(count) + 0.5) / count
    least, most = 0.01, 50.0
    for _ in range(80):
        power = (least * most) ** 0.5
        least, most = (power, most) if (low + (high - low) * steps**power).mean() > mean else (least, power)
    values: Floats = low + (high - low) * steps**power
    return values


def _rake_sums(rain: Floats, facts: _Facts) -> Floats:
    """Rake the anchored gauges alone until their own sums agree."""
    for _ in range(ROUNDS):
        if _scale_sums(rain, facts) < SETTLED:
            break
    return rain


def _rake(rain: Floats, facts: _Facts, totals: Floats) -> Floats:
    """Scale again and again to means, totals and sums, in place, until none of them moves any more."""
    own = np.zeros(facts.count, dtype=bool)
    own[[column for column, _, _ in facts.sums]] = True
    ordinary = np.flatnonzero(~own)
    for _ in range(ROUNDS):
        for span, mean in facts.means:
            part = rain[span]
            mine = float(part[:, ordinary].sum())
            factor = (mean * facts.count - float(part.sum()) + mine) / mine
            rain[span.start : span.stop, ordinary] *= min(max(factor, 0.2), 5.0)
        rain[:, ordinary] = np.minimum(rain[:, ordinary], CAP_MM)
        rain[facts.span.start : facts.span.stop, facts.free] *= totals / rain[facts.span][:, facts.free].sum(axis=0)
        if _scale_sums(rain, facts) < SETTLED:
            break
    return rain


def _scale_sums(rain: Floats, facts: _Facts) -> float:
    """Scale each anchored span to its sum; return the greatest relative change that was needed."""
    moved = 0.0
    for column, span, value in facts.sums:
        factor = value / float(rain[span, column].sum())
        rain[span, column] *= factor
        moved = max(moved, abs(factor - 1.0))
    return moved


def _tenths(rain: Floats) -> Floats:
    """Round to tenths without losing water: what is left over of one step goes into the next, as in a tipping bucket."""
    tips = np.rint(np.cumsum(rain, axis=0) * 10.0)
    steps: Floats = np.diff(tips, axis=0, prepend=0.0) / 10.0
    return steps
