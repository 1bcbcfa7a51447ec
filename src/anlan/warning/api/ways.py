"""Routes for ways out (how they stand, set up, pause, test) and for replies the desk has to read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.territory.pages.access import actor as _actor
from anlan.warning.api.drafts import READ, WRITE
from anlan.warning.api.schemas_ways import (
    ReplyOut,
    ReplyReadIn,
    ReplyReadOut,
    WayIn,
    WayOut,
    WayPausedOut,
    WayPauseIn,
    WayTestIn,
    WayTestOut,
)
from anlan.warning.models import ChannelSetting
from anlan.warning.selectors.replies import replies_unread, reply_in
from anlan.warning.selectors.ways import way_in, ways_list
from anlan.warning.services.replies import reply_answer, reply_file
from anlan.warning.services.ways import WaySpec, way_save
from anlan.warning.services.ways_acts import way_pause, way_resume, way_test

router = Router(tags=["warning"])


@router.get("/ways", response={200: list[WayOut], **READ}, summary="Ways out")
def ways(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the ways out that serve the reader's area, with health, queue, what went out and its cost; those down first."""
    return ways_list(_actor(request).scope, clock.now())


@router.put("/ways/{code}", response={200: WayOut, **WRITE}, summary="Set up a way out")
def way_set(request: HttpRequest, code: str, body: WayIn) -> dict[str, Any]:
    """Set up the way out of this code, or change it; the senders follow within seconds. A paused one stays paused.
    422 names what is wrong."""
    actor = _actor(request)
    row: ChannelSetting | None = actor.scope.filter_chain(ChannelSetting.objects.filter(code=code)).first()
    way_save(by=actor, spec=WaySpec(code=code, enabled=row is None or row.enabled, **body.model_dump()))
    return next(one for one in ways_list(actor.scope, clock.now()) if one["code"] == code)


@router.post("/ways/{code}/pause", response={200: WayPausedOut, **WRITE}, summary="Pause a way out")
def pause(request: HttpRequest, code: str, body: WayPauseIn) -> dict[str, Any]:
    """Stop sending by it. What waits goes another way where there is one. 409 when it is paused; 422 without a reason."""
    actor = _actor(request)
    moved = way_pause(by=actor, setting=way_in(actor.scope, code), reason=body.reason)
    return {"code": code, "paused": True, "moved": moved}


@router.post("/ways/{code}/resume", response={200: WayPausedOut, **WRITE}, summary="Go on with a way out")
def resume(request: HttpRequest, code: str) -> dict[str, Any]:
    """Go on sending by it. 409 unless it is paused."""
    actor = _actor(request)
    way_resume(by=actor, setting=way_in(actor.scope, code))
    return {"code": code, "paused": False, "moved": 0}


@router.post("/ways/{code}/test", response={200: WayTestOut, **WRITE}, summary="Send a test message")
def send_test(request: HttpRequest, code: str, body: WayTestIn) -> dict[str, Any]:
    """Send one test message past the queue; takes up to twenty seconds. 409 in a drill; 422 without an address."""
    actor = _actor(request)
    found = way_test(by=actor, setting=way_in(actor.scope, code), to=body.to)
    return {"state": found.state, "error": found.error}


@router.get("/replies", response={200: list[ReplyOut], **READ}, summary="Replies to read")
def replies(request: HttpRequest) -> list[dict[str, Any]]:
    """Return texts and key presses of the reader's area that answered no call by themselves, the oldest first, 200 at
    most."""
    return replies_unread(_actor(request).scope)


@router.post("/replies/{reply}", response={200: ReplyReadOut, **WRITE}, summary="Read a reply")
def read(request: HttpRequest, reply: UUID, body: ReplyReadIn) -> dict[str, Any]:
    """Take a reply as an answer to a call of who sent it, or file it away. 409 `reply.read` when it is read already."""
    actor = _actor(request)
    row = reply_in(actor.scope, reply)
    if body.became == "filed":
        row = reply_file(by=actor, reply=row.id, note=body.note)
    elif body.call is None:
        raise Invalid(code="reply.call", field="call", value="", zh="请指明叫应（call）。", en="Say which call (call).")
    else:
        row = reply_answer(by=actor, reply=row.id, call=body.call, content=body.became)
    return {"id": row.id, "became": row.became, "call": row.call, "note": row.note}
