"""Issuing orders (下达): signed, or by word of mouth with the written form owed; each receiver gets its task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid
from anlan.response import choices_orders
from anlan.response.engine.order import number_of
from anlan.response.events import OrderIssued, OrderWritten, OrderWrittenLate
from anlan.response.models import Order, Task
from anlan.response.services.in_turn import in_turn
from anlan.response.services.order_checks import checked
from anlan.response.services.order_steps import incident_of, step_add, tell
from anlan.response.services.orders import apart, locked, needs_reason, write
from anlan.response.services.orders_over import order_changed
from anlan.response.services.tasks import issued_record
from anlan.response.services.values_orders import content_of
from anlan.response.services.writing import rows_insert
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.values_drafts import hand_of

WRITTEN_OWED = ("issued", "verified")
"""States in which a verbal order owes its written form."""


def order_issue(*, by: Actor, order: UUID, seen: str, at: datetime | None = None) -> Order:
    """Send a signed order out: it gets its number, every receiver its task. What it changes gives way in the same moment.

    Raises Forbidden, Conflict when it is not signed or not what was signed, Invalid when its limit has passed meanwhile.
    """
    at = at or clock.now()
    with pinned(at):
        row = locked(by, order, "order.issue", ("signed",), seen)
        if row.signed_digest != row.digest or row.checked_digest != row.digest:
            raise Conflict(code="order.digest", zh="签发后内容有变；请重新审核签发。", field="digest", value=row.digest,
                           en="The content is not what was signed; have it checked and signed again.")  # fmt: skip
        _out(by, row, at, {})
    return row


def order_issue_verbal(*, by: Actor, order: UUID, seen: str, way: str, why: str, at: datetime | None = None) -> Order:
    """Issue by word of mouth what has not been signed (口头): by telephone, radio or face to face, with the reason. The
    written form is owed within `order_written_min` minutes, a red item when late. Raises as `order_issue`."""
    at = at or clock.now()
    if way not in choices_orders.VERBAL_WAYS:
        raise Invalid(code="order.way", zh=f"口头方式应为：{'、'.join(c.zh for c in choices_orders.VERBAL_WAYS.values())}。",
                      en=f"Say how it was given: {', '.join(choices_orders.VERBAL_WAYS)}.", field="way", value=way)  # fmt: skip
    needs_reason(why)
    with pinned(at):
        row = locked(by, order, "order.issue", choices_orders.DRAFTS, seen)
        owed = at + timedelta(minutes=options.order_written_min)
        _out(by, row, at, {"verbal": way, "verbal_why": why, "written_due_at": owed})
    return row


def order_write(*, by: Actor, order: UUID, seen: str, at: datetime | None = None) -> Order:
    """Sign the written form of a verbal order (补办书面), as it was kept; other words are a change. Another hand than its
    maker's signs. Conflict when none is owed."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, order, "order.sign", WRITTEN_OWED, seen)
        if not row.verbal or row.written_at is not None:
            raise Conflict(code="order.not_owed", zh="此件没有待补办的书面；请刷新。", field="written_at",
                           value=row.written_at, en="No written form is owed for this order; refresh.")  # fmt: skip
        apart(by, row, "sign")
        late = max(int((at - (row.written_due_at or at)).total_seconds()), 0)
        write(row, {"written_at": at, "signed_by": hand_of(by), "signed_at": at, "signed_digest": row.digest})
        tell(OrderWritten(order=str(row.pk), late_s=late, digest=row.digest), by, row, at)
        step_add(by, row, "write", at, data={"late_s": late})
    return row


def orders_written_late(*, by: Actor, at: datetime) -> int:
    """Record each verbal order whose written form falls due exactly at `at` and is missing; return how many. One that was
    changed or cancelled before owes none."""
    with pinned(at):
        rows = list(
            Order.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("issuer_post")
            .filter(written_due_at__lte=at, written_at__isnull=True, written_late=False, state__in=WRITTEN_OWED)
            .order_by("written_due_at", "id")
        )
        for row in rows:
            write(row, {"written_late": True})
            post = row.issuer_post.code if row.issuer_post else None
            event = OrderWrittenLate(order=str(row.pk), number=row.number, post=post, due_at=row.written_due_at or at,
                                     incident=incident_of(row))  # fmt: skip
            tell(event, by, row, at)
            step_add(by, row, "write_late", at)
    return len(rows)


def _out(by: Actor, row: Order, at: datetime, verbal: dict[str, Any]) -> None:
    """Send it out: number, tasks, what it changes, the event."""
    content = content_of(row)
    _, posts = checked(by, content, at)
    receivers = [posts[UUID(receiver.post)] for receiver in content.receivers]
    if row.kind != "request":
        for post in receivers:
            by.must("order.issue", post.division)
    receipt = at + timedelta(minutes=row.receipt_min)
    due = row.limit_at or at + timedelta(minutes=row.within_min or row.receipt_min)
    year, seq = _number(row, at)
    write(row, {
        "state": "issued", "issued_by": hand_of(by), "issued_at": at, "due_at": due, "year": year, "seq": seq,
        "number": number_of(row.kind, year, seq), **verbal,
    })  # fmt: skip
    with whole_reach():  # a request goes where its writer may not write
        made = _tasks(row, receivers, at, min(receipt, due), due)
        rows_insert(made)
        issued_record(by=by, made=made, about=f"order:{row.pk}", division=row.division, track="main", at=at)
    if row.supersedes_id is not None:
        order_changed(by=by, order=row.supersedes_id, successor=row, at=at)
    lead = posts[row.lead_post_id].code if row.lead_post_id else None
    event = OrderIssued(
        order=str(row.pk), number=row.number, of_kind=row.kind, title={"zh": row.title_zh, "en": row.title_en},
        receivers=len(made), lead=lead, due_at=due, verbal=row.verbal, written_due_at=row.written_due_at,
        supersedes=str(row.supersedes_id) if row.supersedes_id else None, digest=row.digest,
        incident=incident_of(row),
    )  # fmt: skip
    tell(event, by, row, at)
    step_add(
        by, row, "verbal" if row.verbal else "issue", at, row.verbal_why, {"number": row.number, "way": row.verbal}
    )


def _number(row: Order, at: datetime) -> tuple[int, int]:
    """The next number of the division's orders of this kind in the Beijing year; one writer at a time."""
    year = at.astimezone(clock.BEIJING).year
    in_turn(f"order:{row.division}:{row.kind}:{year}")
    last = Order.objects.filter(division=row.division, kind=row.kind, year=year).order_by("-seq")
    return year, (last.values_list("seq", flat=True).first() or 0) + 1


def _tasks(row: Order, receivers: Sequence[Post], at: datetime, receipt: datetime, due: datetime) -> list[Task]:
    told = row.kind == "notice"
    return [
        Task(
            order=row, incident_id=row.incident_id, working_group=row.working_group, code=task_code(row),
            action=row.kind, text_zh=row.title_zh, text_en=row.title_en, owner_post=post, division=post.division,
            place_id=post.place_id, issued_at=at, receipt_due_at=receipt, due_at=due, next_at=receipt,
            evidence_asked=row.evidence_asked, basis=row.basis, about=f"order:{row.pk}", receipt_only=told,
            cooperating=not told and post.pk != row.lead_post_id, verify_min=None if told else row.verify_min,
        )
        for post in receivers
    ]  # fmt: skip


def task_code(row: Order) -> str:
    """The code of an order's tasks: unlike a number, it is unlike any other division's."""
    return f"{row.division}-{row.kind[0].upper()}{row.year}-{row.seq}"
