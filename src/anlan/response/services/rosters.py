"""The year's roster of a desk: drafted from crews, put right by hand, and published only without a hole (全年值班表)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_duty import DUTY_ROLES, PATTERNS
from anlan.response.engine.duty_rules import calendar_of
from anlan.response.engine.roster import BEIJING, ROLES, Turn, faults, holes, slots, year_window
from anlan.response.engine.roster_make import Absence, Crew, Made, make
from anlan.response.events import RosterEdited, RosterMade
from anlan.response.formats.duty_rules import duty_rule, holidays
from anlan.response.models import RosterShift, RosterYear
from anlan.response.services.in_turn import in_turn
from anlan.territory.models import Person, Post
from anlan.warning.services.moment import pinned

ACT = "duty.roster"
MOST_CREWS = 60
DAY = timedelta(days=1)


@dataclass(frozen=True)
class RosterSpec:
    """What a roster is made from. `crews`: (leader, main, second) ids each; `absences`: (person, first day, last day);
    `off`, `worked`: the calendar, None for the shipped one; `begins_at`: from when it must have no hole, None for the
    earliest moment that is nobody else's; `leader_post`: where the leader answers calls; `checks_a_week`: random checks."""

    pattern: str
    crews: Sequence[tuple[UUID | None, UUID | None, UUID | None]]
    absences: Sequence[tuple[UUID, date, date]] = ()
    off: Sequence[date] | None = None
    worked: Sequence[date] | None = None
    begins_at: datetime | None = None
    leader_post: UUID | None = None
    checks_a_week: int | None = None


def roster_draft(*, by: Actor, post: UUID, year: int, spec: RosterSpec, at: datetime | None = None) -> RosterYear:
    """Make a draft of a desk's roster for a year; a draft there was is replaced. It may have holes: publishing may not.

    Raises Forbidden, NotFound, Invalid (a year that is over, no crew, somebody or a post unknown, days that are none)."""
    at = at or clock.now()
    with pinned(at):
        desk = desk_of(by, post)
        by.must(ACT, desk.division)
        in_turn(f"roster:{desk.pk}")
        begins, ends = _window(desk, year, spec, at)
        people = _known(spec, year)
        _leader_post(by, spec.leader_post)
        off, worked = _calendar(year, spec)
        rule = duty_rule()
        before = turns_around(desk, begins, year)
        places = slots(begins, ends, rule.times(spec.pattern), calendar_of(off, worked))
        after = RosterYear.objects.filter(post=desk, year=year + 1, state="published").first()
        if after is not None and after.begins_at < places[-1].ends:  # the next year is made already: no overlap
            places[-1] = places[-1]._replace(ends=max(after.begins_at, ends))
        made = make(places, [Crew(*(str(p) if p else "" for p in crew)) for crew in spec.crews], rule.rest,
                    _away(spec), before)  # fmt: skip
        RosterYear.objects.filter(post=desk, year=year, state="draft").update(state="replaced")
        last = RosterYear.objects.filter(post=desk, year=year).aggregate(last=Max("version"))["last"] or 0
        row = RosterYear.objects.create(
            post=desk, division=desk.division, year=year, version=last + 1, pattern=spec.pattern, begins_at=begins,
            ends_at=ends, leader_post_id=spec.leader_post, made_at=at, rule_version=rule.version,
            crews=[[str(p) if p else None for p in crew] for crew in spec.crews],
            absences=[{"person": str(p), "from": a.isoformat(), "to": b.isoformat()} for p, a, b in spec.absences],
            holidays=[day.isoformat() for day in off], workdays=[day.isoformat() for day in worked],
            spread={name: list(pair) for name, pair in made.spread.items()},
            checks_a_week=rule.checks_a_week if spec.checks_a_week is None else spec.checks_a_week,
        )  # fmt: skip
        shifts = _shifts(row, places, made, people)
        RosterShift.objects.bulk_create(shifts)
        event = RosterMade(
            roster=row.pk, post=desk.code, year=year, roster_version=row.version, pattern=row.pattern, shifts=len(shifts),
            crews=len(spec.crews), hole_min=sum(hole.minutes for hole in holes(made.turns, begins, ends)),
            spread=row.spread,
        )  # fmt: skip
        record(event, by=by, about=f"rosteryear:{row.pk}", division=row.division, at=at)
    return row


