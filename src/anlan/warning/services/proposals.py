"""Proposals to warn: opened by the platform, decided by a named post, and what becomes of not deciding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.levels import WarningColour
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.models import Post
from anlan.warning import rules
from anlan.warning.events import (
    ProposalDeclined,
    ProposalEscalated,
    ProposalLapsed,
    ProposalOpened,
    ProposalSuperseded,
)
from anlan.warning.models import Warning, WarningProposal
from anlan.warning.services.moment import pinned


@transaction.atomic
def warning_propose(
    *,
    by: Actor,
    division: str,
    hazard: str,
    colour: str,
    explanation: Mapping[str, Any],
    signal: UUID | None = None,
    area: Sequence[str] | None = None,
    at: datetime | None = None,
) -> WarningProposal | None:
    """Propose a warning for `division` to its decider and start the clock.

    None when it would say nothing new: a warning of this or a higher colour is in force there, or such a proposal is
    open. A higher colour supersedes an open proposal of a lower one.
    """
    moment = at or clock.now()
    rank = WarningColour.of(colour)
    if warned_rank(division, hazard) >= rank.severity:
        return None
    standing = (
        WarningProposal.objects.select_for_update().filter(division=division, hazard=hazard, state="open").first()
    )
    if standing is not None:
        if WarningColour.of(standing.colour) >= rank:
            return None
        standing.state, standing.decided_at, standing.due_at = "superseded", moment, None
        standing.save(update_fields=["state", "decided_at", "due_at"])
    pack = rules.proposals()
    decider = decider_for(division)
    proposal = WarningProposal.objects.create(
        division=division,
        signal=signal,
        hazard=hazard,
        colour=colour,
        area=list(area or [division]),
        opened_at=moment,
        decider_post=decider,
        due_at=moment + timedelta(seconds=pack.decide_s),
        explanation=dict(explanation),
        rule_version=pack.version,
    )
    if standing is not None:
        record(
            ProposalSuperseded(proposal=str(standing.id), by=str(proposal.id)),
            by=by,
            about=f"proposal:{standing.id}",
            division=division,
            at=moment,
        )
    record(_opened(proposal, decider), by=by, about=f"proposal:{proposal.id}", division=division, at=moment)
    return proposal


def warned_rank(division: str, hazard: str) -> int:
    """Severity 1-4 of the gravest warning in force for all of `division`, 0 when there is none."""
    above = [division[:n] for n in (2, 4, 6, 9, 12) if n <= len(division)]
    rows = Warning.objects.filter(state="in_force", hazard=hazard, division__in=above).values_list("area", "colour")
    return max(
        (WarningColour.of(colour).severity for area, colour in rows if division.startswith(tuple(area))), default=0
    )


def decider_for(division: str) -> Post | None:
    """Who decides here: the first of the pack's decider roles in this division, else in the one above."""
    roles = rules.proposals().deciders
    for home in (division[:6], division[:4]):
        posts = {post.role: post for post in Post.objects.filter(division=home, role__in=roles).order_by("-code")}
        for role in roles:
            if role in posts:
                return posts[role]
    return None


@transaction.atomic
def proposal_decline(
    *, by: Actor, proposal: WarningProposal, reason: str, at: datetime | None = None
) -> WarningProposal:
    """A named person declines, with a reason. Raises Invalid without one, Conflict when already decided."""
    moment = at or clock.now()
    if not reason.strip():
        raise Invalid(
            code="proposal.no_reason",
            zh="否决预警建议须写明理由。",
            field="reason",
            value=reason,
            en="Say why the proposal is declined.",
        )
    by.must("warning.decline", proposal.division)
    locked = WarningProposal.objects.select_for_update(of=("self",)).select_related("decider_post").get(id=proposal.id)
    if locked.state != "open":
        raise Conflict(
            code="proposal.closed",
            zh="此建议已办结；请刷新后查看结果。",
            field="proposal",
            value=locked.state,
            en="This proposal is already decided; refresh to see the outcome.",
        )
    locked.state, locked.reason, locked.decided_at, locked.due_at = "declined", reason, moment, None
    locked.save(update_fields=["state", "reason", "decided_at", "due_at"])
    record(
        ProposalDeclined(proposal=str(locked.id), reason=reason, decider=_code(locked.decider_post)),
        by=by,
        about=f"proposal:{locked.id}",
        division=locked.division,
        at=moment,
    )
    return locked


def proposals_escalate(now: datetime) -> int:
    """Let every proposal nobody decided by its due time climb to the superior, or lapse; returns how many."""
    with transaction.atomic():
        due = list(
            WarningProposal.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("decider_post")
            .filter(state="open", due_at__lte=now)
            .order_by("due_at", "id")
        )
        for proposal in due:
            moment = proposal.due_at or now
            with pinned(moment):
                _overdue(proposal, moment)
    return len(due)


def _overdue(proposal: WarningProposal, at: datetime) -> None:
    by, pack = Actor.system("warning"), rules.proposals()
    undecided = proposal.decider_post
    superior = undecided.superior if undecided is not None else None
    meta: dict[str, Any] = {"by": by, "about": f"proposal:{proposal.id}", "division": proposal.division, "at": at}
    if superior is None or proposal.escalations >= pack.escalations:
        proposal.state, proposal.decided_at, proposal.due_at = "lapsed", at, None
        proposal.save(update_fields=["state", "decided_at", "due_at"])
        record(ProposalLapsed(proposal=str(proposal.id), undecided=_code(undecided), colour=proposal.colour), **meta)
        return
    proposal.decider_post, proposal.escalations = superior, proposal.escalations + 1
    proposal.due_at = at + timedelta(seconds=pack.decide_s)
    proposal.save(update_fields=["decider_post", "escalations", "due_at"])
    record(
        ProposalEscalated(
            proposal=str(proposal.id),
            undecided=_code(undecided),
            decider=superior.code,
            escalations=proposal.escalations,
            due_at=proposal.due_at,
        ),
        **meta,
    )


def _opened(proposal: WarningProposal, decider: Post | None) -> ProposalOpened:
    return ProposalOpened(
        proposal=str(proposal.id),
        signal=str(proposal.signal) if proposal.signal else None,
        hazard=proposal.hazard,
        colour=proposal.colour,
        area=proposal.area,
        decider=_code(decider),
        due_at=proposal.due_at or proposal.opened_at,
        explanation=proposal.explanation,
        rule_version=proposal.rule_version,
    )


def _code(post: Post | None) -> str | None:
    return post.code if post is not None else None
