"""Which figures of an incident stand: of each metric the latest, save that a count never falls without a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Figure(Protocol):
    """What is looked at: `value` null where a word tells it."""

    metric: str
    value: float | None
    as_of: datetime
    reason: str


F = TypeVar("F", bound=Figure)


def standing(rows: Iterable[F], rising: Collection[str]) -> dict[str, F]:
    """Return the figure that stands of each metric; `rows` in order of `as_of`. `rising`: metrics that fall only with a
    reason, which matters where two incidents' figures are read as one: the later and lower one doesn't win by itself."""
    found: dict[str, F] = {}
    for row in rows:
        held = found.get(row.metric)
        if held is None or row.metric not in rising or row.reason or not _falls(held, row):
            found[row.metric] = row
    return found


def _falls(held: Figure, row: Figure) -> bool:
    return held.value is not None and row.value is not None and row.value < held.value
