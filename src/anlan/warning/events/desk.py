"""What happens at the desk where people are called by hand."""

from __future__ import annotations

from anlan.kernel.journal import Event


class CallTried(Event, kind="call.tried", version=1):
    """Somebody was telephoned by hand and did not answer. An answer is `call.answered`, channel desk.

    call, warning; person: whom the operator rang, or null; outcome: no_answer, wrong_number or busy; note: in the
    operator's words, often empty. The operator is the entry's actor.
    """

    call: str
    warning: str
    person: str | None
    outcome: str
    note: str
