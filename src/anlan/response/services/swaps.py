"""Changing shifts and standing in (换班、替班): asked, held against the rest rule, approved by the leader."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.choices_duty import DUTY_ROLES
from anlan.response.engine.roster import Turn, swap_faults
from anlan.response.events import SwapAsked, SwapDecided
from anlan.response.formats.duty_rules import duty_rule
from anlan.response.models import RosterShift, SwapRequest
from anlan.response.services.rosters import DAY, person_known, turn_of
from anlan.response.services.rosters_publish import PLATFORM, fault_words, turn_keys
from anlan.territory.models import Person
from anlan.territory.services.duty_many import TurnSpec, shifts_cancel, shifts_plan
from anlan.warning.services.moment import pinned

ASK, APPROVE = "duty.swap", "duty.approve"
Changes = list[tuple[RosterShift, str, UUID]]


def swap_ask(
    *,
    by: Actor,
    shift: UUID,
    role: str,
    to: UUID,
    reason: str,
    other_shift: UUID | None = None,
    override: str = "",
    at: datetime | None = None,
) -> SwapRequest:
    """Ask that `to` stands in `role` of a shift instead of who is on the roster; with `other_shift` the two change, else
    `to` stands in. `override`: why the rest rule is to be set aside.

    Raises Forbidden, NotFound, Invalid (no reason, nobody stands there, the same person), Conflict (not published, over
    already, asked already, the rest rule broken, the other not in that role of the other shift)."""
    at = at or clock.now()
    with pinned(at):
        row = _shift(by, shift)
        by.must(ASK, row.division)
        if role not in DUTY_ROLES or getattr(row, f"{role}_id") is None:
            raise Invalid(code="duty.role", zh="该班此岗位无人，不能换班。", en="Nobody stands in that role of the shift.", field="role",
                          value=role)  # fmt: skip
        if len(reason.strip()) < 2:
            raise Invalid(code="duty.no_reason", zh="请写明换班、替班的理由。", en="Give the reason for the change.", field="reason",
                          value=reason)  # fmt: skip
        _must_run(row, at)
        other = _shift(by, other_shift) if other_shift else None
        changes = _changes(row, role, person_known(to).pk, other)
        if other is not None:
            _must_run(other, at)
        _must_rest(changes, override)
        if SwapRequest.objects.filter(shift=row, role=role, state="asked").exists():
            raise Conflict(code="duty.swap_open", zh="该岗位已有待批准的换班申请。", en="A change of this place waits for approval already.",
                           field="shift", value=shift)  # fmt: skip
        swap = SwapRequest.objects.create(
            kind="swap" if other is not None else "stand_in", shift=row, division=row.division, role=role,
            from_person_id=getattr(row, f"{role}_id"), to_person_id=to, other_shift=other, reason=reason.strip()[:300],
            override=override.strip()[:200], asked_at=at, asked_by=by.name,
        )  # fmt: skip
        event = SwapAsked(
            swap=swap.pk, shift=row.pk, swap_kind=swap.kind, role=role, from_person=swap.from_person_id, to_person=to,
            other_shift=other.pk if other is not None else None, reason=swap.reason, override=swap.override,
        )  # fmt: skip
        record(event, by=by, about=f"swaprequest:{swap.pk}", division=row.division, at=at)
    return swap


def swap_approve(*, by: Actor, swap: UUID, note: str = "", at: datetime | None = None) -> SwapRequest:
    """The leader approves: the roster and the turns of duty change at once, so that calls go to who comes.

    Neither of the two whose shifts change can approve. Raises Forbidden, NotFound, Conflict (decided already, the roster
    has changed since, one of the shifts is over, the rest rule broken by now)."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, swap)
        by.must(APPROVE, row.division)
        if by.person is not None and by.person in (row.from_person_id, row.to_person_id):
            raise Forbidden(code="duty.own_swap", zh="不能批准本人的换班；请由其他带班领导批准。",
                            en="Nobody approves their own change; ask another leader.", field="by", value=by.name)  # fmt: skip
        shift = _shift(by, row.shift_id)
        other = _shift(by, row.other_shift_id) if row.other_shift_id else None
        if getattr(shift, f"{row.role}_id") != row.from_person_id:
            raise Conflict(code="duty.swap_moved", zh="值班表已变动，此申请不再适用；请重新申请。",
                           en="The roster has changed since; ask again.", field="swap", value=swap)  # fmt: skip
        for one in (shift, other):
            if one is not None:
                _must_run(one, at)
        changes = _changes(shift, row.role, row.to_person_id, other)
        _must_rest(changes, row.override)
        _carry_out(changes, row.override, at)
        _decide(by, row, "approved", note, at)
    return row


def swap_refuse(*, by: Actor, swap: UUID, note: str, at: datetime | None = None) -> SwapRequest:
    """The leader refuses, with a word why. Raises Forbidden, NotFound, Invalid, Conflict."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, swap)
        by.must(APPROVE, row.division)
        if len(note.strip()) < 2:
            raise Invalid(
                code="duty.no_reason", zh="请写明不批准的理由。", en="Say why it is refused.", field="note", value=note
            )
        _decide(by, row, "refused", note, at)
    return row


def swap_withdraw(*, by: Actor, swap: UUID, at: datetime | None = None) -> SwapRequest:
    """Who asked takes the request back, or one of the two it is about. Raises Forbidden, NotFound, Conflict."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, swap)
        by.must(ASK, row.division)
        if by.kind == "person" and by.name != row.asked_by and by.person not in (row.from_person_id, row.to_person_id):
            raise Forbidden(code="duty.not_asked_by", zh=f"由申请人（{row.asked_by}）或换班双方撤回；领导可不予批准。", field="by",
                            en=f"Who asked ({row.asked_by}) takes it back, or one of the two; a leader refuses it.",
                            value=by.name)  # fmt: skip
        _decide(by, row, "withdrawn", "", at)
    return row


