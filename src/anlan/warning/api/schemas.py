"""The shapes of this stage's routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

Codes = Annotated[list[Annotated[str, Field(max_length=12)]], Field(min_length=1, max_length=500)]
Line = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=4000)]


class Refusal(Schema):
    """A refusal: what is wrong and how to mend it, in both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    field: str | None = None
    value: str | None = None


class Name(Schema):
    """Words in both languages."""

    zh: str
    en: str


class TextsIn(Schema):
    """The words of a warning. `instruction` says what people must do and may not be empty."""

    headline_zh: Line
    headline_en: Line
    description_zh: Words
    description_en: Words
    instruction_zh: Words
    instruction_en: Words


class TextsOut(TextsIn):
    """Composed words, for the issuer to better."""


class WarningIn(Schema):
    """A warning to issue: hazard code (GB/T 35561), colour, area as division prefixes, and the words."""

    hazard: Annotated[str, Field(max_length=8)]
    colour: Annotated[str, Field(max_length=8)]
    area: Codes
    issuer_kind: Annotated[str, Field(max_length=12)] = "weather"
    texts: TextsIn | None = None
    effective: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    references: UUID | None = None
    proposal: UUID | None = None
    channels: Annotated[list[Annotated[str, Field(max_length=16)]], Field(max_length=20)] | None = None


class ProposalIssueIn(Schema):
    """How to issue a proposal; everything may be left to the platform."""

    issuer_kind: Annotated[str, Field(max_length=12)] = "weather"
    texts: TextsIn | None = None
    channels: Annotated[list[Annotated[str, Field(max_length=16)]], Field(max_length=20)] | None = None


class DeclineIn(Schema):
    """Why the proposal is declined."""

    reason: Annotated[str, Field(max_length=1000)]


class CancelIn(Schema):
    """Why the warning is cancelled."""

    reason: Annotated[str, Field(max_length=1000)]


class AnswerIn(Schema):
    """received 收到, acting 正在处置, need_help 需要支援 or cannot 无法执行; `person`: whom the duty desk logs it for.

    `via`: how it came: the button (api), by telephone, by radio, or said to somebody who went there.
    """

    content: Annotated[str, Field(max_length=12)]
    person: UUID | None = None
    via: Literal["api", "phone", "radio", "visit"] = "api"


class AnswerOut(Schema):
    """The answer is stored. `repeated`: it was known before."""

    call: UUID
    repeated: bool


class HelpOut(Schema):
    """Somebody who asked for help in an answer: for which post and place, since when, and who has taken it."""

    id: UUID
    call: UUID
    warning: UUID
    number: str
    colour: str
    division: str
    division_name: Name
    post: dict[str, Any]
    role: dict[str, str]
    level: str
    place: Name | None
    who: dict[str, str]
    asked_at: datetime
    state: str
    state_name: Name
    taken_at: datetime | None
    taken_by: str


class HelpCloseIn(Schema):
    """What was done."""

    note: Annotated[str, Field(max_length=1000)]


class HelpStateOut(Schema):
    """How the request stands: open, taken or closed."""

    id: UUID
    state: str


class WarningOut(Schema):
    """One warning message. `references`: the first message of its chain, or null."""

    id: UUID
    number: str
    hazard: str
    colour: str
    issuer_kind: str
    division: str
    area: list[str]
    headline: Name
    description: Name
    instruction: Name
    issued_at: datetime
    effective: datetime
    expires: datetime
    state: str
    references: UUID | None
    drill: bool
    channels_required: list[str]


class FunnelOut(Schema):
    """Calls counted: made, answered, of these acting or in need of help, still waiting, climbed, given up."""

    targeted: int
    answered: int
    acting: int
    need_help: int
    waiting: int
    escalated: int
    exhausted: int


class CutOut(FunnelOut):
    """The funnel of one level, role or township."""

    code: str
    name: Name


class BoardOut(Schema):
    """The funnel of a warning inside the reader's area."""

    warning: UUID
    at: datetime | None
    total: FunnelOut
    levels: list[CutOut]
    roles: list[CutOut]
    townships: list[CutOut]


class UnansweredOut(Schema):
    """A call nobody has answered: which post and place, who is being waited for, since when, what comes next."""

    id: UUID
    warning: UUID
    number: str
    colour: str
    division: str
    division_name: Name
    post: dict[str, Any]
    role: dict[str, str]
    level: str
    place: Name | None
    reason: list[dict[str, Any]]
    who: list[dict[str, str]]
    state: str
    state_name: Name
    waiting_since: datetime
    step_since: datetime
    due_at: datetime | None
    next: dict[str, str] | None


class MissingOut(Schema):
    """A required channel that was not used for a warning."""

    warning: UUID
    number: str
    colour: str
    headline: Name
    channel: str
    name: Name
    at: datetime


class PreviewOut(Schema):
    """Whom a warning would call, and how: counts by level and role, channels, limits in seconds, words."""

    count: int
    levels: dict[str, int]
    roles: dict[str, int]
    channels: list[str]
    required: list[str]
    missing: list[str]
    answer_limit_s: int
    steps: list[str]
    texts: TextsOut


class GatewayTold(Schema):
    """What became of what a gateway told: how many items were taken; of replies, what each came to."""

    taken: int
    results: list[str]
