"""After done: another hand verifies or sends back; and what the owner tells meanwhile: progress, and that help is needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.events import TaskHelpAnswered, TaskHelpAsked, TaskProgressed, TaskSentBack, TaskVerified
from anlan.response.models import Task
from anlan.response.services.attachments import files_of
from anlan.response.services.order_steps import Told, tasks_told
from anlan.response.services.tasks import OPEN
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.values_drafts import hand_of, same_hand

LONGEST_MIN = 60 * 24 * 60


def task_verify(*, by: Actor, task: UUID, note: str = "", at: datetime | None = None) -> Task:
    """Another hand has checked that it is really done (核实). The last one closes its order.

    Raises NotFound, Forbidden (the owner's own post or hand; not the side that gave it), Conflict when it is not done.
    """
    at = at or clock.now()
    with pinned(at), whole_reach():
        row = _done(by, task)
        row.state, row.verified_at, row.next_at, row.verified_by_post_id = "verified", at, None, by.post
        row.save(update_fields=["state", "verified_at", "next_at", "verified_by_post"])
        minutes = int((at - (row.done_at or at)).total_seconds() // 60)
        verifier = Post.objects.filter(pk=by.post).values_list("code", flat=True).first() if by.post else None
        event = TaskVerified(task=str(row.pk), code=row.code, post=row.owner_post.code, verifier=verifier,
                             minutes=minutes, note=note, order=_order(row))  # fmt: skip
        _tell(event, by, row, at)
        tasks_told(by, "verify", [Told(row, at, note)])
    return row


def task_send_back(*, by: Actor, task: UUID, reason: str, within_min: int = 30, at: datetime | None = None) -> Task:
    """It is not done as reported: send it back (退回重办) with the reason and a new limit. Raises as `task_verify`."""
    at = at or clock.now()
    if not reason.strip():
        raise Invalid(code="task.no_reason", zh="退回须写明哪里没有办到。", en="Say what is not done.", field="reason",
                      value=reason)  # fmt: skip
    if not 1 <= within_min <= LONGEST_MIN:
        raise Invalid(code="task.within_min", zh="时限应为1分钟至60天。", en="A limit is from 1 minute to 60 days.",
                      field="within_min", value=within_min)  # fmt: skip
    with pinned(at), whole_reach():
        row = _done(by, task)
        before, due = row.evidence or {}, at + timedelta(minutes=within_min)
        row.state, row.done_at, row.evidence, row.overdue_at = "received", None, None, None
        row.returned, row.climbs, row.due_at, row.next_at, row.with_post = row.returned + 1, 0, due, due, None
        row.save(update_fields=["state", "done_at", "evidence", "overdue_at", "returned", "climbs", "due_at", "next_at",
                                "with_post"])  # fmt: skip
        event = TaskSentBack(task=str(row.pk), code=row.code, post=row.owner_post.code, reason=reason,
                             times=row.returned, due_at=due, evidence=before, order=_order(row))  # fmt: skip
        _tell(event, by, row, at)
        tasks_told(by, "redo", [Told(row, at, reason, {"evidence": before, "due_at": due.isoformat()})])
    return row


def _done(by: Actor, task: UUID) -> Task:
    """The task, done and locked, when `by` may judge it."""
    row = one(by, task, "task.verify")
    if row.state != "done" or row.receipt_only:
        raise Conflict(code="task.not_done", zh="此项未报办结，或已核实；请刷新。", field="state", value=row.state,
                       en="It is not reported done, or verified already; refresh.")  # fmt: skip
    refusal = verify_refusal(by, row)
    if refusal is not None:
        raise refusal
    return row


def verify_refusal(by: Actor, row: Task) -> Forbidden | None:
    """Why this actor may not verify this task, or None: not one's own work, and an order's by the side that gave it."""
    if by.kind in ("system", "scenario"):
        return None
    if by.post == row.owner_post_id or (row.done_by and same_hand(hand_of(by), row.done_by)):
        return Forbidden(code="task.own_work", zh="不能核实自己办的事；请由下达方另一人核实。", field="by", value=by.name,
                         en="Nobody verifies their own work; another person on the issuer's side must.")  # fmt: skip
    if row.order is not None and not by.scope.covers(row.order.division):
        return Forbidden(code="task.issuer_verifies", zh="须由下达方核实。", field="by", value=by.name,
                         en="The side that gave the order verifies it.")  # fmt: skip
    return None


def task_progress(*, by: Actor, task: UUID, text: str, files: Sequence[str] = (), at: datetime | None = None) -> Task:
    """The owner tells how it is going (办理情况). Conflict when the task is closed."""
    at = at or clock.now()
    _words(text, "请写明办理情况。", "Say how it is going.")
    with pinned(at), whole_reach():
        row = _open(one(by, task, "task.done"))
        names = files_of(f"task:{row.pk}", files)
        event = TaskProgressed(task=str(row.pk), code=row.code, post=row.owner_post.code, text=text, files=names,
                               order=_order(row))  # fmt: skip
        _tell(event, by, row, at)
        tasks_told(by, "progress", [Told(row, at, text, {"files": names})])
    return row


def task_help(*, by: Actor, task: UUID, text: str, at: datetime | None = None) -> Task:
    """The owner needs help (请求支援): it climbs to the superior at once and stays on the board until answered."""
    at = at or clock.now()
    _words(text, "请写明需要什么。", "Say what is needed.")
    with pinned(at), whole_reach():
        row = _open(one(by, task, "task.receive"))
        holder = row.with_post_id or row.owner_post_id
        above = Post.objects.select_related("superior").get(pk=holder).superior
        row.help_at, row.escalations = at, row.escalations + 1
        row.with_post = above or row.with_post
        row.save(update_fields=["help_at", "escalations", "with_post"])
        event = TaskHelpAsked(task=str(row.pk), code=row.code, post=row.owner_post.code, text=text,
                              to_post=above.code if above else None, order=_order(row))  # fmt: skip
        _tell(event, by, row, at)
        tasks_told(by, "help", [Told(row, at, text)])
    return row


def task_help_answer(*, by: Actor, task: UUID, text: str, at: datetime | None = None) -> Task:
    """A request for help is answered: what comes, or why nothing does. Conflict when none is open."""
    at = at or clock.now()
    _words(text, "请写明答复。", "Say what comes, or why nothing does.")
    with pinned(at), whole_reach():
        row = one(by, task, "task.verify")
        if row.help_at is None:
            raise Conflict(code="task.no_help", zh="没有待答复的支援请求；请刷新。", field="help_at", value=None,
                           en="No help is asked for; refresh.")  # fmt: skip
        minutes = int((at - row.help_at).total_seconds() // 60)
        row.help_at = None
        row.save(update_fields=["help_at"])
        _tell(
            TaskHelpAnswered(task=str(row.pk), code=row.code, text=text, minutes=minutes, order=_order(row)),
            by,
            row,
            at,
        )
        tasks_told(by, "help_over", [Told(row, at, text)])
    return row


def one(by: Actor, task: UUID, act: str) -> Task:
    """The task, locked, when `by` may do `act` with it; NotFound out of scope. Call with the platform's reach: an upward
    request is verified by the side that asked, which may not write where it went."""
    rows = Task.objects.select_for_update(of=("self",)).select_related("owner_post", "order")
    row = rows.filter(pk=task).first()
    if row is None or not (by.scope.covers(row.division) or (row.order and by.scope.covers(row.order.division))):
        raise NotFound(code="task.not_found", zh="没有这项任务，或不在您的范围内。", field="task", value=task,
                       en="There is no such task, or it is not in your scope.")  # fmt: skip
    inside = by.scope.covers(row.division)
    by.must(act, row.division if inside or row.order is None or act != "task.verify" else row.order.division)
    return row


def _open(row: Task) -> Task:
    if row.state not in OPEN:
        raise Conflict(code="task.closed", zh="任务已结束，请刷新页面。", en="The task is closed; reload the page.",
                       field="task", value=row.pk, state=row.state)  # fmt: skip
    return row


def _words(text: str, zh: str, en: str) -> None:
    if not text.strip():
        raise Invalid(code="task.no_text", zh=zh, en=en, field="text", value=text)


def _order(row: Task) -> str | None:
    return str(row.order_id) if row.order_id is not None else None


def _tell(event: Event, by: Actor, row: Task, at: datetime) -> None:
    record(event, by=by, about=f"task:{row.pk}", division=row.division, at=at)
