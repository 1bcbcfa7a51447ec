"""The decider's clock: at exact minutes after its opening a proposal nobody decided climbs, step by step.

Stateless: given how many steps were already taken, it tells which are due. However late or often it is asked, each
step is told exactly once and always with the time at which it fell due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Step(NamedTuple):
    """Step `number` (from 1) of a clock, due `at` (UTC)."""

    number: int
    at: datetime


def steps(opened_at: datetime, minutes: Sequence[int]) -> tuple[Step, ...]:
    """Return all steps of a clock opened at `opened_at` (aware); `minutes` after the opening, rising."""
    start = opened_at.astimezone(UTC)
    return tuple(Step(n, start + timedelta(minutes=m)) for n, m in enumerate(minutes, start=1))


def due(opened_at: datetime, minutes: Sequence[int], taken: int, now: datetime) -> tuple[Step, ...]:
    """Return the steps not yet taken that fell due at or before `now`, in order."""
    return tuple(step for step in steps(opened_at, minutes) if step.number > taken and step.at <= now)


def next_at(opened_at: datetime, minutes: Sequence[int], taken: int) -> datetime | None:
    """Return when the next step falls due after `taken` steps; None when the clock has run out."""
    rest = [step.at for step in steps(opened_at, minutes) if step.number > taken]
    return rest[0] if rest else None


def deadline(opened_at: datetime, minutes: Sequence[int], taken: int) -> datetime:
    """Return the deadline a page shows: the next step's time, or the last one's once the clock has run out."""
    every = steps(opened_at, minutes)
    return every[min(taken, len(every) - 1)].at
