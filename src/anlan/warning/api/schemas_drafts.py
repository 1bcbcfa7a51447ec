"""The shapes of the routes on which warnings are written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.warning.api.schemas import Codes, Line, Name, Words

Digest = Annotated[str, Field(min_length=64, max_length=64)]
Reason = Annotated[str, Field(max_length=1000)]


class LineIn(Schema):
    """One line in both languages."""

    zh: Line
    en: Line


class WordsIn(Schema):
    """Words in both languages."""

    zh: Words
    en: Words


class ContentIn(Schema):
    """What a warning will say. `actions`: audience → what it must do; `outline`: GeoJSON it was drawn as, with
    `area_kind` divisions, drawn, basin, buffer, signal or received; `incidents`, `note`: of the CAP file; `channels`
    null: all that are set up; `act`: alert, update or cancel, the last two with `references`.
    """

    hazard: Annotated[str, Field(max_length=8)]
    colour: Annotated[str, Field(max_length=8)]
    area: Codes
    issuer_kind: Annotated[str, Field(max_length=12)] = "weather"
    act: Annotated[str, Field(max_length=8)] = "alert"
    headline: LineIn
    description: WordsIn
    actions: Annotated[dict[str, WordsIn], Field(max_length=20)]
    sms: WordsIn
    outline: dict[str, Any] | None = None
    effective: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    channels: Annotated[list[Annotated[str, Field(max_length=16)]], Field(max_length=20)] | None = None
    reason: Reason = ""
    references: UUID | None = None
    area_kind: Annotated[str, Field(max_length=10)] = "divisions"
    incidents: Annotated[str, Field(max_length=400)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""


class DraftIn(Schema):
    """A warning to write down for checking, and where it comes from: a signal, a proposal, a received alert, nothing."""

    content: ContentIn
    signal: UUID | None = None
    proposal: UUID | None = None
    received: Annotated[str, Field(max_length=400)] = ""


class ChangeIn(Schema):
    """The changed content; `seen` is the digest of the content that was changed."""

    content: ContentIn
    seen: Digest


class SeenIn(Schema):
    """The digest of the content that was read."""

    seen: Digest


class UrgentIn(Schema):
    """Why it can't wait to be checked."""

    seen: Digest
    reason: Reason


class ReasonIn(Schema):
    """Why, in your words."""

    reason: Reason


class VerdictIn(Schema):
    """right 发布得当, update 应予更新 or cancel 应予解除."""

    verdict: Annotated[str, Field(max_length=8)]
    note: Reason = ""


class OutlineIn(Schema):
    """An area: `outline` as GeoJSON (polygon, point with the property radius_km, line with buffer_km), or `basin`, or `of`
    (station:CODE, place:CODE, unit:ID) with `km`."""

    outline: dict[str, Any] | None = None
    basin: Annotated[str, Field(max_length=32)] = ""
    of: Annotated[str, Field(max_length=80)] = ""
    km: float = 0.0


class BasinOut(Schema):
    """A basin (or other area) stations are judged together in."""

    code: str
    name: Name
    kind: str
    stations: int


class SpotOut(Schema):
    """A station, place or unit: `of` names it when an area is drawn round it."""

    of: str
    name: Name
    kind: Name


class DivisionsOut(Schema):
    """An area: how it was given, its outline as GeoJSON, and the divisions it stands for."""

    kind: str
    outline: dict[str, Any] | None
    area: list[str]
    names: list[Name]


class DraftOut(Schema):
    """A warning being written: its state, content, hands and what it became. Hands are {name, kind, …}."""

    id: UUID
    division: str
    state: str
    act: str
    content: dict[str, Any]
    digest: str
    source: str
    signal: UUID | None
    proposal: UUID | None
    received: str
    references: UUID | None
    drill: bool
    made_by: str
    made_at: datetime
    checked_by: str | None
    checked_at: datetime | None
    signed_by: str | None
    signed_at: datetime | None
    second_by: str | None
    reason: str
    warning: UUID | None
    urgent: bool
    urgent_reason: str
    after_post: str | None
    after_due_at: datetime | None
    after_late: bool
    after_by: str | None
    after_at: datetime | None
    after_verdict: str


class OwedOut(Schema):
    """An urgent issue whose after-check is owed: a red item."""

    draft: UUID
    warning: UUID
    number: str
    colour: str
    headline: Name
    reason: str
    issued_at: datetime
    by: str
    post: dict[str, str] | None
    due_at: datetime
    late: bool
