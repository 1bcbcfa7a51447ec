"""Routes of the warning stage. All are scoped to the reader; refusals are RFC 9457 problems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Status
from pydantic import Field

from anlan.kernel.problem import Invalid
from anlan.territory.pages.access import actor as _actor
from anlan.warning import selectors
from anlan.warning.api.drafts import router as drafts
from anlan.warning.api.feeds import router as feeds
from anlan.warning.api.gateways import router as gateways
from anlan.warning.api.help import router as help_routes
from anlan.warning.api.schemas import (
    AnswerIn,
    AnswerOut,
    BoardOut,
    CancelIn,
    DeclineIn,
    MissingOut,
    PreviewOut,
    ProposalIssueIn,
    Refusal,
    UnansweredOut,
    WarningIn,
    WarningOut,
)
from anlan.warning.api.sources import router as sources
from anlan.warning.api.ways import router as ways
from anlan.warning.models import Warning
from anlan.warning.services import (
    Answer,
    Texts,
    answers_take,
    compose,
    proposal_decline,
    warning_cancel,
    warning_issue,
)

router = Router(tags=["warning"])
router.add_router("", feeds)
router.add_router("/gateways", gateways)
router.add_router("", drafts)
router.add_router("", sources)
router.add_router("", help_routes)
router.add_router("", ways)
READ = {401: Refusal, 403: Refusal, 404: Refusal, 422: Refusal}
WRITE = {**READ, 409: Refusal}
Moment = Annotated[datetime | None, Query(description="As it stood at this time (ISO 8601 with offset); empty: now")]
Area = Annotated[list[str], Query(description="Division codes, prefix form", min_length=1, max_length=500)]


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise Invalid(code="time.no_zone", zh="时间须带时区，如 2021-07-20T08:00:00+08:00。", field="at", value=at,
                      en="Give the time with its offset, such as 2021-07-20T08:00:00+08:00.")  # fmt: skip
    return at


def _out(row: Warning) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "hazard": row.hazard,
        "colour": row.colour,
        "issuer_kind": row.issuer_kind,
        "division": row.division,
        "area": row.area,
        "headline": {"zh": row.headline_zh, "en": row.headline_en},
        "description": {"zh": row.description_zh, "en": row.description_en},
        "instruction": {"zh": row.instruction_zh, "en": row.instruction_en},
        "issued_at": row.issued_at,
        "effective": row.effective,
        "expires": row.expires,
        "state": row.state,
        "references": row.references_id,
        "drill": row.drill,
        "channels_required": row.channels_required,
    }


@router.get("/warnings", response={200: list[WarningOut], **READ}, summary="Latest warnings")
def warnings(request: HttpRequest, limit: Annotated[int, Field(ge=1, le=500)] = 100) -> list[dict[str, Any]]:
    """Return the latest warnings that bind in the reader's area, newest first, whatever their state."""
    return [_out(row) for row in selectors.warnings_recent(_actor(request).scope, limit)]


@router.post("/warnings", response={201: WarningOut, **WRITE}, summary="Issue a warning")
def issue(request: HttpRequest, body: WarningIn) -> Status[dict[str, Any]]:
    """Issue a warning and call its people. Without `texts` the words are composed from the instruction pack.

    403 unless the reader may issue in the whole area; 422 `warning.no_instruction` when it does not say what to do;
    409 `warning.contradiction` when its words go against a stop order in force, `warning.over` when it updates a
    warning that has ended.
    """
    actor = _actor(request)
    texts = Texts(**body.texts.dict()) if body.texts is not None else None
    references = selectors.warning_get(actor.scope, body.references) if body.references else None
    proposal = selectors.proposal_get(actor.scope, body.proposal) if body.proposal else None
    row = warning_issue(
        by=actor, hazard=body.hazard, colour=body.colour, area=body.area, texts=texts, issuer_kind=body.issuer_kind,
        effective=_aware(body.effective), expires=_aware(body.expires), proposal=proposal, references=references,
        channels=body.channels,
    )  # fmt: skip
    return Status(201, _out(row))


@router.get("/preview", response={200: PreviewOut, **READ}, summary="Whom a warning would call")
def preview(request: HttpRequest, area: Area, colour: str, hazard: str = "11B03") -> dict[str, Any]:
    """Count who would be called, by level and role, and show the words and channels, before anything is issued."""
    found = selectors.warning_compose_preview(_actor(request).scope, area, colour, hazard)
    return {**found, "texts": asdict(found["texts"])}


@router.get("/warnings/{warning}", response={200: WarningOut, **READ}, summary="One warning")
def warning(request: HttpRequest, warning: UUID) -> dict[str, Any]:
    """Return one warning. 404 when it does not bind in the reader's area."""
    return _out(selectors.warning_get(_actor(request).scope, warning))


