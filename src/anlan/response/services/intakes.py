"""Intakes: everything that comes in is written down as it was said; then a person opens, joins or dismisses it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.events import IncidentJoined, IncidentReceived, IntakeDismissed
from anlan.response.formats.grades import event_types
from anlan.response.models import Incident, Intake, Task
from anlan.response.services.bounds import fits, within_world
from anlan.response.services.figures import figure_check, figure_set
from anlan.response.services.in_turn import in_turn
from anlan.response.services.incident_lock import locked
from anlan.response.services.incidents import desk_task, incident_open
from anlan.response.services.tasks import OPEN, Done, task_done_many
from anlan.warning.services.moment import pinned, whole_reach

LONGEST = 4000
DECIDE_RECEIPT_MIN, DECIDE_MIN = 3, 10
TASK = "V-intake"


@dataclass(frozen=True)
class Said:
    """What somebody said happened. Only `what` must be there; an unclear picture is reported as far as it is known.

    `casualties`: {metric: number or word, or None where the caller didn't know}; lon/lat degrees WGS-84; `caller`: {name, unit,
    post, phone}; `told`: whom the caller had told already.
    """

    what: str
    type_code: str = ""
    happened_at: datetime | None = None
    place_words: str = ""
    lon: float | None = None
    lat: float | None = None
    cause: str = ""
    measures: str = ""
    trend: str = ""
    casualties: Mapping[str, float | str | None] = field(default_factory=dict)
    caller: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    confidence: str = "medium"


def incident_receive(
    *,
    by: Actor,
    door: str,
    division: str,
    said: Said,
    source_system: str = "",
    source_ref: str = "",
    about: str = "",
    at: datetime | None = None,
) -> Intake:
    """Write down what came in. With `source_ref` the same message twice is one intake; another one under the same
    reference is its next revision, and joins the incident the earlier one belongs to, with its figures.

    A machine's or another's message waits for a person: the nearest desk gets a task to decide it.

    Raises Forbidden, Invalid (no words, unknown class, door or metric, time to come), Conflict (another area has sent
    something under that reference).
    """
    at = at or clock.now()
    by.must("incident.receive", division)
    _check(door, said, at)
    fits(Intake, source_system=source_system, source_ref=source_ref, about=about, place_words=said.place_words,
         told=said.told)  # fmt: skip
    within_world(said.lon, said.lat)
    digest = _digest(said, division)
    with pinned(at):
        last = _last(source_system, source_ref) if source_ref else None
        if last is not None and not by.scope.covers(last.division):
            raise Conflict(
                code="intake.ref_taken", field="source_ref", value=source_ref,
                zh="另一地区已用此来源和编号报来一件；请在来源名称中加上本地名称（如“某县119”）后重发。",
                en="Another area has used this source and number; send it again with your place in the name of the source.",
            )  # fmt: skip
        if last is not None and last.digest == digest:
            return last
        row = Intake.objects.create(
            **{name: value for name, value in asdict(said).items() if name not in ("casualties", "caller")},
            casualties=dict(said.casualties), caller={k: v for k, v in said.caller.items() if v},
            door=door, division=division, received_at=at, source_system=source_system, source_ref=source_ref,
            revision=last.revision + 1 if last else 1, digest=digest, about=about, taken_by=by.as_json(),
        )  # fmt: skip
        event = IncidentReceived(
            intake=str(row.pk), door=door, type_code=row.type_code, happened_at=row.happened_at, place=row.place_words,
            source_system=source_system, source_ref=source_ref, revision=row.revision,
            figures={k: v for k, v in said.casualties.items() if v is not None},
            unknown=sorted(k for k, v in said.casualties.items() if v is None),
        )  # fmt: skip
        record(event, by=by, about=f"intake:{row.pk}", division=division, at=at)
        if last is not None and last.incident_id is not None:
            _follow(by, row, last, at)
        elif door not in ("phone", "desk"):
            _ask(by, row, at)
    return row


def intake_open(
    *,
    by: Actor,
    intake: UUID,
    title: Mapping[str, str] | None = None,
    kind: str = "",
    at: datetime | None = None,
) -> Incident:
    """Open an incident of an intake, with its figures and its grade. The title is made of place and class when none is
    given. Raises NotFound, Forbidden, Conflict when it was decided already."""
    at = at or clock.now()
    with pinned(at):
        row = _waiting(by, intake)
        words = dict(title) if title else title_of(row.place_words, row.type_code, row.what)
        incident = incident_open(
            by=by, kind=kind or event_types().kind_of(row.type_code), title=words, division=row.division,
            source=source_of(row), confidence=row.confidence, lon=row.lon, lat=row.lat, type_code=row.type_code,
            happened_at=row.happened_at, known_at=row.received_at, place_words=row.place_words,
            details={k: v for k in ("what", "cause", "measures", "trend") if (v := getattr(row, k))}, at=at,
        )  # fmt: skip
        _belongs(by, row, incident, at, opened=True)
    incident.refresh_from_db()
    return incident


def intake_join(*, by: Actor, intake: UUID, incident: UUID, at: datetime | None = None) -> Intake:
    """Join an intake to an incident that is open; its figures come with it. Raises as `intake_open`."""
    at = at or clock.now()
    with pinned(at):
        row = _waiting(by, intake)
        _belongs(by, row, locked(by, incident), at, opened=False)
    return row


def intake_dismiss(*, by: Actor, intake: UUID, reason: str, at: datetime | None = None) -> Intake:
    """Say why an intake opens no incident (a drill, a prank, another's affair). Raises as `intake_open`, Invalid."""
    at = at or clock.now()
    with pinned(at):
        row = _waiting(by, intake)
        if not reason.strip():
            raise Invalid(code="intake.no_reason", zh="不立为事件须写明理由。", en="Say why it opens no incident.",
                          field="reason", value=reason)  # fmt: skip
        row.state, row.reason, row.decided_at = "dismissed", reason.strip(), at
        row.save(update_fields=["state", "reason", "decided_at"])
        record(IntakeDismissed(intake=str(row.pk), reason=row.reason), by=by, about=f"intake:{row.pk}",
               division=row.division, at=at)  # fmt: skip
        _answered(row, reason, at)
    return row


def title_of(place: str, type_code: str, what: str) -> dict[str, str]:
    """Return an incident's name: place and class, or the first words of what was said."""
    found = event_types().find(type_code)
    if found is None:
        return {"zh": what[:60], "en": what[:60]}
    return {"zh": f"{place}{found.zh}"[:200], "en": f"{found.en}{', ' + place if place else ''}"[:300]}


def source_of(row: Intake) -> str:
    """Return who said it, as an incident's source: the other system and its number, or door and unit of the caller.

    Names and telephone numbers stay in the intake.
    """
    if row.source_ref:
        return f"{row.source_system} {row.source_ref}".strip()[:200]
    unit = row.caller.get("unit", "")
    door = codes.DOORS[row.door]
    return (f"{door.zh}：{unit}" if unit else f"{door.zh} {door.en}")[:200]


def _belongs(by: Actor, row: Intake, incident: Incident, at: datetime, *, opened: bool) -> None:
    row.incident, row.state, row.decided_at = incident, "opened" if opened else "joined", at
    row.save(update_fields=["incident", "state", "decided_at"])
    event = IncidentJoined(incident=str(incident.pk), intake=str(row.pk), opened=opened)
    record(event, by=by, about=f"incident:{incident.pk}", division=incident.division, at=at)
    _figures(by, row, incident, at)
    _answered(row, "opened" if opened else "joined", at)


def _figures(by: Actor, row: Intake, incident: Incident, at: datetime) -> None:
    for metric in codes.EVERY_FIGURE:
        value = row.casualties.get(metric)
        if value is not None:
            told = {"word": value} if isinstance(value, str) else {"value": float(value)}
            # Another's revision may say less than before; its own word that it is a revision is the reason kept.
            reason = f"{source_of(row)} 更正 revision {row.revision}" if row.revision > 1 else ""
            figure_set(
                by=by, incident=incident.pk, metric=metric, source=source_of(row), as_of=row.received_at,
                confidence=row.confidence, reason=reason, intake=row, at=at, **told,
            )  # fmt: skip


def _follow(by: Actor, row: Intake, last: Intake, at: datetime) -> None:
    """A revision belongs where its predecessor does, in the incident that one goes on in; a closed one is asked about."""
    incident = last.incident
    while incident is not None and incident.merged_into is not None:
        incident = incident.merged_into
    if incident is None or incident.state != "open":
        _ask(by, row, at)
        return
    with whole_reach():
        _belongs(Actor.system("response"), row, locked(Actor.system("response"), incident.pk), at, opened=False)


def _ask(by: Actor, row: Intake, at: datetime) -> None:
    place = row.place_words or row.division
    desk_task(
        by=by, division=row.division, code=TASK, about=f"intake:{row.pk}", at=at, receipt=DECIDE_RECEIPT_MIN,
        within=DECIDE_MIN, text={"zh": f"接报待处理：{place}，{row.what[:80]}。立为事件、并入已有事件，或说明不立的理由",
        "en": f"A report to decide: {place}: {row.what[:80]}. Open an incident, join it to one, or say why not"},
    )  # fmt: skip


def _answered(row: Intake, words: str, at: datetime) -> None:
    """The desk's task to decide is done with the decision."""
    with whole_reach():
        keys = Task.objects.filter(about=f"intake:{row.pk}", code=TASK, state__in=OPEN)
        done = [Done(key, at, {"text": words}) for key in keys.order_by("id").values_list("pk", flat=True)]
        task_done_many(by=Actor.system("response"), done=done)


def _waiting(by: Actor, intake: UUID) -> Intake:
    row = Intake.objects.select_for_update(of=("self",)).filter(pk=intake).first()
    if row is None or not by.scope.sees(row.division):
        raise no_intake(intake)
    by.must("incident.open", row.division)
    if row.state != "new":
        raise Conflict(code="intake.decided", zh=f"这条接报{codes.INTAKE_STATES[row.state].zh}。",
                       en="This report was decided already.", field="intake", value=intake, state=row.state)  # fmt: skip
    return row


def no_intake(intake: UUID) -> NotFound:
    """Return the refusal of a report that isn't there or isn't to be seen."""
    return NotFound(code="intake.not_found", zh="没有这条接报，或不在您的范围内。",
                    en="There is no such report, or it is not in your scope.", field="intake", value=intake)  # fmt: skip


def _last(system: str, ref: str) -> Intake | None:
    """The latest revision under a reference, whoever sent it; two of the same wait in line."""
    in_turn(f"intake:{system}\x1f{ref}")
    with whole_reach():
        return Intake.objects.filter(source_system=system, source_ref=ref).order_by("revision").last()


def _digest(said: Said, division: str) -> str:
    return hashlib.sha256(msgspec.json.encode([division, asdict(said)], order="deterministic")).hexdigest()


def _check(door: str, said: Said, at: datetime) -> None:
    if door not in codes.DOORS:
        raise _wrong(
            "door", door, f"来源方式应为：{'、'.join(codes.DOORS)}。", f"The door is one of: {', '.join(codes.DOORS)}."
        )
    if not said.what.strip():
        raise _wrong("what", said.what, "请写明发生了什么，一句话也可以。", "Say what happened; a sentence is enough.")
    for name in ("what", "cause", "measures", "trend"):
        if len(getattr(said, name)) > LONGEST:
            raise _wrong(name, len(getattr(said, name)), f"最多{LONGEST}字。", f"At most {LONGEST} characters.")
    if said.type_code and event_types().find(said.type_code) is None:
        raise _wrong("type_code", said.type_code, "没有这个事件分类代码。", "There is no such class of events.")
    if said.happened_at is not None and said.happened_at > at:
        raise _wrong(
            "happened_at", said.happened_at, "发生时间不能晚于现在。", "It can't have happened later than now."
        )
    if said.confidence not in choices.CONFIDENCES:
        raise _wrong("confidence", said.confidence, "可信度应为低、中或高。", "Confidence is low, medium or high.")
    for metric, value in said.casualties.items():
        word = value if isinstance(value, str) else ""
        number = None if isinstance(value, str) else value
        if metric not in codes.EVERY_FIGURE or value is not None:
            figure_check(metric, number, word, "intake", said.confidence)


def _wrong(name: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(code=f"intake.{name}", zh=zh, en=en, field=name, value=value)
