"""The clocks of this stage in one hand: answers coming in, warnings ending, decisions and calls falling due.

They touch one another (an answer stops a call, the end of a warning closes it), so they run in the order of time,
whatever the hour the sweep comes: what a late sweep writes is what a punctual one would have written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from anlan.warning.services import calls_escalate, loopback_deliver, proposals_escalate, warnings_expire

# A late sweep works through the time it missed in slices, so that kept row versions stay close to the events' times.
SLICE: Final = timedelta(seconds=60)
_DUE = """
SELECT (SELECT min(expires) FROM warning_warning WHERE state = 'in_force'),
  least((SELECT min(due_at) FROM warning_proposal WHERE state = 'open'),
        (SELECT min(due_at) FROM warning_call WHERE due_at IS NOT NULL),
        (SELECT min(due_at) FROM warning_loopback WHERE NOT delivered))
"""


def sweep(now: datetime) -> int:
    """Do everything due at or before `now`, each at its exact time; returns how many things were done."""
    done = 0
    while True:
        expiry, clocks = _next()
        pending = [moment for moment in (expiry, clocks) if moment is not None and moment <= now]
        if not pending:
            return done
        until = min(now, min(pending) + SLICE)
        if expiry is not None:
            until = min(until, expiry)
        # At the same instant an answer comes before the deadline it meets, and a deadline before the warning's end.
        while step := loopback_deliver(until) + calls_escalate(until):
            done += step
        done += proposals_escalate(until) + warnings_expire(until)


def next_due() -> datetime | None:
    """The earliest pending deadline of this stage."""
    return min((moment for moment in _next() if moment is not None), default=None)


def _next() -> tuple[datetime | None, datetime | None]:
    """The end of the warning that ends first, and the earliest other clock."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        expiry, clocks = cursor.fetchone()
    return expiry, clocks
