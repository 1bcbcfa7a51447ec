"""What stands at a command post when command passes on: tasks in progress, teams on site, requests nobody has answered."""

from __future__ import annotations

from typing import Any

from anlan.response.engine.handover import Content, open_requests
from anlan.response.models import CommandLogEntry, CommandPost, Task, TeamIntake
from anlan.response.selectors.family import family
from anlan.warning.selectors.frames import stamp

Json = dict[str, Any]
MOST = 500
OPEN = ("issued", "received", "overdue")


def handover_facts(post: CommandPost) -> Content:
    """Return tasks, resources and open requests of a command post as they stand; the situation is for a person to write.
    Three queries."""
    rows = Task.objects.select_related("owner_post").filter(state__in=OPEN)
    if post.incident_id:
        rows = rows.filter(incident_id__in=family(post.incident_id))
    elif post.level_id:
        rows = rows.filter(level_id=post.level_id)
    tasks = [
        {"id": str(t.pk), "code": t.code, "zh": t.text_zh, "en": t.text_en, "state": t.state, "due_at": stamp(t.due_at),
         "owner": {"zh": t.owner_post.name_zh, "en": t.owner_post.name_en}, "group": t.working_group}
        for t in rows.order_by("due_at", "code", "id")[:MOST]
    ]  # fmt: skip
    teams = TeamIntake.objects.select_related("group").filter(command_post=post, decision__in=("accept", "hold"))
    resources = [
        {"id": str(t.pk), "number": t.number, "name": t.name, "people": t.people, "inside": t.heads_inside, "area": t.area,
         "group": t.group.code if t.group else "", "decision": t.decision}
        for t in teams.order_by("number")
    ]  # fmt: skip
    return Content("", tuple(tasks), tuple(resources), requests_open(post))


def requests_open(post: CommandPost) -> tuple[Json, ...]:
    """Return the requests of a post's log nobody has answered. One query."""
    rows = CommandLogEntry.objects.filter(command_post=post).order_by("number")
    wanted = rows.filter(entry_kind="request") | rows.exclude(answers=None) | rows.exclude(corrects=None)
    entries = [
        {"id": str(e.pk), "number": e.number, "kind": e.entry_kind, "text": e.text, "sender": e.sender, "at": stamp(e.at),
         "answers": str(e.answers_id) if e.answers_id else None, "corrects": str(e.corrects_id) if e.corrects_id else None}
        for e in wanted.order_by("number")
    ]  # fmt: skip
    return open_requests(entries)
