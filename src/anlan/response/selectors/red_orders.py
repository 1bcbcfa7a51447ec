"""Red items of orders: verbal orders without their written form, help nobody answered, work nobody verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response.models import Order, Task
from anlan.response.selectors.red import Red, red
from anlan.warning.selectors.frames import stamp

OPEN = ("issued", "received", "overdue")


@red("order_written", zh="口头指令未补书面", en="Verbal orders without their written form")
def orders_unwritten(scope: Scope, at: datetime) -> Iterator[Red]:
    """Verbal orders kept in the scope whose written form is past its limit."""
    rows = scope.filter(Order.objects.filter(written_due_at__lte=at, written_at__isnull=True))
    for row in rows.filter(state__in=("issued", "verified")).order_by("written_due_at", "id"):
        yield Red(str(row.pk), f"{row.number} {row.title_zh}", f"{row.number} {row.title_en or row.title_zh}",
                  row.written_due_at, f"/response/orders/{row.pk}", row.division)  # fmt: skip


@red("task_help", zh="支援请求未答复", en="Requests for help nobody answered")
def help_unanswered(scope: Scope, at: datetime) -> Iterator[Red]:
    """Help asked for by owners of tasks in the scope and not answered."""
    rows = scope.filter(Task.objects.select_related("owner_post").filter(help_at__lte=at, state__in=OPEN))
    for row in rows.order_by("help_at", "id"):
        post = row.owner_post
        yield Red(f"{row.pk}:{stamp(row.help_at)}", f"{post.name_zh}：{row.text_zh}"[:200],
                  f"{post.name_en}: {row.text_en or row.text_zh}"[:300], row.help_at, f"/response/tasks/{row.pk}",
                  row.division)  # fmt: skip


@red("task_unverified", zh="办结未核实超时", en="Work reported done that nobody verified in time")
def done_unverified(scope: Scope, at: datetime) -> Iterator[Red]:
    """Tasks of orders kept in the scope, reported done, whose verification climbed."""
    with lent(Scope.whole(), options.secret_key):
        rows = Task.objects.select_related("owner_post", "order").filter(
            state="done", receipt_only=False, order__isnull=False
        )
        found = list(
            scope.filter(rows.filter(next_at__isnull=True, done_at__lte=at), "order__division").order_by(
                "done_at", "id"
            )
        )
    for row in found:
        post = row.owner_post
        yield Red(str(row.pk), f"{post.name_zh}：{row.text_zh}"[:200], f"{post.name_en}: {row.text_en or row.text_zh}"[:300],
                  row.done_at, f"/response/tasks/{row.pk}", row.order.division if row.order else row.division)  # fmt: skip
