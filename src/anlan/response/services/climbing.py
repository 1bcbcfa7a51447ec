"""Tasks whose limits pass: no receipt, overdue, and the climb to superiors, at exact times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.response.choices_rings import TASK
from anlan.response.events import TaskEscalated, TaskOverdue, TaskUnverified
from anlan.response.models import Order, Task
from anlan.response.selectors.plans import rules_of
from anlan.response.services.order_steps import Told, tasks_told
from anlan.response.services.ring_answers import task_keyed
from anlan.response.services.rings import superiors_ring, tasks_keyed
from anlan.response.services.tasks import order_id
from anlan.response.services.writing import rows_update
from anlan.territory.models import Post
from anlan.warning.models import Ringing
from anlan.warning.services.moment import pinned

DEFAULT_CLIMB = (0, 15)
Item = tuple[Any, dict[str, Any]]


def tasks_climb(*, by: Actor, at: datetime) -> int:
    """Do what falls due for tasks exactly at `at`, in order of id; return for how many. Rows another sweeper holds are
    left to it."""
    with pinned(at):
        rows = _due(at)
        signed = sum(_signed(row) for row in tasks_keyed(rows, at))
        rows = _due(at) if signed else rows
        if not rows:
            return signed
        above, givers = _superiors(rows), _givers(rows)
        items: list[Item] = []
        for row in rows:
            items += _unverified(by, row, givers, at) if row.state == "done" else _step(by, row, above, at)
        fields = ["state", "overdue_at", "with_post", "escalations", "climbs", "next_at"]
        rows_update(rows, fields)
        record_many(items)
        tasks_told(by, "climb", [Told(row, at, data={"state": row.state}) for row in rows])
        superiors_ring(by=by, tasks=_called(rows, items), at=at)
    return len(rows) + signed


def _due(at: datetime) -> list[Task]:
    return list(
        Task.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("owner_post", "with_post", "plan")
        .defer("plan__body")
        .filter(next_at__lte=at)
        .order_by("next_at", "id")
    )


def _signed(rung: Ringing) -> bool:
    """A post on the spot has signed by telephone, and the reaction has not come to it yet."""
    return task_keyed(task=UUID(rung.about.removeprefix(TASK)), step=rung.step, person=rung.person, content=rung.answer,
                      at=rung.answered_at or rung.rung_at)  # fmt: skip


def _called(rows: list[Task], items: list[Item]) -> list[Task]:
    """The tasks whose climb rings the superior."""
    called = {event.task for event, _ in items if isinstance(event, TaskEscalated) and event.call and event.to_post}
    return [row for row in rows if str(row.pk) in called]


def _givers(rows: list[Task]) -> dict[UUID, Post | None]:
    """Return order → post that gave it, for tasks done that nobody verified. No query when there are none."""
    orders = {row.order_id for row in rows if row.state == "done" and row.order_id is not None}
    if not orders:
        return {}
    return {
        row.pk: row.issuer_post for row in Order.objects.select_related("issuer_post__superior").filter(pk__in=orders)
    }


def _unverified(by: Actor, row: Task, givers: dict[UUID, Post | None], at: datetime) -> list[Item]:
    """Nobody has verified what was reported done: the superior of who gave it is told, once."""
    giver = givers.get(row.order_id) if row.order_id is not None else None
    above = giver.superior if giver is not None else None
    row.next_at, row.escalations, row.with_post = None, row.escalations + 1, above or row.with_post
    event = TaskUnverified(task=str(row.pk), code=row.code, post=row.owner_post.code, from_post=giver.code if giver else None,
                           to_post=above.code if above else None, order=order_id(row))  # fmt: skip
    return [(event, {"by": by, "about": f"task:{row.pk}", "division": row.division, "at": at})]


def _superiors(rows: list[Task]) -> dict[UUID, Post]:
    """Return post → superior for everybody who has a task now. One query."""
    holders = {row.with_post_id or row.owner_post_id for row in rows}
    posts = Post.objects.select_related("superior").filter(pk__in=holders, superior__isnull=False)
    return {post.pk: post.superior for post in posts if post.superior is not None}


def _step(by: Actor, row: Task, above: dict[UUID, Post], at: datetime) -> list[Item]:
    """Take one task one step further and tell the events; sets when it is looked at next."""
    meta = {"by": by, "about": f"task:{row.pk}", "division": row.division, "at": at}
    if row.receipt_at is None and at < row.due_at:
        row.next_at = row.due_at
        return [(_climb(row, above, "no_receipt"), meta)]
    items: list[Item] = []
    if row.climbs == 0:
        row.state, row.overdue_at = "overdue", at
        event = TaskOverdue(task=str(row.pk), code=row.code, post=row.owner_post.code, due_at=row.due_at,
                            received=row.receipt_at is not None, order=order_id(row))  # fmt: skip
        items.append((event, meta))
    row.climbs += 1
    minutes = rules_of(row.plan).task_climb if row.plan is not None else DEFAULT_CLIMB
    row.next_at = row.due_at + timedelta(minutes=minutes[row.climbs]) if row.climbs < len(minutes) else None
    items.append((_climb(row, above, "overdue"), meta))
    return items


def _climb(row: Task, above: dict[UUID, Post], cause: str) -> TaskEscalated:
    holder = row.with_post or row.owner_post
    superior = above.get(holder.pk)
    row.escalations += 1
    if superior is not None:
        row.with_post = superior
    return TaskEscalated(
        task=str(row.pk), code=row.code, cause=cause, from_post=holder.code,
        to_post=superior.code if superior else None, step=row.escalations,
        call=row.stop_line and cause == "no_receipt", order=order_id(row),
    )  # fmt: skip