def _decide(by: Actor, row: SwapRequest, state: str, note: str, at: datetime) -> None:
    row.state, row.decided_at, row.decided_by, row.note = state, at, by.name, note.strip()[:300]
    row.save(update_fields=["state", "decided_at", "decided_by", "note"])
    event = SwapDecided(swap=row.pk, state=state, note=row.note)
    record(event, by=by, about=f"swaprequest:{row.pk}", division=row.division, at=at)


def _open(by: Actor, swap: UUID) -> SwapRequest:
    row = SwapRequest.objects.select_for_update(of=("self",)).filter(pk=swap).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(
            code="duty.no_swap", zh="没有此换班申请。", en="There is no such request.", field="swap", value=swap
        )
    if row.state != "asked":
        raise Conflict(code="duty.swap_decided", zh="此申请已处理。", en="This request was decided already.", field="swap",
                       value=swap)  # fmt: skip
    return row


def _shift(by: Actor, key: UUID) -> RosterShift:
    row = (
        RosterShift.objects.select_for_update(of=("self",))
        .select_related("roster", "roster__post")
        .filter(pk=key)
        .first()
    )
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="duty.no_shift", zh="没有此班次，或不在您的管辖范围内；请刷新。",
                       en="There is no such shift in your area; refresh.", field="shift", value=key)  # fmt: skip
    if row.roster.state != "published":
        raise Conflict(code="duty.not_published", zh="该班次不在已发布的值班表中；草稿可直接修改。",
                       en="The shift is in no published roster; a draft is put right by hand.", field="shift", value=key)  # fmt: skip
    return row


def _must_run(row: RosterShift, at: datetime) -> None:
    if row.ends_at <= at:
        raise Conflict(
            code="duty.shift_over", zh="该班次已结束。", en="That shift is over.", field="shift", value=row.pk
        )


def _changes(shift: RosterShift, role: str, to: UUID, other: RosterShift | None) -> Changes:
    """Return who stands where afterwards: [(shift, role, person)]."""
    mine = getattr(shift, f"{role}_id")
    if to in (shift.leader_id, shift.main_id, shift.second_id):
        raise Invalid(code="duty.same_person", zh="此人已在该班值班；请另选一人。", en="They stand in that shift already; choose somebody else.",
                      field="to", value=to)  # fmt: skip
    if other is None:
        return [(shift, role, to)]
    theirs = next((name for name in DUTY_ROLES if getattr(other, f"{name}_id") == to), None)
    if theirs is None or other.roster.post_id != shift.roster.post_id:
        raise Conflict(code="duty.not_there", zh="对方不在所选的班次；请重新选择要互换的班次。",
                       en="They don't stand in the other shift; choose the shift to change with again.", field="other_shift",
                       value=other.pk)  # fmt: skip
    return [(shift, role, to), (other, theirs, mine)]


def _must_rest(changes: Changes, override: str) -> None:
    """The rest rule over the fortnight around each shift, all published rosters these people stand in."""
    people = {str(person) for *_, person in changes}
    near = Q()
    for shift, *_ in changes:
        near |= Q(starts_at__lt=shift.ends_at + 7 * DAY, ends_at__gt=shift.starts_at - 7 * DAY)
    theirs = Q(pk__in=[shift.pk for shift, *_ in changes])
    for role in DUTY_ROLES:
        theirs |= Q(**{f"{role}_id__in": people})
    rows = list(RosterShift.objects.filter(near & theirs, roster__state="published").order_by("starts_at", "id"))
    places = {row.pk: at for at, row in enumerate(rows)}
    turns = [turn_of(row) for row in rows]
    changed: dict[int, Turn] = {}
    for shift, role, person in changes:
        at = places[shift.pk]
        changed[at] = changed.get(at, turns[at]).given(role, str(person), override.strip())
    bad = [fault for fault in swap_faults(turns, changed, duty_rule().rest) if fault.person in people]
    if bad:
        names = {str(key): name for key, name in Person.objects.filter(pk__in=people).values_list("pk", "name")}
        told = [fault_words(fault, names) for fault in bad]
        raise Conflict(
            code="duty.rest", field="to", value=len(bad), items=told,
            zh="换班后休息不足：" + "；".join(one["zh"] for one in told[:3]) + "。请换人或换班次，确有必要时写明突破休息规定的理由。",
            en="After the change somebody would not rest: " + "; ".join(one["en"] for one in told[:3])
            + ". Choose somebody else or another shift, or write why the rest rule is set aside.",
        )  # fmt: skip


def _carry_out(changes: Changes, override: str, at: datetime) -> None:
    gone, specs, slots = [], [], []
    for shift, role, person in changes:
        if role in shift.turns:
            gone.append(UUID(shift.turns.pop(role)))
        setattr(shift, f"{role}_id", person)
        shift.reason = override or shift.reason
        key = turn_keys(shift.roster, shift).get(role)
        if key is not None:
            specs.append(TurnSpec(key[0], key[2], key[1], max(key[3], at), key[4], bool(shift.reason)))
            slots.append((shift, role))
    if gone:
        shifts_cancel(by=PLATFORM, shifts=gone, reason="换班、替班", at=at)
    for (shift, role), turn in zip(slots, shifts_plan(by=PLATFORM, turns=specs, at=at), strict=True):
        shift.turns[role] = str(turn.pk)
    for shift, role, _ in changes:
        shift.save(update_fields=[role, "reason", "turns"])
