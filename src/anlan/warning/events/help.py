"""What happens to a request for help that an answer made."""

from __future__ import annotations

from anlan.kernel.journal import Event


class HelpTaken(Event, kind="help.taken", version=1):
    """A duty desk took a request for help (the answer "need help") in hand. help, call, warning: ids; waited_s:
    seconds since it was asked for.
    """

    help: str
    call: str
    warning: str
    waited_s: int


class HelpClosed(Event, kind="help.closed", version=1):
    """A request for help was dealt with. help, call, warning: ids; note: what was done."""

    help: str
    call: str
    warning: str
    note: str
