"""Publishing a roster: no hole, the rest kept, and every turn written so that calls go to who sits there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.response.choices_duty import DUTY_ROLES, FAULTS
from anlan.response.engine.roster import BEIJING, ROLES, Fault, Hole, holes
from anlan.response.events import RosterPublished
from anlan.response.models import RosterShift, RosterYear
from anlan.response.services.duty_checks import checks_begin
from anlan.response.services.rosters import ACT, breaches, roster_locked, turn_of, turns_around
from anlan.response.services.writing import rows_update
from anlan.territory.models import Person
from anlan.territory.services.duty_many import TurnSpec, shifts_cancel, shifts_plan
from anlan.warning.services.moment import pinned

PLATFORM = Actor.system("response")
HOLDERS = {"main": "A", "second": "B"}
TOLD = 5
Key = tuple[UUID, str, UUID, datetime, datetime]


def roster_publish(*, by: Actor, roster: UUID, at: datetime | None = None) -> RosterYear:
    """Publish a drafted roster: its turns from now on become turns of duty at the desk (main: A, second: B; the leader at
    the leader's post, if one is named), those of the version before that are no longer in it are taken back, all in one
    transaction.

    Raises Forbidden; Conflict `duty.holes` naming the minutes nobody stands in, `duty.rest` naming who would not rest
    (each with the whole list in `items`), `duty.not_draft`, and what the roster of the territory refuses."""
    at = at or clock.now()
    with pinned(at):
        row = roster_locked(by, roster)
        by.must(ACT, row.division)
        if row.state != "draft":
            raise Conflict(code="duty.not_draft", zh="只有草稿可以发布；请先修订。", en="Only a draft can be published; begin a new version first.",
                           field="roster", value=row.pk)  # fmt: skip
        shifts = list(row.shifts.order_by("starts_at"))
        must_be_whole(row, shifts)
        old = RosterYear.objects.select_for_update().filter(post=row.post, year=row.year, state="published").first()
        planned, cancelled = _write(row, shifts, old, at)
        if old is not None:
            old.state = "replaced"
            old.save(update_fields=["state"])
        row.state, row.published_at, row.published_by = "published", at, by.name
        row.save(update_fields=["state", "published_at", "published_by"])
        event = RosterPublished(
            roster=row.pk, post=row.post.code, year=row.year, roster_version=row.version, shifts=len(shifts),
            planned=planned, cancelled=cancelled, overrides=sum(bool(shift.reason) for shift in shifts),
            sha256=_digest(shifts),
        )  # fmt: skip
        record(event, by=by, about=f"rosteryear:{row.pk}", division=row.division, at=at)
        checks_begin(row=row, old=old, at=at)
    return row


def must_be_whole(row: RosterYear, shifts: Sequence[RosterShift]) -> None:
    """Raise Conflict when minutes are empty or somebody would not rest."""
    before = turns_around(row.post, row.begins_at, row.year)
    turns = [turn_of(shift) for shift in shifts]
    empty = holes([*before, *turns], row.begins_at, row.ends_at)
    if empty:
        raise _holes(empty)
    bad = [fault for fault in breaches([*before, *turns]) if fault.ends > row.begins_at]
    if bad:
        raise _rest(bad)


def _holes(empty: Sequence[Hole]) -> Conflict:
    total = sum(hole.minutes for hole in empty)
    zh = "；".join(hole_words(hole)["zh"] for hole in empty[:TOLD])
    en = "; ".join(hole_words(hole)["en"] for hole in empty[:TOLD])
    more = len(empty) - TOLD
    return Conflict(
        code="duty.holes", field="roster", value=total,
        zh=f"值班表有空岗共{total}分钟，不能发布：{zh}" + (f"……另有{more}处" if more > 0 else "") + "。请补齐后再发布。",
        en=f"The roster has holes, {total} minutes in all, and can't be published: {en}"
        + (f" … and {more} more" if more > 0 else "") + ". Fill them first.",
        items=[hole_words(hole) for hole in empty[:200]],
    )  # fmt: skip


def _rest(bad: Sequence[Fault]) -> Conflict:
    names = dict(Person.objects.filter(pk__in={fault.person for fault in bad}).values_list("pk", "name"))
    known = {str(key): name for key, name in names.items()}
    zh = "；".join(fault_words(fault, known)["zh"] for fault in bad[:TOLD])
    en = "; ".join(fault_words(fault, known)["en"] for fault in bad[:TOLD])
    more = len(bad) - TOLD
    return Conflict(
        code="duty.rest", field="roster", value=len(bad),
        zh=f"值班表有{len(bad)}处违反休息规定，不能发布：{zh}" + (f"……另有{more}处" if more > 0 else "") + "。请换人，或在该班写明理由。",
        en=f"The roster breaks the rest rule in {len(bad)} places and can't be published: {en}"
        + (f" … and {more} more" if more > 0 else "") + ". Change people, or write the reason at the shift.",
        items=[fault_words(fault, known) for fault in bad[:200]],
    )  # fmt: skip


def hole_words(hole: Hole) -> dict[str, str]:
    """Say a hole in both languages: from when to when, which roles, how many minutes."""
    start, stop = (at.astimezone(BEIJING) for at in (hole.starts, hole.ends))
    end = f"{stop:%H:%M}" if start.date() == stop.date() else f"{stop:%Y-%m-%d %H:%M}"
    span = f"{start:%Y-%m-%d %H:%M}–{end}"
    zh, en = ("、".join(DUTY_ROLES[r].zh for r in hole.roles), ", ".join(DUTY_ROLES[r].en.lower() for r in hole.roles))
    return {"zh": f"{span} 缺{zh}（{hole.minutes}分钟）", "en": f"{span} without {en} ({hole.minutes} minutes)",
            "starts": hole.starts.isoformat(), "ends": hole.ends.isoformat()}  # fmt: skip


def fault_words(fault: Fault, names: dict[str, str]) -> dict[str, str]:
    """Say a breach of the rest rule in both languages."""
    start, stop = (at.astimezone(BEIJING) for at in (fault.starts, fault.ends))
    hours = (stop - start).total_seconds() / 3600
    who = names.get(fault.person, fault.person)
    label = FAULTS[fault.kind]
    span = f"{start:%m-%d %H:%M}–{stop:%m-%d %H:%M}"
    return {"zh": f"{who} {label.zh}：{span}（{hours:g}小时）", "en": f"{who}: {label.en.lower()}, {span} ({hours:g} h)",
            "kind": fault.kind, "person": fault.person, "starts": fault.starts.isoformat()}  # fmt: skip


def _write(row: RosterYear, shifts: list[RosterShift], old: RosterYear | None, at: datetime) -> tuple[int, int]:
    """Bring the desk's turns of duty in line with the shifts that still run; return how many were planned and cancelled."""
    have = _standing(old, at) if old is not None else {}
    wanted = [
        (shift, role, key) for shift in shifts if shift.ends_at > at for role, key in turn_keys(row, shift).items()
    ]
    kept = {key for *_, key in wanted}
    gone = [turn for key, turn in have.items() if key not in kept]
    cancelled = (
        shifts_cancel(by=PLATFORM, shifts=[UUID(turn) for turn in gone], reason="值班表修订", at=at) if gone else 0
    )
    new = [(shift, role, key) for shift, role, key in wanted if key not in have]
    made = shifts_plan(by=PLATFORM, turns=[TurnSpec(key[0], key[2], key[1], key[3], key[4], bool(shift.reason))
                                           for shift, _, key in new], at=at)  # fmt: skip
    fresh = {key: str(turn.pk) for (*_, key), turn in zip(new, made, strict=True)}
    for shift in shifts:
        shift.turns = {}
    for shift, role, key in wanted:
        shift.turns[role] = have.get(key) or fresh[key]
    rows_update(shifts, ["turns"])
    return len(made), cancelled


def _standing(old: RosterYear, at: datetime) -> dict[Key, str]:
    return {
        key: shift.turns[role]
        for shift in old.shifts.filter(ends_at__gt=at).order_by("starts_at")
        for role, key in turn_keys(old, shift).items()
        if role in shift.turns
    }


def turn_keys(roster: RosterYear, shift: RosterShift) -> dict[str, Key]:
    """Return role → the turn of duty it stands for: post, holder, person, from, to."""
    found: dict[str, Key] = {}
    for role in ROLES:
        person = getattr(shift, f"{role}_id")
        post = roster.leader_post_id if role == "leader" else roster.post_id
        if person is not None and post is not None:
            found[role] = (post, HOLDERS.get(role, "A"), person, shift.starts_at, shift.ends_at)
    return found


def _digest(shifts: Sequence[RosterShift]) -> str:
    lines = [
        f"{s.starts_at.isoformat()} {s.ends_at.isoformat()} {s.leader_id} {s.main_id} {s.second_id}" for s in shifts
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
