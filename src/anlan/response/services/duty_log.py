"""The duty log and the telephone record (值班日志、电话记录): written once, never changed; a correction is a new row."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import models

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_duty import LOG_KINDS, LOG_WAYS, STANDING
from anlan.response.choices_levels import PURGED
from anlan.response.events import DutyLogged, PhoneRecorded
from anlan.response.models import DutyLogEntry, Incident, Intake, PhoneRecord, PurgeClock
from anlan.response.selectors.family import family
from anlan.response.services.bounds import fits
from anlan.response.services.in_turn import in_turn
from anlan.response.services.purging import Gathered, events_apart, gathered_register, in_area_and_time
from anlan.response.services.rosters import desk_of
from anlan.territory.engine.identifiers import phone_normal
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned

ACT = "duty.log"
RECORD = "phonerecord"
LONGEST = 4000
SHORT = {"place": 200, "caller_unit": 200, "caller_name": 96, "caller_post": 96, "caller_phone": 32}


@dataclass(frozen=True)
class LogSpec:
    """What is written into the log. `kind`, `way`: codes of LOG_KINDS and LOG_WAYS ("" for none); `link`: what it is about,
    as `type:id`; `settles`: the instruction or fault it settles; `corrects`: the entry it puts right; `phone`: the
    telephone record it tells of."""

    content: str
    kind: str = "note"
    way: str = ""
    from_words: str = ""
    to_words: str = ""
    action: str = ""
    link: str = ""
    settles: UUID | None = None
    corrects: UUID | None = None
    phone: UUID | None = None


@dataclass(frozen=True)
class PhoneSpec:
    """A telephone call as the caller told it: where, why, how it went, what was done, what came of it, where it tends,
    whom the caller has told, and who the caller is. Nothing is refused for a number that can't be one."""

    place: str
    received_at: datetime | None = None
    happened_at: datetime | None = None
    cause: str = ""
    course: str = ""
    measures: str = ""
    result: str = ""
    trend: str = ""
    told: str = ""
    caller_unit: str = ""
    caller_name: str = ""
    caller_post: str = ""
    caller_phone: str = ""


def log_write(*, by: Actor, post: UUID, spec: LogSpec, at: datetime | None = None) -> DutyLogEntry:
    """Write an entry into a desk's log; `at` is when it happened, up to now. Raises Forbidden, NotFound, Invalid (empty, a
    code that is none, a time to come), Conflict (settled already)."""
    now = clock.now()
    with pinned(now):
        desk = desk_of(by, post)
        by.must(ACT, desk.division)
        _must_be_entry(spec, at or now, now)
        if spec.settles is not None:
            in_turn(f"dutylog:{spec.settles}")
        settles, corrects = _entry(desk, spec.settles, "settles"), _entry(desk, spec.corrects, "corrects")
        if settles is not None and settles.kind not in STANDING:
            raise Invalid(code="duty.settles", zh="只有领导指示和设备故障可以办结。", en="Only instructions and faults are settled.",
                          field="settles", value=spec.settles)  # fmt: skip
        if settles is not None and DutyLogEntry.objects.filter(settles=settles).exists():
            raise Conflict(
                code="duty.settled", zh="此项已办结。", en="It was settled already.", field="settles", value=settles.pk
            )
        kind = "done" if settles is not None else "correction" if corrects is not None else spec.kind
        row = DutyLogEntry.objects.create(
            post=desk, division=desk.division, at=at or now, written_at=now, kind=kind, way=spec.way,
            from_words=spec.from_words.strip()[:200], to_words=spec.to_words.strip()[:200], content=spec.content.strip(),
            action=spec.action.strip(), operator=by.name, link=spec.link, settles=settles, corrects=corrects,
            phone_id=spec.phone,
        )  # fmt: skip
        event = DutyLogged(entry=row.pk, post=desk.code, entry_kind=kind, way=row.way, link=row.link, settles=spec.settles,
                           corrects=spec.corrects)  # fmt: skip
        record(event, by=by, about=f"dutylog:{row.pk}", division=desk.division, at=now)
    return row


def phone_take_down(
    *, by: Actor, post: UUID, spec: PhoneSpec, corrects: UUID | None = None, at: datetime | None = None
) -> PhoneRecord:
    """Take a telephone call down (接), with a line in the log. `corrects`: the record this one puts right; that one stays.

    Raises Forbidden, NotFound, Invalid: no place, no course, a time to come."""
    at = at or clock.now()
    with pinned(at):
        desk = desk_of(by, post)
        by.must(ACT, desk.division)
        received = spec.received_at or at
        _must_be_call(spec, received, at)
        before = PhoneRecord.objects.filter(pk=corrects, post=desk).first() if corrects else None
        if corrects is not None and before is None:
            raise NotFound(code="duty.no_record", zh="没有要更正的电话记录。", en="There is no such telephone record to put right.",
                           field="corrects", value=corrects)  # fmt: skip
        values = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(spec).items()}
        # As it was told: a number that can't be one is kept, for the caller is on the line now.
        values |= {"received_at": received, "caller_phone": phone_normal(spec.caller_phone)[:32]}
        row = PhoneRecord.objects.create(
            post=desk, division=desk.division, recorder=by.name, written_at=at, corrects=before, **values
        )
        event = PhoneRecorded(record=row.pk, post=desk.code, received_at=received, corrects=corrects)
        record(event, by=by, about=f"{RECORD}:{row.pk}", division=desk.division, at=at)
        told = LogSpec(
            content=_line(row), kind="in", way="phone", from_words=row.caller_unit, link=f"{RECORD}:{row.pk}", phone=row.pk,
            corrects=_entry_of(before),
        )  # fmt: skip
        log_write(by=by, post=desk.pk, spec=told, at=received)
    return row


