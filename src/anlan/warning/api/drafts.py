"""Routes on which warnings are written, checked, signed and issued. All are scoped to the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from anlan.kernel import clock
from anlan.monitoring.selectors.areas import areas_list
from anlan.territory.pages.access import actor as _actor
from anlan.territory.selectors import division_names
from anlan.warning import selectors
from anlan.warning.api.schemas import Refusal
from anlan.warning.api.schemas_drafts import (
    BasinOut,
    ChangeIn,
    ContentIn,
    DivisionsOut,
    DraftIn,
    DraftOut,
    OutlineIn,
    OwedOut,
    ReasonIn,
    SeenIn,
    SpotOut,
    UrgentIn,
    VerdictIn,
)
from anlan.warning.models import WarningDraft
from anlan.warning.selectors.draft_preview import draft_preview
from anlan.warning.selectors.drafts import after_checks_owed, draft_get, drafts_open
from anlan.warning.selectors.spots import spots_named
from anlan.warning.services.drafts import draft_change, draft_drop, draft_make
from anlan.warning.services.drafts_area import around, basin, drawn
from anlan.warning.services.drafts_flow import draft_check, draft_return, draft_second_sign, draft_sign
from anlan.warning.services.drafts_issue import draft_after_check, draft_issue, draft_issue_urgent
from anlan.warning.services.drafts_received import content_of_received
from anlan.warning.services.drafts_words import content_of_proposal, content_of_signal
from anlan.warning.services.values_drafts import DraftContent

router = Router(tags=["warning"])
READ = {401: Refusal, 403: Refusal, 404: Refusal, 422: Refusal}
WRITE = {**READ, 409: Refusal}
SpotWords = Annotated[str, Query(min_length=2, max_length=80, description="Name or code")]
DONE = {200: DraftOut, **WRITE}


def _step(request: HttpRequest, draft: UUID, act: Callable[..., WarningDraft], **told: Any) -> dict[str, Any]:
    """Take one step of a draft of the reader's area and return the draft as it stands then."""
    actor = _actor(request)
    return _out(act(by=actor, draft=draft_get(actor.scope, draft), **told))


def _content(body: ContentIn) -> DraftContent:
    return DraftContent.from_json(body.model_dump(mode="json"))


def _out(row: WarningDraft) -> dict[str, Any]:
    hands = ("made_by", "checked_by", "signed_by", "second_by", "after_by")
    plain = (
        "id", "division", "state", "act", "content", "digest", "source", "signal", "received", "drill", "made_at",
        "checked_at", "signed_at", "reason", "urgent", "urgent_reason", "after_due_at", "after_late", "after_at", "after_verdict",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        **{name: hand["name"] if (hand := getattr(row, name)) else None for name in hands},
        "proposal": row.proposal_id,
        "references": row.references_id,
        "warning": row.warning_id,
        "after_post": row.after_post.code if row.after_post else None,
    }


