"""What is left to do after responses have ended, and until when (善后收尾)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.response.choices import name
from anlan.response.choices_levels import CLOSEOUT
from anlan.response.models import PurgeClock, Task
from anlan.warning.selectors.frames import stamp

Json = dict[str, Any]
OPEN = ("issued", "received", "overdue")
MOST = 200


def closings_open(scope: Scope, now: datetime) -> list[Json]:
    """Responses that have ended and are not closed, in the reader's scope, that whose limit is nearest first: the tasks
    left with their limits, and when personal data is destroyed. Two queries."""
    clocks = (
        PurgeClock.objects.filter(level__track="main").exclude(state="done").select_related("level__plan", "incident")
    )
    ended = {row.level_id: row for row in scope.filter_chain(clocks).defer("level__plan__body").order_by("id")[:MOST]}
    tasks = Task.objects.filter(level__in=ended, action__in=CLOSEOUT, state__in=OPEN).order_by("due_at", "code", "id")
    left: dict[Any, list[Json]] = {}
    for level, action, due, state in tasks.values_list("level", "action", "due_at", "state"):
        late = state == "overdue" or due < now
        left.setdefault(level, []).append({"name": name(CLOSEOUT, action), "due_at": stamp(due), "late": late})
    found = [
        {
            "id": str(row.level_id),
            "plan": {"zh": row.level.plan.name_zh, "en": row.level.plan.name_en},
            "incident": {"zh": row.incident.title_zh, "en": row.incident.title_en} if row.incident else None,
            "ended_at": stamp(row.until),
            "left": left.get(row.level_id, []),
            "late": sum(item["late"] for item in left.get(row.level_id, [])),
            "purge_at": stamp(row.next_at),
            "purge_state": row.state,
        }
        for row in ended.values()
    ]
    return sorted(
        found, key=lambda item: (min((one["due_at"] for one in item["left"]), default=item["purge_at"]), item["id"])
    )
