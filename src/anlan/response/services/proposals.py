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
from anlan.response.events import LevelDeclined, LevelEscalated, LevelProposed, LevelSuperseded, LevelUndecided
from anlan.response.models import LevelProposal, Plan
from anlan.response.selectors.plans import Standing, post_of, rules_of, standing
from anlan.territory.models import Post
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
    at: datetime | None = None,
) -> LevelProposal | None:
    """Propose `level` (0: end) and start the decider's clock at `at`. Returns None where it would say nothing new: the
    level is in force, an open proposal asks for as much, or a gauge's signal (`cause` "signal:…") repeats what a named
    post has just declined. A graver proposal takes the place of an open one; a downward one never outlives an upward.
    """
    at = at or time.now()
    rules = rules_of(plan)
    with pinned(at):
        Plan.objects.select_for_update().get(pk=plan.pk)
        now = standing(plan, track)
        upward = level != 0 and (now.number == 0 or level < now.number)
        if level == now.number or (now.number == 0 and level == 0):
            return None
        rival = now.up if upward else now.down
        if rival is not None and (rival.level <= level if upward else rival.level == level):
            return None
        if not upward and now.up is not None:
            return None
        if upward and cause.startswith("signal:") and _declined_lately(plan, rules, track, level, at):
            return None
        proposal = _open(plan, rules, now, level, upward, track, at)
        old = [other for other in (rival, now.down if upward else None) if other is not None]
        _give_way(by, old, str(proposal.pk), at)
        proposal.trigger = {**explanation, "trigger": trigger, "cause": cause}
        proposal.save(force_insert=True)
        _record_proposed(by, plan, now, proposal, trigger, cause, explanation, rival)
    return proposal


def _declined_lately(plan: Plan, rules: rulebook.Plan, track: str, level: int, at: datetime) -> bool:
    since = at - timedelta(minutes=rules.clock.again)
    rows = LevelProposal.objects.filter(plan=plan, track=track, upward=True, state="declined", decided_at__gt=since)
    return rows.filter(level__lte=level).exists()


def _open(
    plan: Plan, rules: rulebook.Plan, now: Standing, level: int, upward: bool, track: str, at: datetime
) -> LevelProposal:
    """Make the row. Who started decides on the end (谁启动谁终止): a downward step is the current level's decider's."""
    rule = rules.level(level if upward else now.number)
    decider = post_of(rule.deciders, rules.area)
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
    )  # fmt: skip
    record(event, by=by, about=f"levelproposal:{proposal.pk}", division=proposal.division, at=proposal.opened_at)


def _give_way(by: Actor, rows: list[LevelProposal], successor: str, at: datetime) -> None:
    """Close proposals another one or a decision makes pointless."""
    for row in rows:
        row.state, row.next_at, row.decided_at, row.reason = "superseded", None, at, successor
        row.save(update_fields=["state", "next_at", "decided_at", "reason"])
        event = LevelSuperseded(proposal=str(row.pk), track=row.track, level=row.level, by=successor)
        record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)


def proposals_close(
    *, by: Actor, plan: Plan, track: str, level: int, by_id: UUID, keep: UUID | None, at: datetime
) -> None:
    """After a decision for `level`: open proposals it makes pointless give way; a graver one stays open."""
    now = standing(plan, track)
    old = [row for row in (now.up, now.down) if row is not None and row.pk != keep]
    pointless = [row for row in old if not row.upward or (level != 0 and row.level >= level)]
    _give_way(by, pointless, str(by_id), at)


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
        decided = deciding_post(by, post, row, rules_of(row.plan), row.level)
        row.state, row.next_at, row.decided_at, row.reason = "declined", None, at, reason
        row.decided_by_post = decided
        row.save(update_fields=["state", "next_at", "decided_at", "reason", "decided_by_post"])
        event = LevelDeclined(
            proposal=str(row.pk), track=row.track, level=row.level, post=decided.code,
            minutes=minutes(row.opened_at, at), reason=reason,
        )  # fmt: skip
        record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)
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
    row.undecided = [*row.undecided, {"post": code, "at": at.isoformat(), "step": row.escalations}]
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


def deciding_post(
    by: Actor, post: UUID | None, proposal: LevelProposal | None, rules: rulebook.Plan, level: int
) -> Post:
    """Return the post in whose name `by` decides. The platform never decides; a person decides from their own post,
    which must be the plan's decider for the level or the post the proposal has climbed to."""
    if by.kind == "system":
        raise Invalid(code="level.person_decides", zh="系统只建议，由有权岗位决定。",
                      en="The platform proposes; a named post decides.", field="by", value=by.name)  # fmt: skip
    rule = rules.level(level) if level else rules.levels[0]
    fallback = proposal.decider_post if proposal is not None else post_of(rule.deciders, rules.area)
    if by.kind == "scenario":
        chosen = Post.objects.filter(pk=post).first() if post else fallback
    else:
        chosen = Post.objects.filter(pk=by.post).first() if by.post else None
    climbed = proposal is not None and chosen is not None and proposal.holder_post_id == chosen.pk
    if chosen is None or not (by.kind == "scenario" or climbed or chosen.role in rule.deciders or "admin" in by.roles):
        raise Invalid(
            code="level.not_decider",
            zh=f"该级别由{'、'.join(rule.deciders)}岗位决定；请由其本人办理。",
            en=f"This level is decided by {', '.join(rule.deciders)}; it must act itself.",
            field="by",
            value=chosen.code if chosen else by.name,
        )
    return chosen


def minutes(start: datetime, end: datetime) -> float:
    """Return minutes from start to end, to a tenth."""
    return round((end - start).total_seconds() / 60, 1)