@router.get("/drafts", response={200: list[DraftOut], **READ}, summary="Warnings being written")
def drafts(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the drafts inside the reader's area that wait for somebody, gravest and oldest first."""
    return [_out(row) for row in drafts_open(_actor(request).scope)]


@router.post("/drafts", response={201: DraftOut, **WRITE}, summary="Write a warning")
def make(request: HttpRequest, body: DraftIn) -> Status[dict[str, Any]]:
    """Write a warning down for checking; nothing goes out. 403 unless the reader may write warnings in the whole area."""
    actor = _actor(request)
    proposal = selectors.proposal_get(actor.scope, body.proposal) if body.proposal else None
    if body.content.references:
        selectors.warning_get(actor.scope, body.content.references)
    row = draft_make(by=actor, content=_content(body.content), signal=body.signal, proposal=proposal,
                     received=body.received)  # fmt: skip
    return Status(201, _out(row))


@router.get("/drafts/filled", response={200: dict[str, Any], **READ}, summary="Content filled in from the packs")
def filled(
    request: HttpRequest, signal: UUID | None = None, proposal: UUID | None = None, received: UUID | None = None
) -> dict[str, Any]:
    """Return the content for a signal, a proposal or a received alert with every text filled in; nothing is written.

    Of a received alert area, times and texts are proposals, marked as from whom; `told` says what was taken from where.
    """
    scope = _actor(request).scope
    if received is not None:
        row, raw = selectors.alert_original(scope, received)
        content, told = content_of_received(scope, row, raw, clock.now())
        return content.to_json() | {"told": list(told)}
    if proposal is not None:
        return content_of_proposal(selectors.proposal_get(scope, proposal)).to_json()
    return content_of_signal(scope, signal or UUID(int=0)).to_json()


@router.post("/drafts/preview", response={200: dict[str, Any], **READ}, summary="What issuing would do")
def preview(request: HttpRequest, body: ContentIn) -> dict[str, Any]:
    """Return who would be called and how many by level, role, audience and channel, special sites first, the words each
    audience gets, the CAP file, missing channels and what the checks find. Nothing is written."""
    found = draft_preview(_actor(request), _content(body))
    return {**found, "findings": [asdict(each) for each in found["findings"]]}


@router.post("/drafts/divisions", response={200: DivisionsOut, **READ}, summary="Divisions of a drawn area")
def divisions(request: HttpRequest, body: OutlineIn) -> dict[str, Any]:
    """Return the area of a drawing, of a basin, or of so many kilometres round a station, place or unit: its outline as
    GeoJSON and the divisions it stands for inside the reader's area. 422 when there are none.
    """
    scope = _actor(request).scope
    if body.basin:
        found = basin(scope, body.basin)
    else:
        found = around(scope, body.of, body.km) if body.of else drawn(scope, body.outline or {})
    names = division_names(found.area)
    return {
        "kind": found.kind, "outline": found.outline, "area": list(found.area),
        "names": [names[code] for code in found.area],
    }  # fmt: skip


@router.get("/drafts/basins", response={200: list[BasinOut], **READ}, summary="Basins")
def basins(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the basins that have stations inside the reader's area, with the number of those."""
    return [{**row, "stations": len(row["points"])} for row in areas_list(_actor(request).scope)]


@router.get("/drafts/spots", response={200: list[SpotOut], **READ}, summary="What an area can be drawn round")
def spots(request: HttpRequest, words: SpotWords) -> list[dict[str, Any]]:
    """Return stations, places and units of the reader's area by name or code, at most six of each."""
    return spots_named(_actor(request).scope, words)


@router.get("/drafts/after-checks", response={200: list[OwedOut], **READ}, summary="After-checks owed")
def owed(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the red items: urgent issues whose after-check has not been made, the first due on top."""
    return after_checks_owed(_actor(request).scope)


@router.get("/drafts/{draft}", response={200: DraftOut, **READ}, summary="One draft")
def draft(request: HttpRequest, draft: UUID) -> dict[str, Any]:
    """Return one draft, whatever its state. 404 when it is outside the reader's area."""
    return _out(draft_get(_actor(request).scope, draft))


@router.put("/drafts/{draft}", response=DONE, summary="Change a draft")
def change(request: HttpRequest, draft: UUID, body: ChangeIn) -> dict[str, Any]:
    """Change the content; a check or signature it had no longer holds. 409 `draft.moved` when somebody changed it."""
    return _step(request, draft, draft_change, content=_content(body.content), seen=body.seen)


@router.post("/drafts/{draft}/check", response=DONE, summary="Check a draft")
def check(request: HttpRequest, draft: UUID, body: SeenIn) -> dict[str, Any]:
    """Say that it was read and is right. 403 for its makers; 422 when a check still stands against it."""
    return _step(request, draft, draft_check, seen=body.seen)


@router.post("/drafts/{draft}/return", response=DONE, summary="Send a draft back")
def send_back(request: HttpRequest, draft: UUID, body: ReasonIn) -> dict[str, Any]:
    """Send it back to its maker with a reason."""
    return _step(request, draft, draft_return, reason=body.reason)


@router.post("/drafts/{draft}/sign", response=DONE, summary="Sign a draft")
def sign(request: HttpRequest, draft: UUID, body: SeenIn) -> dict[str, Any]:
    """Sign what was checked. 403 for its makers and its checker, and for who may not issue there."""
    return _step(request, draft, draft_sign, seen=body.seen)


@router.post("/drafts/{draft}/second-sign", response=DONE, summary="Sign a draft as the second")
def second_sign(request: HttpRequest, draft: UUID, body: SeenIn) -> dict[str, Any]:
    """Sign words that go against an order in force, knowing it. 403 for the first signer."""
    return _step(request, draft, draft_second_sign, seen=body.seen)


@router.post("/drafts/{draft}/issue", response=DONE, summary="Issue what was signed")
def issue(request: HttpRequest, draft: UUID, body: SeenIn) -> dict[str, Any]:
    """Issue it and call its people, or cancel. 409 `warning.contradiction` until a second issuer has signed too."""
    return _step(request, draft, draft_issue, seen=body.seen)


@router.post("/drafts/{draft}/issue-urgent", response=DONE, summary="Issue at once")
def issue_urgent(request: HttpRequest, draft: UUID, body: UrgentIn) -> dict[str, Any]:
    """Issue before anybody has checked, red and orange only, with a reason; an after-check is owed within two hours."""
    return _step(request, draft, draft_issue_urgent, seen=body.seen, reason=body.reason)


@router.post("/drafts/{draft}/after-check", response=DONE, summary="Check an urgent issue afterwards")
def after_check(request: HttpRequest, draft: UUID, body: VerdictIn) -> dict[str, Any]:
    """Say whether an urgent issue was right. 403 for whoever issued it and for other posts than the one that owes it."""
    return _step(request, draft, draft_after_check, verdict=body.verdict, note=body.note)


@router.post("/drafts/{draft}/drop", response=DONE, summary="Drop a draft")
def drop(request: HttpRequest, draft: UUID, body: ReasonIn) -> dict[str, Any]:
    """It will not be issued. 422 without a reason."""
    return _step(request, draft, draft_drop, reason=body.reason)
