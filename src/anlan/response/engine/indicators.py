"""What is counted in a disaster (灾情统计指标): code, unit, definition; and which figures may not fall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from anlan.response.engine.plan import Words


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure. `index`: its code in the statistics rules, "" where none was seen. `whole`: only whole numbers.
    `cumulative`: may not fall without a reason. `quick`: a column of the quick report, else of the full survey only.
    `most`: the largest value that can be meant. `mark`: of the definition, G where it is to be confirmed.
    """

    code: str
    index: str
    name: Words
    unit: Words
    definition: Words
    group: str
    mark: str
    whole: bool = True
    cumulative: bool = True
    quick: bool = True
    most: float = 2_000_000_000.0


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading of the form."""

    code: str
    name: Words


class Indicators(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The list with its version and source."""

    version: str
    source: Words
    mark: str
    valid_from: date
    groups: tuple[Group, ...]
    indicators: tuple[Indicator, ...]

    @property
    def by_code(self) -> dict[str, Indicator]:
        """Return code → indicator, in the order of the form."""
        return {one.code: one for one in self.indicators}


class Change(msgspec.Struct, frozen=True):
    """How a figure moved from one report to the next; `before` None: it was not told before."""

    code: str
    before: float | None
    after: float

    @property
    def delta(self) -> float:
        """Return by how much it moved."""
        return neat(self.after - (self.before or 0))


def neat(value: float) -> float:
    """Return a figure without the dust of binary fractions, whole numbers as whole numbers."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def standing(before: Mapping[str, float], told: Mapping[str, float]) -> dict[str, float]:
    """Return the figures that stand after a report: what it tells, else what was told before."""
    return {**before, **{code: neat(value) for code, value in told.items()}}


def changes(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Change, ...]:
    """Return the figures that moved or are new, in order of code."""
    return tuple(
        Change(code, before.get(code), value) for code, value in sorted(after.items()) if before.get(code) != value
    )


def fallen(before: Mapping[str, float], after: Mapping[str, float], cumulative: Iterable[str]) -> tuple[Change, ...]:
    """Return the cumulative figures that fell. Missing who were found dead are no fall: missing down, dead up by as much."""
    found = []
    for code in cumulative:
        old, new = before.get(code), after.get(code)
        if old is None or new is None:
            continue
        made_up = max(after.get("dead", 0) - before.get("dead", 0), 0) if code == "missing" else 0
        if new + made_up < old:
            found.append(Change(code, old, new))
    return tuple(found)
