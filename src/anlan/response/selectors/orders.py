"""One order with its receivers and its story; orders that are over; one task as its owner sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope, lent
from anlan.response import choices_orders
from anlan.response.engine.order import stage
from anlan.response.models import Attachment, Order, OrderStep, Task
from anlan.response.selectors.orders_live import issuer_name, order_list, order_rows, parts_of, receivers_of
from anlan.response.selectors.paging import Page
from anlan.territory.choices import Choice

Json = dict[str, Any]
RANK = {act: rank for rank, act in enumerate(choices_orders.STEP_ACTS)}
OVER = ("verified", "changed", "cancelled", "dropped")
LISTED = 100


def orders_board(scope: Scope, at: datetime | None = None, page: Page | None = None) -> list[Json]:
    """Orders being written or in force, those that run over first, then by limit."""
    return order_list(scope, at, page)


def orders_over(scope: Scope, most: int = LISTED) -> list[Json]:
    """Orders that are closed, changed, cancelled or dropped, the latest first: {row, state, issuer}."""
    found = order_rows(scope, None, None, list(OVER), latest=most)
    return [{**row, "issuer": issuer_name(row)} for row in found]


def order_get(scope: Scope, order: UUID) -> Order:
    """The order, when it is kept in the scope or has a receiver there and has gone out. NotFound else."""
    with lent(Scope.whole(), options.secret_key):
        row = (
            Order.objects.select_related("issuer_post", "lead_post", "incident", "supersedes").filter(pk=order).first()
        )
        seen = row is not None and (
            scope.covers(row.division)
            or (row.state not in choices_orders.DRAFTS and _receives(scope, row))
        )  # fmt: skip
    if row is None or not seen:
        raise NotFound(code="order.not_found", zh="没有这条指令，或不在您的范围内。", field="order", value=order,
                       en="There is no such order, or it is not in your scope.")  # fmt: skip
    return row


def _receives(scope: Scope, row: Order) -> bool:
    return scope.filter(Task.objects.filter(order=row)).exists()


def order_receivers(scope: Scope, row: Order) -> list[Json]:
    """The receivers' tasks in sight, the lead first, those called off last."""
    found = receivers_of(scope, [{"id": row.pk, "division": row.division}], None).get(row.pk, [])
    return sorted(found, key=lambda one: one["state"] == "cancelled")


def order_stage(row: Order, receivers: list[Json]) -> str:
    """How far an order has come, by the receivers in sight."""
    return stage(row.state, row.kind, parts_of(receivers))


def order_story(scope: Scope, order: UUID) -> list[Json]:
    """The steps of an order in sight, in the order they were taken: {at, act, name, post, task, text, data}. Steps of one
    instant come in the order they can only have been taken."""
    row = order_get(scope, order)
    with lent(Scope.whole(), options.secret_key):
        rows = OrderStep.objects.filter(order=row).select_related("post", "task__owner_post")
        if not scope.covers(row.division):
            rows = scope.filter(rows)
        found = [
            {
                "at": step.at, "act": step.act, "name": step.name, "post": _post(step.post), "text": step.text,
                "task": str(step.task_id) if step.task_id else None,
                "owner": _post(step.task.owner_post) if step.task else None, "data": step.data, "id": str(step.pk),
                "word": _step_word(step),
            }
            for step in rows.order_by("at", "id")
        ]  # fmt: skip
    return sorted(found, key=lambda step: (step["at"], RANK[step["act"]]))


def _post(post: Any) -> Json | None:
    return {"code": post.code, "zh": post.name_zh, "en": post.name_en} if post is not None else None


def attachments_of(scope: Scope, about: str) -> list[Attachment]:
    """The files of one thing, oldest first. Those of an order or of one of its tasks are seen with the order."""
    kind, _, key = about.partition(":")
    if kind in ("order", "task"):
        task = task_get(scope, UUID(key)) if kind == "task" else None
        order = order_get(scope, UUID(key)) if kind == "order" else None
        if task is not None or order is not None:
            with lent(Scope.whole(), options.secret_key):
                return list(Attachment.objects.filter(about=about).order_by("added_at", "id"))
    return list(scope.filter(Attachment.objects.filter(about=about)).order_by("added_at", "id"))


def attachment_get(scope: Scope, attachment: UUID) -> tuple[Attachment, bytes]:
    """A file and its bytes, when what it belongs to is in sight. NotFound else."""
    with lent(Scope.whole(), options.secret_key):
        row = Attachment.objects.select_related("content").filter(pk=attachment).first()
        content = bytes(row.content.content) if row is not None else b""
    if row is None or all(other.pk != row.pk for other in _in_sight(scope, row)):
        raise NotFound(code="attachment.not_found", zh="没有这个文件，或不在您的范围内。", field="attachment",
                       value=attachment, en="There is no such file, or it is not in your scope.")  # fmt: skip
    if not content:
        raise NotFound(code="attachment.purged", zh="照片已按规定到期销毁，留有校验值。", field="attachment", value=attachment,
                       en="The photograph was destroyed when its time was up; its hash is kept.")  # fmt: skip
    return row, content


def _in_sight(scope: Scope, row: Attachment) -> list[Attachment]:
    try:
        return attachments_of(scope, row.about)
    except NotFound:
        return []


def task_get(scope: Scope, task: UUID) -> Task:
    """The task, when its owner's division is in scope or its order is kept there. NotFound else."""
    with lent(Scope.whole(), options.secret_key):
        rows = Task.objects.select_related(
            "owner_post", "with_post", "order", "order__issuer_post", "incident", "place", "plan"
        )
        row = rows.filter(pk=task).first()
    seen = row is not None and (
        scope.covers(row.division) or (row.order is not None and scope.covers(row.order.division))
    )
    if row is None or not seen:
        raise NotFound(code="task.not_found", zh="没有这项任务，或不在您的范围内。", field="task", value=task,
                       en="There is no such task, or it is not in your scope.")  # fmt: skip
    return row


def task_story(scope: Scope, task: Task) -> list[Json]:
    """What the journal says of one task, in the order it was written: {at, kind, word, name, text}."""
    with lent(Scope.whole(), options.secret_key):
        rows = Entry.objects.filter(about=f"task:{task.pk}", kind__in=choices_orders.TASK_KINDS).order_by("id")
        return [
            {"at": e.at, "kind": e.kind, "word": _word(choices_orders.TASK_KINDS, e.kind), "name": _actor(e.actor),
             "text": _said(e.data)}
            for e in rows
        ]  # fmt: skip


def _said(data: Json) -> str:
    """The words an event about a task carries, whoever said them."""
    evidence = data.get("evidence") if "reason" not in data else None
    return str((evidence or {}).get("text") or data.get("reason") or data.get("text") or data.get("note") or "")


def _step_word(step: OrderStep) -> dict[str, str]:
    """What a step is called; a climb says what it was for."""
    why = choices_orders.CLIMBS.get(str(step.data.get("state", ""))) if step.act == "climb" else None
    return {"zh": why.zh, "en": why.en} if why else _word(choices_orders.STEP_ACTS, step.act)


def _word(table: dict[str, Choice], code: str) -> dict[str, str]:
    found = table[code]
    return {"zh": found.zh, "en": found.en}


def _actor(actor: Json) -> str:
    return "" if actor.get("kind") == "system" else str(actor.get("name", ""))
