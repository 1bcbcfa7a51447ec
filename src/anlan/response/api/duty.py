"""REST routes of the duty desk: roster, swaps, presence, checks, log, telephone records, hand-over, red items. All scoped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from anlan.kernel import clock
from anlan.response.api.schemas import READ, WRITE, Listed
from anlan.response.api.schemas_duty import (
    AnswerIn,
    CheckOut,
    DecisionIn,
    DeskIn,
    HandoverOut,
    LogIn,
    LogOut,
    PhoneIn,
    PhoneOut,
    PresenceIn,
    PresenceOut,
    RosterIn,
    RosterOut,
    SeenIn,
    ShiftIn,
    ShiftOut,
    SignIn,
    SwapIn,
    SwapOut,
)
from anlan.response.models import RosterShift, RosterYear
from anlan.response.selectors.duty_board import desk_get, log_entries
from anlan.response.selectors.duty_roster import roster_get, roster_view
from anlan.response.selectors.red import red_items
from anlan.response.services import duty_checks, duty_presence, handovers, rosters, rosters_publish, swaps
from anlan.response.services.duty_log import LogSpec, PhoneSpec, log_write, phone_take_down
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["duty"])


def _roster(request: HttpRequest, row: RosterYear) -> dict[str, Any]:
    view = roster_view(_actor(request).scope, row)
    keys = ("id", "year", "version", "pattern", "state", "begins_at", "ends_at", "spread")
    return {**{key: getattr(row, key) for key in keys}, "holes": view["holes"][:500], "faults": view["faults"][:500]}


def _shift(row: RosterShift) -> dict[str, Any]:
    people = {role: getattr(row, f"{role}_id") for role in ("leader", "main", "second")}
    keys = ("id", "starts_at", "ends_at", "night", "kind", "reason")
    return {**{key: getattr(row, key) for key in keys}, **people}


@router.get("/duty/red", response={200: Listed, **READ})
def red(request: HttpRequest) -> dict[str, Any]:
    """List everything red in the reader's scope that a hand-over would have to acknowledge, by kind, the oldest first."""
    return {"items": red_items(_actor(request).scope, clock.now())}


@router.post("/duty/rosters", response={201: RosterOut, **WRITE})
def roster_make(request: HttpRequest, body: RosterIn) -> Any:
    """Make a draft of a desk's roster for a year from crews; a draft there was is replaced."""
    actor = _actor(request)
    spec = rosters.RosterSpec(
        pattern=body.pattern, crews=[(crew.leader, crew.main, crew.second) for crew in body.crews],
        absences=[(one.person, one.first, one.last) for one in body.away], off=body.off, worked=body.worked,
        begins_at=body.begins_at, checks_a_week=body.checks_a_week,
    )  # fmt: skip
    row = rosters.roster_draft(by=actor, post=desk_get(actor.scope, body.post).pk, year=body.year, spec=spec)
    return Status(201, _roster(request, row))


@router.get("/duty/rosters/{roster}", response={200: RosterOut, **READ})
def roster_one(request: HttpRequest, roster: UUID) -> dict[str, Any]:
    """Show a roster's state, its holes to the minute and its breaches of the rest rule."""
    return _roster(request, roster_get(_actor(request).scope, roster))


@router.get("/duty/rosters/{roster}/shifts", response={200: list[ShiftOut], **READ})
def roster_shifts(request: HttpRequest, roster: UUID) -> list[dict[str, Any]]:
    """List the shifts of a roster in order of time, people by id."""
    row = roster_get(_actor(request).scope, roster)
    return [_shift(shift) for shift in row.shifts.order_by("starts_at")]


@router.post("/duty/rosters/{roster}/publish", response={200: RosterOut, **WRITE})
def roster_publish(request: HttpRequest, roster: UUID) -> dict[str, Any]:
    """Publish a drafted roster; refused with the minutes nobody stands in, or who would not rest, in `items`."""
    return _roster(request, rosters_publish.roster_publish(by=_actor(request), roster=roster))


@router.post("/duty/rosters/{roster}/revise", response={201: RosterOut, **WRITE})
def roster_revise(request: HttpRequest, roster: UUID) -> Any:
    """Begin a new version of a published roster, as a draft."""
    return Status(201, _roster(request, rosters.roster_revise(by=_actor(request), roster=roster)))


