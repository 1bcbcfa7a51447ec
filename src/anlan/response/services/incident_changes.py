"""Two incidents that are one, one that was two, and what was entered wrongly. A merge or split can be taken back while
nothing was built on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.event_types import EventTypes
from anlan.response.events import (
    IncidentChanged,
    IncidentMerged,
    IncidentMergeUndone,
    IncidentSplit,
    IncidentSplitUndone,
)
from anlan.response.formats.grades import event_types
from anlan.response.models import (
    Claim,
    Incident,
    IncidentChange,
    IncidentFigure,
    IncidentGrade,
    Intake,
    Level,
    Task,
)
from anlan.response.services.bounds import fits, within_world
from anlan.response.services.claims import contradictions_weigh
from anlan.response.services.figures import figures_meet
from anlan.response.services.grades import regrade
from anlan.response.services.incident_lock import held, locked, missing, reasoned
from anlan.response.services.incidents import incident_open
from anlan.warning.services.moment import pinned

MOVED: tuple[tuple[str, Any], ...] = (("intakes", Intake), ("claims", Claim), ("figures", IncidentFigure))


def incident_merge(*, by: Actor, incident: UUID, into: UUID, reason: str, at: datetime | None = None) -> IncidentChange:
    """An incident goes on in another one. What belongs to it stays where it is and is read through the other, which knew
    as early as the earlier of the two. Raises NotFound, Forbidden, Conflict (closed or merged), Invalid (itself; no reason).
    """
    at = at or clock.now()
    reasoned(reason)
    if incident == into:
        raise Invalid(code="incident.same", zh="不能并入自身。", en="An incident can't be merged into itself.",
                      field="into", value=into)  # fmt: skip
    with pinned(at):
        both = {key: locked(by, key) for key in sorted((incident, into))}
        row, target = both[incident], both[into]
        change = IncidentChange.objects.create(
            kind="merge", incident=row, other=target, division=row.division, reason=reason.strip(), at=at,
            by_name=by.name, moved={"known_at": target.known_at.isoformat() if target.known_at else None},
        )  # fmt: skip
        figures_meet(by=by, incident=row, into=target, at=at)
        target.refresh_from_db(fields=["contradicted"])
        row.state, row.merged_into, row.closed_at = "merged", target, at
        row.save(update_fields=["state", "merged_into", "closed_at"])
        target.known_at = min(row.known_at or row.opened_at, target.known_at or target.opened_at)
        target.save(update_fields=["known_at"])
        event = IncidentMerged(incident=str(row.pk), into=str(target.pk), change=str(change.pk), reason=change.reason)
        record(event, by=by, about=f"incident:{target.pk}", division=target.division, at=at)
        regrade(by=by, incident=target, at=at)
    return change


def incident_split(
    *,
    by: Actor,
    incident: UUID,
    title: Mapping[str, str],
    reason: str,
    type_code: str = "",
    intakes: Sequence[UUID] = (),
    claims: Sequence[UUID] = (),
    figures: Sequence[UUID] = (),
    at: datetime | None = None,
) -> IncidentChange:
    """Take what belongs to another event out of an incident, into a new one. Figures an intake brought go with it.

    Raises NotFound, Forbidden, Conflict, Invalid (nothing named, or something that isn't this incident's; no reason).
    """
    at = at or clock.now()
    reasoned(reason)
    with pinned(at):
        row = locked(by, incident)
        found = _owned(row, intakes, claims, figures)
        first = next(iter(found["intakes"]), None)
        new = incident_open(
            by=by, kind=event_types().kind_of(type_code or row.type_code), title=dict(title), division=row.division,
            source=row.source, confidence=row.confidence, type_code=type_code or row.type_code, at=at,
            lon=first.lon if first else row.lon, lat=first.lat if first else row.lat,
            happened_at=first.happened_at if first else row.happened_at,
            known_at=first.received_at if first else row.known_at,
            place_words=first.place_words if first else row.place_words,
        )  # fmt: skip
        moved = {name: [str(one.pk) for one in found[name]] for name, _ in MOVED}
        _move(found, new)
        change = IncidentChange.objects.create(
            kind="split", incident=row, other=new, division=row.division, reason=reason.strip(), at=at,
            by_name=by.name, moved=moved,
        )  # fmt: skip
        event = IncidentSplit(incident=str(row.pk), new=str(new.pk), change=str(change.pk), moved=moved,
                              reason=change.reason)  # fmt: skip
        record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)
        for one in (row, new):
            contradictions_weigh(one)
            regrade(by=by, incident=one, at=at)
    return change


def change_undo(*, by: Actor, change: UUID, reason: str, at: datetime | None = None) -> IncidentChange:
    """Take a merge or a split back. Raises NotFound, Forbidden, Invalid, Conflict: taken back already, or something was
    built on it since (a level, a task, a confirmed grade, a later merge or split, a figure of the new incident's own)."""
    at = at or clock.now()
    reasoned(reason)
    with pinned(at):
        row = IncidentChange.objects.select_for_update(of=("self",)).filter(pk=change).first()
        if row is None or not by.scope.sees(row.division):
            raise NotFound(code="change.not_found", zh="没有这次并入或拆分。", en="There is no such merge or split.",
                           field="change", value=change)  # fmt: skip
        by.must("incident.open", row.division)
        if row.undone_at is not None:
            raise Conflict(code="change.undone", zh="已经撤销过。", en="It was taken back already.", field="change",
                           value=change)  # fmt: skip
        both = {
            key: held(by, key) for key in sorted((row.incident_id, row.other_id))
        }  # who may act in both, as to merge
        one, other = both[row.incident_id], both[row.other_id]
        _unbuilt(row, one, other)
        row.undone_at, row.undone_reason = at, reason.strip()
        row.save(update_fields=["undone_at", "undone_reason"])
        (_unmerge if row.kind == "merge" else _unsplit)(by, row, one, other, at)
    return row


def incident_change(
    *, by: Actor, incident: UUID, fields: Mapping[str, Any], reason: str, at: datetime | None = None
) -> Incident:
    """Set right what an incident is called, classed or placed; `fields` of title_zh, title_en, type_code, happened_at,
    place_words, lon, lat. It is graded anew. Raises NotFound, Forbidden, Conflict, Invalid (field; class; no reason)."""
    at = at or clock.now()
    reasoned(reason)
    _fields(fields, event_types(), at)
    with pinned(at):
        row = locked(by, incident)
        changed = {name: [getattr(row, name), value] for name, value in fields.items() if getattr(row, name) != value}
        if not changed:
            return row
        for name, (_, value) in changed.items():
            setattr(row, name, value)
        if "type_code" in changed:
            row.type_version = event_types().version
        row.save(update_fields=[*changed, "type_version"])
        record(IncidentChanged(incident=str(row.pk), fields=changed, reason=reason.strip()), by=by,
               about=f"incident:{row.pk}", division=row.division, at=at)  # fmt: skip
        regrade(by=by, incident=row, at=at)
    return row


CHANGEABLE = ("title_zh", "title_en", "type_code", "happened_at", "place_words", "lon", "lat")


def _fields(fields: Mapping[str, Any], types: EventTypes, at: datetime) -> None:
    for name, value in fields.items():
        if name not in CHANGEABLE:
            raise Invalid(code="incident.field", zh=f"“{name}”不能更正。", en=f"{name} can't be changed.", field=name,
                          value=value)  # fmt: skip
        if name == "type_code" and types.find(value) is None:
            raise Invalid(code="incident.type", zh="没有这个事件分类代码。", en="There is no such class of events.",
                          field=name, value=value)  # fmt: skip
        if name in ("title_zh", "title_en", "place_words"):
            fits(Incident, **{name: str(value)})
        if name in ("lon", "lat"):
            within_world(**{"lon": None, "lat": None, name: value})
        if name in ("title_zh", "title_en") and not str(value).strip():
            raise Invalid(code="incident.title", zh="名称不能为空。", en="The name can't be empty.", field=name,
                          value=value)  # fmt: skip
        if name == "happened_at" and value is not None and value > at:
            raise Invalid(code="incident.future", zh="发生时间不能晚于现在。", en="It can't have happened later than now.",
                          field=name, value=value)  # fmt: skip


def _unmerge(by: Actor, row: IncidentChange, one: Incident, other: Incident, at: datetime) -> None:
    one.state, one.merged_into, one.closed_at = "open", None, None
    one.save(update_fields=["state", "merged_into", "closed_at"])
    known = row.moved.get("known_at")
    other.known_at = datetime.fromisoformat(known) if known else None
    other.save(update_fields=["known_at"])
    event = IncidentMergeUndone(incident=str(one.pk), into=str(other.pk), change=str(row.pk), reason=row.undone_reason)
    record(event, by=by, about=f"incident:{other.pk}", division=other.division, at=at)
    regrade(by=by, incident=other, at=at)


def _unsplit(by: Actor, row: IncidentChange, one: Incident, other: Incident, at: datetime) -> None:
    for name, model in MOVED:
        model.objects.filter(pk__in=row.moved.get(name, [])).update(incident=one)
    other.state, other.closed_at, other.merged_into = "merged", at, one
    other.save(update_fields=["state", "closed_at", "merged_into"])
    event = IncidentSplitUndone(incident=str(one.pk), new=str(other.pk), change=str(row.pk), reason=row.undone_reason)
    record(event, by=by, about=f"incident:{one.pk}", division=one.division, at=at)
    contradictions_weigh(one)
    regrade(by=by, incident=one, at=at)


def _unbuilt(row: IncidentChange, one: Incident, other: Incident) -> None:
    """Refuse when something stands on the change: what was decided since about the incident it led to."""
    since = {"incident": other, "at__gt": row.at}
    built = (
        ("响应级别", "a response level", Level.objects.filter(incident=other, since__gt=row.at).exists()),
        ("任务", "a task", Task.objects.filter(incident=other, issued_at__gt=row.at).exists()),
        ("确认的等级", "a confirmed grade", IncidentGrade.objects.filter(**since, how__in=["confirmed", "set"]).exists()),
        ("其后的并入或拆分", "a later merge or split",
         IncidentChange.objects.filter(undone_at=None, at__gt=row.at, incident=other).exists()
         or IncidentChange.objects.filter(undone_at=None, at__gt=row.at, other=other).exists()),
        ("新事件自己的数据", "figures of its own",
         row.kind == "split" and IncidentFigure.objects.filter(**since).exists()),
        ("同一起因的事件在办", "another open incident of the same cause",
         bool(row.kind == "merge" and one.key and Incident.objects.filter(key=one.key, state="open").exists())),
    )  # fmt: skip
    for zh, en, found in built:
        if found or other.state != "open":
            raise Conflict(code="change.built_on", zh=f"之后已有{zh}，不能撤销；请另作更正。" if found else "事件已结束，不能撤销。",
                           en=f"There is {en} since: it can't be taken back; correct it instead." if found
                           else "The incident has ended: it can't be taken back.", field="change", value=row.pk)  # fmt: skip


def _owned(
    row: Incident, intakes: Sequence[UUID], claims: Sequence[UUID], figures: Sequence[UUID]
) -> dict[str, list[Any]]:
    wanted = {"intakes": list(intakes), "claims": list(claims), "figures": list(figures)}
    found: dict[str, list[Any]] = {}
    for name, model in MOVED:
        found[name] = list(model.objects.filter(pk__in=wanted[name], incident=row).order_by("id"))
        if len(found[name]) != len(set(wanted[name])):
            raise missing(row.pk)
    if not any(found.values()):
        raise Invalid(code="incident.nothing_to_split", zh="请选择要分出去的接报、说法或数据。",
                      en="Choose the reports, statements or figures that are of the other event.", field="intakes",
                      value=[])  # fmt: skip
    own = {figure.pk for figure in found["figures"]}
    came = IncidentFigure.objects.filter(incident=row, intake__in=found["intakes"]).exclude(pk__in=own)
    found["figures"] += list(came.order_by("id"))
    return found


def _move(found: Mapping[str, Sequence[Any]], new: Incident) -> None:
    for name, model in MOVED:
        model.objects.filter(pk__in=[one.pk for one in found[name]]).update(incident=new)
