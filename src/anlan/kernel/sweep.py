"""Clocks in the mass: each stage registers what it does when its deadlines fall due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.kernel.journal.reactor import rows_tell


@dataclass(frozen=True)
class Sweeper:
    """One stage's deadlines: `sweep(now)` does all that is due, `due()` tells the next due time."""

    name: str
    sweep: Callable[[datetime], int]
    due: Callable[[], datetime | None]


_sweepers: dict[str, Sweeper] = {}


def register(name: str, sweep: Callable[[datetime], int], *, due: Callable[[], datetime | None]) -> None:
    """Register a stage's sweeper; called from its AppConfig.ready, so the order is the order of the chain."""
    _sweepers[name] = Sweeper(name, sweep, due)


def run(now: datetime) -> int:
    """Do everything due at or before `now`, stage by stage; return how many things were done."""
    return round_of(now)[0]


def round_of(now: datetime) -> tuple[int, datetime | None]:
    """Sweep the stages that have something due at or before `now`; return how many things were done, and the earliest
    deadline left (at or before `now` only where another process holds what is due)."""
    done = 0
    left: list[datetime] = []
    for sweeper in _sweepers.values():
        due = sweeper.due()
        if due is not None and due <= now:
            done += _one(sweeper, now)
            due = sweeper.due()
        left += [due] if due is not None else []
    return done, min(left, default=None)


@transaction.atomic(savepoint=False)
def _one(sweeper: Sweeper, now: datetime) -> int:
    """Run one stage's sweep as one act: what it writes without an event of its own is sealed all the same."""
    done = sweeper.sweep(now)
    rows_tell()
    return done


def next_due() -> datetime | None:
    """Return the earliest pending deadline of any stage."""
    times = [time for sweeper in _sweepers.values() if (time := sweeper.due()) is not None]
    return min(times, default=None)
