"""The record of a response as it goes on file (案卷, 突发事件应对法 art. 94): the course, tasks, orders and reports of an incident
with its family, or of a response that has no incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel.clock import BEIJING
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response import choices, choices_orders
from anlan.response.models import Level, Order, Task
from anlan.response.selectors.family import family
from anlan.response.selectors.incident_detail import incident_get
from anlan.response.selectors.level_page import level_get, response_of
from anlan.response.selectors.orders_live import issuer_name, order_rows
from anlan.response.selectors.reports import reports_sent
from anlan.response.selectors.timeline import incident_timeline, response_timeline

Json = dict[str, Any]
MOST = 5000


def incident_record(scope: Scope, incident: UUID) -> Json:
    """Return {title, since, until, course, tasks, orders, reports} of an incident. NotFound outside the scope."""
    row = incident_get(scope, incident)
    keys = family(row.pk)
    about = [f"incident:{key}" for key in keys]
    tasks = Task.objects.filter(incident__in=keys) | Task.objects.filter(about__in=about)
    return {
        "title": {"zh": row.title_zh, "en": row.title_en}, "since": row.known_at or row.opened_at, "until": row.closed_at,
        "course": incident_timeline(scope, incident), "tasks": _tasks(scope, tasks), "orders": _orders(scope, keys),
        "reports": reports_sent(scope, incidents=keys, limit=MOST)[::-1],
    }  # fmt: skip


def response_record(scope: Scope, level: UUID) -> Json:
    """The same of a response, whichever of its levels is asked for; with its incident's where it has one."""
    chain = response_of(level_get(scope, level))
    last: Level = chain[-1]
    if last.incident_id is not None:
        found = incident_record(scope, last.incident_id)
        own = _tasks(scope, Task.objects.filter(level__in=[row.pk for row in chain]))
        known = {task["id"] for task in found["tasks"]}
        found["tasks"] = sorted([*found["tasks"], *(t for t in own if t["id"] not in known)], key=lambda t: t["at"])
        found["course"] = _merged(found["course"], response_timeline(scope, [row.pk for row in chain]))
    else:
        keys = [row.pk for row in chain]
        found = {"course": response_timeline(scope, keys), "tasks": _tasks(scope, Task.objects.filter(level__in=keys)),
                 "orders": [], "reports": []}  # fmt: skip
    title = {"zh": last.plan.name_zh, "en": last.plan.name_en}
    return {**found, "title": title, "since": chain[0].since, "until": last.until}


def _merged(one: list[Json], other: list[Json]) -> list[Json]:
    found = {entry["number"]: entry for entry in [*one, *other]}
    return sorted(found.values(), key=lambda entry: (entry["at"], entry["number"]))


def _tasks(scope: Scope, rows: QuerySet[Task]) -> list[Json]:
    found = scope.filter(rows).select_related("owner_post").order_by("issued_at", "code", "id").distinct()[:MOST]
    return [
        {"id": str(row.pk), "number": row.code, "text": {"zh": row.text_zh, "en": row.text_en or row.text_zh},
         "who": {"zh": row.owner_post.name_zh, "en": row.owner_post.name_en}, "at": row.issued_at, "due_at": row.due_at,
         "receipt_at": row.receipt_at, "done_at": row.done_at, "evidence": str((row.evidence or {}).get("text") or ""),
         "state": choices.name(choices.TASK_STATES, row.state), "division": row.division}
        for row in found
    ]  # fmt: skip


def _orders(scope: Scope, incidents: list[UUID]) -> list[Json]:
    with lent(Scope.whole(), options.secret_key):
        keys = [str(key) for key in Order.objects.filter(incident__in=incidents).values_list("pk", flat=True)]
    rows = order_rows(scope, keys, None, [state for state in choices_orders.ORDER_STATES if state != "dropped"])
    found = [
        {"id": str(row["id"]), "number": row["number"], "at": row["issued_at"] or row["made_at"], "due_at": row["due_at"],
         "text": {"zh": f"{row['title_zh']}：{row['text_zh']}", "en": f"{row['title_en'] or row['title_zh']}: {row['text_en'] or row['text_zh']}"},
         "who": issuer_name(row), "lead": {"zh": row["lead_zh"], "en": row["lead_en"]} if row["lead_zh"] else None,
         "state": choices.name(choices_orders.ORDER_STATES, row["state"]), "ended_at": row["ended_at"],
         "kind": choices.name(choices_orders.ORDER_KINDS, row["kind"]), "division": row["division"]}
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one["at"], one["id"]))


def record_table(record: Json) -> list[tuple[str | None, ...]]:
    """Return a record as the rows of one table, in order of time: (at, part, number, zh, en, who, division, due, received,
    done, state)."""
    found: list[tuple[datetime, tuple[str | None, ...]]] = []

    def put(at: datetime, part: str, one: Json, who: str, *moments: datetime | None) -> None:
        text, state = one["text"], one.get("state", {"zh": ""})["zh"]
        found.append((at, (_stamp(at), part, str(one["number"] or ""), text["zh"], text["en"], who, one["division"],
                           *map(_stamp, moments), state)))  # fmt: skip

    for entry in record["course"]:
        put(datetime.fromisoformat(entry["at"]), "过程 course", entry, entry["by"]["name"], None, None, None)
    for task in record["tasks"]:
        put(task["at"], "任务 task", task, task["who"]["zh"], task["due_at"], task["receipt_at"], task["done_at"])
    for order in record["orders"]:
        who = order["who"]["zh"] if order["who"] else ""
        put(
            order["at"],
            f"{order['kind']['zh']} {order['kind']['en'].lower()}",
            order,
            who,
            order["due_at"],
            None,
            order["ended_at"],
        )
    for report in record["reports"]:
        kind, name = report["kind_name"], report["name"]
        text = {"zh": f"{name['zh']}：{kind['zh']}", "en": f"{name['en']}: {kind['en']}"}
        put(
            report["sent_at"],
            "报告 report",
            {**report, "text": text, "number": report["seq"]},
            report["author"],
            None,
            None,
            None,
        )
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _stamp(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat(sep=" ", timespec="minutes")[:16] if at is not None else None
