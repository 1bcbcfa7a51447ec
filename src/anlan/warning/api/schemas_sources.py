"""The shapes of the routes on which warnings of others come in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from anlan.warning.api.schemas import Name

Reason = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=12)]


class FeedSourceIn(Schema):
    """A feed to poll. policy: tell, hold_bad (hold messages with a bad signature) or hold_unproved (hold all that is not
    verified)."""

    name: Annotated[str, Field(max_length=64)]
    url: Annotated[str, Field(max_length=2000)]
    division: Code
    interval_s: int = 60
    enabled: bool = True
    policy: Annotated[str, Field(max_length=16)] = "tell"


class FeedFault(Schema):
    """Why the last poll failed."""

    code: str
    zh: str
    en: str


class FeedSourceOut(Schema):
    """A feed and how polling it goes. state: new, ok, failing or paused; due_at: the next poll, null when paused."""

    id: UUID
    name: str
    url: str
    division: str
    interval_s: int
    enabled: bool
    policy: str
    state: str
    polled_at: datetime | None
    answered_at: datetime | None
    due_at: datetime | None
    failures: int
    taken: int
    refused: int
    error: FeedFault | None


class PinIn(Schema):
    """A certificate to believe: as PEM, or its SHA-256 fingerprint. `sender` as it stands in messages, or `relay`."""

    division: Code
    sender: Annotated[str, Field(max_length=400)] = ""
    relay: bool = False
    certificate: Annotated[str, Field(max_length=100_000)] = ""
    sha256: Annotated[str, Field(max_length=200)] = ""
    reason: Reason


class PinEndIn(Schema):
    """Why it is believed no longer."""

    reason: Reason


class PinOut(Schema):
    """A certificate that is or was believed."""

    id: UUID
    division: str
    sender: str
    relay: bool
    sha256: str
    subject: str
    valid_to: datetime | None
    expired: bool
    reason: str
    pinned_by: str
    pinned_at: datetime
    ended_by: str
    ended_at: datetime | None
    ended_reason: str


class FindingOut(Schema):
    """Something found in a message: where, how bad, in words with the remedy."""

    code: str
    severity: str
    path: str
    zh: str
    en: str


class SignatureOut(Schema):
    """What checking one signature said."""

    code: str
    zh: str
    en: str
    fingerprint: str = ""


class AlertOut(Schema):
    """A message received: verdict valid, accepted_with_findings or rejected; signature unchecked, unsigned, verified,
    unverifiable or bad; state: how it stands in its chain."""

    id: UUID
    division: str
    source: str
    received_at: datetime
    verdict: str
    sender: str
    identifier: str
    msg_type: str
    status: str
    event: str
    headline: str
    severity: str
    state: str
    signature: str
    signature_said: list[SignatureOut]
    findings: list[FindingOut]


class TakenOut(Schema):
    """What became of a file: its kind, the messages taken in, remarks, and entries that only link to their message."""

    kind: str
    alerts: list[AlertOut]
    said: list[Name]
    links: int


class AlertsOut(Schema):
    """A page of the inbox, newest first; `next` is the `after` of the page that follows, "" at the end."""

    alerts: list[AlertOut]
    next: str
