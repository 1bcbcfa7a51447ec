"""Handing a desk over (交接班): what is open is listed, every red item acknowledged by the incoming, both sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices_duty import DUTY_ROLES
from anlan.response.events import HandedOver, HandoverOpened, HandoverSigned, RedSeen
from anlan.response.models import Handover, RosterShift
from anlan.response.selectors.duty_lists import handover_lists
from anlan.response.selectors.red import red_items
from anlan.response.services.duty_checks import shift_at
from anlan.response.services.in_turn import in_turn
from anlan.response.services.rosters import desk_of
from anlan.territory.models import Person
from anlan.warning.services.moment import pinned

ACT = "duty.handover"
TOLD = 5
SIDES = ("out", "in")


def handover_open(*, by: Actor, post: UUID, at: datetime | None = None) -> Handover:
    """Begin a hand-over of a desk, or read the lists of the one that is open again. The outgoing shift is the one on duty,
    in its first half the one before it. Raises Forbidden, NotFound."""
    at = at or clock.now()
    with pinned(at):
        desk = desk_of(by, post)
        by.must(ACT, desk.division)
        in_turn(f"handover:{desk.pk}")
        row = Handover.objects.select_for_update().filter(post=desk, state="open").first()
        if row is None:
            out, following = shifts_between(desk.pk, at)
            row = Handover(post=desk, division=desk.division, opened_at=at, shift_out=out, shift_in=following)
        _look(row, at)
        row.save()
        event = HandoverOpened(handover=row.pk, post=desk.code, counts=_counts(row), red=len(row.red))
        record(event, by=by, about=f"handover:{row.pk}", division=desk.division, at=at)
    return row


def handover_note(*, by: Actor, handover: UUID, note: str, at: datetime | None = None) -> Handover:
    """Write what else the incoming must know. A note changed after a signature takes the signature away.

    Raises Forbidden, NotFound, Invalid, Conflict."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, handover)
        if len(note) > 4000:
            raise Invalid(
                code="duty.long",
                zh="过长，不超过4000字。",
                en="Too long: at most 4000 characters.",
                field="note",
                value=note[:80],
            )
        if note.strip() != row.note:
            row.note = note.strip()
            row.out_signed_at = row.in_signed_at = None
            row.out_person, row.in_person, row.out_name, row.in_name = None, None, "", ""
        _look(row, at)
        row.save()
        event = HandoverOpened(handover=row.pk, post=row.post.code, counts=_counts(row), red=len(row.red))
        record(event, by=by, about=f"handover:{row.pk}", division=row.division, at=at)
    return row


def red_see(*, by: Actor, handover: UUID, items: Sequence[str], at: datetime | None = None) -> Handover:
    """The incoming acknowledges red items, by their keys. Raises Forbidden (an account of somebody who doesn't come on
    duty: who goes can't acknowledge for who comes), NotFound, Invalid (a key that isn't red)."""
    at = at or clock.now()
    with pinned(at):
        row = _open(by, handover)
        if by.person is not None and row.shift_in is not None and by.person not in _standing(row.shift_in):
            raise Forbidden(code="duty.incoming_sees", zh="红项须由接班人员本人确认；请接班人员登录确认。", field="by", value=by.name,
                            en="Who comes on duty acknowledges the red items; let them sign in.")  # fmt: skip
        known = {item["key"] for item in row.red}
        strange = [key for key in items if key not in known]
        if strange or not items:
            raise Invalid(code="duty.no_red", zh="没有这项红项；请刷新交接单。", en="There is no such red item; refresh the hand-over.",
                          field="items", value=(strange or [""])[0])  # fmt: skip
        fresh = [key for key in items if key not in row.seen]
        row.seen = {**row.seen, **{key: {"by": by.name, "at": at.isoformat()} for key in fresh}}
        row.save(update_fields=["seen"])
        if fresh:
            event = RedSeen(handover=row.pk, post=row.post.code, items=fresh)
            record(event, by=by, about=f"handover:{row.pk}", division=row.division, at=at)
    return row


