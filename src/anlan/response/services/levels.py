"""Levels: adopted, raised and lowered by a named post, with the tasks each change brings. Their end is in `ending`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.response.engine.plan_diff import difference
from anlan.response.events import LevelChanged, LevelLowered, LevelRaised, LevelStarted
from anlan.response.models import Level, LevelProposal, Plan
from anlan.response.selectors.owners import area_of
from anlan.response.selectors.plans import plan_get, rules_of, standing
from anlan.response.services.announcing import Announcement, Ending, announced, changes_of
from anlan.response.services.bounds import fits
from anlan.response.services.cases import case_incident
from anlan.response.services.consequences import level_consequences
from anlan.response.services.deciding import deciding_post
from anlan.response.services.ending import level_end, proposal_adopted
from anlan.response.services.proposals import plan_locked, proposal_locked, proposals_close
from anlan.response.services.tasks import tasks_cancel, tasks_issue
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


def level_adopt(
    *,
    by: Actor,
    proposal: UUID | None = None,
    plan: str = "",
    level: int | None = None,
    track: str = "main",
    incident: UUID | None = None,
    post: UUID | None = None,
    announce: Announcement = Announcement(),  # noqa: B008 - frozen, has no state
    ending: Ending = Ending(),  # noqa: B008 - frozen, has no state
    tasks: bool | None = None,
    at: datetime | None = None,
) -> Level:
    """Put a level in force in the name of a post: an open `proposal`, or `plan` code and `level` decided by itself.

    Without `proposal`, an open one for the same level on the track is adopted with it. `incident`: the one event it is
    for, where the plan answers single events. `post` names the deciding post for a scenario's actor; a person decides
    from their own. `tasks` defaults to yes on the track "main", no on "history", whose orders are dated facts. A
    proposal of level 0 ends the response with `announce.note` as the reason and `ending`.
    Raises NotFound, Forbidden, Invalid (what the law asks is missing; not the decider), Conflict (decided already; that
    level is in force).
    """
    at = at or clock.now()
    with pinned(at):
        row, plan_row, wanted, track, event = _what(by, proposal, plan, level, track, incident, at)
        if wanted == 0:
            return level_end(
                by=by, plan=plan_row.code, track=track, incident=event, reason=announce.note or announce.reason or "",
                ending=ending, post=post, tasks=tasks, at=at, proposal=row.pk if row else None,
            )  # fmt: skip
        now = standing(plan_row, track, event)
        if now.number == wanted:
            raise Conflict(code="level.in_force", zh="该级响应已在执行。", en="That level is in force already.",
                           field="level", value=wanted)  # fmt: skip
        rules = rules_of(plan_row)
        down = now.level is not None and wanted > now.number
        starter = now.level.decided_by_post if down and now.level is not None else None
        decided = deciding_post(by, post, row, rules, wanted, starter)
        said = announced(by, rules, wanted, row, announce)
        fits(Level, matter=said["matter"])
        new = Level(plan=plan_row, track=track, level=wanted, since=at, decided_by_post=decided, proposal=row,
                    incident_id=event, area=area_of(rules, event), division=rules.area, note=announce.note,
                    previous=now.level, changes=changes_of(rules, now.number, wanted), **said)  # fmt: skip
        _close(by, now.level, new, at)
        new.save(force_insert=True)
        if row is not None:
            proposal_adopted(by, row, decided, at)
        proposals_close(by=by, plan=plan_row, track=track, incident=event, level=wanted, by_id=new.pk,
                        keep=row.pk if row else None, at=at)  # fmt: skip
        _record(by, new, now.number, decided, at)
        if tasks if tasks is not None else track == "main":
            _tasks(by, plan_row, new, now.number, at)
        level_consequences(by=by, plan=plan_row, level=wanted, track=track, incident=event, post=decided.pk, at=at)
    return new


def _what(
    by: Actor, proposal: UUID | None, plan: str, level: int | None, track: str, incident: UUID | None, at: datetime
) -> tuple[LevelProposal | None, Plan, int, str, UUID | None]:
    """Find what is being decided: the proposal, its plan (locked), the level, the track, the event."""
    if proposal is not None:
        plan_locked(by, proposal)
        row = proposal_locked(by, proposal)
        return row, row.plan, row.level, row.track, row.incident_id
    if level not in (0, 1, 2, 3, 4):
        raise Invalid(code="level.unknown", zh="响应级别应为1至4（0为终止）。", en="Give a level from 1 to 4 (0 ends).",
                      field="level", value=level)  # fmt: skip
    plan_row = plan_get(plan, at)
    by.must("level.decide", plan_row.division)
    event = case_incident(by, rules_of(plan_row), incident)
    Plan.objects.select_for_update().only("id").get(pk=plan_row.pk)
    now = standing(plan_row, track, event)
    same = next((row for row in (now.up, now.down) if row is not None and row.level == level), None)
    return (proposal_locked(by, same.pk) if same else None), plan_row, level, track, event


def _close(by: Actor, old: Level | None, new: Level, at: datetime) -> None:
    if old is None:
        return
    old.until, old.review_at = at, None
    old.save(update_fields=["until", "review_at"])
    event = LevelChanged(response=str(old.pk), track=old.track, level=old.level, by=str(new.pk))
    record(event, by=by, about=f"level:{old.pk}", division=old.division, at=at)


def _record(by: Actor, new: Level, previous: int, decided: Post, at: datetime) -> None:
    common: dict[str, Any] = {
        "response": str(new.pk), "plan": new.plan.code, "track": new.track, "level": new.level, "matter": new.matter,
        "expected_duration_h": new.expected_duration_h, "measures": list(new.measures), "area": new.area,
        "post": decided.code, "proposal": str(new.proposal_id) if new.proposal_id else None,
        "incident": str(new.incident_id) if new.incident_id else None, "reason": new.reason, "basis": new.basis,
        "changes": new.changes,
    }  # fmt: skip
    event: LevelStarted | LevelRaised | LevelLowered
    if previous == 0:
        event = LevelStarted(**common)
    elif new.level < previous:
        event = LevelRaised(**common, previous=previous)
    else:
        event = LevelLowered(**common, previous=previous)
    record(event, by=by, about=f"level:{new.pk}", division=new.division, at=at)


def _tasks(by: Actor, plan: Plan, new: Level, previous: int, at: datetime) -> None:
    """Issue what the new level adds and call off what it no longer asks for."""
    change = difference(rules_of(plan), previous, new.level)
    if change.cancel:
        tasks_cancel(by=by, level=new, codes=change.cancel, reason=f"→ {new.level}", at=at)
    tasks_issue(by=by, plan=plan, level=new, rules=change.add, area=rules_of(plan).area, track=new.track, at=at)
