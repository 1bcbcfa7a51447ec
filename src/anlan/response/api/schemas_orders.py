"""What the routes of orders take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.response.api.schemas import Lat, Lon, Short, Text

Kind = Literal["order", "notice", "request", "instruction"]
Long = Annotated[str, Field(max_length=10_000)]
Minutes = Annotated[int, Field(ge=1, le=86_400)]


class ReceiverIn(Schema):
    """A post that gets the order. Exactly one leads, except of a notice."""

    post: UUID
    lead: bool = False


class AskedIn(Schema):
    """What is asked for as proof: words, and if wanted a photo, a number in `unit`, the place."""

    zh: Text = ""
    en: Text = ""
    photo: bool = False
    unit: Annotated[str, Field(max_length=16)] = ""
    place: bool = False


class OrderIn(Schema):
    """An order to be written. `within_min` or `limit_at` gives the limit; `law` items such as "73(2)"."""

    kind: Kind = "order"
    title_zh: Short
    title_en: Annotated[str, Field(max_length=300)] = ""
    text_zh: Long
    text_en: Long = ""
    receivers: list[ReceiverIn] = Field(max_length=500)
    issuer: UUID | None = None
    given_by: Annotated[str, Field(max_length=96)] = ""
    given_at: AwareDatetime | None = None
    law: list[Annotated[str, Field(max_length=16)]] = Field(default=[], max_length=20)
    plan: Annotated[str, Field(max_length=32)] = ""
    plan_task: Annotated[str, Field(max_length=32)] = ""
    incident: UUID | None = None
    working_group: Annotated[str, Field(max_length=24)] = ""
    within_min: Minutes | None = None
    limit_at: AwareDatetime | None = None
    receipt_min: Annotated[int, Field(ge=1, le=1440)] = 15
    verify_min: Annotated[int, Field(ge=1, le=10_080)] = 60
    evidence: AskedIn = AskedIn()
    supersedes: UUID | None = None
    reason: Text = ""


class SeenIn(Schema):
    """The digest of the order as it was read; refused when somebody changed it meanwhile."""

    seen: Annotated[str, Field(max_length=64)]


class VerbalIn(SeenIn):
    """How it was given by word of mouth, and why it could not wait."""

    way: Literal["phone", "radio", "face"]
    reason: Text


class OrderOut(Schema):
    """An order after a step. `digest` is what the next step must have seen."""

    id: UUID
    kind: str
    number: str
    state: str
    digest: str
    issued_at: datetime | None
    due_at: datetime | None
    written_due_at: datetime | None


class OrderWhole(Schema):
    """One order with its receivers and its story, as far as the reader may see them."""

    id: UUID
    kind: str
    number: str
    state: str
    stage: str
    digest: str
    title: dict[str, str]
    text: dict[str, str]
    basis: dict[str, Any]
    division: str
    issued_at: datetime | None
    due_at: datetime | None
    receivers: list[dict[str, Any]]
    story: list[dict[str, Any]]


class JudgeIn(Schema):
    """What the verifier notes."""

    note: Text = ""


class RedoIn(Schema):
    """Why it is sent back, and until when it is to be done again (minutes from now)."""

    reason: Text
    within_min: Minutes = 30


class SentIn(Schema):
    """An act of a phone: its own key, by which it counts once, and when it was done."""

    act: Literal["receive", "done", "help", "progress"]
    key: UUID
    at: AwareDatetime | None = None
    text: Text = ""
    files: list[UUID] = Field(default=[], max_length=40)
    number: float | None = Field(default=None, allow_inf_nan=False)
    unit: Annotated[str, Field(max_length=16)] = ""
    lon: Lon | None = None
    lat: Lat | None = None


class AttachmentOut(Schema):
    """A file that was taken."""

    id: UUID
    about: str
    name: str
    media_type: str
    bytes: int
    width: int
    height: int
    sha256: str
