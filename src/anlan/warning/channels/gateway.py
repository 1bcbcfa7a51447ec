"""What a gateway is to the sender process: it is opened, handed parcels, and tells what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol
from uuid import UUID

import msgspec


class Parcel(msgspec.Struct, frozen=True, gc=False):
    """One message to send. `reference` is ours: the same at every try, so that a gateway can know a repeat.

    address: telephone, mailbox, push address or ''; keys: what the channel needs beside it; area, expires, headline:
    of the warning.
    """

    id: int
    fence: int
    tries: int
    warning: UUID
    number: str
    colour: str
    hazard: str
    division: str
    area: tuple[str, ...]
    issued_at: datetime
    expires: datetime
    headline_zh: str
    headline_en: str
    step: int
    role: str
    person: UUID | None
    address: str
    text: UUID
    zh: str
    en: str
    keys: Mapping[str, Any] = msgspec.field(default_factory=dict)
    block: int = 0

    @property
    def reference(self) -> str:
        """Our id of the message, in letters every gateway takes."""
        return f"anlan-{self.warning.hex[-8:]}-{self.id:x}"


UNSENT: Final = "not sent"
"""The error of a parcel that was never handed over: it goes back, and the try does not count."""
State = Literal["handed", "delivered", "retry", "failed", "gone"]


class Result(msgspec.Struct, frozen=True, gc=False):
    """What became of a parcel. handed: the gateway has it, a receipt may follow; delivered: it is there; retry: not
    now (wait_s 0: by the way out's own back-off); failed: never (error says why); gone: the way out itself is lost.
    """

    id: int
    fence: int
    state: State
    reference: str = ""
    parts: int = 1
    error: str = ""
    wait_s: float = 0.0


Done = Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gateway's word on a message handed over earlier, by the gateway's reference. state: delivered or failed."""

    reference: str
    state: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person sent back: from which address, or to which of our references; key makes a repeat recognisable."""

    words: str
    at: datetime
    key: str = ""
    address: str = ""
    reference: str = ""


Told = Callable[["Receipt | Reply"], "asyncio.Future[None]"]
"""Takes what a gateway tells by itself; the future ends when it is kept, and only then may the gateway be thanked."""


class Lost(Exception):
    """The way out can't be used now; the words say what is wrong."""


class Gateway(Protocol):
    """One way out as the sender process drives it."""

    async def open(self) -> None:
        """Connect. Raises Lost."""

    async def close(self) -> None:
        """Say goodbye."""

    async def send(self, parcels: Sequence[Parcel], done: Done) -> None:
        """Hand the parcels over, calling `done` once for each. Raises Lost when the connection goes."""


class OneByOne:
    """A gateway that hands over one parcel at a time, `window` of them at once."""

    def __init__(self, window: int) -> None:
        self._window = asyncio.Semaphore(window)

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing to let go."""

    async def one(self, parcel: Parcel) -> Result:
        """Hand one parcel over. Raises Lost."""
        raise NotImplementedError

    async def send(self, parcels: Sequence[Parcel], done: Done) -> None:
        """Hand the parcels over, a window at once."""

        async def through(parcel: Parcel) -> None:
            async with self._window:
                try:
                    result = await self.one(parcel)
                except (Lost, OSError, TimeoutError) as failure:
                    result = Result(parcel.id, parcel.fence, "gone", error=f"{type(failure).__name__}: {failure}"[:180])
            done(result)

        await asyncio.gather(*(through(parcel) for parcel in parcels))
