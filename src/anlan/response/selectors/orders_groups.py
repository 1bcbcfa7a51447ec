"""Tasks that no order gave (of plans, of verification), by working group (工作组): how many, and the most urgent of each."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from anlan.kernel.scope import Scope
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import Level, Task
from anlan.response.selectors.plans import rules_of
from anlan.warning.selectors.frames import stamp

Json = dict[str, Any]
OPEN = ("issued", "received", "overdue")
NAMED = 6
"""How many of a group's open tasks the board names; the tasks' own board has all."""


def tasks_by_group(scope: Scope) -> dict[str, Json]:
    """Return group → {open, overdue, done, rows}: the main track's tasks without an order that are open, or done under a
    response or an incident still in force. `rows`: the most urgent open ones. "" for those of no group. Two queries."""
    wanted = _wanted(scope)
    counts = wanted.values("working_group").annotate(
        open=Count("id", filter=Q(state__in=OPEN)),
        overdue=Count("id", filter=Q(state="overdue")),
        done=Count("id", filter=Q(state__in=("done", "verified"))),
    )
    found: dict[str, Json] = {
        row["working_group"]: {"open": row["open"], "overdue": row["overdue"], "done": row["done"], "rows": []}
        for row in counts.order_by("working_group")
    }
    nth = Window(RowNumber(), partition_by=F("working_group"), order_by=(F("due_at"), F("id")))
    urgent = wanted.filter(state__in=OPEN).annotate(nth=nth).filter(nth__lte=NAMED)
    for task in urgent.select_related("owner_post").order_by("working_group", "due_at", "id"):
        if task.working_group in found:
            found[task.working_group]["rows"].append(_row(task))
    return found


def _wanted(scope: Scope) -> QuerySet[Task]:
    running = Q(level__until__isnull=True, level__isnull=False) | Q(level__isnull=True, incident__state="open")
    found: QuerySet[Task] = scope.filter(
        Task.objects.filter(order__isnull=True, track="main").exclude(state="cancelled")
    ).filter(Q(state__in=OPEN) | running)
    return found


def _row(task: Task) -> Json:
    return {
        "id": str(task.pk), "text": {"zh": task.text_zh, "en": task.text_en or task.text_zh}, "state": task.state,
        "owner": {"zh": task.owner_post.name_zh, "en": task.owner_post.name_en}, "due_at": stamp(task.due_at),
        "incident": str(task.incident_id) if task.incident_id else None,
    }  # fmt: skip


def group_names(scope: Scope) -> dict[str, Json]:
    """Return code → name of the working groups: the shipped ones, and those of the plans in force in the scope."""
    names = {group.code: group.name.as_dict() for group in command_pack().groups}
    for level in scope.filter(Level.objects.filter(until__isnull=True), "area").select_related("plan"):
        for group in rules_of(level.plan).groups:
            names.setdefault(group.code, group.name.as_dict())
    return names
