"""What the duty routes take and give. Names of people are not given out here, their ids are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

Role = Literal["leader", "main", "second"]
Long = Annotated[str, Field(max_length=4000)]
Short = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=300)]
PostCode = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z._-]+$")]


class CrewIn(Schema):
    """Who stands together, by id."""

    leader: UUID | None = None
    main: UUID | None = None
    second: UUID | None = None


class AwayIn(Schema):
    """Days a person is away, both included."""

    person: UUID
    first: date
    last: date


class RosterIn(Schema):
    """What a year's roster is made from. `off` and `worked` null: the shipped calendar of the year."""

    post: PostCode
    year: Annotated[int, Field(ge=2000, le=2200)]
    pattern: Literal["day_night", "full_day"] = "day_night"
    crews: Annotated[list[CrewIn], Field(min_length=1, max_length=60)]
    away: Annotated[list[AwayIn], Field(max_length=500)] = []
    off: Annotated[list[date], Field(max_length=366)] | None = None
    worked: Annotated[list[date], Field(max_length=366)] | None = None
    begins_at: AwareDatetime | None = None
    checks_a_week: Annotated[int, Field(ge=0, le=50)] | None = None


class RosterOut(Schema):
    """A roster: its state, and what stands in the way of publishing it."""

    id: UUID
    year: int
    version: int
    pattern: str
    state: str
    begins_at: datetime
    ends_at: datetime
    holes: list[dict[str, Any]]
    faults: list[dict[str, Any]]
    spread: dict[str, list[int]]


class ShiftIn(Schema):
    """Who stands in a role of a drafted shift; null: nobody."""

    role: Role
    person: UUID | None = None
    reason: Short = ""


class ShiftOut(Schema):
    """A shift of a roster; people by id."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    night: bool
    kind: str
    leader: UUID | None = None
    main: UUID | None = None
    second: UUID | None = None
    reason: str


class SwapIn(Schema):
    """A change of shift, or a stand-in without `other_shift`."""

    shift: UUID
    role: Role
    to: UUID
    other_shift: UUID | None = None
    reason: Annotated[str, Field(min_length=1, max_length=300)]
    override: Short = ""


class DecisionIn(Schema):
    """A leader's decision on a change of shift."""

    act: Literal["approve", "refuse", "withdraw"]
    note: Reason = ""


class SwapOut(Schema):
    """A change of shift."""

    id: UUID
    kind: str
    role: str
    state: str
    asked_at: datetime
    decided_at: datetime | None = None


class PresenceIn(Schema):
    """Somebody of a shift has come, or is somewhere else now."""

    role: Role
    where: Literal["room", "office", "reachable"] = "room"


class PresenceOut(Schema):
    """Who came when."""

    id: UUID
    role: str
    whereabouts: str
    came_at: datetime
    late_min: int


class AnswerIn(Schema):
    """By which way a check is answered."""

    way: Literal["page", "phone", "keys", "desk"] = "page"


class CheckOut(Schema):
    """A random check that was asked."""

    id: UUID
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    took_s: int | None = None
    late: bool
    state: str


class LogIn(Schema):
    """An entry of the duty log."""

    post: PostCode
    content: Annotated[str, Field(min_length=1, max_length=4000)]
    kind: Literal["note", "in", "out", "instruction", "fault"] = "note"
    way: Literal["", "phone", "radio", "fax", "paper", "message", "face", "system"] = ""
    from_words: Short = ""
    to_words: Short = ""
    action: Long = ""
    settles: UUID | None = None
    corrects: UUID | None = None


class LogOut(Schema):
    """An entry as it was written."""

    id: UUID
    at: datetime
    kind: str
    way: str
    content: str
    operator: str


class PhoneIn(Schema):
    """A telephone call as the caller told it."""

    post: PostCode
    place: Annotated[str, Field(min_length=1, max_length=200)]
    course: Long = ""
    cause: Long = ""
    measures: Long = ""
    result: Long = ""
    trend: Long = ""
    told: Long = ""
    caller_unit: Short = ""
    caller_name: Annotated[str, Field(max_length=96)] = ""
    caller_post: Annotated[str, Field(max_length=96)] = ""
    caller_phone: Annotated[str, Field(max_length=32)] = ""
    happened_at: AwareDatetime | None = None
    corrects: UUID | None = None


class PhoneOut(Schema):
    """A telephone record."""

    id: UUID
    received_at: datetime
    place: str
    recorder: str


class SeenIn(Schema):
    """Keys of red items the incoming acknowledges."""

    items: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=2000)]


class SignIn(Schema):
    """One side signs; `person` is somebody of that shift, `name` only where there is no roster."""

    side: Literal["out", "in"]
    person: UUID | None = None
    name: Annotated[str, Field(max_length=96)] = ""


class HandoverOut(Schema):
    """A hand-over: lists, red items, who acknowledged which, who signed when."""

    id: UUID
    state: str
    opened_at: datetime
    looked_at: datetime
    lists: dict[str, Any]
    red: list[dict[str, Any]]
    seen: dict[str, Any]
    out_signed_at: datetime | None = None
    in_signed_at: datetime | None = None


class DeskIn(Schema):
    """A duty desk by its post's code."""

    post: PostCode
