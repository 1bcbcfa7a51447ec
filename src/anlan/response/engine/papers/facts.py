"""What the record gives a paper: an event, a response, a day. Moments are in the zone they are to be printed in."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from anlan.response.engine.text import Words


class Figure(msgspec.Struct, frozen=True):
    """A figure that stands: of what, how much, as of when, from whom; `disputed`: it contradicts another and counts nowhere."""

    metric: str
    name: Words
    unit: Words
    value: float | None
    as_of: datetime
    source: str
    disputed: bool = False
    word: Words = Words("", "")


class Statement(msgspec.Struct, frozen=True):
    """What a source said, and how far it is verified: state unverified, confirmed or refuted."""

    topic: str
    value: str
    text: Words
    source: str
    said_at: datetime
    state: str = "unverified"
    contradicted: bool = False


class Step(msgspec.Struct, frozen=True):
    """One thing that happened, for the course of events."""

    at: datetime
    text: Words
    by: str = ""


class Work(msgspec.Struct, frozen=True):
    """A task or an order: who, what, until when, how it stands."""

    code: str
    owner: Words
    text: Words
    due_at: datetime | None
    state: Words
    done_at: datetime | None = None
    late: bool = False
    overdue: bool = False
    law: Words = Words("", "")


class Response(msgspec.Struct, frozen=True):
    """A response: its plan, level (1–4; 0: ended), what it was before, since when, decided by whom on what."""

    plan: Words
    level: int
    previous: int
    matter: Words
    since: datetime
    decided_by: Words
    expected_h: float
    measures: tuple[Words, ...] = ()
    tasks: tuple[Work, ...] = ()
    basis: Words = Words("", "")
    trigger: Words = Words("", "")
    area: Words = Words("", "")
    until: datetime | None = None
    reason: Words = Words("", "")
    citation: Words = Words("", "")
    added: tuple[Work, ...] = ()
    dropped: tuple[Words, ...] = ()


class Event(msgspec.Struct, frozen=True):
    """An event as it stands: what, where, when, its grade, figures, statements, course, responses and work."""

    title: Words
    place: Words
    kind: Words
    grade: Words
    happened_at: datetime | None
    known_at: datetime | None
    source: Words
    unverified: bool
    as_of: datetime
    state: str = "open"
    figures: tuple[Figure, ...] = ()
    statements: tuple[Statement, ...] = ()
    steps: tuple[Step, ...] = ()
    responses: tuple[Response, ...] = ()
    work: tuple[Work, ...] = ()
    citation: Words = Words("", "")


class Child(msgspec.Struct, frozen=True):
    """A division below and what it told: figures by the codes of `Day.columns`; `sent_at` None: silent."""

    name: Words
    figures: tuple[float | None, ...]
    sent_at: datetime | None


class Day(msgspec.Struct, frozen=True):
    """A division's day: its events, responses, warnings, reports, those who did not report, who is on duty."""

    name: Words
    day: date
    as_of: datetime
    events: tuple[Event, ...] = ()
    responses: tuple[Response, ...] = ()
    warnings: tuple[Step, ...] = ()
    breaches: tuple[Step, ...] = ()
    reports: int = 0
    tasks_open: int = 0
    tasks_overdue: int = 0


class Rollup(msgspec.Struct, frozen=True):
    """A disaster's figures in a division and below it; `gaps`: differences between its own and the sum, as told."""

    disaster: Words
    name: Words
    as_of: datetime
    columns: tuple[Words, ...]
    own: tuple[float | None, ...]
    below: tuple[float | None, ...]
    children: tuple[Child, ...]
    gaps: tuple[Words, ...] = ()