@router.get("/warnings/{warning}/cap.xml", response={200: None, **READ}, summary="CAP 1.2 file")
def cap_file(request: HttpRequest, warning: UUID) -> HttpResponse:
    """Return the message as CAP 1.2; of a cancelled warning, its Cancel message."""
    row = selectors.warning_get(_actor(request).scope, warning)
    return HttpResponse((row.cancel_xml or row.cap_xml).encode(), content_type="application/cap+xml")


@router.post("/warnings/{warning}/cancel", response={200: WarningOut, **WRITE}, summary="Cancel a warning")
def cancel(request: HttpRequest, warning: UUID, body: CancelIn) -> dict[str, Any]:
    """Cancel the warning's chain with a reason. 409 `warning.over` when it has ended."""
    actor = _actor(request)
    return _out(warning_cancel(by=actor, warning=selectors.warning_get(actor.scope, warning), reason=body.reason))


@router.get("/warnings/{warning}/board", response={200: BoardOut, **READ}, summary="Call board of a warning")
def board(request: HttpRequest, warning: UUID, at: Moment = None) -> dict[str, Any]:
    """Return how many were called and answered inside the reader's area, by level, role and township."""
    scope = _actor(request).scope
    return selectors.call_board(scope, selectors.warning_get(scope, warning).id, _aware(at))


@router.get("/unanswered", response={200: list[UnansweredOut], **READ}, summary="Calls without an answer")
def unanswered(
    request: HttpRequest,
    warning: UUID | None = None,
    limit: Annotated[int, Field(ge=1, le=500)] = 100,
    after: UUID | None = None,
    at: Moment = None,
) -> list[dict[str, Any]]:
    """Return calls nobody has answered, in the order they were placed; `after` is the last id of the page before."""
    return selectors.unanswered(_actor(request).scope, warning, limit, after, _aware(at))


@router.get("/channels/missing", response={200: list[MissingOut], **READ}, summary="Required channels not used")
def missing(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the red items: channels a warning's colour requires and that were not used."""
    return selectors.missing_channels(_actor(request).scope)


@router.get("/proposals", response={200: dict[str, Any], **READ}, summary="Open proposals")
def proposals(request: HttpRequest, at: Moment = None) -> dict[str, Any]:
    """Return the open proposals that bind in the reader's area, by id, each with its decider and due time."""
    return selectors.proposals_open(_actor(request).scope, _aware(at))


@router.post("/proposals/{proposal}/issue", response={201: WarningOut, **WRITE}, summary="Issue what was proposed")
def proposal_issue(request: HttpRequest, proposal: UUID, body: ProposalIssueIn) -> Status[dict[str, Any]]:
    """Issue the proposed warning, with the composed words unless others are given. 409 when it is decided already."""
    actor = _actor(request)
    found = selectors.proposal_get(actor.scope, proposal)
    why = {key: str(found.explanation.get(key, "")) for key in ("zh", "en")}
    texts = Texts(**body.texts.dict()) if body.texts else compose(found.hazard, found.colour, found.area, why)
    row = warning_issue(by=actor, hazard=found.hazard, colour=found.colour, area=found.area, texts=texts,
                        issuer_kind=body.issuer_kind, proposal=found, channels=body.channels)  # fmt: skip
    return Status(201, _out(row))


@router.post("/proposals/{proposal}/decline", response={200: dict[str, str], **WRITE}, summary="Decline a proposal")
def decline(request: HttpRequest, proposal: UUID, body: DeclineIn) -> dict[str, str]:
    """Decline with a reason; who and why is kept. 409 when it is decided already."""
    actor = _actor(request)
    row = proposal_decline(by=actor, proposal=selectors.proposal_get(actor.scope, proposal), reason=body.reason)
    return {"id": str(row.id), "state": row.state}


@router.post("/calls/{call}/answer", response={200: AnswerOut, **WRITE}, summary="Answer a call")
def answer(
    request: HttpRequest,
    call: UUID,
    body: AnswerIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=64)] = "",
) -> dict[str, Any]:
    """Take an answer; it is stored before this returns. Sending the same answer again changes nothing (`repeated`).

    403 when the call was not made to the reader, unless the reader logs answers for the duty desk; then `person` may
    name who answered, and `via` how the desk heard it. 422 `call.unknown_answer`.
    """
    actor = _actor(request)
    found = selectors.call_get(actor.scope, call)
    person = body.person if body.person is not None and actor.may("call.log", found.division) else actor.person
    taken = answers_take(by=actor, channel=body.via, answers=[
        Answer(found.id, body.content, None, person, idempotency_key)])  # fmt: skip
    return {"call": found.id, "repeated": taken.accepted == 0}
