"""What can happen to messages of others. The docstrings are the public documentation of the events."""

from __future__ import annotations

from anlan.kernel.journal import Event


class AlertReceived(Event, kind="alert.received", version=1):
    """A CAP message came in and is kept with its bytes.

    alert: its id; sha256, source: of the bytes; verdict: valid, accepted_with_findings or rejected; sender, identifier,
    msg_type, status: as written, empty where unreadable; state: how it stands; findings: how many; signature: what its
    check said (unchecked, unsigned, verified, unverifiable, bad).
    """

    alert: str
    sha256: str
    source: str
    verdict: str
    sender: str
    identifier: str
    msg_type: str
    status: str
    state: str
    findings: int
    signature: str = "unchecked"


class AlertChanged(Event, kind="alert.changed", version=1):
    """A received message stands otherwise than before: another came, its time ran out, or a person let it through.

    alert, identifier: the message; before, state: how it stood and stands; chain_state: of its chain; why: codes.
    """

    alert: str
    identifier: str
    before: str
    state: str
    chain_state: str
    why: list[str]


class AlertReleased(Event, kind="alert.released", version=1):
    """A named person let a held message through. alert, identifier: the message; reason: in their words."""

    alert: str
    identifier: str
    reason: str
