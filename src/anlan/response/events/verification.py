"""Events of a task after it was reported done, and of help asked for. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class TaskVerified(Event, kind="task.verified", version=1):
    """Another hand checked that a task is really done. task: id; code; post: the owner's code; verifier: code of the
    verifier's post, or null; minutes: since it was reported done; note; order: id of its order, or null.
    """

    task: str
    code: str
    post: str
    verifier: str | None
    minutes: int
    note: str
    order: str | None


class TaskSentBack(Event, kind="task.sent_back", version=1):
    """A task reported done was sent back to be done again. task: id; code; post: the owner's code; reason; times: how
    often it was sent back; due_at: its new limit; evidence: what had been handed in; order: id, or null.
    """

    task: str
    code: str
    post: str
    reason: str
    times: int
    due_at: datetime
    evidence: dict[str, Any]
    order: str | None


class TaskUnverified(Event, kind="task.unverified", version=1):
    """A task was reported done and nobody verified it in time: the issuer's superior is told. task: id; code; post: the
    owner's code; from_post, to_post: codes of who should have and who has it now, or null; order: id, or null.
    """

    task: str
    code: str
    post: str
    from_post: str | None
    to_post: str | None
    order: str | None


class TaskHelpAsked(Event, kind="task.help_asked", version=1):
    """The owner of a task needs help; it climbs at once. task: id; code; post: the owner's code; text: what is needed;
    to_post: code of who is told, or null; order: id, or null.
    """

    task: str
    code: str
    post: str
    text: str
    to_post: str | None
    order: str | None


class TaskHelpAnswered(Event, kind="task.help_answered", version=1):
    """A request for help was answered. task: id; code; text: what comes, or why nothing does; minutes: since it was
    asked for; order: id, or null.
    """

    task: str
    code: str
    text: str
    minutes: int
    order: str | None


class TaskProgressed(Event, kind="task.progressed", version=1):
    """Its owner told how a task is going. task: id; code; post: the owner's code; text; files: ids of attachments;
    order: id, or null.
    """

    task: str
    code: str
    post: str
    text: str
    files: list[str]
    order: str | None


class AttachmentAdded(Event, kind="attachment.added", version=1):
    """A file was added. attachment: id; of: `type:id` of what it belongs to; media_type; bytes: how many; sha256; taken_at, lon,
    lat: as the camera wrote them, or null.
    """

    attachment: str
    of: str
    media_type: str
    bytes: int
    sha256: str
    taken_at: datetime | None
    lon: float | None
    lat: float | None


class AttachmentKept(Event, kind="attachment.kept", version=1):
    """A photograph is kept for the archive beyond the purge clock (存档). attachment: id; of: `type:id` of what it belongs to;
    sha256; reason: the assessment.
    """

    attachment: str
    of: str
    sha256: str
    reason: str
