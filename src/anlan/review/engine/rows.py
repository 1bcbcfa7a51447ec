"""The frozen values the report is computed from. Times are aware UTC; durations are minutes unless a name says else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MAIN = "main"
HISTORY = "history"
RED = "red"


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry: `seq` is its place in the sealed chain, `at` when it happened in the world."""

    seq: int
    kind: str
    at: datetime
    about: str
    division: str
    actor_kind: str
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signal:
    """One level a signal reached (信号): opened at it, or raised to it, at `reached_at`."""

    id: str
    level: str
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed warning; `signal` and `warning` are ids, empty when there is none."""

    id: str
    signal: str
    warning: str
    colour: str
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning in force from `issued_at`; `played`: a warning of the real event, played back by the scenario."""

    id: str
    number: str
    colour: str
    hazard: str
    issued_at: datetime
    played: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One person called for one warning (叫应): how far the ladder climbed, and the first answer
    that says more than "cannot".

    `late_s`: seconds after the limit of the step that answered, 0 in time; of no meaning without an answer.
    """

    warning: str
    role: str
    tier: str
    step: int
    state: str
    answered_at: datetime | None
    answer: str
    late_s: int


@dataclass(frozen=True, slots=True)
class MissingChannel:
    """A channel required for a warning that was not used: a red item (渠道缺失)."""

    warning: str
    channel: str


@dataclass(frozen=True, slots=True)
class LevelProposal:
    """One proposed response level with its decider's clock."""

    id: str
    track: str
    level: int
    action: str
    state: str
    opened_at: datetime
    decided_at: datetime | None
    escalations: int


@dataclass(frozen=True, slots=True)
class Level:
    """One stretch of time at one response level (1 highest, 0 none)."""

    track: str
    level: int
    plan: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """One task ordered to a post."""

    track: str
    code: str
    state: str
    stop_line: bool
    issued_at: datetime
    due_at: datetime | None
    receipt_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """All the rows one report is computed from."""

    signals: tuple[Signal, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    warnings: tuple[Warning, ...] = ()
    calls: tuple[Call, ...] = ()
    level_proposals: tuple[LevelProposal, ...] = ()
    levels: tuple[Level, ...] = ()
    tasks: tuple[Task, ...] = ()
    missing: tuple[MissingChannel, ...] = ()


def minutes(since: datetime, until: datetime) -> float:
    """Return the minutes from one moment to another, to a tenth of a second."""
    return round((until - since).total_seconds() / 60, 3)


def first_red(warnings: Iterable[Warning]) -> Warning | None:
    """Return the earliest red warning, the start of the clock that counts most (预警到响应).

    Where the warnings of a real event are played back, it is the first of those.
    """
    red = [warning for warning in warnings if warning.colour == RED]
    real = [warning for warning in red if warning.played]
    return min(real or red, key=lambda warning: (warning.issued_at, warning.number), default=None)
