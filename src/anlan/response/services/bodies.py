"""Command bodies: one event, one level an area; linked bodies that stand elsewhere follow, or refuse with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.events import BodyLevelSet, CommandMismatch, MismatchClosed
from anlan.response.formats.level_rules import level_rules
from anlan.response.models import BodyLevel, CommandBody, Incident, Mismatch, Plan, Task
from anlan.response.services.in_turn import in_turn
from anlan.response.services.incidents import desk_of
from anlan.response.services.proposals import minutes
from anlan.response.services.tasks import OPEN, Done, issued_record, task_done_many
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach

FOLLOW = "L-follow"
SYSTEM = Actor.system("response")


def body_level_set(
    *, by: Actor, body: str, level: int, plan: str = "", track: str = "main", incident: UUID | None = None,
    post: UUID | None = None, note: str = "", at: datetime | None = None,
) -> BodyLevel:  # fmt: skip
    """A command body takes a level (0: none) for one event, or (`incident` None) for its area. Bodies it leads that stand
    elsewhere are shown as a mismatch and told; one of its own is settled when it now stands where its lead does. Taking
    the level it has changes nothing. `plan` names the plan where a body stands in several."""
    at = at or clock.now()
    with pinned(at):
        row = body_named(body, plan)
        by.must("command.adopt", row.division)
        if level not in (0, 1, 2, 3, 4):
            raise Invalid(code="command.level", zh="级别应为0至4。", en="Give a level from 0 to 4.", field="level",
                          value=level)  # fmt: skip
        in_turn(f"body:{(row.lead or row).pk}")  # a lead and those it leads, one after the other: they are compared
        held = BodyLevel.objects.select_for_update().filter(body=row, track=track, incident=incident)
        old = held.filter(until__isnull=True).first()
        if old is not None and old.level == level:
            return old
        if old is not None:
            old.until = at
            old.save(update_fields=["until"])
        new = BodyLevel.objects.create(body=row, division=row.division, track=track, incident_id=incident, level=level,
                                       since=at, by_post_id=post or by.post, note=note)  # fmt: skip
        chosen = Post.objects.filter(pk=new.by_post_id).first() if new.by_post_id else None
        event = BodyLevelSet(
            body=row.code, track=track, level=level, previous=old.level if old else 0,
            post=chosen.code if chosen else None, plan=row.plan_code, incident=str(incident) if incident else None,
        )  # fmt: skip
        record(event, by=by, about=f"body:{row.pk}", division=row.division, at=at)
        for other in CommandBody.objects.filter(lead=row).order_by("code"):
            _compare(by, row, other, track, incident, at)
        if row.lead is not None:
            _compare(by, row.lead, row, track, incident, at)
    return new


def body_named(code: str, plan: str = "") -> CommandBody:
    """Return a command body by its organisation's code, of the plan named; without one, of the plan that joins it to
    others, else of the first. NotFound when no plan in use has it."""
    rows = CommandBody.objects.select_related("lead").filter(code=code).order_by("plan_code")
    found = list(rows.filter(plan_code=plan) if plan else rows)
    joined = [row for row in found if row.lead_id is not None or row.linked.exists()]
    if not found:
        raise NotFound(code="command.no_body", zh=f"没有指挥机构“{code}”；请先导入预案。",
                       en=f"There is no command body “{code}”; load its plan first.", field="body", value=code)  # fmt: skip
    return (joined or found)[0]


def _stands(body: CommandBody, track: str, incident: UUID | None) -> int:
    found = BodyLevel.objects.filter(body=body, track=track, incident=incident, until__isnull=True).first()
    return found.level if found else 0


def _compare(by: Actor, lead: CommandBody, body: CommandBody, track: str, incident: UUID | None, at: datetime) -> None:
    """Open, renew or settle the mismatch between a body and the one that leads it."""
    ours, theirs = _stands(body, track, incident), _stands(lead, track, incident)
    rows = Mismatch.objects.select_for_update(of=("self",)).filter(body=body, track=track, incident=incident)
    opened = rows.filter(state="open").first()
    if ours == theirs:
        if opened is not None:
            _settle(by, opened, "adopted", "", at)
        return
    if opened is not None:
        opened.lead_level, opened.body_level = theirs, ours
    else:
        opened = Mismatch(lead=lead, body=body, division=body.division, track=track, incident_id=incident,
                          lead_level=theirs, body_level=ours, opened_at=at)  # fmt: skip
    event = CommandMismatch(mismatch=str(opened.pk), lead=lead.code, body=body.code, track=track, lead_level=theirs,
                            body_level=ours, incident=str(incident) if incident else None)  # fmt: skip
    if track == "main" and (opened.task is None or opened.task.state not in OPEN):
        opened.task = _tell(opened, at)
    opened.save()
    record(event, by=by, about=f"mismatch:{opened.pk}", division=body.division, at=at)


def _tell(row: Mismatch, at: datetime) -> Task | None:
    """Tell the linked body: a task for its leader (else the nearest duty desk) to follow or refuse with a reason."""
    rule = level_rules().linkage
    with whole_reach():
        posts = Post.objects.filter(organisation__code=row.body.code, role__in=row.body.leader_roles).order_by("code")
        owner = posts.first() or desk_of(row.division)
        if owner is None:
            return None
        zh, en = _asks(row)
        task = Task.objects.create(
            code=FOLLOW, text_zh=zh, text_en=en, owner_post=owner, division=owner.division, issued_at=at,
            incident_id=row.incident_id, plan=Plan.objects.only("id").filter(code=row.body.plan_code).order_by("-valid_from", "-version").first(),
            receipt_due_at=at + timedelta(minutes=rule.receipt), due_at=at + timedelta(minutes=rule.within),
            next_at=at + timedelta(minutes=rule.receipt), about=f"mismatch:{row.pk}",
            evidence_asked={"zh": "跟进的级别，或不跟进的理由", "en": "the level taken, or the reason for not following"},
            basis={"zh": rule.basis.zh, "en": rule.basis.en, "mark": rule.mark},
        )  # fmt: skip
        issued_record(by=SYSTEM, made=[task], about=f"mismatch:{row.pk}", division=owner.division, track="main", at=at)
    return task


def _asks(row: Mismatch) -> tuple[str, str]:
    event = Incident.objects.filter(pk=row.incident_id).first() if row.incident_id else None
    for_zh, for_en = (f"（{event.title_zh}）", f" for “{event.title_en}”") if event else ("", "")
    if row.lead_level == 0:
        return (
            f"{row.lead.name_zh}已终止响应{for_zh}，{row.body.name_zh}仍在响应：请跟进终止，或写明理由",
            f"{row.lead.name_en} has ended its response{for_en}; {row.body.name_en} has not: end yours, or give the reason",
        )
    numeral = NUMERALS[row.lead_level]
    return (
        f"{row.lead.name_zh}执行{numeral}级响应{for_zh}，{row.body.name_zh}级别不一致：请跟进，或写明理由不跟进",
        f"{row.lead.name_en} is at level {NUMERALS_EN[row.lead_level]}{for_en}; {row.body.name_en} is not: follow, or refuse with a reason",
    )


def mismatch_adopt(*, by: Actor, mismatch: UUID, at: datetime | None = None) -> Mismatch:
    """A body follows: it takes the level its lead stands at. Raises NotFound, Forbidden, Conflict (settled already)."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, mismatch)
        body_level_set(by=by, body=row.body.code, plan=row.body.plan_code, level=row.lead_level, track=row.track,
                       incident=row.incident_id, at=at)  # fmt: skip
        row.refresh_from_db()
    return row


