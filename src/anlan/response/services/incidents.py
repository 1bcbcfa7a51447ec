"""Incidents, and contradictory statements about them kept side by side until somebody verifies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices
from anlan.response.events import (
    ClaimAdded,
    ClaimJudged,
    IncidentClosed,
    IncidentContradicted,
    IncidentOpened,
    IncidentVerified,
)
from anlan.response.models import Claim, Incident, Task
from anlan.response.services.tasks import issued_record
from anlan.response.services.writing import rows_update
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach

VERIFY_MIN = 30
RECEIPT_MIN = 5
DESKS = ("township_duty", "county_duty", "city_duty", "province_duty")


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
    at: datetime | None = None,
) -> Incident:
    """Open an incident. `title` {zh, en}; lon/lat degrees WGS-84; with `key` an open one of that key is returned as is.

    Raises Forbidden, Invalid (unknown kind or confidence, no source: every fact keeps where it came from).
    """
    by.must("incident.open", division)
    at = at or clock.now()
    _check(kind, confidence, source)
    with pinned(at):
        known = Incident.objects.filter(key=key, state="open").first() if key else None
        if known is not None:
            return known
        row = Incident.objects.create(
            kind=kind, title_zh=title["zh"], title_en=title["en"], division=division, lon=lon, lat=lat, opened_at=at,
            source=source, confidence=confidence, unverified=unverified, details=details or {}, key=key,
        )  # fmt: skip
        event = IncidentOpened(
            incident=str(row.pk), incident_kind=kind, title=title, source=source, confidence=confidence,
            unverified=unverified,
        )  # fmt: skip
        record(event, by=by, about=f"incident:{row.pk}", division=division, at=at)
    return row


def _check(kind: str, confidence: str, source: str) -> None:
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
        row = _locked(by, incident)
        by.must("incident.open", row.division)
        _reason(reason)
        row.unverified = False
        if not true:
            row.state, row.closed_at = "closed", at
        row.save(update_fields=["unverified", "state", "closed_at"])
        event = IncidentVerified(incident=str(row.pk), true=true, reason=reason)
        record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)
    return row


def incident_close(*, by: Actor, incident: UUID, reason: str, at: datetime | None = None) -> Incident:
    """Close an incident, with the reason. Conflict when it is closed already."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, incident)
        by.must("incident.open", row.division)
        _reason(reason)
        if row.state == "closed":
            raise Conflict(code="incident.closed", zh="事件已结束。", en="The incident is closed already.",
                           field="incident", value=incident)  # fmt: skip
        row.state, row.closed_at = "closed", at
        row.save(update_fields=["state", "closed_at"])
        record(IncidentClosed(incident=str(row.pk), reason=reason), by=by, about=f"incident:{row.pk}",
               division=row.division, at=at)  # fmt: skip
    return row


def claim_add(
    *,
    by: Actor,
    incident: UUID,
    topic: str,
    value: str,
    text: dict[str, str],
    source: str,
    confidence: str = "medium",
    said_at: datetime | None = None,
    at: datetime | None = None,
) -> Claim:
    """Keep what a source says about an incident. Another value on the same topic contradicts the earlier ones: all are
    kept, and the county's duty desk is asked once to verify (a task)."""
    at = at or clock.now()
    _check("other", confidence, source)
    with pinned(at):
        row = _locked(by, incident)
        by.must("incident.open", row.division)
        claim = Claim.objects.create(
            incident=row, division=row.division, topic=topic, value=value, text_zh=text["zh"], text_en=text["en"],
            source=source, confidence=confidence, said_at=said_at or at,
        )  # fmt: skip
        about = f"incident:{row.pk}"
        event = ClaimAdded(
            incident=str(row.pk), claim=str(claim.pk), topic=topic, value=value, text=text, source=source,
            confidence=confidence,
        )  # fmt: skip
        record(event, by=by, about=about, division=row.division, at=at)
        held = list(Claim.objects.filter(incident=row, topic=topic).exclude(state="refuted").order_by("id"))
        if len({other.value for other in held}) > 1:
            _contradiction(by, row, topic, held, at)
            claim.refresh_from_db()
    return claim


