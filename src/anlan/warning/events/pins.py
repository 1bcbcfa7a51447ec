"""What can happen to pinned certificates. The docstrings are the public documentation of the events."""

from __future__ import annotations

from anlan.kernel.journal import Event


class PinSet(Event, kind="pin.set", version=1):
    """A certificate was pinned: its signature is believed from now on.

    pin: its id; sender: whose messages it may sign, "" for a relay; relay: whether it vouches for every sender; sha256:
    of the certificate; subject: its holder; reason: how it was confirmed.
    """

    pin: str
    sender: str
    relay: bool
    sha256: str
    subject: str
    reason: str


class PinEnded(Event, kind="pin.ended", version=1):
    """A pinned certificate is believed no longer. pin: its id; sender: whose it was; sha256: of it; reason: why."""

    pin: str
    sender: str
    sha256: str
    reason: str
