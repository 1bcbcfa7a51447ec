"""Tasks: issued to owners, signed for, done with evidence; set-based, for a level may carry hundreds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, record_many
from anlan.kernel.problem import Conflict, NotFound
from anlan.response.engine import plan as rulebook
from anlan.response.engine.units import owner_name
from anlan.response.events import TaskDone, TaskReceived, TasksCancelled, TasksIssued
from anlan.response.models import Level, Plan, Task
from anlan.response.selectors.owners import desk_in, owners_near, owners_of
from anlan.response.services.evidence import evidence_taken
from anlan.response.services.order_steps import Told, evidence_text, tasks_told
from anlan.response.services.rings import tasks_settled
from anlan.response.services.writing import rows_insert, rows_update
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned
from anlan.warning.services.values_drafts import hand_of

FEW = 50
OPEN = ("issued", "received", "overdue")
KNOWN = {"text": "已签收知悉", "en": "Signed for"}
"""Evidence of a task that asks for the receipt alone."""


class Receipt(NamedTuple):
    """An owner signed for `task` at `at`."""

    task: UUID
    at: datetime


class Done(NamedTuple):
    """An owner did `task` at `at`; `evidence` is {text, ...}."""

    task: UUID
    at: datetime
    evidence: dict[str, Any]


def tasks_issue(
    *,
    by: Actor,
    plan: Plan,
    level: Level | None,
    rules: Sequence[rulebook.TaskRule],
    area: str,
    track: str,
    at: datetime,
) -> list[Task]:
    """Send each task rule to every owner post in the area; for one event, below the city only to the posts where it is.
    A rule nobody on the roster carries goes to the duty desk, marked, so that nothing is lost. Call inside the
    transaction of the decision."""
    if not rules:
        return []
    posts = owners_near(area, rules, level.area if level is not None else area)
    made: list[Task] = []
    unowned: list[str] = []
    for rule in rules:
        owners = owners_of(rule, posts)
        note = ""
        if not owners:
            unowned.append(rule.code)
            owners = desk_in(posts, area)
            who = owner_name(rule.owner.role, rule.owner.department)
            note = f"名册无“{who.zh}”岗位，转值班室落实 · no {who.en} on the roster; sent to the duty desk"
        made += [_task(plan, level, rule, post, track, at, note) for post in owners]
    rows_insert(made)
    about = f"level:{level.pk}" if level else f"plan:{plan.pk}"
    issued_record(by=by, made=made, about=about, division=area, track=track, unowned=unowned, at=at)
    return made


def _task(
    plan: Plan, level: Level | None, rule: rulebook.TaskRule, post: Post, track: str, at: datetime, note: str
) -> Task:
    receipt = at + timedelta(minutes=rule.receipt)
    return Task(
        plan=plan, level=level, incident_id=level.incident_id if level is not None else None,
        working_group=rule.working_group, track=track, code=rule.code, action=rule.action, text_zh=rule.text.zh,
        text_en=rule.text.en, owner_post=post, place_id=post.place_id, division=post.division, issued_at=at,
        receipt_due_at=receipt, due_at=at + timedelta(minutes=rule.within), next_at=receipt,
        evidence_asked=rule.evidence.as_dict(), note=note,
        basis={**rulebook.law_text(rule.law).as_dict(), "items": list(rule.law), "mark": rule.mark},
    )  # fmt: skip


def issued_record(
    *, by: Actor, made: Sequence[Task], about: str, division: str, track: str, at: datetime, unowned: Sequence[str] = ()
) -> None:
    """Record that `made` went out."""
    record(issued_event(made, track, unowned), by=by, about=about, division=division, at=at)


def issued_event(made: Sequence[Task], track: str, unowned: Sequence[str] = ()) -> TasksIssued:
    """What the journal is told of tasks that went out."""
    ids = [str(task.pk) for task in made]
    return TasksIssued(
        count=len(made),
        sha256=digest(ids),
        tasks=ids if len(ids) <= FEW else [],
        codes=dict(sorted(Counter(task.code for task in made).items())),
        unowned=list(unowned),
        track=track,
    )


def digest(ids: Iterable[str]) -> str:
    """Return the hash of a set of ids, in order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def tasks_cancel(*, by: Actor, level: Level, codes: Sequence[str], reason: str, at: datetime) -> int:
    """Call off the open tasks of these codes of the level's plan, track and event; return how many."""
    rows = list(
        Task.objects.select_for_update(of=("self",))
        .filter(plan__code=level.plan.code, track=level.track, incident=level.incident_id)
        .filter(state__in=OPEN, code__in=list(codes))
        .order_by("id")
    )
    if rows:
        called_off(by, rows, about=f"level:{level.pk}", division=level.division, reason=reason, at=at)
    return len(rows)


def called_off(by: Actor, rows: Sequence[Task], *, about: str, division: str, reason: str, at: datetime) -> None:
    """Call off open tasks of one track that the caller holds locked."""
    Task.objects.filter(pk__in=[row.pk for row in rows]).update(state="cancelled", next_at=None, note=reason)
    codes = sorted({row.code for row in rows})
    event = TasksCancelled(count=len(rows), sha256=digest(str(row.pk) for row in rows), codes=codes,
                           track=rows[0].track, reason=reason)  # fmt: skip
    record(event, by=by, about=about, division=division, at=at)
    tasks_settled(by=by, tasks=rows, at=at)


