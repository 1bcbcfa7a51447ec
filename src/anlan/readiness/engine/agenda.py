"""The scenario's own acts in time order: what is due in a span, and when the next one is. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from anlan.readiness.plot import AnyAct, Fact, Scenario

EXACT = frozenset({"minute", "about", "span"})


Item = AnyAct | Fact


class Agenda:
    """Everything the scenario does by itself, sorted by time; equal times keep the order of the scenario's files."""

    def __init__(self, story: Scenario) -> None:
        items = [*_facts(story), *_acts(story)]
        self.items: list[tuple[datetime, Item]] = [item for _, item in sorted(enumerate(items), key=_order)]
        self._times = [at for at, _ in self.items]

    def due(self, after: datetime, upto: datetime) -> list[tuple[datetime, Item]]:
        """Items in (after, upto], in order."""
        return self.items[bisect_right(self._times, after) : bisect_right(self._times, upto)]

    def next_due(self, after: datetime) -> datetime | None:
        """Time of the next item later than `after`."""
        index = bisect_right(self._times, after)
        return self._times[index] if index < len(self._times) else None


def _order(pair: tuple[int, tuple[datetime, Item]]) -> tuple[datetime, int]:
    return pair[1][0], pair[0]


def _facts(story: Scenario) -> Iterable[tuple[datetime, Item]]:
    """Facts are noted when they had come to pass: a span at its end. Facts known to the day only are not noted."""
    for fact in story.facts:
        at = fact.until or fact.at
        if fact.precision in EXACT and story.starts_at < at <= story.ends_at:
            yield at, fact


def _acts(story: Scenario) -> Iterable[tuple[datetime, Item]]:
    for act in story.acts:
        yield story.act_at(act), act
