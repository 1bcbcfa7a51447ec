"""What a channel is: it is handed messages and gets them out, or says that it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """One message to one person, for one call or for all calls that climbed to that person at this moment.

    `channels` are the channel codes it goes out by, all at once. A public message has no person and no calls.
    `at` is when it goes out. `home`: the division of a ringing, whose id stands in `warning`; '' for a warning's message.
    """

    warning: UUID
    number: str
    colour: str
    channels: tuple[str, ...]
    text_zh: str
    text_en: str
    drill: bool
    at: datetime
    calls: tuple[tuple[UUID, str], ...] = ()
    person: UUID | None = None
    post_code: str = ""
    role: str = ""
    step: int = 0
    home: str = ""


class Channel(Protocol):
    """A way out. `outside` channels reach real people and are cut off in a drill."""

    name: str
    outside: bool

    def serves(self) -> frozenset[str]:
        """The channel codes this one carries now; empty when it is not set up."""

    def send(self, messages: Sequence[Outgoing]) -> None:
        """Get the messages out, in the caller's transaction; a channel to the outside queues them there."""