def roster_revise(*, by: Actor, roster: UUID, at: datetime | None = None) -> RosterYear:
    """Begin a new version of a published roster: a draft with the same shifts, to be put right and published in its place.
    A draft there was is replaced. Raises Conflict when the roster isn't the published one."""
    at = at or clock.now()
    with pinned(at):
        old = roster_locked(by, roster)
        by.must(ACT, old.division)
        in_turn(f"roster:{old.post_id}")
        if old.state != "published":
            raise _state(old)
        shifts = list(old.shifts.order_by("starts_at"))
        RosterYear.objects.filter(post=old.post_id, year=old.year, state="draft").update(state="replaced")
        last = RosterYear.objects.filter(post=old.post_id, year=old.year).aggregate(last=Max("version"))["last"]
        row = RosterYear.objects.get(pk=old.pk)
        row.pk, row.version, row.state, row.made_at = None, last + 1, "draft", at
        row.published_at, row.published_by = None, ""
        row.save(force_insert=True)
        for shift in shifts:
            shift.pk, shift.roster = None, row
        RosterShift.objects.bulk_create(shifts)
        turns = [turn_of(shift) for shift in shifts]
        event = RosterMade(
            roster=row.pk, post=row.post.code, year=row.year, roster_version=row.version, pattern=row.pattern,
            shifts=len(shifts), crews=len(row.crews), spread=row.spread,
            hole_min=sum(hole.minutes for hole in holes(turns, row.begins_at, row.ends_at)),
        )  # fmt: skip
        record(event, by=by, about=f"rosteryear:{row.pk}", division=row.division, at=at)
    return row


def shift_set(
    *, by: Actor, shift: UUID, role: str, person: UUID | None, reason: str = "", at: datetime | None = None
) -> RosterShift:
    """Put somebody into a shift of a draft, or nobody. `reason` sets the rest rule aside at this shift; a breach without
    one is taken, shown, and stops the publishing. Raises Forbidden, NotFound, Invalid, Conflict (not a draft)."""
    at = at or clock.now()
    if role not in DUTY_ROLES:
        raise Invalid(code="duty.role", zh="岗位应为带班领导、主班或副班。", en="The role is leader, main or second.", field="role",
                      value=role)  # fmt: skip
    with pinned(at):
        row = RosterShift.objects.select_for_update(of=("self",)).select_related("roster").filter(pk=shift).first()
        if row is None or not by.scope.covers(row.division):
            raise NotFound(code="duty.no_shift", zh="没有此班次，或不在您的管辖范围内；请刷新。",
                           en="There is no such shift in your area; refresh.", field="shift", value=shift)  # fmt: skip
        by.must(ACT, row.division)
        if row.roster.state != "draft":
            raise Conflict(
                code="duty.not_draft", field="shift", value=row.pk,
                zh="值班表已发布，不能直接改人；请申请换班、替班，或修订出新版本。",
                en="The roster is published; ask for a swap or a stand-in, or begin a new version.",
            )  # fmt: skip
        if person is not None:
            person_known(person)
        before = getattr(row, f"{role}_id")
        setattr(row, f"{role}_id", person)
        row.reason = reason.strip()[:200]
        row.crew = None
        row.save(update_fields=[role, "reason", "crew"])
        event = RosterEdited(
            roster=row.roster_id, shift=row.pk, role=role, person=person, before=before, reason=row.reason
        )
        record(event, by=by, about=f"rosteryear:{row.roster_id}", division=row.division, at=at)
    return row


def desk_of(by: Actor, post: UUID) -> Post:
    """Return the desk's post inside the actor's scope; NotFound otherwise."""
    row: Post | None = by.scope.filter(Post.objects.filter(pk=post)).first()
    if row is None:
        raise NotFound(code="duty.no_desk", zh="没有此值班岗位，或不在您的管辖范围内；请从列表中选择。",
                       en="There is no such desk in your area; choose one from the list.", field="post", value=post)  # fmt: skip
    return row


def roster_locked(by: Actor, roster: UUID) -> RosterYear:
    """Return the roster inside the actor's scope, locked; NotFound otherwise."""
    row = RosterYear.objects.select_for_update(of=("self",)).select_related("post").filter(pk=roster).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="duty.no_roster", zh="没有此值班表，或不在您的管辖范围内；请从列表中选择。",
                       en="There is no such roster in your area; choose one from the list.", field="roster", value=roster)  # fmt: skip
    return row


def person_known(person: UUID) -> Person:
    """Return an active person; Invalid otherwise."""
    row = Person.objects.filter(pk=person, state="active").first()
    if row is None:
        raise Invalid(code="duty.person", zh="没有此人，或已离岗；请从人员名单中选择。",
                      en="There is no such person, or they have left; choose from the register.", field="person", value=person)  # fmt: skip
    return row


def turn_of(shift: RosterShift) -> Turn:
    """Return a shift as the engines see it."""
    leader, main, second = (str(getattr(shift, f"{role}_id") or "") for role in ROLES)
    return Turn(shift.starts_at, shift.ends_at, leader, main, second, shift.reason)


def turns_around(desk: Post, begins: datetime, year: int) -> list[Turn]:
    """Return the turns of the desk's other published rosters that end within two days before `begins`, or after it."""
    rows = RosterShift.objects.filter(
        Q(roster__year__lt=year), roster__post=desk, roster__state="published", ends_at__gt=begins - 2 * DAY
    )
    return [turn_of(row) for row in rows.order_by("starts_at")]


