"""The stage's deadlines: each step tells when it is due next, and does what is due at a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from anlan.kernel.actor import Actor
from anlan.kernel.asking import asked
from anlan.response.services.climbing import tasks_climb
from anlan.response.services.considering import levels_review
from anlan.response.services.contacts import contacts_sweep
from anlan.response.services.duty_checks import checks_sweep
from anlan.response.services.orders_issue import orders_written_late
from anlan.response.services.proposals import proposals_climb
from anlan.response.services.purging import purges_sweep
from anlan.response.services.reminders import reminders_sweep
from anlan.response.services.report_duties import duties_sweep
from anlan.response.services.report_rings import reports_ring
from anlan.response.services.withdrawing import withdrawals_sweep
from anlan.warning.services.ringing import ringings_lapse

SYSTEM = Actor.system("response")

# When the earliest of its kind is due (over a partial index), and the step that does what is due at exactly that moment.
# Both ask for the same rows: a deadline no step takes would hold up all that come after it.
_PARTS: tuple[tuple[str, Callable[[datetime], int]], ...] = (
    (
        "min(next_at) FROM response_levelproposal WHERE next_at IS NOT NULL",
        lambda at: proposals_climb(by=SYSTEM, at=at),
    ),
    ("min(next_at) FROM response_task WHERE next_at IS NOT NULL", lambda at: tasks_climb(by=SYSTEM, at=at)),
    ("min(due_at) FROM response_contact WHERE due_at IS NOT NULL", lambda at: contacts_sweep(by=SYSTEM, at=at)),
    ("min(next_at) FROM response_reminder WHERE next_at IS NOT NULL", lambda at: reminders_sweep(by=SYSTEM, at=at)),
    (
        "min(next_due_at) FROM response_reportduty WHERE next_due_at IS NOT NULL",
        lambda at: duties_sweep(by=SYSTEM, at=at),
    ),
    ("min(ring_at) FROM response_reportduty WHERE ring_at IS NOT NULL", lambda at: reports_ring(by=SYSTEM, at=at)),
    (
        "min(review_at) FROM response_level WHERE review_at IS NOT NULL AND until IS NULL",
        lambda at: levels_review(at=at),
    ),
    ("min(next_at) FROM response_withdrawal WHERE next_at IS NOT NULL", lambda at: withdrawals_sweep(by=SYSTEM, at=at)),
    (
        "min(written_due_at) FROM response_order WHERE written_due_at IS NOT NULL AND written_at IS NULL"
        " AND NOT written_late AND state IN ('issued', 'verified')",
        lambda at: orders_written_late(by=SYSTEM, at=at),
    ),
    ("min(next_at) FROM response_purgeclock WHERE next_at IS NOT NULL", lambda at: purges_sweep(at=at)),
    ("min(next_at) FROM response_dutycheck WHERE next_at IS NOT NULL", lambda at: checks_sweep(by=SYSTEM, at=at)),
)
_DUE = "SELECT " + ", ".join(f"(SELECT {when})" for when, _ in _PARTS)


def next_due() -> datetime | None:
    """Return the earliest pending deadline of the stage."""
    return _earliest(asked(_DUE))


def _earliest(dues: tuple[datetime | None, ...]) -> datetime | None:
    return min((moment for moment in dues if moment is not None), default=None)


def sweep(now: datetime) -> int:
    """Do everything due at or before `now`, moment by moment in order of time, each at its exact due time; so a late
    sweep writes what a timely one would have. Return how many things were done."""
    done = 0
    while (due := _earliest(dues := asked(_DUE))) is not None and due <= now:
        here = sum(step(due) for (_, step), moment in zip(_PARTS, dues, strict=True) if moment == due)
        if here == 0:  # another sweeper holds what is due
            break
        done += here
    if done:  # nobody is rung about what is long past: a late sweep asks and climbs in one act
        ringings_lapse(now)
    return done
