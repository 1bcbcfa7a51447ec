"""Events after a response has ended: its closing, and the clock of personal data. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.journal import Event


class ClosingStarted(Event, kind="closing.started", version=1):
    """A response has ended and must be closed (善后收尾). response: id of the level row; incident: id or null; tasks: kind of
    closing → id of its task; purge_at: when personal data gathered for it will be destroyed; rule: version of the rules.
    """

    response: str
    incident: str | None
    tasks: dict[str, list[str]]
    purge_at: datetime
    rule: str


class PurgeHeld(Event, kind="closing.purge_held", version=1):
    """Destroying personal data was put off, after an assessment (突发事件应对法 art. 85). response: id of the level row; until;
    legality, need, safety: the assessment in words.
    """

    response: str
    until: datetime
    legality: str
    need: str
    safety: str


class PurgeReleased(Event, kind="closing.purge_released", version=1):
    """A hold was lifted. response: id of the level row; due_at: when the data is destroyed now; reason."""

    response: str
    due_at: datetime
    reason: str


class PersonalDestroyed(Event, kind="closing.purged", version=1):
    """Personal data gathered for a response was destroyed. response: id of the level row; kind_of_data; rows: how many;
    versions: kept versions redacted; last: was it the last kind.
    """

    response: str
    kind_of_data: str
    rows: int
    versions: int
    last: bool
