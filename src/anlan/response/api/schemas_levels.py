"""What the routes of levels take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.response.api.schemas import Short, Text

Plan = Annotated[str, Field(max_length=32)]
Level = Annotated[int, Field(ge=0, le=4)]


class EndingIn(Schema):
    """What an end states (art. 86) where it differs from the plan; `confirmed`: numbers (from 0) of its end conditions."""

    announced: Text | None = None
    stopped: list[Text] | None = Field(default=None, max_length=200)
    watch: Text | None = None
    confirmed: list[Annotated[int, Field(ge=0, le=50)]] = Field(default=[], max_length=50)


class DecideIn(Schema):
    """A level decided by hand: plan, level (0 ends), the event where the plan answers single events, the reason, and what
    differs from the plan's words."""

    plan: Plan
    level: Level
    incident: UUID | None = None
    reason: Text
    basis: Short | None = None
    matter: Short | None = None
    expected_duration_h: float | None = Field(default=None, allow_inf_nan=False)
    measures: list[Text] | None = Field(default=None, max_length=200)
    ending: EndingIn | None = None


class PreviewOut(Schema):
    """What a decision would change: kinds of task added, kept and called off; how many tasks, to how many posts."""

    plan: str
    level: int
    previous: int
    add: list[dict[str, Any]]
    keep: list[dict[str, Any]]
    cancel: list[dict[str, Any]]
    tasks: int
    posts: int
    called_off: int


class StepOut(Schema):
    """One decision of a response."""

    kind: Literal["start", "raise", "lower", "end"]
    level: int
    at: datetime
    post: str | None
    reason: str
    basis: str
    waited_s: float | None
    undecided: list[dict[str, Any]]
    changes: dict[str, Any] | None


class ResponseOut(Schema):
    """One response from its start to its closing."""

    id: UUID
    plan: str
    incident: UUID | None
    track: str
    level: int
    in_force: bool
    matter: str
    measures: list[str]
    since: datetime
    until: datetime | None
    expected_until: datetime
    ending: dict[str, Any] | None
    steps: list[StepOut]
    tasks: dict[str, int]
    mismatches: list[dict[str, Any]]
    closing: list[dict[str, Any]]
    purge_at: datetime | None
    purge_state: str


class MismatchOut(Schema):
    """A mismatch after the decision."""

    id: UUID
    state: str
    reason: str
    closed_at: datetime | None


class HoldIn(Schema):
    """Until when, and the assessment the law asks for (art. 85)."""

    until: AwareDatetime
    legality: Text
    need: Text
    safety: Text


class PhotoOut(Schema):
    """A photograph under the purge clock; `kept`: who keeps it for the archive, and why."""

    id: UUID
    about: str
    sha256: str
    kept: dict[str, str] | None


class PurgeOut(Schema):
    """The clock of a response's personal data."""

    id: UUID
    state: str
    due_at: datetime
    next_at: datetime | None
    held_until: datetime | None
