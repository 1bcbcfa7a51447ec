"""The clocks of this stage in one hand: answers coming in, warnings ending, ours and those
received, decisions and calls falling due.

They touch one another (an answer stops a call, the end of a warning closes it), so they run in the order of time,
whatever the hour the sweep comes: what a late sweep writes is what a punctual one would have written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from anlan.kernel.asking import asked
from anlan.warning.services import (
    alerts_expire,
    calls_escalate,
    calls_rest,
    loopback_deliver,
    proposals_escalate,
    ringings_lapse,
    warnings_expire,
)

# A late sweep works through the time it missed in slices, so that kept row versions stay close to the events' times.
SLICE: Final = timedelta(seconds=60)
_DUE = """
SELECT (SELECT min(due_at) FROM warning_loopback WHERE NOT delivered),
  (SELECT min(due_at) FROM warning_call WHERE due_at IS NOT NULL),
  (SELECT min(due_at) FROM warning_proposal WHERE state = 'open'),
  (SELECT min(expires) FROM warning_warning WHERE state = 'in_force'),
  (SELECT min(ends_at) FROM warning_received WHERE state IN ('in_force', 'held')),
  (SELECT min(at) FROM warning_calls_waiting WHERE remaining > 0),
  (SELECT min(ends_at) FROM warning_ringing WHERE state = 'ringing')
"""


def sweep(now: datetime) -> int:
    """Do everything due at or before `now`, each at its exact time; returns how many things were done."""
    done = 0
    while True:
        reply, call, proposal, expiry, alert, rest, rung = moments = _next()
        pending = [moment for moment in moments if moment is not None and moment <= now]
        if not pending:
            return done
        until = min(now, min(pending) + SLICE, *([expiry] if expiry is not None else []))
        # Who is still to be called is called first.
        # At the same instant an answer comes before the deadline it meets, and a deadline before the warning's end.
        step = calls_rest(until) if _due(rest, until) else 0
        step += loopback_deliver(until) if _due(reply, until) else 0
        step += calls_escalate(until) if _due(call, until) else 0
        step += proposals_escalate(until) if _due(proposal, until) else 0
        step += alerts_expire(until) if _due(alert, until) else 0
        step += ringings_lapse(until) if _due(rung, until) else 0
        if step == 0 and _due(expiry, until):
            step = warnings_expire(until)
        if step == 0:
            return done  # what is due is in other hands: another sweeper holds the rows
        done += step


def next_due() -> datetime | None:
    """The earliest pending deadline of this stage."""
    return min((moment for moment in _next() if moment is not None), default=None)


def _due(moment: datetime | None, until: datetime) -> bool:
    return moment is not None and moment <= until


def _next() -> tuple[datetime | None, ...]:
    """The earliest simulated answer, call, proposal, end of a warning, end of a message received, calls to be placed, end of
    a ringing."""
    return asked(_DUE)
