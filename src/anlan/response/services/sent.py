"""What a phone sends for a task, once: acts carry a key and the time they were done, and may come late or twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.models import SentAct, Task
from anlan.response.services.tasks import task_done, task_receive
from anlan.response.services.verification import task_help, task_progress

ACTS: Final = ("receive", "done", "help", "progress")
NOTABLE: Final = timedelta(minutes=1)


@transaction.atomic
def task_sent(
    *,
    by: Actor,
    task: UUID,
    act: str,
    key: UUID,
    done_at: datetime | None = None,
    evidence: dict[str, Any] | None = None,
) -> Task:
    """Do what a phone sends: receive, done, help or progress. `key` is the phone's own for this act: sent again, it is
    done once and the task comes back as it stands. `done_at`: when it was done where there was no network; it counts from
    there, but never before the task went out nor after now, and evidence tells when it arrived.

    Raises what the act raises; Invalid for an act that is none, Conflict for a key that belongs to another act.
    """
    row = Task.objects.filter(pk=task).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="task.not_found", zh="没有这项任务，或不在您的范围内。", field="task", value=task,
                       en="There is no such task, or it is not in your scope.")  # fmt: skip
    if act not in ACTS:
        raise Invalid(code="task.act", zh=f"动作应为：{'、'.join(ACTS)}。", en=f"The act is one of {', '.join(ACTS)}.",
                      field="act", value=act)  # fmt: skip
    now = clock.now()
    at = min(max(done_at or now, row.issued_at), now)
    if not _first(key, row, act, now):
        _the_same(key, row, act)
        return row
    given = dict(evidence or {}, by=by.name)
    if now - at > NOTABLE:
        given["sent_at"] = now.isoformat()
    text = str(given.get("text") or "")
    acts: dict[str, Callable[[], Task]] = {
        "receive": lambda: task_receive(by=by, task=task, at=at),
        "done": lambda: task_done(by=by, task=task, evidence=given, at=at),
        "help": lambda: task_help(by=by, task=task, text=text, at=at),
        "progress": lambda: task_progress(by=by, task=task, text=text, files=given.get("files") or (), at=at),
    }
    return acts[act]()


def _first(key: UUID, row: Task, act: str, at: datetime) -> bool:
    """Note the key; False when it was noted before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO response_sentact (key, division, task_id, act, at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (key) DO NOTHING",
            [key, row.division, row.pk, act, at],
        )
        return bool(cursor.rowcount == 1)


def _the_same(key: UUID, row: Task, act: str) -> None:
    """A key is of one act: with another one it would make a report vanish."""
    if not SentAct.objects.filter(key=key, task=row, act=act).exists():
        raise Conflict(code="task.key", zh="此键已用于另一项操作；请换一个新键重发。", field="key", value=key,
                       en="This key was used for another act; send it again with a new one.")  # fmt: skip