def _window(desk: Post, year: int, spec: RosterSpec, at: datetime) -> tuple[datetime, datetime]:
    begins, ends = year_window(min(max(year, 2000), 2200))
    if ends <= at or not 2000 <= year <= 2200:
        raise Invalid(code="duty.year", zh=f"{year}年已过或不是有效年份；请选今年或以后。",
                      en=f"{year} is over or no year; choose this year or a later one.", field="year", value=year)  # fmt: skip
    if spec.pattern not in PATTERNS:
        raise Invalid(code="duty.pattern", zh="班制应为白班夜班或24小时班。", en="The pattern is day and night, or 24 hours.",
                      field="pattern", value=spec.pattern)  # fmt: skip
    earlier = RosterShift.objects.filter(roster__post=desk, roster__state="published", roster__year=year - 1)
    served = earlier.aggregate(last=Max("ends_at"))["last"]
    if spec.begins_at is not None:
        begins = max(begins, spec.begins_at)
    elif served is not None and begins < served < ends:
        begins = served
    if begins >= ends or begins.second or begins.microsecond:
        raise Invalid(code="duty.begins", zh="起始时间应在当年之内，精确到分。", en="The beginning lies within the year, on a full minute.",
                      field="begins_at", value=begins)  # fmt: skip
    return begins.astimezone(BEIJING), ends


def _leader_post(by: Actor, key: UUID | None) -> None:
    """Check where the leader on duty is to answer calls: a post of the area whose roster the actor may make."""
    if key is None:
        return
    row = by.scope.filter(Post.objects.filter(pk=key)).first()
    if row is None:
        raise Invalid(code="duty.leader_post", zh="没有此带班领导岗位，或不在您的管辖范围内；请从列表中选择。",
                      en="There is no such leader's post in your area; choose one from the list.", field="leader_post",
                      value=key)  # fmt: skip
    by.must(ACT, row.division)


def _known(spec: RosterSpec, year: int) -> dict[str, UUID]:
    """Check crews and people; return key → id."""
    if not 1 <= len(spec.crews) <= MOST_CREWS:
        raise Invalid(code="duty.crews", zh=f"请排1至{MOST_CREWS}个班组。", en=f"Name 1 to {MOST_CREWS} crews.", field="crews",
                      value=len(spec.crews))  # fmt: skip
    named = {person for crew in spec.crews for person in crew if person} | {person for person, *_ in spec.absences}
    there = set(Person.objects.filter(pk__in=named, state="active").values_list("pk", flat=True))
    for person in sorted(named - there, key=str):
        person_known(person)
    for number, crew in enumerate(spec.crews, 1):
        people = [person for person in crew if person]
        if len(set(people)) < len(people):
            raise Invalid(code="duty.crew_twice", zh=f"第{number}组同一人兼两岗；请各排一人。",
                          en=f"Crew {number} has one person in two roles; name one for each.", field="crews", value=number)  # fmt: skip
    for person, first, last in spec.absences:
        if last < first:
            raise Invalid(code="duty.absence", zh="请假结束日期早于开始日期。", en="An absence ends before it begins.",
                          field="absences", value=person)  # fmt: skip
        if not year - 1 <= first.year <= last.year <= year + 1:
            raise Invalid(code="duty.absence_year", zh=f"请假日期应在{year}年前后；请核对年份。", field="absences", value=last,
                          en=f"An absence lies about {year}; look at its year again.")  # fmt: skip
    return {str(person): person for person in there}


def _calendar(year: int, spec: RosterSpec) -> tuple[list[date], list[date]]:
    known = holidays().days(year) or ([], [])
    return (list(known[0] if spec.off is None else spec.off), list(known[1] if spec.worked is None else spec.worked))


def _away(spec: RosterSpec) -> list[Absence]:
    midnight = datetime.min.time()
    return [
        Absence(
            str(person), datetime.combine(first, midnight, BEIJING), datetime.combine(last + DAY, midnight, BEIJING)
        )
        for person, first, last in spec.absences
    ]


def _shifts(row: RosterYear, places: Sequence[Any], made: Made, people: dict[str, UUID]) -> list[RosterShift]:
    return [
        RosterShift(
            roster=row, division=row.division, starts_at=slot.starts, ends_at=slot.ends, night=slot.night, kind=slot.kind,
            crew=crew, **{f"{role}_id": people.get(turn.who(role)) for role in ROLES},
        )
        for slot, turn, crew in zip(places, made.turns, made.crews, strict=True)
    ]  # fmt: skip


def _state(row: RosterYear) -> Conflict:
    return Conflict(code="duty.not_published", zh="此版本不是已发布的值班表；请从已发布的版本修订。",
                    en="This is not the published version; begin from that one.", field="roster", value=row.pk)  # fmt: skip


def breaches(turns: Sequence[Turn]) -> list[Any]:
    """Return the breaches of the shipped rest rule in these turns."""
    return list(faults(turns, duty_rule().rest))
