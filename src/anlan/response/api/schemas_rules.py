"""What the routes of grading tables and report clocks take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from anlan.response.api.schemas import Code, Short, Text

Kind = Literal["grade", "clock"]
State = Literal["draft", "in_force", "dropped", "withdrawn"]
Mark = Literal["S", "G", "L"]
Said = dict[str, str]


class BoundOut(Schema):
    """One bound of a grade in words; `mark`: S read in the source, G an editable default, L the bureau's own."""

    words: Said
    mark: Mark
    first_guess: bool


class RungOut(Schema):
    """A grade and the bounds of which any suffices."""

    grade: str
    name: Said
    bounds: list[BoundOut]


class TableOut(Schema):
    """A grading table with its source; `body`: its text, to start an own version from."""

    code: str
    name: Said
    version: str
    area: str
    mark: Mark
    doc_no: str
    issuer: Said
    citation: Said
    valid_from: date
    valid_to: date | None
    floor: str
    rows: list[RungOut]
    body: dict[str, Any]


class ClockOut(Schema):
    """One report clock: who owes what to whom, by when, and what it stands on."""

    code: str
    version: str
    area: str
    mark: Mark
    text: Said
    basis: Said
    what: str
    form: str
    by: str
    to: list[str]
    copies: list[str]
    grades: list[str]
    hazards: list[str]
    start: str
    limit: Said


class TopicOut(Schema):
    """The clocks of one topic; `body`: their text, to start an own version from."""

    code: str
    name: Said
    clocks: list[ClockOut]
    body: dict[str, Any]


class HeldOut(Schema):
    """What holds in a division today."""

    division: str
    day: date
    tables: list[TableOut]
    topics: list[TopicOut]


class RuleTryIn(Schema):
    """A version to check: the code of the table or the topic, its content, its first day."""

    kind: Kind
    code: Annotated[str, Field(max_length=32)]
    division: Code
    body: dict[str, Any]
    valid_from: date


class RuleIn(RuleTryIn):
    """A version to draft, with the document it stands on and why it is changed."""

    document: Short
    note: Annotated[str, Field(max_length=400)]


class RuleEndIn(Schema):
    """Why it is dropped or taken back."""

    reason: Text


class RuleToldOut(Schema):
    """What a version says: a table, or clocks."""

    table: TableOut | None = None
    clocks: list[ClockOut] = []


class VersionOut(Schema):
    """A bureau's own version: who wrote it, who approved it, from which day on it holds and up to which. `overtaken`: why its
    next version has to follow what has come to bind it from above; null where it is strict enough."""

    id: UUID
    kind: Kind
    code: str
    division: str
    number: int
    version: str
    state: State
    document: str
    note: str
    valid_from: date
    valid_to: date | None
    sha256: str
    makers: list[str]
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
    reason: str
    overtaken: Said | None = None


class VersionWhole(VersionOut):
    """A version with its content, as written and in words."""

    body: dict[str, Any]
    told: RuleToldOut


class VersionsOut(Schema):
    """Versions, those that wait first, then the newest. `next`: give it as `after` for the rest."""

    items: list[VersionOut]
    next: int | None
