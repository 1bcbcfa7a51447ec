"""Levels: adopted, changed and ended by a named post, with the tasks each change brings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.response.engine import announcement
from anlan.response.engine.plan_diff import difference, tasks_of
from anlan.response.events import LevelAdopted, LevelChanged, LevelEnded, LevelLowered, LevelRaised, LevelStarted
from anlan.response.models import Level, LevelProposal, Plan
from anlan.response.selectors.plans import plan_get, rules_of, standing
from anlan.response.services.consequences import level_consequences
from anlan.response.services.proposals import deciding_post, minutes, proposal_locked, proposals_close
from anlan.response.services.tasks import tasks_cancel, tasks_issue
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


class Announcement(NamedTuple):
    """What the start states; None takes the plan's own. `measures` are texts, duration in hours."""

    matter: str | None = None
    expected_duration_h: float | None = None
    measures: Sequence[str] | None = None
    note: str = ""


def level_adopt(
    *,
    by: Actor,
    proposal: UUID | None = None,
    plan: str = "",
    level: int | None = None,
    track: str = "main",
    post: UUID | None = None,
    announce: Announcement = Announcement(),  # noqa: B008 - frozen, has no state
    tasks: bool | None = None,
    at: datetime | None = None,
) -> Level:
    """Put a level in force in the name of a post: an open `proposal`, or `plan` code and `level` decided by itself.

    Without `proposal`, an open one for the same level on the track is adopted with it. `post` names the deciding post
    for a scenario's actor; a person decides from their own. `tasks` defaults to yes on the track "main", no on
    "history", whose orders are dated facts. Raises NotFound, Forbidden, Invalid (what art. 72 asks is missing; not the
    decider), Conflict (decided already; that level is in force).
    """
    at = at or clock.now()
    with pinned(at):
        row, plan_row, wanted, track = _what(by, proposal, plan, level, track, at)
        if wanted == 0:
            return level_end(by=by, plan=plan_row.code, track=track, reason=announce.note, post=post, at=at,
                             proposal=row.pk if row else None)  # fmt: skip
        by.must("level.decide", plan_row.division)
        Plan.objects.select_for_update().get(pk=plan_row.pk)
        now = standing(plan_row, track)
        if now.number == wanted:
            raise Conflict(code="level.in_force", zh="该级响应已在执行。", en="That level is in force already.",
                           field="level", value=wanted)  # fmt: skip
        rules = rules_of(plan_row)
        decided = deciding_post(by, post, row, rules, wanted)
        said = _announce(plan_row, wanted, announce)
        new = Level(plan=plan_row, track=track, level=wanted, since=at, decided_by_post=decided, proposal=row,
                    area=rules.area, division=rules.area, note=announce.note, **said)  # fmt: skip
        _close(by, now.level, new, at)
        new.save(force_insert=True)
        if row is not None:
            _adopted(by, row, decided, at)
        proposals_close(
            by=by, plan=plan_row, track=track, level=wanted, by_id=new.pk, keep=row.pk if row else None, at=at
        )
        _record(by, new, now.number, decided, at)
        if tasks if tasks is not None else track == "main":
            _tasks(by, plan_row, new, now.number, at)
        level_consequences(by=by, plan=plan_row, level=wanted, track=track, post=decided.pk, at=at)
    return new


def _what(
    by: Actor, proposal: UUID | None, plan: str, level: int | None, track: str, at: datetime
) -> tuple[LevelProposal | None, Plan, int, str]:
    """Find what is being decided: the proposal, its plan, the level, the track."""
    if proposal is not None:
        row = proposal_locked(by, proposal)
        return row, row.plan, row.level, row.track
    if level not in (0, 1, 2, 3, 4):
        raise Invalid(code="level.unknown", zh="响应级别应为1至4（0为终止）。", en="Give a level from 1 to 4 (0 ends).",
                      field="level", value=level)  # fmt: skip
    plan_row = plan_get(plan, at)
    by.must("level.decide", plan_row.division)
    now = standing(plan_row, track)
    same = next((row for row in (now.up, now.down) if row is not None and row.level == level), None)
    return (proposal_locked(by, same.pk) if same else None), plan_row, level, track


