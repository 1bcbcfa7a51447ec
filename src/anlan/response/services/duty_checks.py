"""Random checks of a desk (抽查、点名): asked at a drawn moment and rung, the answer timed, silence climbing to leader and
superior."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_duty import CHECK_WAYS
from anlan.response.choices_rings import CHECK
from anlan.response.engine.duty_checks import check_moment, check_number
from anlan.response.events import CheckAnswered, CheckAsked, CheckClimbed, CheckHeard
from anlan.response.formats.duty_rules import duty_rule
from anlan.response.models import DutyCheck, RosterShift, RosterYear
from anlan.response.services.duty_rings import WAYS, check_ring, rings_stop, rung_answer
from anlan.response.services.rings import name_of, sits_at
from anlan.response.services.rosters import person_known
from anlan.warning.services.moment import pinned

ACT = "duty.check"
ANSWER = "duty.presence"
OPEN = ("asked", "missed")
STEPS = 2  # the leader on duty, then the superior post


def checks_begin(*, row: RosterYear, old: RosterYear | None, at: datetime) -> DutyCheck | None:
    """A published roster is checked from now on, the version before no longer. In a drill only when its scenario wants it:
    setting `duty_checks`. Call inside the publishing's transaction."""
    if old is not None:
        DutyCheck.objects.filter(roster=old, state="planned").update(next_at=None)
    drill = drill_state()
    if row.checks_a_week <= 0 or (drill is not None and not drill.settings.get("duty_checks")):
        return None
    seed = ids.new_id().int & (2**62 - 1)
    return _plan(row, seed, check_number(row.begins_at, row.checks_a_week, at), at)


def _plan(row: RosterYear, seed: int, number: int, after: datetime) -> DutyCheck | None:
    moment = check_moment(row.begins_at, row.checks_a_week, number, ids.draw("duty.check", seed, number))
    while moment <= after:
        number += 1
        moment = check_moment(row.begins_at, row.checks_a_week, number, ids.draw("duty.check", seed, number))
    if moment >= row.ends_at:
        return None
    return DutyCheck.objects.create(
        roster=row, post_id=row.post_id, division=row.division, seed=seed, number=number, next_at=moment
    )


def check_now(*, by: Actor, roster: UUID, at: datetime | None = None) -> DutyCheck:
    """Check a desk at this moment (点名), beside the random checks. Raises Forbidden, NotFound, Conflict (one is open)."""
    at = at or clock.now()
    with pinned(at):
        row = RosterYear.objects.select_for_update(of=("self",)).select_related("post").filter(pk=roster).first()
        if row is None or not by.scope.covers(row.division) or row.state != "published":
            raise NotFound(code="duty.no_roster", zh="没有此值班表，或尚未发布。", en="There is no such roster, or it isn't published.",
                           field="roster", value=roster)  # fmt: skip
        by.must(ACT, row.division)
        if DutyCheck.objects.filter(post=row.post, state="asked").exists():
            raise Conflict(code="duty.check_open", zh="该值班室已有未应答的抽查；请等待应答。",
                           en="A check of this desk is open already; wait for the answer.", field="roster", value=roster)  # fmt: skip
        lowest = DutyCheck.objects.filter(roster=row, number__lt=0).count()
        check = DutyCheck.objects.create(
            roster=row, post=row.post, division=row.division, seed=0, number=-1 - lowest, next_at=None
        )
        _ask(by, check, at)
        check.save()
    return check


def check_answer(
    *, by: Actor, check: UUID, way: str, person: UUID | None = None, at: datetime | None = None
) -> DutyCheck:
    """Answer an open check: `way` page, phone, keys, text or desk. An answer after the limit is one, marked late.

    Raises Forbidden, NotFound, Invalid (way; a person nobody knows), Conflict (answered already)."""
    at = at or clock.now()
    if way not in CHECK_WAYS:
        raise Invalid(
            code="duty.way", zh="应答方式不在列。", en="There is no such way to answer.", field="way", value=way
        )
    with pinned(at):
        row = DutyCheck.objects.select_for_update(of=("self",)).select_related("post").filter(pk=check).first()
        if row is None or not by.scope.covers(row.division) or row.state == "planned":
            raise NotFound(
                code="duty.no_check", zh="没有此次抽查。", en="There is no such check.", field="check", value=check
            )
        by.must(ANSWER, row.division)
        if row.asked_at is None or row.state not in OPEN or row.answered_at is not None:
            raise Conflict(code="duty.check_answered", zh="此次抽查已应答。", en="This check was answered already.", field="check",
                           value=check)  # fmt: skip
        if person is not None:
            person_known(person)
        _answered(by, row, way, person or by.person, by.name, at)
    return row