def task_receive(*, by: Actor, task: UUID, at: datetime | None = None) -> Task:
    """Sign for a task. Raises NotFound, Forbidden, Conflict when it is closed or already signed for."""
    at = at or clock.now()
    row = _one(by, task, "task.receive")
    if not task_receive_many(by=by, receipts=[Receipt(task, at)]):
        raise _closed(row)
    row.refresh_from_db()
    return row


def task_done(*, by: Actor, task: UUID, evidence: dict[str, Any], at: datetime | None = None) -> Task:
    """Report a task done. `evidence`: {text, files: ids of attachments of this task, number, unit, lon, lat, place}, of
    which words or a photo and whatever the task asks for must be there; Invalid names what is missing, Conflict when the
    task is closed."""
    at = at or clock.now()
    row = _one(by, task, "task.done")
    evidence = evidence_taken(row, evidence)
    if not task_done_many(by=by, done=[Done(task, at, evidence)]):
        raise _closed(row)
    row.refresh_from_db()
    return row


def task_receive_many(*, by: Actor, receipts: Sequence[Receipt]) -> list[UUID]:
    """Take many receipts at once; closed, signed and unknown tasks are passed over. Return the ids signed for."""
    if not receipts:
        return []
    moments = {receipt.task: receipt.at for receipt in receipts}
    with pinned(max(moments.values())):
        rows = [row for row in _locked(moments, "task.receive", by) if row.receipt_at is None]
        for row in rows:
            row.receipt_at = moments[row.pk]
            row.state = "received" if row.state == "issued" else row.state
            row.next_at = row.due_at if row.climbs == 0 else row.next_at
        rows_update(rows, ["receipt_at", "state", "next_at"])
        events = [
            (TaskReceived(task=str(r.pk), code=r.code, post=r.owner_post.code, order=order_id(r),
                          late_s=_late(moments[r.pk], r.receipt_due_at)), _meta(by, r, moments[r.pk])) for r in rows]  # fmt: skip
        record_many(events)
        tasks_told(by, "receive", [Told(r, moments[r.pk]) for r in rows])
        tasks_settled(by=by, tasks=rows, at=max(moments.values()))
        only = [Done(r.pk, moments[r.pk], KNOWN) for r in rows if r.receipt_only]
        task_done_many(by=by, done=only)
    return [row.pk for row in rows]


def task_done_many(*, by: Actor, done: Sequence[Done]) -> list[UUID]:
    """Take many reports of tasks done at once; closed and unknown ones are passed over. Return the ids done."""
    if not done:
        return []
    found = {item.task: item for item in done}
    with pinned(max(item.at for item in done)):
        rows = _locked(found, "task.done", by)
        for row in rows:
            item = found[row.pk]
            row.done_at, row.state, row.evidence = item.at, "done", item.evidence
            row.next_at = item.at + timedelta(minutes=row.verify_min) if row.verify_min else None
            row.receipt_at = row.receipt_at or item.at
            row.done_by = hand_of(by) if by.kind == "person" else None
        rows_update(
            rows,
            ["done_at", "state", "next_at", "evidence", "receipt_at", *(["done_by"] if by.kind == "person" else [])],
        )
        events = [
            (TaskDone(task=str(r.pk), code=r.code, post=r.owner_post.code, evidence=found[r.pk].evidence,
                      late_s=_late(found[r.pk].at, r.due_at), order=order_id(r)), _meta(by, r, found[r.pk].at))
            for r in rows]  # fmt: skip
        record_many(events)
        tasks_told(
            by,
            "done",
            [Told(r, found[r.pk].at, evidence_text(found[r.pk].evidence), found[r.pk].evidence) for r in rows],
        )
        tasks_settled(by=by, tasks=rows, at=max(item.at for item in done))
    return [row.pk for row in rows]


def _locked(keys: Iterable[UUID], act: str, by: Actor) -> list[Task]:
    rows = Task.objects.select_for_update(of=("self",)).select_related("owner_post")
    found = list(rows.filter(pk__in=list(keys), state__in=OPEN).order_by("id"))
    for division in sorted({row.division for row in found}):
        by.must(act, division)
    return found


def _meta(by: Actor, row: Task, at: datetime) -> dict[str, Any]:
    return {"by": by, "about": f"task:{row.pk}", "division": row.division, "at": at}


def _late(at: datetime, limit: datetime) -> int:
    return max(int((at - limit).total_seconds()), 0)


def order_id(row: Task) -> str | None:
    """The id of a task's order as events carry it, None where it has none."""
    return str(row.order_id) if row.order_id is not None else None


def _one(by: Actor, task: UUID, act: str) -> Task:
    row = Task.objects.select_related("owner_post").filter(pk=task).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(
            code="task.not_found",
            zh="没有这项任务，或不在您的范围内。",
            en="There is no such task, or it is not in your scope.",
            field="task",
            value=task,
        )
    by.must(act, row.division)
    return row


def _closed(row: Task) -> Conflict:
    return Conflict(
        code="task.closed",
        zh="任务已签收或已结束，请刷新页面。",
        en="The task is already signed for or closed; reload the page.",
        field="task",
        value=row.pk,
        state=row.state,
    )
