"""What callers hand to the services of this stage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of a warning in Chinese and English. `instruction` is what the public must do; never empty."""

    headline_zh: str
    headline_en: str
    description_zh: str
    description_en: str
    instruction_zh: str
    instruction_en: str

    def all(self) -> tuple[str, ...]:
        """Every text, for checks that read them all."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a warning's area was drawn as (GeoJSON, None: whole divisions), and CAP's incidents and note."""

    outline: dict[str, Any] | None = None
    incidents: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as a channel or page hands it in.

    `content` is received, acting, need_help or cannot; `at` None means now; `person` is who answered if known;
    `key` makes a repeated delivery recognisable ('' : the same content by the same person counts once).
    """

    call_id: UUID
    content: str
    at: datetime | None = None
    person: UUID | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What became of a batch: answers taken, answers known before, ids of no call in reach."""

    accepted: int
    repeated: int
    unknown: tuple[UUID, ...]