def _answered(by: Actor, row: DutyCheck, way: str, person: UUID | None, name: str, at: datetime) -> None:
    """Close an open check, as answered at `at`; nobody is rung about it any more."""
    row.answered_at, row.answered_by, row.way = at, name, way
    row.person_id = person or row.person_id
    row.took_s = int((at - (row.asked_at or at)).total_seconds())
    row.late = row.due_at is not None and at > row.due_at
    row.state, row.next_at = "answered", None
    row.save()
    event = CheckAnswered(check=row.pk, post=row.post.code, way=way, took_s=row.took_s, late=row.late)
    record(event, by=by, about=f"dutycheck:{row.pk}", division=row.division, at=at)
    rings_stop(by=by, row=row, at=at)


def check_heard(*, by: Actor, about: str, step: int, person: UUID | None, channel: str, at: datetime) -> None:
    """A person rung about a check pressed a key or sent a text: step 0 answers it, at the moment of the key; whom it climbed
    to has heard, and the desk still has to answer. What is no check, or was answered already, is left alone."""
    if not about.startswith(CHECK):
        return
    with pinned(at):
        rows = DutyCheck.objects.select_for_update(of=("self",)).select_related("post")
        row: DutyCheck | None = rows.filter(pk=UUID(about.removeprefix(CHECK)), state__in=OPEN).first()
        if row is None:
            return
        if step == 0:
            _answered(by, row, WAYS.get(channel, "desk"), person, name_of(person), at)
            return
        row.climbs = [one | {"heard_at": at.isoformat()} if one["step"] == step else one for one in row.climbs]
        row.save(update_fields=["climbs"])
        event = CheckHeard(check=row.pk, post=row.post.code, step=step, person=person, channel=channel)
        record(event, by=by, about=about, division=row.division, at=at)


def checks_sweep(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: ask the checks that are due, and climb with those nobody answered. Return how many."""
    with pinned(at):
        rows = list(
            DutyCheck.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("post", "post__superior", "roster")
            .filter(next_at__lte=at)
            .order_by("next_at", "id")
        )
        for row in rows:
            if row.state == "planned" and row.roster.state != "published":
                row.next_at = None  # another version was published in the same moment
            elif row.state == "planned":
                _ask(by, row, at)
                _plan(row.roster, row.seed, row.number + 1, at)
            elif (heard := rung_answer(row, at)) is not None and heard.answered_at is not None:
                # answered by telephone, and the reaction has not come to it yet
                person = heard.person
                _answered(by, row, WAYS.get(heard.via, "desk"), person, name_of(person), heard.answered_at)
            else:
                _climb(by, row, at)
            row.save()
    return len(rows)


def _ask(by: Actor, row: DutyCheck, at: datetime) -> None:
    due = at + timedelta(minutes=duty_rule().answer_min)
    shift = shift_at(row.post_id, at)
    row.state, row.asked_at, row.due_at, row.next_at = "asked", at, due, due
    row.person_id = shift.main_id if shift is not None else None
    event = CheckAsked(check=row.pk, post=row.post.code, person=row.person_id, due_at=due)
    record(event, by=by, about=f"dutycheck:{row.pk}", division=row.division, at=at)
    check_ring(by=by, row=row, step=0, person=row.person_id or sits_at(row.post, at), at=at)


def _climb(by: Actor, row: DutyCheck, at: datetime) -> None:
    step = len(row.climbs) + 1
    shift = shift_at(row.post_id, at)
    leader = shift.leader_id if shift is not None else None
    superior = row.post.superior
    row.state, row.late = "missed", True
    told: dict[str, Any] = {"step": step, "at": at.isoformat(), "post": None, "person": None}
    if step == 1:
        told |= {"person": str(leader) if leader else None}
    else:
        told |= {"post": superior.code if superior is not None else None}
    row.climbs = [*row.climbs, told]
    row.next_at = at + timedelta(minutes=duty_rule().answer_min) if step < STEPS else None
    event = CheckClimbed(
        check=row.pk, post=row.post.code, to=told["post"], person=leader if step == 1 else None, step=step
    )
    record(event, by=by, about=f"dutycheck:{row.pk}", division=row.division, at=at)
    check_ring(by=by, row=row, step=step, person=leader if step == 1 else sits_at(superior, at), at=at)


def shift_at(post: UUID, at: datetime) -> RosterShift | None:
    """Return the shift on duty at a desk at `at` by the published roster, None when there is none."""
    rows = RosterShift.objects.filter(
        roster__post_id=post, roster__state="published", starts_at__lte=at, ends_at__gt=at
    )
    return rows.order_by("-roster__year", "-starts_at").first()
