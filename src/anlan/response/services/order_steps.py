"""The story of an order: each step as a row, and what follows for the order when its tasks move on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.engine.order import Part, settled
from anlan.response.events import OrderClosed, OrderThrough
from anlan.response.models import Order, OrderStep, Task
from anlan.response.services.writing import rows_insert
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.values_drafts import hand_of


class Told(NamedTuple):
    """One step with a task of an order: when, in whose words, and what belongs to it."""

    task: Task
    at: datetime
    text: str = ""
    data: dict[str, Any] | None = None


def step_add(
    by: Actor, order: Order, act: str, at: datetime, text: str = "", data: dict[str, Any] | None = None
) -> None:
    """Write one step with the order itself."""
    OrderStep.objects.create(
        order=order,
        division=order.division,
        at=at,
        act=act,
        name=_name(by),
        post_id=by.post,
        text=text,
        data=data or {},
    )


def tasks_told(by: Actor, act: str, told: Sequence[Told]) -> None:
    """Write a step for each task that belongs to an order; where the last one is through, the order is. Call inside the
    transaction of the change; nothing is asked when no task belongs to an order."""
    mine = [(item, item.task.order_id) for item in told if item.task.order_id is not None]
    if not mine:
        return
    with whole_reach():
        rows_insert([_row(by, act, item, order) for item, order in mine])
        if act in ("receive", "done", "verify"):
            orders_settle(by, sorted({order for _, order in mine}), max(item.at for item, _ in mine))


def _row(by: Actor, act: str, item: Told, order: UUID) -> OrderStep:
    return OrderStep(
        order_id=order, task=item.task, division=item.task.division, at=item.at, act=act, name=_name(by),
        post_id=by.post, text=item.text, data=item.data or {},
    )  # fmt: skip


def _name(by: Actor) -> str:
    """Who did it; the platform's own acts have no name."""
    return "" if by.kind == "system" else by.name[:96]


def orders_settle(by: Actor, orders: Sequence[UUID], at: datetime) -> None:
    """Close the orders whose receivers are all through; an instruction waits for who gave it. Tasks are locked before
    their order, everywhere, so that two who finish together don't wait for each other."""
    rows = Order.objects.select_for_update(of=("self",)).filter(pk__in=orders, state="issued").order_by("id")
    for row in rows:
        parts = parts_of(row)
        if not parts or not all(settled(part) for part in parts):
            continue
        since = int((at - (row.issued_at or at)).total_seconds() // 60)
        if row.kind == "instruction":
            event: OrderThrough | OrderClosed = OrderThrough(order=str(row.pk), number=row.number, minutes=since,
                                                             incident=incident_of(row))  # fmt: skip
        else:
            row.state, row.ended_at, row.ended_by = "verified", at, hand_of(by)
            row.save(update_fields=["state", "ended_at", "ended_by"])
            step_add(by, row, "close", at)
            event = OrderClosed(order=str(row.pk), number=row.number, reason="", minutes=since,
                                incident=incident_of(row))  # fmt: skip
        record(event, by=by, about=f"order:{row.pk}", division=row.division, at=at)


def parts_of(row: Order) -> list[Part]:
    """The parts of an order that count: those not called off."""
    found = Task.objects.filter(order=row).exclude(state="cancelled").order_by("id")
    return [
        Part(state, only, at is not None)
        for state, only, at in found.values_list("state", "receipt_only", "receipt_at")
    ]


def incident_of(row: Order) -> str | None:
    """The id of the incident an order is about, as events carry it; None where it is about none."""
    return str(row.incident_id) if row.incident_id is not None else None


def evidence_text(evidence: dict[str, Any]) -> str:
    """The words of a piece of evidence, or "" where a photo speaks for itself."""
    return str(evidence.get("text") or "")


def tell(event: Any, by: Actor, row: Order, at: datetime) -> None:
    """Record what happened to an order."""
    record(event, by=by, about=f"order:{row.pk}", division=row.division, at=at)
