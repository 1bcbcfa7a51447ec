"""The duty page: who is on now and next, whether they have come, what the log says, which checks and changes are open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices_duty as choices
from anlan.response.models import (
    DutyCheck,
    DutyLogEntry,
    DutyPresence,
    Intake,
    PhoneRecord,
    RosterShift,
    RosterYear,
    SwapRequest,
)
from anlan.territory.choices import name
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.models import Person, Post
from anlan.territory.selectors.people import on_duty

Json = dict[str, Any]
ABOUT = "phonerecord:"
DESKS = ("province_duty", "city_duty", "county_duty", "department_duty", "township_duty")
MOST = 300


def desks(scope: Scope) -> list[Json]:
    """Duty desks inside the scope, the highest first, at most 300: {id, code, name, division}."""
    rows = scope.filter(Post.objects.filter(role__in=DESKS)).order_by("division", "code")[: 4 * MOST]
    rank = {role: at for at, role in enumerate(DESKS)}
    found = sorted(rows, key=lambda row: (rank[row.role], row.code))[:MOST]
    return [_desk(row) for row in found]


def desk_get(scope: Scope, code: str, own: UUID | None = None) -> Post:
    """The desk of that code; without a code the reader's own desk, else the highest in the scope. NotFound otherwise."""
    rows = scope.filter(Post.objects.filter(role__in=DESKS))
    if code:
        found: Post | None = rows.filter(code=code).first()
    else:
        mine: Post | None = rows.filter(pk=own).first() if own else None
        found = mine or _highest(rows)
    if found is None:
        raise NotFound(code="duty.no_desk", zh="没有此值班岗位，或不在您的管辖范围内；请从列表中选择。",
                       en="There is no such desk in your area; choose one from the list.", field="post", value=code)  # fmt: skip
    return found


def _highest(rows: Any) -> Post | None:
    for role in DESKS:
        found: Post | None = rows.filter(role=role).order_by("code").first()
        if found is not None:
            return found
    return None


def _desk(row: Post) -> Json:
    return {"id": row.pk, "code": row.code, "name": {"zh": row.name_zh, "en": row.name_en}, "division": row.division}


def names_of(people: Iterable[UUID | None], scope: Scope | None = None) -> dict[UUID, str]:
    """Person → name. Outside `scope`, if one is given, the name is masked."""
    rows = Person.objects.filter(pk__in={key for key in people if key}).values_list("pk", "name", "division")
    return {key: called if scope is None or scope.covers(where) else mask_name(called) for key, called, where in rows}


def duty_now(scope: Scope, desk: Post, at: datetime) -> Json:
    """Who is on at a desk and who comes next: {roster, now, next, appointed}. `now` and `next` as `shift_view`; without a
    roster `appointed` tells who answers by appointment: [{holder, name}]. Four queries."""
    rows = list(
        RosterShift.objects.filter(roster__post=desk, roster__state="published", ends_at__gt=at)
        .select_related("roster").order_by("starts_at", "id")[:2]
    )  # fmt: skip
    now = rows[0] if rows and rows[0].starts_at <= at else None
    following = rows[1] if now is not None and len(rows) > 1 else rows[0] if rows and now is None else None
    shifts = [shift for shift in (now, following) if shift is not None]
    there = {(row.shift_id, row.role): row for row in DutyPresence.objects.filter(shift__in=shifts, left_at=None)}
    names = names_of([getattr(shift, f"{role}_id") for shift in shifts for role in choices.DUTY_ROLES], scope)
    holders = {} if now is not None else on_duty([desk.pk], at).get(desk.pk, {})
    return {
        "roster": rows[0].roster if rows else None,
        "now": shift_view(now, names, there) if now is not None else None,
        "next": shift_view(following, names, there) if following is not None else None,
        "appointed": [{"holder": holder, "name": holders[holder].name} for holder in sorted(holders)],
    }


def shift_view(shift: RosterShift, names: dict[UUID, str], there: dict[tuple[UUID, str], DutyPresence]) -> Json:
    """A shift for a page: times, and by role {role, label, person, name, came_at, where, late_min}."""
    people = []
    for role, label in choices.DUTY_ROLES.items():
        key = getattr(shift, f"{role}_id")
        presence = there.get((shift.pk, role))
        people.append({
            "role": role, "label": {"zh": label.zh, "en": label.en}, "person": key, "name": names.get(key, "") if key else "",
            "came_at": presence.came_at if presence else None, "late_min": presence.late_min if presence else 0,
            "where": presence.whereabouts if presence else "",
            "where_name": name(choices.PRESENCE, presence.whereabouts) if presence else None,
        })  # fmt: skip
    return {"id": shift.pk, "starts_at": shift.starts_at, "ends_at": shift.ends_at, "night": shift.night, "people": people,
            "reason": shift.reason}  # fmt: skip


def checks_open(desk: Post) -> list[DutyCheck]:
    """Checks of a desk that wait for an answer, the oldest first."""
    return list(DutyCheck.objects.filter(post=desk, state__in=("asked", "missed")).order_by("asked_at", "id"))


def checks_past(desk: Post, limit: int = 10) -> list[DutyCheck]:
    """The last checks of a desk that were answered, the newest first."""
    return list(DutyCheck.objects.filter(post=desk, state="answered").order_by("-asked_at", "-id")[:limit])


