"""Everything that is on one person now: tasks, orders for their hand, work to verify, help to answer, levels to decide."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response import choices_orders
from anlan.response.models import LevelProposal, Order, Task

OPEN = ("issued", "received", "overdue")
MOST = 200


def mine(who: Actor) -> dict[str, list[Any]]:
    """Return what waits for this person, each list the most urgent first: `tasks` of their post or climbed to it;
    `proposals` their post decides; `hands`: orders to check, sign or send out; `written`: verbal orders without their
    written form; `verify`: work reported done on orders kept in their reach; `help` asked for; `closing`: instructions they
    gave whose receivers are through. Seven queries."""
    return {
        "tasks": _tasks(who),
        "proposals": _proposals(who),
        "hands": _hands(who),
        "written": _written(who),
        "verify": _judged(who, Q(state="done", receipt_only=False, order__isnull=False)),
        "help": _judged(who, Q(help_at__isnull=False, state__in=OPEN)),
        "closing": _closing(who),
    }


def _tasks(who: Actor) -> list[Task]:
    if who.post is None:
        return []
    with lent(Scope.whole(), options.secret_key):
        rows = Task.objects.select_related("owner_post", "order").filter(state__in=OPEN, track="main")
        found = rows.filter(Q(owner_post=who.post) | Q(with_post=who.post)).order_by("due_at", "id")
        return list(found[:MOST])


def _proposals(who: Actor) -> list[LevelProposal]:
    if who.post is None:
        return []
    rows = who.scope.filter_chain(LevelProposal.objects.select_related("plan", "incident"))
    return list(rows.filter(state="open", track="main", holder_post=who.post).order_by("due_at", "id")[:MOST])


def _hands(who: Actor) -> list[Order]:
    acts = {"drafted": "order.check", "checked": "order.sign", "signed": "order.issue"}
    rows = who.scope.filter(Order.objects.filter(state__in=choices_orders.DRAFTS)).order_by("made_at", "id")
    return [row for row in rows[:MOST] if who.may(acts[row.state], row.division)]


def _written(who: Actor) -> list[Order]:
    rows = who.scope.filter(Order.objects.filter(written_due_at__isnull=False, written_at__isnull=True))
    rows = rows.filter(state__in=("issued", "verified")).order_by("written_due_at", "id")
    return [row for row in rows[:MOST] if who.may("order.draft", row.division)]


def _judged(who: Actor, wanted: Q) -> list[Task]:
    """Tasks this person may judge: of orders kept in their reach, or of their own reach where no order gave them."""
    with lent(Scope.whole(), options.secret_key):
        rows = Task.objects.select_related("owner_post", "order").filter(wanted, track="main")
        inside = Q(pk__in=who.scope.filter(Task.objects.filter(wanted, order__isnull=True)).values("pk"))
        kept = Q(
            pk__in=who.scope.filter(Task.objects.filter(wanted, order__isnull=False), "order__division").values("pk")
        )
        found = list(rows.filter(inside | kept).exclude(owner_post=who.post).order_by("due_at", "id")[:MOST])
    return [row for row in found if who.may("task.verify", row.order.division if row.order else row.division)]


def _closing(who: Actor) -> list[Order]:
    rows = who.scope.filter(Order.objects.filter(kind="instruction", state="issued")).order_by("due_at", "id")
    found = [row for row in rows[:MOST] if row.issuer_post_id is None or row.issuer_post_id == who.post]
    with lent(Scope.whole(), options.secret_key):
        left = set(
            Task.objects.filter(order__in=[row.pk for row in found])
            .exclude(state__in=("verified", "cancelled"))
            .exclude(state="done", receipt_only=True)
            .values_list("order_id", flat=True)
        )
    return [row for row in found if row.pk not in left and who.may("order.close", row.division)]