def _announce(plan: Plan, level: int, given: Announcement) -> dict[str, Any]:
    """Return what is announced: the plan's words where none are given; Invalid names what the law asks and is missing."""
    rules = rules_of(plan)
    rule = rules.level(level)
    said = {
        "matter": rule.matter.zh if given.matter is None else given.matter,
        "expected_duration_h": rule.expected_duration_h if given.expected_duration_h is None else given.expected_duration_h,
        "measures": [task.text.zh for task in tasks_of(rules, level)] if given.measures is None else list(given.measures),
    }  # fmt: skip
    lacking = announcement.missing(str(said["matter"]), level, said["expected_duration_h"], said["measures"])  # type: ignore[arg-type]
    if lacking:
        zh = "、".join(announcement.PARTS[part][0] for part in lacking)
        en = ", ".join(announcement.PARTS[part][1] for part in lacking)
        raise Invalid(
            code="level.announcement_incomplete",
            zh=f"启动响应应当明确{zh}（突发事件应对法第七十二条）；请补充。",
            en=f"A started response must state {en} (Emergency Response Law art. 72); add it.",
            field=lacking[0],
            value=said.get(lacking[0]),
        )
    return said


def _close(by: Actor, old: Level | None, new: Level, at: datetime) -> None:
    if old is None:
        return
    old.until, old.review_at = at, None
    old.save(update_fields=["until", "review_at"])
    event = LevelChanged(response=str(old.pk), track=old.track, level=old.level, by=str(new.pk))
    record(event, by=by, about=f"level:{old.pk}", division=old.division, at=at)


def _adopted(by: Actor, row: LevelProposal, decided: Post, at: datetime) -> None:
    row.state, row.next_at, row.decided_at, row.decided_by_post = "adopted", None, at, decided
    row.save(update_fields=["state", "next_at", "decided_at", "decided_by_post"])
    event = LevelAdopted(proposal=str(row.pk), track=row.track, level=row.level, post=decided.code,
                         minutes=minutes(row.opened_at, at))  # fmt: skip
    record(event, by=by, about=f"levelproposal:{row.pk}", division=row.division, at=at)


def _record(by: Actor, new: Level, previous: int, decided: Post, at: datetime) -> None:
    common: dict[str, Any] = {
        "response": str(new.pk), "plan": new.plan.code, "track": new.track, "level": new.level, "matter": new.matter,
        "expected_duration_h": new.expected_duration_h, "measures": list(new.measures), "area": new.area,
        "post": decided.code, "proposal": str(new.proposal_id) if new.proposal_id else None,
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
    tasks_issue(by=by, plan=plan, level=new, rules=change.add, area=new.area, track=new.track, at=at)


def level_end(
    *,
    by: Actor,
    plan: str,
    reason: str,
    track: str = "main",
    proposal: UUID | None = None,
    post: UUID | None = None,
    tasks: bool | None = None,
    at: datetime | None = None,
) -> Level:
    """End the response of a plan (宣布解除): open tasks are called off, the closing ones go out. Needs the reason.

    Raises NotFound, Forbidden, Invalid (no reason; not the decider), Conflict (no response in force).
    """
    at = at or clock.now()
    with pinned(at):
        plan_row = plan_get(plan, at)
        by.must("level.decide", plan_row.division)
        Plan.objects.select_for_update().get(pk=plan_row.pk)
        now = standing(plan_row, track)
        old, rules = now.level, rules_of(plan_row)
        if old is None:
            raise Conflict(code="level.none", zh="当前没有执行中的响应。", en="No response is in force.", field="plan",
                           value=plan)  # fmt: skip
        if not reason.strip():
            raise Invalid(code="level.no_reason", zh="终止响应须写明依据（雨停、险情排除、人员安全）。",
                          en="Ending a response needs its grounds: rain over, dangers removed, people safe.",
                          field="reason", value=reason)  # fmt: skip
        row = proposal_locked(by, proposal) if proposal else now.down if now.down and now.down.level == 0 else None
        decided = deciding_post(by, post, row, rules, old.level)
        old.until, old.review_at, old.note = at, None, f"{old.note}\n{reason}".strip()
        old.save(update_fields=["until", "review_at", "note"])
        if row is not None:
            _adopted(by, row, decided, at)
        proposals_close(by=by, plan=plan_row, track=track, level=0, by_id=old.pk, keep=row.pk if row else None, at=at)
        event = LevelEnded(response=str(old.pk), plan=plan_row.code, track=track, previous=old.level,
                           post=decided.code, reason=reason)  # fmt: skip
        record(event, by=by, about=f"level:{old.pk}", division=old.division, at=at)
        if tasks if tasks is not None else track == "main":
            tasks_cancel(by=by, level=old, codes=[t.code for t in tasks_of(rules, old.level)], reason=reason, at=at)
            tasks_issue(by=by, plan=plan_row, level=old, rules=rules.end.tasks, area=old.area, track=track, at=at)
        level_consequences(by=by, plan=plan_row, level=0, track=track, post=decided.pk, at=at)
    return old
