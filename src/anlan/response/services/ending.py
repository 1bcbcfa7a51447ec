"""The end of a response (宣布解除): announced, measures stopped, secondary disasters watched for, the closing begun."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.response.engine.plan_diff import tasks_of
from anlan.response.events import LevelAdopted, LevelEnded
from anlan.response.models import Level, LevelProposal, Plan
from anlan.response.selectors.plans import plan_get, rules_of, standing
from anlan.response.services.announcing import Ending, ended
from anlan.response.services.cases import case_incident
from anlan.response.services.closing import closing_start
from anlan.response.services.consequences import level_consequences
from anlan.response.services.deciding import deciding_post
from anlan.response.services.proposals import minutes, proposal_locked, proposals_close
from anlan.response.services.rings import proposals_settled
from anlan.response.services.tasks import tasks_cancel
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


def level_end(
    *,
    by: Actor,
    plan: str,
    reason: str,
    track: str = "main",
    incident: UUID | None = None,
    proposal: UUID | None = None,
    ending: Ending = Ending(),  # noqa: B008 - frozen, has no state
    post: UUID | None = None,
    tasks: bool | None = None,
    at: datetime | None = None,
) -> Level:
    """End the response of a plan for an event or its whole area: open tasks are called off, the closing ones go out with
    their limits, and the clock of the personal data starts. Who started ends (谁启动谁终止).

    Raises NotFound, Forbidden, Invalid (what art. 86 asks is missing; not who may end), Conflict (nothing in force).
    """
    at = at or clock.now()
    with pinned(at):
        plan_row = plan_get(plan, at)
        by.must("level.decide", plan_row.division)
        Plan.objects.select_for_update().only("id").get(pk=plan_row.pk)
        rules = rules_of(plan_row)
        event = case_incident(by, rules, incident)
        now = standing(plan_row, track, event)
        old = now.level
        if old is None:
            raise Conflict(code="level.none", zh="当前没有执行中的响应。", en="No response is in force.", field="plan",
                           value=plan)  # fmt: skip
        row = proposal_locked(by, proposal) if proposal else now.down if now.down and now.down.level == 0 else None
        decided = deciding_post(by, post, row, rules, old.level, old.decided_by_post)
        said = ended(rules, old, reason, ending)
        _close(old, decided, said, at)
        if row is not None:
            proposal_adopted(by, row, decided, at)
        proposals_close(by=by, plan=plan_row, track=track, incident=event, level=0, by_id=old.pk,
                        keep=row.pk if row else None, at=at)  # fmt: skip
        _record(by, old, plan_row, decided, said, at)
        if tasks if tasks is not None else track == "main":
            tasks_cancel(by=by, level=old, codes=[t.code for t in tasks_of(rules, old.level)], reason=reason, at=at)
            closing_start(by=by, plan=plan_row, level=old, at=at)
        level_consequences(by=by, plan=plan_row, level=0, track=track, incident=event, post=decided.pk, at=at)
    return old


def _close(old: Level, decided: Post, said: dict[str, Any], at: datetime) -> None:
    old.until, old.review_at, old.ending, old.ended_by_post = at, None, said, decided
    old.note = f"{old.note}\n{said['reason']}".strip()
    old.save(update_fields=["until", "review_at", "note", "ending", "ended_by_post"])


def _record(by: Actor, old: Level, plan: Plan, decided: Post, said: dict[str, Any], at: datetime) -> None:
    event = LevelEnded(
        response=str(old.pk), plan=plan.code, track=old.track, previous=old.level, post=decided.code,
        incident=str(old.incident_id) if old.incident_id else None, **said,
    )  # fmt: skip
    record(event, by=by, about=f"level:{old.pk}", division=old.division, at=at)


def proposal_adopted(by: Actor, row: LevelProposal, decided: Post, at: datetime) -> None:
    """Close a proposal as adopted by a post, and say how long it took. Call inside the decision's transaction."""
    row.state, row.next_at, row.decided_at, row.decided_by_post = "adopted", None, at, decided
    row.save(update_fields=["state", "next_at", "decided_at", "decided_by_post"])
    event = LevelAdopted(proposal=str(row.pk), track=row.track, level=row.level, post=decided.code,
                         minutes=minutes(row.opened_at, at))  # fmt: skip
    record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)
    proposals_settled(by=by, rows=[row], at=at)