def handover_sign(
    *, by: Actor, handover: UUID, side: str, person: UUID | None = None, name: str = "", at: datetime | None = None
) -> Handover:
    """One side signs: `out` first, then `in`. `person`: who of the shift; without a roster a `name` is written.

    When the incoming signs, what is red is read afresh: Conflict `duty.red_open` names each item they have not
    acknowledged (all in `items`). Raises also Forbidden (an account of somebody else), NotFound, Invalid, Conflict (the
    outgoing has not signed, the same person twice, signed already)."""
    at = at or clock.now()
    if side not in SIDES:
        raise Invalid(
            code="duty.side",
            zh="应为交班或接班。",
            en="Sign as the outgoing or the incoming.",
            field="side",
            value=side,
        )
    with pinned(at):
        row = _open(by, handover)
        who, called = _signer(by, row, side, person, name)
        _look(row, at)
        if side == "in":
            _must_be_seen(row)
            if row.out_signed_at is None:
                raise Conflict(code="duty.out_first", zh="交班人员尚未签字；请交班人员先签。", en="The outgoing has not signed yet; they sign first.",
                               field="side", value=side)  # fmt: skip
            if (who is not None and who == row.out_person) or called == row.out_name:
                raise Conflict(code="duty.same_signer", zh="交班、接班不能为同一人。", en="The outgoing and the incoming are two people.",
                               field="person", value=called)  # fmt: skip
            row.in_person, row.in_name, row.in_signed_at, row.state = who, called, at, "signed"
        else:
            row.out_person, row.out_name, row.out_signed_at = who, called, at
        row.save()
        about: dict[str, Any] = {"by": by, "about": f"handover:{row.pk}", "division": row.division, "at": at}
        record(HandoverSigned(handover=row.pk, post=row.post.code, side=side, person=who), **about)
        if row.state == "signed":
            done = HandedOver(
                handover=row.pk, post=row.post.code, shift_out=row.shift_out_id, shift_in=row.shift_in_id, counts=_counts(row),
                red=[item["key"] for item in row.red],
            )  # fmt: skip
            record(done, **about)
    return row


def shifts_between(post: UUID, at: datetime) -> tuple[RosterShift | None, RosterShift | None]:
    """Return (outgoing, incoming) of a hand-over at `at`: at the nearer end of the shift on duty."""
    now = shift_at(post, at)
    if now is None:
        return None, None
    if at - now.starts_at < now.ends_at - at:
        return _beside(post, now, ends_at=now.starts_at), now
    return now, _beside(post, now, starts_at=now.ends_at)


def _beside(post: UUID, shift: RosterShift, **where: Any) -> RosterShift | None:
    return (
        RosterShift.objects.filter(roster__post_id=post, roster__state="published", **where)
        .exclude(pk=shift.pk)
        .first()
    )


def _look(row: Handover, at: datetime) -> None:
    """Read lists and red items afresh; what was acknowledged stays so."""
    scope = Scope((row.division,))
    row.looked_at = at
    row.lists = handover_lists(scope, row.post_id, at)
    row.red = red_items(scope, at)


def _must_be_seen(row: Handover) -> None:
    left = [item for item in row.red if item["key"] not in row.seen]
    if not left:
        return
    more = len(left) - TOLD
    zh = "；".join(item["text"]["zh"] for item in left[:TOLD]) + (f"……另有{more}项" if more > 0 else "")
    en = "; ".join(item["text"]["en"] for item in left[:TOLD]) + (f" … and {more} more" if more > 0 else "")
    raise Conflict(
        code="duty.red_open", field="items", value=len(left),
        zh=f"还有{len(left)}项红项接班人员未确认，不能交接：{zh}。请逐项确认后再签字。",
        en=f"{len(left)} red items are not acknowledged by the incoming, so the desk can't be handed over: {en}. Acknowledge each, then sign.",
        items=[{"key": item["key"], **item["text"]} for item in left],
    )  # fmt: skip


def _signer(by: Actor, row: Handover, side: str, person: UUID | None, name: str) -> tuple[UUID | None, str]:
    shift = row.shift_out if side == "out" else row.shift_in
    if shift is None:
        called = name.strip()[:96] or by.name
        return by.person, called
    who = person or by.person
    if who is None or who not in _standing(shift):
        raise Invalid(code="duty.not_of_shift", zh="请选择该班的在班人员签字。", en="Somebody of that shift signs; choose who.", field="person",
                      value=who)  # fmt: skip
    if by.person is not None and by.person != who:
        raise Forbidden(code="duty.not_you", zh="只能以本人名义签字；请由本人登录签字。", en="Sign for yourself only; let them sign in.",
                        field="person", value=who)  # fmt: skip
    return who, Person.objects.values_list("name", flat=True).get(pk=who)


def _standing(shift: RosterShift) -> list[UUID]:
    """Who stands in a shift."""
    return [key for role in DUTY_ROLES if (key := getattr(shift, f"{role}_id")) is not None]


def _open(by: Actor, handover: UUID) -> Handover:
    row = (
        Handover.objects.select_for_update(of=("self",))
        .select_related("post", "shift_out", "shift_in")
        .filter(pk=handover)
        .first()
    )
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="duty.no_handover", zh="没有此交接单，或不在您的管辖范围内。", en="There is no such hand-over in your area.",
                       field="handover", value=handover)  # fmt: skip
    by.must(ACT, row.division)
    if row.state != "open":
        raise Conflict(
            code="duty.handed_over",
            zh="此交接单已签字完成。",
            en="This hand-over is done.",
            field="handover",
            value=handover,
        )
    return row


def _counts(row: Handover) -> dict[str, int]:
    return {name: listed["total"] for name, listed in row.lists.items()}
