"""What the routes of incidents take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from anlan.response.api.schemas import Code, Lat, Lon, Short, Text, Words

Confidence = Literal["low", "medium", "high"]
Metric = Annotated[str, Field(max_length=24)]
Number = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]


class CallerIn(Schema):
    """Who called. Personal data: kept with the report, masked when shown, destroyed when the response is closed out."""

    name: Annotated[str, Field(max_length=80)] = ""
    unit: Annotated[str, Field(max_length=80)] = ""
    post: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""


class IntakeIn(Schema):
    """A report handed over (转接): by whom, under which number there, and what was said. Only `what`, `division` and the
    number are needed; send again under the same number when more is known. `casualties`: {metric: number, word, or null
    where nobody knows}."""

    source_system: Annotated[str, Field(min_length=1, max_length=64)]
    source_ref: Annotated[str, Field(min_length=1, max_length=96)]
    door: Literal["transfer", "public", "sensor", "level"] = "transfer"
    division: Code
    what: Annotated[str, Field(min_length=1, max_length=4000)]
    type_code: Annotated[str, Field(max_length=8)] = ""
    happened_at: AwareDatetime | None = None
    place_words: Short = ""
    lon: Lon | None = None
    lat: Lat | None = None
    cause: Text = ""
    measures: Text = ""
    trend: Text = ""
    casualties: Annotated[dict[Metric, Number | Annotated[str, Field(max_length=16)] | None], Field(max_length=20)] = {}
    caller: CallerIn = CallerIn()
    told: Short = ""
    confidence: Confidence = "medium"


class IntakeOut(Schema):
    """A report as it was taken: what became of it so far, and the incident it belongs to."""

    id: UUID
    state: str
    revision: int
    received_at: datetime
    incident: UUID | None


class OpenIn(Schema):
    """The name of the incident, where it is not place and class."""

    title: Words | None = None


class JoinIn(Schema):
    """The incident a report joins."""

    incident: UUID


class FigureIn(Schema):
    """A figure: a number, or a word where the metric holds words. A count that falls needs its reason."""

    metric: Metric
    value: Number | None = None
    word: Annotated[str, Field(max_length=16)] = ""
    source: Short
    as_of: AwareDatetime | None = None
    confidence: Confidence = "medium"
    reason: Text = ""


class FigureOut(Schema):
    """A figure as it was kept; `disputed` when it contradicts what stands and waits to be verified."""

    id: UUID
    metric: str
    value: float | None
    word: str
    as_of: datetime
    disputed: bool


class GradeIn(Schema):
    """The grade a person confirms ("": the computed one), or sets with the reason."""

    grade: Annotated[str, Field(max_length=24)] = ""
    reason: Text = ""


class GradeOut(Schema):
    """A grade as it holds from now on, with the table and the citation it stands on."""

    grade: str
    computed: str
    how: str
    table: str
    table_version: str
    citation: dict[str, Any]


class MergeIn(Schema):
    """The incident this one goes on in, and how one knows."""

    into: UUID
    reason: Text


class SplitIn(Schema):
    """What belongs to the other event, its name, and how one knows."""

    title: Words
    reason: Text
    type_code: Annotated[str, Field(max_length=8)] = ""
    intakes: Annotated[list[UUID], Field(max_length=200)] = []
    claims: Annotated[list[UUID], Field(max_length=200)] = []
    figures: Annotated[list[UUID], Field(max_length=200)] = []


class ChangeOut(Schema):
    """A merge or split: its id, to take it back by, and the two incidents."""

    id: UUID
    kind: str
    incident: UUID
    other: UUID


class CourseOut(Schema):
    """The course of an incident, in order of time."""

    items: list[dict[str, Any]]


class DetailOut(Schema):
    """An incident with what is known of it: figures that stand, how it was graded, statements, reports, family."""

    id: UUID
    title: Words
    division: str
    place_words: str
    lon: float | None
    lat: float | None
    type_code: str
    state: str
    grade: str
    happened_at: datetime | None
    known_at: datetime | None
    merged_into: UUID | None
    unverified: bool
    contradicted: bool
    family: list[UUID]
    figures: list[dict[str, Any]]
    grades: list[dict[str, Any]]
    claims: list[dict[str, Any]]