@router.post("/duty/shifts/{shift}", response={200: ShiftOut, **WRITE})
def shift_set(request: HttpRequest, shift: UUID, body: ShiftIn) -> dict[str, Any]:
    """Put somebody, or nobody, into a role of a drafted shift."""
    return _shift(rosters.shift_set(by=_actor(request), shift=shift, **body.dict()))


@router.post("/duty/shifts/{shift}/come", response={200: PresenceOut, **WRITE})
def come(request: HttpRequest, shift: UUID, body: PresenceIn) -> Any:
    """Check somebody of a shift in, or tell where they are now; a leader who must stay in is refused being out."""
    return duty_presence.duty_come(by=_actor(request), shift=shift, role=body.role, where=body.where)


@router.post("/duty/swaps", response={201: SwapOut, **WRITE})
def swap_ask(request: HttpRequest, body: SwapIn) -> Any:
    """Ask for a change of shift or a stand-in; refused when somebody would not rest."""
    return Status(201, swaps.swap_ask(by=_actor(request), **body.dict()))


@router.post("/duty/swaps/{swap}", response={200: SwapOut, **WRITE})
def swap_decide(request: HttpRequest, swap: UUID, body: DecisionIn) -> Any:
    """Approve, refuse or withdraw a change of shift; an approved one changes whom calls find at once."""
    by = _actor(request)
    if body.act == "withdraw":
        return swaps.swap_withdraw(by=by, swap=swap)
    decide = swaps.swap_approve if body.act == "approve" else swaps.swap_refuse
    return decide(by=by, swap=swap, note=body.note)


@router.post("/duty/rosters/{roster}/check", response={201: CheckOut, **WRITE})
def check_now(request: HttpRequest, roster: UUID) -> Any:
    """Check a desk at this moment."""
    return Status(201, duty_checks.check_now(by=_actor(request), roster=roster))


@router.post("/duty/checks/{check}/answer", response={200: CheckOut, **WRITE})
def check_answer(request: HttpRequest, check: UUID, body: AnswerIn) -> Any:
    """Answer a check; the time it took is on record."""
    return duty_checks.check_answer(by=_actor(request), check=check, way=body.way)


@router.get("/duty/log", response={200: list[LogOut], **READ})
def log(request: HttpRequest, post: str, before: UUID | None = None) -> list[dict[str, Any]]:
    """List a hundred entries of a desk's log, the newest first; `before`: those after this entry in that order."""
    return log_entries(desk_get(_actor(request).scope, post), 100, before)


@router.post("/duty/log", response={201: LogOut, **WRITE})
def log_add(request: HttpRequest, body: LogIn) -> Any:
    """Write an entry into a desk's log; a correction is a new entry that names the one it puts right."""
    actor, fields = _actor(request), body.dict()
    desk = desk_get(actor.scope, fields.pop("post"))
    return Status(201, log_write(by=actor, post=desk.pk, spec=LogSpec(**fields)))


@router.post("/duty/calls", response={201: PhoneOut, **WRITE})
def phone(request: HttpRequest, body: PhoneIn) -> Any:
    """Take a telephone call down; `corrects` names a record this one puts right."""
    actor, fields = _actor(request), body.dict()
    desk, corrects = desk_get(actor.scope, fields.pop("post")), fields.pop("corrects")
    return Status(201, phone_take_down(by=actor, post=desk.pk, spec=PhoneSpec(**fields), corrects=corrects))


@router.post("/duty/handovers", response={200: HandoverOut, **WRITE})
def handover(request: HttpRequest, body: DeskIn) -> Any:
    """Begin a hand-over of a desk, or read the lists of the one that is open again."""
    actor = _actor(request)
    return handovers.handover_open(by=actor, post=desk_get(actor.scope, body.post).pk)


@router.post("/duty/handovers/{handover}/seen", response={200: HandoverOut, **WRITE})
def handover_seen(request: HttpRequest, handover: UUID, body: SeenIn) -> Any:
    """Acknowledge red items, as the incoming."""
    return handovers.red_see(by=_actor(request), handover=handover, items=body.items)


@router.post("/duty/handovers/{handover}/sign", response={200: HandoverOut, **WRITE})
def handover_sign(request: HttpRequest, handover: UUID, body: SignIn) -> Any:
    """Sign a hand-over; the incoming is refused while a red item is not acknowledged, each named in `items`."""
    return handovers.handover_sign(by=_actor(request), handover=handover, **body.dict())
