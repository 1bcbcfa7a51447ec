"""The frozen values the report is computed from. Times are aware UTC; durations are minutes unless a name says else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MAIN = "main"
HISTORY = "history"
TIERS = ("province", "city", "county", "township", "village", "site")
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
    """One threshold crossing (信号)."""

    id: str
    level: str
    division: str
    opened_at: datetime


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
    """One warning in force from `issued_at`."""

    id: str
    number: str
    colour: str
    hazard: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One step of one post's ladder; `limit_s` seconds are allowed for the answer (None: no limit known)."""

    warning: str
    post: str
    role: str
    tier: str
    step: int
    state: str
    placed_at: datetime
    answered_at: datetime | None
    answer: str
    limit_s: float | None


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


def minutes(since: datetime, until: datetime) -> float:
    """Return the minutes from one moment to another, to a tenth of a second."""
    return round((until - since).total_seconds() / 60, 3)


def tier_of(role: str) -> str:
    """Return at which level of the bureau a post's role answers: a role code begins with its level, else it is a site.

    >>> tier_of("township_head"), tier_of("reservoir_patrol"), tier_of("department_duty")
    ('township', 'site', 'city')
    """
    head = role.partition("_")[0]
    if head in TIERS:
        return head
    return "city" if role in {"department_duty", "weather_issuer"} else "site"


def first_red(warnings: Iterable[Warning]) -> Warning | None:
    """Return the earliest red warning, the start of the clock that counts most (预警到响应)."""
    red = [warning for warning in warnings if warning.colour == RED]
    return min(red, key=lambda warning: (warning.issued_at, warning.number), default=None)
