"""The stage's deadlines: proposals nobody decides, tasks, silent villages, counties without a response, missing reports, levels to look at again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from anlan.kernel.actor import Actor
from anlan.kernel.asking import asked
from anlan.response.services.climbing import tasks_climb
from anlan.response.services.considering import levels_review
from anlan.response.services.contacts import contacts_sweep
from anlan.response.services.proposals import proposals_climb
from anlan.response.services.reminders import reminders_sweep
from anlan.response.services.reports import duties_sweep

SYSTEM = Actor.system("response")

_DUE = """
SELECT
  (SELECT min(next_at) FROM response_levelproposal WHERE next_at IS NOT NULL),
  (SELECT min(next_at) FROM response_task WHERE next_at IS NOT NULL),
  (SELECT min(due_at) FROM response_contact WHERE due_at IS NOT NULL),
  (SELECT min(next_at) FROM response_reminder WHERE next_at IS NOT NULL),
  (SELECT min(next_due_at) FROM response_reportduty WHERE next_due_at IS NOT NULL),
  (SELECT min(review_at) FROM response_level WHERE review_at IS NOT NULL)
"""


def next_due() -> datetime | None:
    """Return the earliest pending deadline of the stage."""
    return _earliest(_next())


def _earliest(dues: tuple[datetime | None, ...]) -> datetime | None:
    return min((moment for moment in dues if moment is not None), default=None)


def _next() -> tuple[datetime | None, ...]:
    """Return the earliest pending deadline of each step, in their order. One query over partial indexes."""
    return asked(_DUE)


def sweep(now: datetime) -> int:
    """Do everything due at or before `now`, moment by moment in order of time, each at its exact due time; so a late
    sweep writes what a timely one would have. Return how many things were done."""
    done = 0
    while (due := _earliest(dues := _next())) is not None and due <= now:
        here = sum(step(due) for step, moment in zip(_STEPS, dues, strict=True) if moment == due)
        if here == 0:  # another sweeper holds what is due
            break
        done += here
    return done


_STEPS: tuple[Callable[[datetime], int], ...] = (
    lambda at: proposals_climb(by=SYSTEM, at=at),
    lambda at: tasks_climb(by=SYSTEM, at=at),
    lambda at: contacts_sweep(by=SYSTEM, at=at),
    lambda at: reminders_sweep(by=SYSTEM, at=at),
    lambda at: duties_sweep(by=SYSTEM, at=at),
    lambda at: levels_review(at=at),
)
