"""What the simulated people of a drill will do, and when: drawn once, when the thing reaches them.

Draws follow from the seed and from names (post, code, time), never from ids or from the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from anlan.kernel import ids
from anlan.kernel.drill import drill_state
from anlan.readiness.engine.people import delay, spread_at
from anlan.readiness.plot import DayNight, Responders
from anlan.readiness.scenario import scenario_load
from anlan.readiness.services import Planned

RECEIVE, DONE, ISSUE = "task.receive", "task.done", "warning.issue"
ADOPT, STOP, FOLLOW = "level.adopt", "stopline.act", "body.follow"


class Cast(NamedTuple):
    """Who plays in this drill: the people model and the seed their draws follow from."""

    people: Responders
    seed: int


class TaskRow(NamedTuple):
    """A task that reached its owner."""

    id: UUID
    code: str
    post: str
    role: str
    division: str
    issued_at: datetime


def cast() -> Cast | None:
    """The simulated people of this database; None outside drills."""
    row = drill_state()
    return None if row is None else Cast(_people(row.scenario, row.settings.get("root")), row.seed)


@lru_cache(maxsize=4)
def _people(scenario: str, root: str | None) -> Responders:
    return scenario_load(scenario, Path(root) if root else None).responders


def after(who: Cast, table: dict[str, DayNight], role: str, at: datetime, *key: object) -> timedelta | None:
    """How long `role` takes from `at` on, or None for never; `key` names the thing."""
    spread = spread_at(who.people, table, role, at)
    return delay(spread, ids.draw(who.seed, *key, "whether"), ids.draw(who.seed, *key, "when"))


def tasks_planned(who: Cast, tasks: Iterable[TaskRow]) -> list[Planned]:
    """Receipt and end of each task. A task without receipt is never done; one received may stay undone."""
    planned = []
    for task in tasks:
        key = (task.code, task.post, task.issued_at.isoformat())
        receipt = after(who, who.people.tasks.receipt, task.role, task.issued_at, *key, RECEIVE)
        if receipt is None:
            continue
        received = task.issued_at + receipt
        planned.append(Planned(received, RECEIVE, task.id, task.division, {}))
        work = after(who, who.people.tasks.done, task.role, received, *key, DONE)
        if work is not None:
            planned.append(Planned(received + work, DONE, task.id, task.division, {}))
    return planned


def decision_planned(
    who: Cast, *, kind: str, habit: str, subject: UUID, division: str, post: str, at: datetime
) -> list[Planned]:
    """The decision of the post that now holds the clock, or nothing when it lets the clock run out."""
    wait = after(who, who.people.deciders, habit, at, kind, post, at.isoformat())
    return [] if wait is None else [Planned(at + wait, kind, subject, division, {"post": post})]


def stop_planned(who: Cast, *, stopline: UUID, division: str, place: str, role: str, at: datetime) -> list[Planned]:
    """The act of the post on the spot after its stop-line was crossed, or nothing."""
    wait = after(who, who.people.stop_lines, role, at, STOP, place, at.isoformat())
    return [] if wait is None else [Planned(at + wait, STOP, stopline, division, {})]


def follow_planned(who: Cast, *, mismatch: UUID, division: str, body: str, at: datetime) -> list[Planned]:
    """A linked command body's decision to take the level of its lead, or nothing."""
    wait = after(who, who.people.deciders, "body_decider", at, FOLLOW, body, at.isoformat())
    return [] if wait is None else [Planned(at + wait, FOLLOW, mismatch, division, {"body": body})]
