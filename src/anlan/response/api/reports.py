"""REST routes of reporting: what is owed, filing, acknowledging, disasters and their roll-up. All scoped."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from anlan.kernel import clock
from anlan.response import selectors, services
from anlan.response.api.schemas import READ, WRITE, After, Limit, Listed, paged
from anlan.response.api.schemas_reports import (
    AcknowledgeIn,
    AskIn,
    Count,
    DisasterIn,
    DisasterOut,
    DutyOut,
    ExplainIn,
    NoteIn,
    ReportIn,
    ReportOut,
)
from anlan.response.selectors import reports as reading
from anlan.response.selectors.rollup import raw_entries, rollup_level
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])


@router.get("/reports", response={200: Listed, **READ})
def reports(
    request: HttpRequest,
    division: str = "",
    incident: UUID | None = None,
    disaster: UUID | None = None,
    after: Annotated[int, Field(ge=0, le=10_000)] = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List the reports sent inside the reader's scope, the newest first, page by page: of one division, incident or
    disaster if asked."""
    scope = _actor(request).scope
    return paged(
        lambda page: reading.reports_sent(scope, division=division, incident=incident, disaster=disaster, page=page),
        after,
        limit,
    )


@router.post("/reports", response={201: ReportOut, **WRITE})
def report_file(request: HttpRequest, body: ReportIn) -> Any:
    """Send a division's report. It is never changed: a later one follows it."""
    told = services.Told(
        form=body.form, channel=body.channel, by=body.by, signer=body.signer, text=body.text, content=body.content,
        explains=body.explains, ref=body.ref,
    )  # fmt: skip
    row = services.report_file(
        by=_actor(request), division=body.division, figures=body.figures, as_of=body.as_of, kind=body.kind,
        reason=body.reason, incident=body.incident, disaster=body.disaster, told=told,
    )  # fmt: skip
    return Status(201, row)


@router.post("/reports/check", response={200: Listed, **WRITE})
def report_check(request: HttpRequest, body: ReportIn) -> Any:
    """Tell what the checks would find in a report, without sending it."""
    found = services.report_checked(
        by=_actor(request), division=body.division, figures=body.figures, as_of=body.as_of or clock.now(),
        kind=body.kind, incident=body.incident, disaster=body.disaster, told=services.Told(explains=body.explains),
    )  # fmt: skip
    return {"items": [finding.as_dict() for finding in found]}


@router.get("/reports/owed", response={200: Listed, **READ})
def owed(request: HttpRequest, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List what divisions in the reader's scope owe, the earliest due first, each with its rule and citation, by page."""
    return paged(lambda page: reading.reports_owed(_actor(request).scope, clock.now(), page=page), after, limit)


@router.post("/reports/ask", response={201: DutyOut, **WRITE})
def ask(request: HttpRequest, body: AskIn) -> Any:
    """Ask a division below to verify figures, or to report, by a time."""
    return Status(201, services.report_ask(by=_actor(request), **body.dict()))


@router.get("/reports/{report}", response={200: dict[str, Any], **READ})
def report_whole(request: HttpRequest, report: UUID) -> dict[str, Any]:
    """Return one report with what it says and leaves out, and who received and acknowledged it when."""
    return reading.report_whole(_actor(request).scope, report)


@router.post("/reports/{report}/acknowledge", response={200: Count, **WRITE})
def acknowledge(request: HttpRequest, report: UUID, body: AcknowledgeIn) -> Any:
    """Take notice of a report in the name of a level it went to: from now on that level knows."""
    return {"count": services.report_acknowledge(by=_actor(request), reports=[report], level=body.level)}


@router.get("/breaches", response={200: Listed, **READ})
def breaches(request: HttpRequest, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the reports that were not sent by their time, in the reader's scope and below, page by page."""
    return paged(lambda page: selectors.breaches(_actor(request).scope, page=page), after, limit)


@router.get("/disasters", response={200: list[DisasterOut], **READ})
def disasters(request: HttpRequest) -> Any:
    """List the disasters that concern the reader's scope, those still developing first."""
    return reading.disasters(_actor(request).scope)


@router.post("/disasters", response={201: DisasterOut, **WRITE})
def disaster_open(request: HttpRequest, body: DisasterIn) -> Any:
    """Open a disaster: every county of its area then owes its first return."""
    return Status(201, services.disaster_open(by=_actor(request), **body.dict()))


@router.post("/disasters/{disaster}/stable", response={200: DisasterOut, **WRITE})
def disaster_stable(request: HttpRequest, disaster: UUID, body: NoteIn) -> Any:
    """Say that a disaster is stable: the verified returns are owed."""
    return services.disaster_stable(by=_actor(request), disaster=disaster, note=body.note)


@router.post("/disasters/{disaster}/close", response={200: DisasterOut, **WRITE})
def disaster_close(request: HttpRequest, disaster: UUID, body: NoteIn) -> Any:
    """Close a disaster whose figures are verified."""
    return services.disaster_close(by=_actor(request), disaster=disaster, note=body.note)


@router.get("/disasters/{disaster}/rollup/{division}", response={200: dict[str, Any], **READ})
def rollup(request: HttpRequest, disaster: UUID, division: str) -> dict[str, Any]:
    """Return a division's figures, those directly below it, and what differs between them, explained."""
    scope = _actor(request).scope
    reading.disaster_of(scope, disaster)
    return rollup_level(scope, disaster, division)


@router.get("/disasters/{disaster}/raw/{division}", response={200: Listed, **READ})
def raw(request: HttpRequest, disaster: UUID, division: str) -> dict[str, Any]:
    """List the latest report of every division inside one, as it was sent, the lowest level first."""
    scope = _actor(request).scope
    reading.disaster_of(scope, disaster)
    return {"items": raw_entries(scope, disaster, division)}


@router.post("/disasters/{disaster}/explain", response={200: Count, **WRITE})
def explain(request: HttpRequest, disaster: UUID, body: ExplainIn) -> Any:
    """Say why a division's figures differ from the sum below."""
    row = services.difference_explain(by=_actor(request), disaster=disaster, division=body.division, words=body.words)
    return {"count": len(row.explained)}
