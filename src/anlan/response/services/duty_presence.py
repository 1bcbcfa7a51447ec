"""Coming on duty and going off (到岗、离岗), and the leader who stays in when the season or a response asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices_duty import DUTY_ROLES, PRESENCE
from anlan.response.engine.duty_rules import stays_in
from anlan.response.engine.plan import Words
from anlan.response.events import DutyCame, DutyLeft
from anlan.response.formats.duty_rules import duty_rule
from anlan.response.models import DutyPresence, Level, RosterShift
from anlan.response.services.in_turn import in_turn
from anlan.warning.services.moment import pinned

ACT = "duty.presence"
EARLY = timedelta(hours=2)  # who comes earlier than this has the wrong shift


def duty_come(*, by: Actor, shift: UUID, role: str, where: str, at: datetime | None = None) -> DutyPresence:
    """Somebody of a shift has come, or is somewhere else now: `where` room, office or reachable (the leader's only).

    Raises Forbidden, NotFound, Invalid (role, place), Conflict: not at this time; nobody is on the roster there; the
    leader must stay in, with the rule that says so."""
    at = at or clock.now()
    with pinned(at):
        row = _shift(by, shift)
        by.must(ACT, row.division)
        person = getattr(row, f"{role}_id") if role in DUTY_ROLES else None
        if person is None:
            raise Invalid(code="duty.role", zh="该班此岗位无人在册；请先排班。", en="Nobody is on the roster in that role; put somebody there first.",
                          field="role", value=role)  # fmt: skip
        if where not in PRESENCE or (where == "reachable" and role != "leader"):
            raise Invalid(code="duty.where", zh="值班员应在值班室或办公区；只有带班领导可在外保持联系。",
                          en="Officers are in the duty room or office area; only the leader may be out within reach.",
                          field="where", value=where)  # fmt: skip
        if not row.starts_at - EARLY <= at < row.ends_at:
            raise Conflict(code="duty.not_now", zh="不在该班时间内；请选择当前班次。", en="That shift isn't now; choose the one that is.",
                           field="shift", value=shift)  # fmt: skip
        why = leader_stays(row.division, at) if where == "reachable" else None
        if why is not None:
            cite = duty_rule().stay_in.cite
            raise Conflict(
                code="duty.leader_stays", field="where", value=where,
                zh=f"{why.zh}，带班领导应驻守值班室或办公区。依据：{cite.zh}。",
                en=f"The leader stays in the duty room or office area: {why.en}. Basis: {cite.en}.",
            )  # fmt: skip
        return _come(by, row, role, person, where, at)


def _come(by: Actor, row: RosterShift, role: str, person: UUID, where: str, at: datetime) -> DutyPresence:
    in_turn(f"presence:{row.pk}:{role}")
    there = DutyPresence.objects.select_for_update().filter(shift=row, role=role, left_at__isnull=True).first()
    if there is not None and there.whereabouts == where and there.person_id == person:
        return there
    first = not DutyPresence.objects.filter(shift=row, role=role, person_id=person).exists()
    if there is not None:
        there.left_at = at
        there.save(update_fields=["left_at"])
    late = max(0, int((at - row.starts_at).total_seconds()) // 60) if first else 0
    made = DutyPresence.objects.create(
        shift=row, division=row.division, role=role, person_id=person, whereabouts=where, came_at=at, late_min=late
    )
    event = DutyCame(shift=row.pk, role=role, person=person, whereabouts=where, late_min=late)
    record(event, by=by, about=f"rostershift:{row.pk}", division=row.division, at=at)
    return made


def duty_leave(*, by: Actor, shift: UUID, role: str, at: datetime | None = None) -> DutyPresence:
    """Somebody goes off duty. Raises Forbidden, NotFound, Conflict: the shift still runs and nobody has taken over (hand
    over first), or they never came."""
    at = at or clock.now()
    with pinned(at):
        row = _shift(by, shift)
        by.must(ACT, row.division)
        there = DutyPresence.objects.select_for_update().filter(shift=row, role=role, left_at__isnull=True).first()
        if there is None:
            raise Conflict(
                code="duty.not_here", zh="尚未到岗签到。", en="They haven't checked in.", field="role", value=role
            )
        if at < row.ends_at and not _relieved(row, role, at):
            raise Conflict(code="duty.not_relieved", zh="接班人员尚未到岗，不得离岗；请先交接。",
                           en="Nobody has come to take over; hand over first.", field="role", value=role)  # fmt: skip
        there.left_at = at
        there.save(update_fields=["left_at"])
        event = DutyLeft(shift=row.pk, role=role, person=there.person_id)
        record(event, by=by, about=f"rostershift:{row.pk}", division=row.division, at=at)
    return there


def _relieved(row: RosterShift, role: str, at: datetime) -> bool:
    later = DutyPresence.objects.filter(
        shift__roster__post_id=row.roster.post_id, shift__starts_at=row.ends_at, role=role, left_at__isnull=True
    )
    return later.exists()


def leader_stays(division: str, at: datetime) -> Words | None:
    """Return why the leader of a desk in `division` must stay in at `at`, None when being within reach is enough."""
    above = Scope((division,)).ancestors()
    responding = Level.objects.filter(until__isnull=True, track="main", area__in=above).exists()
    return stays_in(duty_rule().stay_in, division, at, responding)


def _shift(by: Actor, key: UUID) -> RosterShift:
    row = RosterShift.objects.select_related("roster").filter(pk=key, roster__state="published").first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="duty.no_shift", zh="没有此班次，或不在您的管辖范围内；请刷新。",
                       en="There is no such shift in your area; refresh.", field="shift", value=key)  # fmt: skip
    return row
