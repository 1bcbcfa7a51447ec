"""Events of tasks and stop-lines. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class TasksIssued(Event, kind="tasks.issued", version=1):
    """Tasks went out to their owners. about the level, plan or place they serve; count; sha256: over the sorted task
    ids; tasks: the ids when few (50 or less), else empty; codes: tasks per code; unowned: codes with no post on the
    roster, which went to the duty desk; track: main or history.
    """

    count: int
    sha256: str
    tasks: list[str]
    codes: dict[str, int]
    unowned: list[str]
    track: str


class TasksCancelled(Event, kind="tasks.cancelled", version=1):
    """Open tasks were called off. count; sha256: over the sorted ids; codes: which; track; reason."""

    count: int
    sha256: str
    codes: list[str]
    track: str
    reason: str


class TaskReceived(Event, kind="task.received", version=1, omit_defaults=True):
    """The owner signed for a task. task: id; code; post: the owner's code; late_s: seconds after the limit, 0 in time;
    order: id of its order, absent where it has none.
    """

    task: str
    code: str
    post: str
    late_s: int
    order: str | None = None


class TaskDone(Event, kind="task.done", version=1, omit_defaults=True):
    """A task is done, with evidence. task: id; code; post; evidence: {text, ...}; late_s: seconds after the limit;
    order: id of its order, absent where it has none.
    """

    task: str
    code: str
    post: str
    evidence: dict[str, Any]
    late_s: int
    order: str | None = None


class TaskOverdue(Event, kind="task.overdue", version=1, omit_defaults=True):
    """A task was not done by its limit. task: id; code; post: the owner's code; due_at; received: was it signed for;
    order: id of its order, absent where it has none.
    """

    task: str
    code: str
    post: str
    due_at: datetime
    received: bool
    order: str | None = None


class TaskEscalated(Event, kind="task.escalated", version=1, omit_defaults=True):
    """A task climbed: call the owner and the superior. task: id; code; cause: no_receipt or overdue; from_post,
    to_post: codes (to_post null: nobody stands above); step: how often it has climbed; call: true where the owner must
    be called at once (a stop-line); order: id of its order, absent where it has none.
    """

    task: str
    code: str
    cause: str
    from_post: str
    to_post: str | None
    step: int
    call: bool
    order: str | None = None


class StopLinesSet(Event, kind="stoplines.set", version=1):
    """Stop-lines were set from a plan or changed. count; stoplines: ids; source: the plan or the person's words."""

    count: int
    stoplines: list[str]
    source: str


class StopLinesRead(Event, kind="stoplines.read", version=1):
    """Readings at stop-lines were taken. stoplines: the ids; values: the latest reading of each, in its unit."""

    stoplines: list[str]
    values: list[float]


class StopLineCrossed(Event, kind="stopline.crossed", version=1):
    """A reading reached a stop-line: the post on the spot acts first and reports after.

    stopline: id; place: its code; metric; value, limit, unit; post: code of the post with the authority; task: id;
    text: {zh, en} what to do.
    """

    stopline: str
    place: str
    metric: str
    value: float
    limit: float
    unit: str
    post: str
    task: str
    text: dict[str, str]


class StopLineActed(Event, kind="stopline.acted", version=1):
    """The post on the spot acted, and this is its report after the act. stopline: id; place, post: codes; action;
    evidence: {text, ...}; seconds: from the crossing, negative or null when it acted before the line was reached.
    """

    stopline: str
    place: str
    post: str
    action: str
    evidence: dict[str, Any]
    seconds: int | None


class StopLineReset(Event, kind="stopline.reset", version=1):
    """A stop-line is watched again, by decision. stopline: id; place: its code; reason."""

    stopline: str
    place: str
    reason: str
