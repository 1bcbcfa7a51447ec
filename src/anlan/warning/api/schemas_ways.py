"""The shapes of the routes for ways out and for replies to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from anlan.warning.api.schemas import Name


class CodeName(Schema):
    """A code with its name in both languages."""

    code: str
    zh: str
    en: str


class WayOut(Schema):
    """A way out and how it stands. state: up, down, waiting (not used yet) or paused; why: its last failure, or why it is
    paused; queued and oldest: what waits; cost in fen."""

    id: UUID
    code: str
    division: str
    rank: int
    carries: CodeName
    kind: CodeName
    name: Name
    state: str
    since: datetime | None
    why: str
    error_at: datetime | None
    rate_per_s: float
    queued: int
    oldest: datetime | None
    sent_hour: int
    failed_hour: int
    sent_today: int
    failed_today: int
    cost_today: float
    cost_month: float
    handed: int
    delivered: int
    failed: int


class WayIn(Schema):
    """A way out as it is to be. settings: by kind of gateway, with the names of secrets, never secrets themselves."""

    carries: Annotated[str, Field(max_length=16)]
    kind: Annotated[str, Field(max_length=16)]
    name_zh: Annotated[str, Field(min_length=1, max_length=96)]
    name_en: Annotated[str, Field(min_length=1, max_length=160)]
    division: Annotated[str, Field(max_length=12)] = ""
    rank: Annotated[int, Field(ge=-100, le=100)] = 0
    settings: dict[str, Any] = {}
    rate_per_s: float = 10.0
    window: int = 10
    tries: int = 5
    backoff_s: float = 2.0
    in_doubt: Annotated[str, Field(max_length=8)] = "repeat"
    instead: list[str] = []
    cost_fen: Annotated[float, Field(ge=0, le=100_000)] = 0.0


class WayPauseIn(Schema):
    """Why it is paused."""

    reason: Annotated[str, Field(max_length=300)]


class WayPausedOut(Schema):
    """Whether the way out is paused; moved: waiting messages that other ways took over."""

    code: str
    paused: bool
    moved: int


class WayTestIn(Schema):
    """Where a test message goes: an address or a person's code; empty for a way out to groups."""

    to: Annotated[str, Field(max_length=600)] = ""


class WayTestOut(Schema):
    """What the gateway said. state: handed, delivered, retry (not now), failed (refused) or gone (can't be reached)."""

    state: str
    error: str


class ReplyCall(Schema):
    """A call a reply may answer; answer: what it was answered with so far, or null."""

    id: UUID
    warning: UUID
    number: str
    colour: str
    headline: Name
    answer: CodeName | None


class ReplyOut(Schema):
    """A reply that answered no call by itself. number is masked; who: "" unless known and inside the reader's area."""

    id: UUID
    at: datetime
    words: str
    setting: str
    division: str
    reason: CodeName
    channel: CodeName
    number: str
    who: str
    calls: list[ReplyCall]


class ReplyReadIn(Schema):
    """What a reply is: received, acting, need_help or cannot with the `call` it answers, or filed with a `note`."""

    became: Annotated[str, Field(max_length=12)]
    call: UUID | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


class ReplyReadOut(Schema):
    """The reply as it is read."""

    id: UUID
    became: str
    call: UUID | None
    note: str
