"""Incidents: opened, verified, closed; and the desk that is asked to see to one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.response import choices
from anlan.response.events import (
    IncidentClosed,
    IncidentOpened,
    IncidentVerified,
)
from anlan.response.formats.grades import event_types
from anlan.response.models import Incident, Task
from anlan.response.selectors.posts import desks_of
from anlan.response.services.bounds import fits
from anlan.response.services.grades import regrade
from anlan.response.services.in_turn import in_turn
from anlan.response.services.incident_lock import held, locked, not_merged, reasoned
from anlan.response.services.tasks import issued_record
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach


def incident_open(
    *,
    by: Actor,
    kind: str,
    title: dict[str, str],
    division: str,
    source: str,
    confidence: str = "medium",
    unverified: bool = True,
    lon: float | None = None,
    lat: float | None = None,
    details: dict[str, Any] | None = None,
    key: str = "",
    type_code: str | None = None,
    happened_at: datetime | None = None,
    known_at: datetime | None = None,
    place_words: str = "",
    at: datetime | None = None,
) -> Incident:
    """Open an incident. `title` {zh, en}; lon/lat degrees WGS-84; with `key` an open one of that key is returned as is.

    `type_code`: its class; None takes what `kind` is mapped to. `known_at`: when this level first knew, now if not told.
    It is graded at once by what is known.

    Raises Forbidden, Invalid (unknown kind or confidence, no source: every fact keeps where it came from).
    """
    by.must("incident.open", division)
    at = at or clock.now()
    sourced(kind, confidence, source)
    fits(Incident, title_zh=title["zh"], title_en=title["en"], source=source, place_words=place_words)
    if not title["zh"].strip():
        raise Invalid(code="incident.title", zh="请填写事件名称。", en="Give the incident a name.", field="title_zh",
                      value=title["zh"])  # fmt: skip
    types = event_types()
    code = types.kinds.get(kind, "") if type_code is None else type_code
    if code and types.find(code) is None:
        raise Invalid(code="incident.type", zh="没有这个事件分类代码；请从分类表中选择。", field="type_code", value=code,
                      en="There is no such class of events; choose one from the table.")  # fmt: skip
    with pinned(at):
        if key:
            in_turn(f"incident:{key}")
        known = Incident.objects.filter(key=key, state="open").first() if key else None
        if known is not None:
            return known
        row = Incident.objects.create(
            kind=kind, title_zh=title["zh"], title_en=title["en"], division=division, lon=lon, lat=lat, opened_at=at,
            source=source, confidence=confidence, unverified=unverified, details=details or {}, key=key, type_code=code,
            type_version=types.version if code else "", happened_at=happened_at, known_at=known_at or at,
            place_words=place_words,
        )  # fmt: skip
        event = IncidentOpened(
            incident=str(row.pk), incident_kind=kind, title=title, source=source, confidence=confidence,
            unverified=unverified,
        )  # fmt: skip
        record(event, by=by, about=f"incident:{row.pk}", division=division, at=at)
        regrade(by=by, incident=row, at=at)
    return row


def sourced(kind: str, confidence: str, source: str) -> None:
    """Invalid for an unknown kind or confidence, or without a source: every fact keeps where it came from."""
    for field, value, known in (
        ("kind", kind, choices.INCIDENT_KINDS),
        ("confidence", confidence, choices.CONFIDENCES),
    ):
        if value not in known:
            raise Invalid(
                code=f"incident.{field}",
                zh=f"“{value}”不在可选范围：{'、'.join(c.zh for c in known.values())}。",
                en=f"“{value}” is not one of: {', '.join(known)}.",
                field=field,
                value=value,
            )
    if not source.strip():
        raise Invalid(code="incident.no_source", zh="请写明消息来源。", en="Say where this comes from.", field="source",
                      value=source)  # fmt: skip


def incident_verify(*, by: Actor, incident: UUID, true: bool, reason: str, at: datetime | None = None) -> Incident:
    """Say that an incident is verified, or untrue (which closes it). Needs how one knows."""
    at = at or clock.now()
    with pinned(at):
        row = held(by, incident)
        reasoned(reason)
        not_merged(row)
        row.unverified = False
        row.save(update_fields=["unverified"])
        event = IncidentVerified(incident=str(row.pk), true=true, reason=reason)
        record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)
        if not true and row.state == "open":
            _close(by, row, reason, at)
    return row


def incident_close(*, by: Actor, incident: UUID, reason: str, at: datetime | None = None) -> Incident:
    """Close an incident, with the reason. Conflict when it is closed already, or goes on in another one."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, incident)
        reasoned(reason)
        _close(by, row, reason, at)
    return row


def _close(by: Actor, row: Incident, reason: str, at: datetime) -> None:
    row.state, row.closed_at = "closed", at
    row.save(update_fields=["state", "closed_at"])
    record(IncidentClosed(incident=str(row.pk), reason=reason), by=by, about=f"incident:{row.pk}",
           division=row.division, at=at)  # fmt: skip


def desk_task(
    *,
    by: Actor,
    division: str,
    code: str,
    text: dict[str, str],
    about: str,
    at: datetime,
    receipt: int,
    within: int,
    incident: Incident | None = None,
) -> Task:
    """Send a task to the nearest duty desk: the township's, else the county's, the city's, the province's. Minutes from `at`.

    The platform's own act: whoever reports may not write into the desk's division.
    """
    with whole_reach():
        post = desk_of(division)
        if post is None:
            raise _no_desk(division)
        task = Task.objects.create(
            code=code, text_zh=text["zh"], text_en=text["en"], owner_post=post, division=post.division, issued_at=at,
            receipt_due_at=at + timedelta(minutes=receipt), due_at=at + timedelta(minutes=within),
            next_at=at + timedelta(minutes=receipt), about=about, incident=incident,
            evidence_asked={"zh": "谁、何时、看到什么", "en": "who saw what, when"},
            basis={"zh": "先核实、不等待", "en": "Verify; do not wait", "mark": "D"},
        )  # fmt: skip
        issued_record(by=by, made=[task], about=about, division=post.division, track="main", at=at)
    return task


def desk_of(division: str) -> Post | None:
    """The nearest duty desk of a division, its own or above it; None when this node knows none."""
    codes = [division[:length] for length in (2, 4, 6, 9) if length <= len(division)]
    with whole_reach():
        desks = desks_of(codes)
    return max(desks.values(), key=lambda post: len(post.division), default=None)


def _no_desk(division: str) -> NotFound:
    return NotFound(
        code="response.no_desk",
        zh=f"“{division}”及其上级没有值班岗位；请先建立名册。",
        en=f"There is no duty desk for {division} or above it; set up the roster first.",
        field="division",
        value=division,
    )
