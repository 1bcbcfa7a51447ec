"""What the routes of reporting take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.response.api.schemas import Code, Short, Text, Words

Figure = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=40)]
Kind = Literal[
    "first", "follow", "final", "correction", "zero", "verified", "recheck", "public", "press", "investigation",
    "approval", "evaluation",
]  # fmt: skip


class ReportIn(Schema):
    """A report. Figures by indicator; what is left out stands as told before; nothing new is a report too. A figure that
    falls needs the reason. `ref`: a key of your own (sent again with it, the report is taken once)."""

    division: Code
    figures: dict[Name, Figure] = {}
    as_of: AwareDatetime | None = None
    kind: Kind = "zero"
    incident: UUID | None = None
    disaster: UUID | None = None
    reason: Text = ""
    form: Literal["written", "phone"] = "written"
    channel: Literal["platform", "phone", "fax", "radio", "satellite"] = "platform"
    by: Literal["", "unit"] = ""
    signer: Annotated[str, Field(max_length=96)] = ""
    text: Text = ""
    content: dict[Name, Text] = {}
    explains: dict[Name, Text] = {}
    ref: Annotated[str, Field(max_length=64)] = ""


class ReportOut(Schema):
    """A report as it was taken: its number, the figures that now stand, the ledger's totals beside them, what moved, fell
    or stood still, and what the checks found."""

    id: UUID
    seq: int
    kind: str
    sent_at: datetime
    standing: dict[str, float]
    delta: list[list[Any]]
    ledger: dict[str, int]
    falls: list[list[Any]]
    frozen: list[str]
    findings: list[dict[str, Any]]


class AcknowledgeIn(Schema):
    """In the name of which level notice is taken."""

    level: Code


class Count(Schema):
    """How many were changed."""

    count: int


class AskIn(Schema):
    """What a division below shall verify (or report) by when."""

    division: Code
    words: Text
    due_at: AwareDatetime
    fields: list[Name] = []
    incident: UUID | None = None
    disaster: UUID | None = None
    kind: Literal["recheck", "follow", "zero"] = "recheck"


class DutyOut(Schema):
    """Something owed."""

    id: UUID
    division: str
    kind: str
    form: str
    next_due_at: datetime | None


class DisasterIn(Schema):
    """A disaster to be counted as one. `kind`: disaster type of the statistics."""

    division: Code
    kind: Annotated[str, Field(max_length=16)]
    sub_type: Annotated[str, Field(max_length=64)] = ""
    title: Words
    happened_at: AwareDatetime
    incident: UUID | None = None


class DisasterOut(Schema):
    """A disaster and how far it is."""

    id: UUID
    division: str
    kind: str
    state: str
    title_zh: str
    title_en: str
    happened_at: datetime
    opened_at: datetime
    stable_at: datetime | None
    closed_at: datetime | None


class NoteIn(Schema):
    """On what grounds."""

    note: Short


class ExplainIn(Schema):
    """Why figures differ from the sum below, figure by figure."""

    division: Code
    words: dict[Name, Text]