def _contradiction(by: Actor, row: Incident, topic: str, held: list[Claim], at: datetime) -> None:
    task = next((claim.verify_task for claim in held if claim.verify_task and claim.verify_task.state != "done"), None)
    task = task or _verify_task(by, row, topic, at)
    for claim in held:
        claim.contradicted, claim.verify_task = True, task
    rows_update(held, ["contradicted", "verify_task"])
    row.contradicted = True
    row.save(update_fields=["contradicted"])
    event = IncidentContradicted(
        incident=str(row.pk), topic=topic, claims=[str(claim.pk) for claim in held], task=str(task.pk)
    )
    record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)


def _verify_task(by: Actor, row: Incident, topic: str, at: datetime) -> Task:
    zh = f"核实：{row.title_zh}，关于“{topic}”的说法互相矛盾，现场核实后回报"
    en = f"Verify: {row.title_en}. Statements on “{topic}” contradict each other; check on the spot and report"
    return desk_task(
        by=by, division=row.division, code="V-verify", text={"zh": zh, "en": en}, about=f"incident:{row.pk}", at=at,
        receipt=RECEIPT_MIN, within=VERIFY_MIN,
    )  # fmt: skip


def desk_task(
    *, by: Actor, division: str, code: str, text: dict[str, str], about: str, at: datetime, receipt: int, within: int
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
            next_at=at + timedelta(minutes=receipt), about=about,
            evidence_asked={"zh": "谁、何时、看到什么", "en": "who saw what, when"},
            basis={"zh": "先核实、不等待", "en": "Verify; do not wait", "mark": "D"},
        )  # fmt: skip
        issued_record(by=by, made=[task], about=about, division=post.division, track="main", at=at)
    return task


def desk_of(division: str) -> Post | None:
    """The nearest duty desk of a division, its own or above it; None when this node knows none."""
    codes = [division[:length] for length in (2, 4, 6, 9) if length <= len(division)]
    with whole_reach():
        desks = list(Post.objects.filter(division__in=codes, role__in=DESKS))
    return min(desks, key=lambda post: (-len(post.division), post.code), default=None)


def _no_desk(division: str) -> NotFound:
    return NotFound(
        code="response.no_desk",
        zh=f"“{division}”及其上级没有值班岗位；请先建立名册。",
        en=f"There is no duty desk for {division} or above it; set up the roster first.",
        field="division",
        value=division,
    )


def claim_judge(*, by: Actor, claim: UUID, true: bool, reason: str, at: datetime | None = None) -> Claim:
    """Confirm or refute a claim. When the claims left on its topic agree, the contradiction is over."""
    at = at or clock.now()
    with pinned(at):
        row = Claim.objects.select_related("incident").filter(pk=claim).first()
        if row is None or not by.scope.sees(row.division):
            raise _missing(claim)
        incident = _locked(by, row.incident_id)
        by.must("incident.open", row.division)
        _reason(reason)
        row.state = "confirmed" if true else "refuted"
        row.contradicted = False
        row.save(update_fields=["state", "contradicted"])
        left = list(Claim.objects.filter(incident=incident, topic=row.topic).exclude(state="refuted").order_by("id"))
        if len({other.value for other in left}) <= 1:
            Claim.objects.filter(incident=incident, topic=row.topic).update(contradicted=False)
        incident.contradicted = Claim.objects.filter(incident=incident, contradicted=True).exists()
        incident.save(update_fields=["contradicted"])
        event = ClaimJudged(
            incident=str(incident.pk), claim=str(row.pk), topic=row.topic, state=row.state, reason=reason
        )
        record(event, by=by, about=f"incident:{incident.pk}", division=row.division, at=at)
    return row


def _reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(code="incident.no_reason", zh="请写明依据。", en="Say how you know.", field="reason",
                      value=reason)  # fmt: skip


def _locked(by: Actor, incident: UUID) -> Incident:
    row = Incident.objects.select_for_update().filter(pk=incident).first()
    if row is None or not by.scope.sees(row.division):
        raise _missing(incident)
    return row


def _missing(key: UUID) -> NotFound:
    return NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                    en="There is no such incident, or it is not in your scope.", field="incident", value=key)  # fmt: skip
