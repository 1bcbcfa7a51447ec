"""The ends of an order: changed, cancelled (each reaches every receiver and needs a new receipt), closed; progress told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.response.engine.order import settled
from anlan.response.events import OrderCancelled, OrderChanged, OrderClosed, OrderProgressed, TasksCancelled
from anlan.response.models import Order, Task
from anlan.response.services.attachments import files_of
from anlan.response.services.order_steps import incident_of, parts_of, step_add, tell
from anlan.response.services.orders import locked, needs_reason, write
from anlan.response.services.tasks import OPEN, digest, issued_record
from anlan.response.services.writing import rows_insert
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.values_drafts import hand_of

RECALL = "recall"


def order_cancel(*, by: Actor, order: UUID, reason: str, at: datetime | None = None) -> Order:
    """Call an order in force off (撤销): open tasks end, and every receiver must sign for that. Who may sign may cancel.

    Raises Forbidden, Invalid without a reason, Conflict when it is not in force.
    """
    at = at or clock.now()
    needs_reason(reason)
    with pinned(at):
        tasks = _tasks_locked(order)
        row = locked(by, order, "order.sign", ("issued",))
        told = _recall(by, row, tasks, tasks, reason, at)
        write(row, {"state": "cancelled", "reason": reason, "ended_at": at, "ended_by": hand_of(by)})
        event = OrderCancelled(
            order=str(row.pk), number=row.number, told=told, reason=reason, incident=incident_of(row)
        )
        tell(event, by, row, at)
        step_add(by, row, "cancel", at, reason)
    return row


def order_changed(*, by: Actor, order: UUID, successor: Order, at: datetime) -> None:
    """An order gives way to its successor, which has just gone out: its open tasks end; who is not in the successor must
    sign for the change. Call inside the issuing transaction. Conflict when it is over already."""
    tasks = _tasks_locked(order)
    row = locked(by, order, "order.issue", ("issued",))
    still = {str(successor.lead_post_id), *successor.helpers}
    out = [task for task in tasks if str(task.owner_post_id) not in still]
    told = _recall(by, row, tasks, out, successor.reason, at)
    write(row, {"state": "changed", "reason": successor.reason, "ended_at": at, "ended_by": hand_of(by)})
    event = OrderChanged(order=str(row.pk), number=row.number, by=str(successor.pk), told=told, reason=successor.reason,
                         incident=incident_of(row))  # fmt: skip
    tell(event, by, row, at)
    step_add(by, row, "change", at, successor.reason, {"by": str(successor.pk), "number": successor.number})


def _tasks_locked(order: UUID) -> list[Task]:
    """The order's own tasks in the order of their ids, locked before the order itself is."""
    with whole_reach():
        rows = Task.objects.select_for_update(of=("self",)).filter(order_id=order).exclude(action=RECALL)
        return list(rows.exclude(state="cancelled").order_by("id"))


def _recall(by: Actor, row: Order, tasks: Sequence[Task], told: Sequence[Task], reason: str, at: datetime) -> int:
    """End the open tasks, and send `told` a task that only asks for the receipt; return how many were told."""
    opened = [task for task in tasks if task.state in OPEN]
    receipt = at + timedelta(minutes=row.receipt_min)
    made = [
        Task(
            order=row, incident_id=row.incident_id, working_group=row.working_group, code=task.code, action=RECALL,
            text_zh=f"{row.number}不再执行：{reason}"[:1000], text_en=f"{row.number} no longer holds: {reason}"[:1000],
            owner_post_id=task.owner_post_id, division=task.division, place_id=task.place_id, issued_at=at,
            receipt_due_at=receipt, due_at=receipt, next_at=receipt, basis=row.basis, about=f"order:{row.pk}",
            receipt_only=True,
        )
        for task in told
    ]  # fmt: skip
    with whole_reach():
        ids = [task.pk for task in opened]
        Task.objects.filter(pk__in=ids).update(state="cancelled", next_at=None, note=reason)
        rows_insert(made)
        if opened:
            event = TasksCancelled(count=len(ids), sha256=digest(str(key) for key in ids), track="main", reason=reason,
                                   codes=sorted({task.code for task in opened}))  # fmt: skip
            record(event, by=by, about=f"order:{row.pk}", division=row.division, at=at)
        if made:
            issued_record(by=by, made=made, about=f"order:{row.pk}", division=row.division, track="main", at=at)
    return len(made)


def order_progress(
    *, by: Actor, order: UUID, text: str, files: Sequence[str] = (), at: datetime | None = None
) -> Order:
    """Tell how an order is going (办理情况), as the desk that keeps it; receivers tell it with their task."""
    at = at or clock.now()
    if not text.strip():
        raise Invalid(code="order.no_text", zh="请写明办理情况。", en="Say how it is going.", field="text", value=text)
    with pinned(at):
        row = locked(by, order, "order.draft", ("issued",))
        names = files_of(f"order:{row.pk}", files)
        event = OrderProgressed(
            order=str(row.pk), task=None, post=None, text=text, files=names, incident=incident_of(row)
        )
        tell(event, by, row, at)
        step_add(by, row, "progress", at, text, {"files": names})
    return row


def order_close(*, by: Actor, order: UUID, reason: str, at: datetime | None = None) -> Order:
    """Close an instruction (办结): only who gave it may, and only when its receivers are through; where no post of the
    roster gave it, the desk that keeps it closes it, saying on whose word.

    Raises NotFound, Forbidden, Invalid without words, Conflict while receivers are not through.
    """
    at = at or clock.now()
    needs_reason(reason)
    with pinned(at):
        row = locked(by, order, "order.close", ("issued",))
        if row.kind != "instruction":
            raise Conflict(code="order.closes_itself", zh="此件在全部核实后自动办结，无需手工办结。", field="kind",
                           value=row.kind, en="It closes by itself when every receiver is verified.")  # fmt: skip
        refusal = close_refusal(by, row)
        if refusal is not None:
            raise refusal
        with whole_reach():
            parts = parts_of(row)
        left = sum(not settled(part) for part in parts)
        if left:
            raise Conflict(code="order.not_through", zh=f"还有{left}个单位未办结或未核实；请先核实，或撤销此件。", value=left,
                           field="tasks", en=f"{left} receivers are not through; verify them first, or cancel it.")  # fmt: skip
        write(row, {"state": "verified", "reason": reason, "ended_at": at, "ended_by": hand_of(by)})
        minutes = int((at - (row.issued_at or at)).total_seconds() // 60)
        event = OrderClosed(
            order=str(row.pk), number=row.number, reason=reason, minutes=minutes, incident=incident_of(row)
        )
        tell(event, by, row, at)
        step_add(by, row, "close", at, reason)
    return row


def close_refusal(by: Actor, row: Order) -> Forbidden | None:
    """Why this actor may not close an instruction, or None."""
    if by.kind != "person" or row.issuer_post_id is None or by.post == row.issuer_post_id:
        return None
    return Forbidden(code="order.giver_closes", zh="谁批示、谁销号；请由批示人办结。", field="by", value=by.name,
                     en="Who gave the instruction closes it; ask them to.")  # fmt: skip