def phone_hand_on(*, by: Actor, record_id: UUID, link: str, at: datetime | None = None) -> DutyLogEntry:
    """Write down what a telephone record became: `link` is `incident:<id>` or `intake:<id>`. Raises NotFound, Forbidden,
    Invalid for a link that leads nowhere, Conflict when handed on before."""
    with pinned(at or clock.now()):
        row = PhoneRecord.objects.filter(pk=record_id).select_related("post").first()
        if row is None or not by.scope.covers(row.division):
            raise NotFound(code="duty.no_record", zh="没有此电话记录。", en="There is no such telephone record.", field="record",
                           value=record_id)  # fmt: skip
        kind = _became(by, link)
        in_turn(f"{RECORD}:{row.pk}")
        if DutyLogEntry.objects.filter(phone=row, kind="out").exists():
            raise Conflict(code="duty.handed_on", zh="此电话记录已转为接报。", en="This record was handed on already.", field="record",
                           value=record_id)  # fmt: skip
        spec = LogSpec(
            content=f"电话记录转接报 · telephone record handed on ({kind})", kind="out", way="system", link=link, phone=row.pk
        )  # fmt: skip
        return log_write(by=by, post=row.post_id, spec=spec, at=at)


def _became(by: Actor, link: str) -> str:
    """What a telephone record became, incident or intake; Invalid for anything else, or one out of sight."""
    kind, _, key = link.partition(":")
    models_of: dict[str, type[Incident] | type[Intake]] = {"incident": Incident, "intake": Intake}
    with suppress(ValueError):
        found = models_of[kind].objects.filter(pk=UUID(key)).first() if kind in models_of else None
        if found is not None and by.scope.sees(found.division):
            return kind
    raise Invalid(code="duty.link", zh="应转为已有的事件或接报；请从列表中选择。", field="link", value=link,
                  en="A record becomes an incident or an intake that is there; choose one from the list.")  # fmt: skip


def _must_be_entry(spec: LogSpec, at: datetime, now: datetime) -> None:
    if not spec.content.strip() or len(spec.content) > LONGEST or len(spec.action) > LONGEST:
        raise Invalid(code="duty.content", zh=f"请填写内容（不超过{LONGEST}字）。", en=f"Write what happened (at most {LONGEST} characters).",
                      field="content", value=spec.content[:80])  # fmt: skip
    fits(DutyLogEntry, link=spec.link)
    if spec.kind not in LOG_KINDS or (spec.way and spec.way not in LOG_WAYS):
        raise Invalid(
            code="duty.kind", zh="类别或方式不在列。", en="There is no such kind or way.", field="kind", value=spec.kind
        )
    if at > now:
        raise _later("at", at)


def _must_be_call(spec: PhoneSpec, received: datetime, at: datetime) -> None:
    if not spec.place.strip() or not (spec.course.strip() or spec.cause.strip()):
        raise Invalid(code="duty.call", zh="请至少记下地点和经过（或原因）。", en="Take down at least the place and the course (or the cause).",
                      field="place" if not spec.place.strip() else "course", value="")  # fmt: skip
    for name, value in (("received_at", received), ("happened_at", spec.happened_at)):
        if value is not None and value > at:
            raise _later(name, value)
    for name, value in asdict(spec).items():
        most = SHORT.get(name, LONGEST)
        if isinstance(value, str) and len(value) > most:
            raise Invalid(code="duty.long", zh=f"过长，不超过{most}字。", en=f"Too long: at most {most} characters.", field=name,
                          value=value[:80])  # fmt: skip


def _later(field: str, value: datetime) -> Invalid:
    return Invalid(
        code="duty.time", zh="时间不能晚于现在。", en="The time can't be later than now.", field=field, value=value
    )


def _entry(desk: Post, key: UUID | None, field: str) -> DutyLogEntry | None:
    if key is None:
        return None
    row = DutyLogEntry.objects.filter(pk=key, post=desk).first()
    if row is None:
        raise NotFound(code="duty.no_entry", zh="本值班室日志中没有此条。", en="There is no such entry in this desk's log.", field=field,
                       value=key)  # fmt: skip
    return row


def _entry_of(row: PhoneRecord | None) -> UUID | None:
    if row is None:
        return None
    return (
        DutyLogEntry.objects.filter(phone=row, kind__in=("in", "correction"))
        .order_by("written_at")
        .values_list("pk", flat=True)
        .first()
    )


def _line(row: PhoneRecord) -> str:
    told = row.course or row.cause
    return f"{row.place}：{told}"[:LONGEST]


def _records(purge: PurgeClock) -> models.QuerySet[PhoneRecord]:
    """The telephone calls an event came from, or those of the response's area and time, save of events with their own
    response: who called is destroyed, what was said stays."""
    came = Intake.objects.filter(about__startswith=f"{RECORD}:")
    if purge.incident_id is not None:
        return PhoneRecord.objects.filter(pk__in=_of(came.filter(incident__in=family(purge.incident_id))))
    rows = in_area_and_time(purge, PhoneRecord.objects.all(), "received_at")
    return rows.exclude(pk__in=_of(came.filter(incident__in=events_apart())))


def _of(intakes: models.QuerySet[Intake]) -> list[UUID]:
    """The telephone records that reports were taken from."""
    return [UUID(about.partition(":")[2]) for about in intakes.values_list("about", flat=True)]


gathered_register(Gathered("phone_records", PhoneRecord, {"caller_name": PURGED, "caller_phone": PURGED}, _records))