def mismatch_refuse(*, by: Actor, mismatch: UUID, reason: str, at: datetime | None = None) -> Mismatch:
    """A body keeps its own level, with a reason on record. Raises NotFound, Forbidden, Conflict, Invalid (no reason)."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, mismatch)
        if not reason.strip():
            raise Invalid(code="command.no_reason", zh="不跟进须写明理由。", en="Refusing needs a reason.",
                          field="reason", value=reason)  # fmt: skip
        _settle(by, row, "refused", reason, at)
    return row


def _open(by: Actor, mismatch: UUID) -> Mismatch:
    rows = Mismatch.objects.select_for_update(of=("self",)).select_related("body", "lead")
    row = rows.filter(pk=mismatch).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="command.no_mismatch", zh="没有这项不一致。", en="There is no such mismatch.",
                       field="mismatch", value=mismatch)  # fmt: skip
    by.must("command.adopt", row.division)
    if row.state != "open":
        raise Conflict(code="command.settled", zh="该不一致已处理。", en="The mismatch is settled already.",
                       field="mismatch", value=mismatch)  # fmt: skip
    return row


def _settle(by: Actor, row: Mismatch, state: str, reason: str, at: datetime) -> None:
    row.state, row.closed_at, row.reason, row.decided_by_post_id = state, at, reason, by.post
    row.save(update_fields=["state", "closed_at", "reason", "decided_by_post"])
    event = MismatchClosed(
        mismatch=str(row.pk), body=row.body.code, track=row.track, state=state, minutes=minutes(row.opened_at, at),
        reason=reason, incident=str(row.incident_id) if row.incident_id else None,
    )  # fmt: skip
    record(event, by=by, about=f"mismatch:{row.pk}", division=row.division, at=at)
    if row.task is not None and row.task.state in OPEN:
        text = "已跟进 · followed" if state == "adopted" else f"不跟进：{reason}"
        task_done_many(by=SYSTEM, done=[Done(row.task.pk, at, {"text": text})])