def log_entries(desk: Post, limit: int = 40, before: UUID | None = None) -> list[Json]:
    """A desk's log, the newest first, after the entry `before` where one is named; `open`: an instruction or fault that
    nothing settles; `corrected`: put right since."""
    rows = DutyLogEntry.objects.filter(post=desk)
    last = rows.filter(pk=before).first() if before is not None else None
    if last is not None:
        same = Q(at=last.at) & (Q(written_at__lt=last.written_at) | Q(written_at=last.written_at, id__lt=last.pk))
        rows = rows.filter(Q(at__lt=last.at) | same)
    listed = list(rows.select_related("settles", "corrects").order_by("-at", "-written_at", "-id")[: min(limit, MOST)])
    keys = [row.pk for row in listed]
    later = DutyLogEntry.objects.filter(Q(settles__in=keys) | Q(corrects__in=keys)).values_list(
        "settles_id", "corrects_id"
    )
    pairs = list(later)
    settled, corrected = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return [
        {
            "id": row.pk, "at": row.at, "written_at": row.written_at, "kind": row.kind, "kind_name": name(choices.LOG_KINDS, row.kind),
            "way": row.way, "way_name": name(choices.LOG_WAYS, row.way) if row.way else None, "from": row.from_words, "to": row.to_words,
            "content": row.content, "action": row.action, "operator": row.operator, "link": row.link, "phone": row.phone_id,
            "of": (row.settles or row.corrects), "corrected": row.pk in corrected,
            "open": row.kind in choices.STANDING and row.pk not in settled,
        }
        for row in listed
    ]  # fmt: skip


def phone_records(desk: Post, limit: int = 20) -> list[Json]:
    """A desk's telephone records, the newest first; the caller's number masked; `handed`: what it became, or ""."""
    return _calls(list(PhoneRecord.objects.filter(post=desk).order_by("-received_at", "-id")[: min(limit, MOST)]))


def phone_whole(row: PhoneRecord) -> tuple[Json, list[Json]]:
    """One telephone record as `phone_records` tells it, however old, and those that put it right, the newest first."""
    later = PhoneRecord.objects.filter(corrects=row).order_by("-received_at", "-id")
    return _calls([row])[0], _calls(list(later))


def _calls(listed: list[PhoneRecord]) -> list[Json]:
    handed = dict(
        DutyLogEntry.objects.filter(phone__in=listed, kind="out").order_by("written_at").values_list("phone_id", "link")
    )
    sheets = Intake.objects.filter(about__in=[f"{ABOUT}{row.pk}" for row in listed]).order_by("received_at", "id")
    handed |= {UUID(about.removeprefix(ABOUT)): f"intake:{key}" for about, key in sheets.values_list("about", "pk")}
    corrected = set(PhoneRecord.objects.filter(corrects__in=listed).values_list("corrects_id", flat=True))
    return [
        {
            "row": row,
            "phone": mask_phone(row.caller_phone),
            "handed": handed.get(row.pk, ""),
            "corrected": row.pk in corrected,
        }
        for row in listed
    ]


def phone_record(scope: Scope, key: UUID) -> PhoneRecord:
    """One telephone record inside the scope; NotFound otherwise."""
    found: PhoneRecord | None = scope.filter(PhoneRecord.objects.select_related("post").filter(pk=key)).first()
    if found is None:
        raise NotFound(
            code="duty.no_record",
            zh="没有此电话记录。",
            en="There is no such telephone record.",
            field="record",
            value=key,
        )
    return found


def sheet_of_call(scope: Scope, key: UUID, about: str) -> dict[str, str]:
    """The fields of the call sheet of a new incident, filled from a telephone record; {} when there is none in scope. The
    caller's number is not among them: it goes over without being shown (`phone_of_call`)."""
    row = scope.filter(PhoneRecord.objects.filter(pk=key)).first()
    if row is None:
        return {}
    when = row.happened_at or row.received_at
    return {
        "door": "phone", "about": about, "place": row.place, "what": row.course or row.cause, "cause": row.cause,
        "when": when.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M"), "trend": row.trend, "told": row.told,
        "measures": "；".join(words for words in (row.measures, row.result) if words), "caller_name": row.caller_name,
        "caller_unit": row.caller_unit, "caller_post": row.caller_post,
    }  # fmt: skip


def phone_of_call(scope: Scope, about: str) -> str:
    """The caller's number a telephone record keeps, to be carried over, not shown; "" when there is none in scope."""
    kind, _colon, key = about.partition(":")
    try:
        wanted = PhoneRecord.objects.filter(pk=UUID(key)) if f"{kind}:" == ABOUT else PhoneRecord.objects.none()
    except ValueError:
        return ""
    return str(scope.filter(wanted).values_list("caller_phone", flat=True).first() or "")


def swaps_list(scope: Scope, desk: Post, limit: int = 60) -> list[Json]:
    """Changes of shift of a desk, those waiting first, then the newest."""
    rows = list(
        SwapRequest.objects.filter(shift__roster__post=desk).select_related("shift", "other_shift")
        .order_by("-asked_at", "-id")[:limit]
    )  # fmt: skip
    names = names_of([key for row in rows for key in (row.from_person_id, row.to_person_id)], scope)
    found = [
        {
            "row": row, "from": names.get(row.from_person_id, ""), "to": names.get(row.to_person_id, ""),
            "role": name(choices.DUTY_ROLES, row.role), "kind": name(choices.SWAP_KINDS, row.kind),
            "state": name(choices.SWAP_STATES, row.state),
        }
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["row"].state != "asked")


def rosters_of(desk: Post) -> list[RosterYear]:
    """A desk's rosters that count: drafts and published ones, by year, the draft after the published."""
    return list(RosterYear.objects.filter(post=desk, state__in=("draft", "published")).order_by("year", "version"))
