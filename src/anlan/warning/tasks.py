"""The clocks of this stage, in one hand: answers coming in, warnings ending, decisions and calls falling due.

They touch one another (an answer stops a call, the end of a warning closes it), so they run in the order of time,
whatever the hour the sweep comes: what a late sweep writes is what a punctual one would have written.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from anlan.warning.services import calls_escalate, loopback_deliver, proposals_escalate, warnings_expire

_DUE = """
SELECT least(
  (SELECT min(expires) FROM warning_warning WHERE state = 'in_force'),
  (SELECT min(due_at) FROM warning_proposal WHERE state = 'open'),
  (SELECT min(due_at) FROM warning_call WHERE due_at IS NOT NULL)),
  (SELECT min(due_at) FROM warning_loopback WHERE NOT delivered)
"""


def sweep(now: datetime) -> int:
    """Do everything due at or before `now`, each at its exact time; returns how many things were done."""
    done = 0
    while True:
        clocks, answer = _next()
        until = min(clocks, now) if clocks is not None else now
        # At the same instant an answer comes before the deadline it meets.
        answered = loopback_deliver(until) if answer is not None and answer <= until else 0
        due = clocks is not None and clocks <= now
        if due:
            clocks_now, _ = _next()
            if clocks_now is not None and clocks_now <= until:
                done += warnings_expire(until) + proposals_escalate(until) + calls_escalate(until)
        done += answered
        if not due and not answered:
            return done


def next_due() -> datetime | None:
    """The earliest pending deadline of this stage."""
    return min((moment for moment in _next() if moment is not None), default=None)


def _next() -> tuple[datetime | None, datetime | None]:
    """The earliest clock (warning, proposal or call), and the earliest simulated answer."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        row = cursor.fetchone()
    return row[0], row[1]
