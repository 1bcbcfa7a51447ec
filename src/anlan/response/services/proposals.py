"""Proposals of levels: opened by the platform, declined by a post, climbing when nobody decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock as time
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine import clock
from anlan.response.engine import plan as rulebook
from anlan.response.events import (
    LevelDeclined,
    LevelEscalated,
    LevelLapsed,
    LevelProposed,
    LevelSuperseded,
    LevelUndecided,
)
from anlan.response.models import LevelProposal, Plan
from anlan.response.selectors.plans import Standing, post_of, rules_of, standing
from anlan.response.services.deciding import deciding_post, starter_of
from anlan.response.services.rings import proposal_ring, proposals_settled
from anlan.warning.services.moment import pinned


def level_propose(
    *,
    by: Actor,
    plan: Plan,
    level: int,
    explanation: dict[str, Any],
    trigger: str,
    cause: str,
    track: str = "main",
    incident: UUID | None = None,
    at: datetime | None = None,
) -> LevelProposal | None:
    """Propose `level` (0: end), for one event or (`incident` None) for the plan's whole area, and start the decider's
    clock at `at`. A graver proposal takes the place of an open one; a downward one never outlives an upward.

    Returns None where it would say nothing new: the level is in force, an open proposal asks for as much, or a gauge's
    signal (`cause` "signal:…") repeats what a named post has just declined.
    """
    at = at or time.now()
    rules = rules_of(plan)
    with pinned(at):
        Plan.objects.select_for_update().only("id").get(pk=plan.pk)
        now = standing(plan, track, incident)
        upward = level != 0 and (now.number == 0 or level < now.number)
        if level == now.number or (now.number == 0 and level == 0):
            return None
        rival = now.up if upward else now.down
        if rival is not None and (rival.level <= level if upward else rival.level == level):
            return None
        if not upward and now.up is not None:
            return None
        if upward and cause.startswith("signal:") and _declined_lately(plan, rules, track, incident, level, at):
            return None
        proposal = _open(plan, rules, now, level, upward, track, at)
        proposal.incident_id = incident
        old = [other for other in (rival, now.down if upward else None) if other is not None]
        _give_way(by, old, str(proposal.pk), at)
        proposal.trigger = {**explanation, "trigger": trigger, "cause": cause}
        proposal.save(force_insert=True)
        _record_proposed(by, plan, now, proposal, trigger, cause, explanation, rival)
        proposal_ring(by=by, row=proposal, at=at)
    return proposal


def _declined_lately(
    plan: Plan, rules: rulebook.Plan, track: str, incident: UUID | None, level: int, at: datetime
) -> bool:
    since = at - timedelta(minutes=rules.clock.again)
    rows = LevelProposal.objects.filter(plan=plan, track=track, upward=True, state="declined", decided_at__gt=since)
    return rows.filter(level__lte=level, incident=incident).exists()


def _open(
    plan: Plan, rules: rulebook.Plan, now: Standing, level: int, upward: bool, track: str, at: datetime
) -> LevelProposal:
    """Make the row. Who started decides on the end (谁启动谁终止): a downward step goes to the post that decided the level
    in force."""
    starter = now.level.decided_by_post if now.level is not None and not upward else None
    decider = starter or post_of(rules.level(level if upward else now.number).deciders, rules.area)
    first = clock.next_at(at, rules.clock.climb, 0)
    if upward:
        action = "raise" if now.number else "start"
    else:
        action = "lower" if level else "end"
    return LevelProposal(
        plan=plan, track=track, level=level, action=action, upward=upward, opened_at=at, decider_post=decider,
        holder_post=decider, due_at=first or at, next_at=first, division=rules.area,
    )  # fmt: skip


def _record_proposed(
    by: Actor, plan: Plan, now: Standing, proposal: LevelProposal, trigger: str, cause: str,
    explanation: dict[str, Any], rival: LevelProposal | None,
) -> None:  # fmt: skip
    event = LevelProposed(
        proposal=str(proposal.pk), plan=plan.code, track=proposal.track, level=proposal.level, action=proposal.action,
        previous=now.number, decider=proposal.decider_post.code if proposal.decider_post else None,
        due_at=proposal.due_at, trigger=trigger, cause=cause, explanation=explanation,
        supersedes=str(rival.pk) if rival else None,
        incident=str(proposal.incident_id) if proposal.incident_id else None,
    )  # fmt: skip
    record(event, by=by, about=f"levelproposal:{proposal.pk}", division=proposal.division, at=proposal.opened_at)


def _give_way(by: Actor, rows: list[LevelProposal], successor: str, at: datetime) -> None:
    """Close proposals another one or a decision makes pointless."""
    for row in rows:
        row.state, row.next_at, row.decided_at, row.reason = "superseded", None, at, successor
        row.save(update_fields=["state", "next_at", "decided_at", "reason"])
        event = LevelSuperseded(proposal=str(row.pk), track=row.track, level=row.level, by=successor)
        record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)
    proposals_settled(by=by, rows=rows, at=at)


def proposals_close(
    *,
    by: Actor,
    plan: Plan,
    track: str,
    incident: UUID | None,
    level: int,
    by_id: UUID,
    keep: UUID | None,
    at: datetime,
) -> None:
    """After a decision for `level`: open proposals it makes pointless give way; a graver one stays open."""
    now = standing(plan, track, incident)
    old = [row for row in (now.up, now.down) if row is not None and row.pk != keep]
    pointless = [row for row in old if not row.upward or (level != 0 and row.level >= level)]
    _give_way(by, pointless, str(by_id), at)


def proposals_lapse(*, by: Actor, incident: UUID, why: str, at: datetime) -> int:
    """What was proposed for an event that is closed, or goes on in another, waits no more; return how many."""
    with pinned(at):
        rows = LevelProposal.objects.select_for_update(of=("self",)).filter(incident=incident, state="open")
        for row in (found := list(rows.order_by("id"))):
            row.state, row.next_at, row.decided_at, row.reason = "lapsed", None, at, why
            row.save(update_fields=["state", "next_at", "decided_at", "reason"])
            event = LevelLapsed(proposal=str(row.pk), track=row.track, level=row.level, incident=str(incident), why=why)
            record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)
        proposals_settled(by=by, rows=found, at=at)
    return len(found)


def level_decline(
    *, by: Actor, proposal: UUID, reason: str, post: UUID | None = None, at: datetime | None = None
) -> LevelProposal:
    """Decline a proposal, in the name of a post, with a reason. Raises NotFound, Forbidden, Invalid (no reason),
    Conflict (decided already)."""
    at = at or time.now()
    with pinned(at):
        row = proposal_locked(by, proposal)
        by.must("level.decide", row.division)
        if not reason.strip():
            raise Invalid(
                code="level.no_reason",
                zh="不采纳建议须写明理由，理由记入日志。",
                en="Declining needs a reason; it goes on record.",
                field="reason",
                value=reason,
            )
        decided = deciding_post(by, post, row, rules_of(row.plan), row.level, starter_of(row))
        row.state, row.next_at, row.decided_at, row.reason = "declined", None, at, reason
        row.decided_by_post = decided
        row.save(update_fields=["state", "next_at", "decided_at", "reason", "decided_by_post"])
        event = LevelDeclined(
            proposal=str(row.pk), track=row.track, level=row.level, post=decided.code,
            minutes=minutes(row.opened_at, at), reason=reason,
        )  # fmt: skip
        record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)
        proposals_settled(by=by, rows=[row], at=at)
    return row


def proposals_climb(*, by: Actor, at: datetime) -> int:
    """Escalate the open proposals whose limit falls exactly at `at`, in order of id; return how many.

    Two facts each time: the post that had it did not decide, and who has it now. At the last step, or where nobody
    stands above, it stays open with the highest post reached.
    """
    with pinned(at):
        rows = list(
            LevelProposal.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("plan", "holder_post__superior")
            .defer("plan__body")
            .filter(next_at__lte=at, state="open")
            .order_by("next_at", "id")
        )
        for row in rows:
            _climb(by, row, at)
    return len(rows)


def _climb(by: Actor, row: LevelProposal, at: datetime) -> None:
    climb = rules_of(row.plan).clock.climb
    holder = row.holder_post
    above = holder.superior if holder is not None else None
    code = holder.code if holder else None
    row.escalations += 1
    name = {"zh": holder.name_zh, "en": holder.name_en} if holder else None
    row.undecided = [*row.undecided, {"post": code, "name": name, "at": at.isoformat(), "step": row.escalations}]
    row.next_at = clock.next_at(row.opened_at, climb, row.escalations)
    row.due_at = clock.deadline(row.opened_at, climb, row.escalations)
    row.holder_post = above or holder
    row.save(update_fields=["escalations", "undecided", "next_at", "due_at", "holder_post"])
    meta: dict[str, Any] = {"by": by, "about": f"levelproposal:{row.pk}", "division": row.division, "at": at}
    record(
        LevelUndecided(
            proposal=str(row.pk), track=row.track, level=row.level, post=code, opened_at=row.opened_at,
            minutes=int(minutes(row.opened_at, at)), step=row.escalations,
        ),
        **meta,
    )  # fmt: skip
    record(
        LevelEscalated(
            proposal=str(row.pk), track=row.track, level=row.level, step=row.escalations, from_post=code,
            to_post=above.code if above else None, due_at=row.next_at,
        ),
        **meta,
    )  # fmt: skip
    proposals_settled(by=by, rows=[row], at=at)
    if above is not None:
        proposal_ring(by=by, row=row, at=at)


def plan_locked(by: Actor, proposal: UUID) -> None:
    """Lock the plan of a proposal that `by` may decide, before the proposal itself: who proposes locks in this order too,
    so that a decision and a graver proposal in the same moment don't wait for each other. Raises Forbidden."""
    found = LevelProposal.objects.filter(pk=proposal).values_list("plan_id", "division").first()
    if found is not None and by.scope.sees(found[1]):
        by.must("level.decide", found[1])
        Plan.objects.select_for_update().only("id").get(pk=found[0])


def proposal_locked(by: Actor, proposal: UUID) -> LevelProposal:
    """Return an open proposal, locked. NotFound outside the scope, Conflict when it is decided."""
    rows = LevelProposal.objects.select_for_update(of=("self",)).select_related("plan", "holder_post", "decider_post")
    row = rows.filter(pk=proposal).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="level.no_proposal", zh="没有这条建议，或不在您的范围内。",
                       en="There is no such proposal, or it is not in your scope.", field="proposal",
                       value=proposal)  # fmt: skip
    if row.state != "open":
        raise Conflict(code="level.decided", zh="该建议已有决定，请刷新页面。",
                       en="The proposal is already decided; reload the page.", field="proposal", value=proposal,
                       state=row.state)  # fmt: skip
    return row


def minutes(start: datetime, end: datetime) -> float:
    """Return minutes from start to end, to a tenth."""
    return round((end - start).total_seconds() / 60, 1)
