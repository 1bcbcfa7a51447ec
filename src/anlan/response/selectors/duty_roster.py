"""A roster for its page: the year at a glance, a month shift by shift, its holes and breaches of rest, and who may be put in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices_duty import DUTY_ROLES
from anlan.response.engine.roster import BEIJING, Hole, holes
from anlan.response.models import RosterShift, RosterYear
from anlan.response.selectors.duty_board import names_of
from anlan.response.services.rosters import breaches, turn_of, turns_around
from anlan.response.services.rosters_publish import fault_words, hole_words
from anlan.territory.models import Person, Post

Json = dict[str, Any]
MOST_PEOPLE = 400


def roster_get(scope: Scope, key: UUID) -> RosterYear:
    """One roster inside the scope; NotFound otherwise."""
    found: RosterYear | None = scope.filter(RosterYear.objects.select_related("post").filter(pk=key)).first()
    if found is None:
        raise NotFound(code="duty.no_roster", zh="没有此值班表，或不在您的管辖范围内；请从列表中选择。",
                       en="There is no such roster in your area; choose one from the list.", field="roster", value=key)  # fmt: skip
    return found


def roster_view(scope: Scope, roster: RosterYear) -> Json:
    """The whole roster: {shifts, names, holes, faults, bad}. `bad`: shift → faults that touch it, as words."""
    shifts = list(roster.shifts.order_by("starts_at"))
    names = names_of([getattr(s, f"{role}_id") for s in shifts for role in DUTY_ROLES], scope)
    turns = [turn_of(shift) for shift in shifts]
    before = turns_around(roster.post, roster.begins_at, roster.year)
    empty = holes([*before, *turns], roster.begins_at, roster.ends_at)
    known = {str(key): called for key, called in names.items()}
    faults = [fault for fault in breaches([*before, *turns]) if fault.ends > roster.begins_at]
    bad: dict[UUID, list[Json]] = {}
    for fault in faults:
        words = fault_words(fault, known)
        for shift, turn in zip(shifts, turns, strict=True):
            if (
                fault.person in (turn.leader, turn.main, turn.second)
                and fault.starts <= turn.ends
                and fault.ends >= turn.starts
            ):
                bad.setdefault(shift.pk, []).append(words)
    return {
        "shifts": shifts, "names": names, "bad": bad, "hole_rows": empty,
        "holes": [{**hole_words(hole), "month": hole.starts.astimezone(BEIJING).month} for hole in empty],
        "faults": [{**fault_words(f, known), "month": f.starts.astimezone(BEIJING).month} for f in faults],
    }  # fmt: skip


def month_days(view: Json, roster: RosterYear, month: int) -> list[Json]:
    """The days of a month: {day, kind, shifts: [{shift, people, bad, hole}]}."""
    by_day: dict[date, list[Json]] = {}
    for shift in view["shifts"]:
        start = shift.starts_at.astimezone(BEIJING)
        if start.month == month and start.year == roster.year:
            by_day.setdefault(start.date(), []).append(_cell(view, shift))
    return [
        {"day": day, "kind": kind_of(roster, day), "shifts": by_day.get(day, []),
         "hole": any(_touches(hole, day) for hole in view["hole_rows"])}
        for day in (date(roster.year, month, n + 1) for n in range(monthrange(roster.year, month)[1]))
        if day >= roster.begins_at.astimezone(BEIJING).date()
    ]  # fmt: skip


def _cell(view: Json, shift: RosterShift) -> Json:
    people = [
        {"role": role, "label": {"zh": label.zh, "en": label.en}, "id": getattr(shift, f"{role}_id"),
         "name": view["names"].get(getattr(shift, f"{role}_id"), "")}
        for role, label in DUTY_ROLES.items()
    ]  # fmt: skip
    return {
        "shift": shift, "people": people, "bad": view["bad"].get(shift.pk, []), "empty": any(p["id"] is None for p in people),
    }  # fmt: skip


def year_grid(view: Json, roster: RosterYear) -> list[Json]:
    """The year at a glance: twelve rows {month, first, days}, each day {day, kind, crews (numbers from 1, or "" by hand), bad, hole}."""
    crews: dict[date, list[str]] = {}
    bad: set[date] = set()
    for shift in view["shifts"]:
        day = shift.starts_at.astimezone(BEIJING).date()
        crews.setdefault(day, []).append("" if shift.crew is None else str(shift.crew + 1))
        if shift.pk in view["bad"]:
            bad.add(day)
    empty = _days_of(view["hole_rows"])
    return [
        {
            "month": month,
            "first": date(roster.year, month, 1),
            "days": [
                {
                    "day": day,
                    "kind": kind_of(roster, day),
                    "crews": crews.get(day, []),
                    "bad": day in bad,
                    "hole": day in empty,
                }
                for day in (date(roster.year, month, n + 1) for n in range(monthrange(roster.year, month)[1]))
            ],
        }
        for month in range(1, 13)
    ]


def kind_of(roster: RosterYear, day: date) -> str:
    """work, weekend or holiday, by the calendar the roster was made by."""
    text = day.isoformat()
    if text in roster.holidays:
        return "holiday"
    return "weekend" if day.weekday() >= 5 and text not in roster.workdays else "work"


def _touches(hole: Hole, day: date) -> bool:
    last = (hole.ends - timedelta(minutes=1)).astimezone(BEIJING).date()
    return hole.starts.astimezone(BEIJING).date() <= day <= last


def _days_of(empty: Sequence[Hole]) -> set[date]:
    found: set[date] = set()
    for hole in empty:
        day = hole.starts.astimezone(BEIJING).date()
        last = (hole.ends - timedelta(minutes=1)).astimezone(BEIJING).date()
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return found


def candidates(scope: Scope, desk: Post) -> list[Json]:
    """Who may be put on a desk's roster: active people of its division itself, those at posts of its organisation first.
    At most 400: {id, name, label}; the label is unique."""
    rows = scope.filter(Person.objects.filter(state="active", division=desk.division)).order_by("code")[:MOST_PEOPLE]
    own = set(
        Person.objects.filter(appointments__post__organisation=desk.organisation_id, appointments__valid_to=None)
        .values_list("pk", flat=True)
    )  # fmt: skip
    found = [{"id": row.pk, "name": row.name, "label": f"{row.name} · {row.code}"} for row in rows]
    return sorted(found, key=lambda one: one["id"] not in own)


def crews_of(roster: RosterYear, names: dict[UUID, str]) -> list[list[str]]:
    """The crews' people by name."""
    return [[names.get(UUID(key), "") if key else "" for key in crew] for crew in roster.crews]
