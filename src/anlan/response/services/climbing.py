"""Tasks whose limits pass: no receipt, overdue, and the climb to superiors, at exact times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.response.events import TaskEscalated, TaskOverdue
from anlan.response.models import Task
from anlan.response.selectors.plans import rules_of
from anlan.response.services.writing import rows_update
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned

DEFAULT_CLIMB = (0, 15)
Item = tuple[Any, dict[str, Any]]


def tasks_climb(*, by: Actor, at: datetime) -> int:
    """Do what falls due for tasks exactly at `at`, in order of id; return for how many. Rows another sweeper holds are
    left to it."""
    with pinned(at):
        rows = list(
            Task.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("owner_post", "with_post", "plan")
            .filter(next_at__lte=at)
            .order_by("next_at", "id")
        )
        if not rows:
            return 0
        above = _superiors(rows)
        items: list[Item] = []
        for row in rows:
            items += _step(by, row, above, at)
        fields = ["state", "overdue_at", "with_post", "escalations", "climbs", "next_at"]
        rows_update(rows, fields)
        record_many(items)
    return len(rows)


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
                            received=row.receipt_at is not None)  # fmt: skip
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
        call=row.stop_line and cause == "no_receipt",
    )  # fmt: skip
