"""What the response's routes take and give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.response.selectors.paging import Page

Text = Annotated[str, Field(max_length=2000)]
Short = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]
Track = Literal["main", "history"]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
After = Annotated[int, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=1000)]


class Problem(Schema):
    """A refusal (RFC 9457): what is wrong and how to mend it, in both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    field: str | None = None
    value: str | None = None


#: How a route that lists, reads or writes can refuse; every route of the stage says one of them.
LIST: dict[int, type[Schema]] = {401: Problem, 422: Problem}
READ = {**LIST, 404: Problem}
WRITE = {**READ, 403: Problem, 409: Problem}


class Listed(Schema):
    """Things as the live feed gives them, each with its id, in the order that needs us most. `next`: give it as `after`
    for the rest, null when that was all."""

    items: list[dict[str, Any]]
    next: int | None = None


def paged(read: Callable[[Page], list[dict[str, Any]]], after: int, limit: int) -> dict[str, Any]:
    """A page of what `read` finds, which brings one row more where there is one, and where the next begins."""
    found = read(Page(after, limit))
    return {"items": found[:limit], "next": after + limit if len(found) > limit else None}


class Words(Schema):
    """The same thing said in both languages."""

    zh: Short
    en: Short


class AdoptIn(Schema):
    """What the start states where it differs from the plan: matter, hours it is expected to last, measures (art. 72)."""

    matter: Short | None = None
    expected_duration_h: float | None = Field(default=None, allow_inf_nan=False)
    measures: list[Text] | None = Field(default=None, max_length=100)
    note: Text = ""


class ReasonIn(Schema):
    """Why."""

    reason: Text


class EvidenceIn(Schema):
    """What was done: a sentence, ids of files attached to the task, a number with its unit, the place."""

    text: Text = ""
    files: list[Short] = Field(default=[], max_length=40)
    number: float | None = Field(default=None, allow_inf_nan=False)
    unit: Annotated[str, Field(max_length=16)] = ""
    lon: Lon | None = None
    lat: Lat | None = None


class LevelOut(Schema):
    """A level in force, or the one that has ended."""

    id: UUID
    plan: str
    track: str
    level: int
    since: datetime
    until: datetime | None


class ProposalOut(Schema):
    """A proposal after the decision."""

    id: UUID
    state: str
    decided_at: datetime | None


class TaskOut(Schema):
    """A task after the receipt or the end."""

    id: UUID
    code: str
    state: str
    due_at: datetime
    receipt_at: datetime | None
    done_at: datetime | None


class StopLineOut(Schema):
    """A stop-line after the act."""

    id: UUID
    state: str
    crossed_at: datetime | None
    acted_at: datetime | None


class IncidentIn(Schema):
    """An incident as first heard of. Unverified is normal; say who told and how sure they are."""

    kind: Annotated[str, Field(max_length=24)]
    title: Words
    division: Code
    source: Short
    confidence: Literal["low", "medium", "high"] = "medium"
    unverified: bool = True
    lon: Lon | None = None
    lat: Lat | None = None


class IncidentOut(Schema):
    """An incident that is open now."""

    id: UUID
    kind: str
    state: str
    unverified: bool
    opened_at: datetime


class CasualtyIn(Schema):
    """A dead, missing or injured person. `name` may stay empty: the entry is labelled unknown-N."""

    division: Code
    kind: Literal["dead", "missing", "injured"]
    name: Annotated[str, Field(max_length=80)] = ""
    place: Short
    lon: Lon | None = None
    lat: Lat | None = None
    found_at: AwareDatetime | None = None
    source: Short
    reporter: Annotated[str, Field(max_length=96)]


class CasualtyOut(Schema):
    """An entry of the ledger."""

    id: UUID
    kind: str
    label: str
    known: bool
    state: str
    entered_at: datetime
