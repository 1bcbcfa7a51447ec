"""Routes on which warnings of others come in: files, feeds that are polled, and the certificates that are believed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.territory.pages.access import actor as _actor
from anlan.warning import selectors
from anlan.warning.api.drafts import READ, WRITE
from anlan.warning.api.schemas import Refusal
from anlan.warning.api.schemas_sources import (
    AlertOut,
    AlertsOut,
    FeedSourceIn,
    FeedSourceOut,
    PinEndIn,
    PinIn,
    PinOut,
    TakenOut,
)
from anlan.warning.selectors.sources import feed_source_get, feed_sources, pin_get, pins_list
from anlan.warning.services.door import file_take
from anlan.warning.services.feed_sources import feed_source_due, feed_source_set
from anlan.warning.services.pins import pin_end, pin_set

router = Router(tags=["warning"])
Division = Annotated[str, Query(max_length=12, description="Division that receives, as its code")]
Source = Annotated[str, Query(max_length=64, description="Where it comes from, in your words")]


@router.post("/received", response={201: TakenOut, **WRITE, 413: Refusal}, summary="Take in an alert file")
def take(request: HttpRequest, division: Division, source: Source = "upload") -> Status[dict[str, Any]]:
    """Take in the body as it is: a CAP message, a bundle, an EDXL-DE envelope, or a feed with messages inside.

    Kept with its bytes; what was found in it and what its signature said comes back. The same bytes again are the same
    message. 422 `alert.no_message` when the file holds none.
    """
    actor = _actor(request)
    found = file_take(by=actor, body=request.body, source=source, division=division)
    body = {"kind": found.kind, "alerts": list(found.rows), "said": list(found.said), "links": found.links}
    return Status(201, body)


@router.get("/received", response={200: AlertsOut, **READ}, summary="Messages received")
def received(request: HttpRequest, state: str = "", after: str = "") -> dict[str, Any]:
    """Return the messages received that bind in the reader's area, newest first, a page at a time."""
    page = selectors.alerts_page(_actor(request).scope, state, after)
    return {"alerts": page.rows, "next": page.next}


@router.get("/received/{alert}", response={200: AlertOut, **READ}, summary="One message received")
def received_one(request: HttpRequest, alert: UUID) -> Any:
    """Return one message received: how it stands, what was found in it, what its signature said."""
    return selectors.alert_view(_actor(request).scope, alert).row


@router.get("/feed-sources", response={200: list[FeedSourceOut], **READ}, summary="Feeds that are polled")
def sources(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the feeds of the reader's area with their health, failing ones first."""
    return [{**row, "error": row["error"] or None} for row in feed_sources(_actor(request).scope)]


@router.put("/feed-sources", response={200: FeedSourceOut, **WRITE}, summary="Set up a feed")
def source_set(request: HttpRequest, body: FeedSourceIn) -> dict[str, Any]:
    """Set up the feed of this name, or change it; `enabled` false pauses it. It is due at once."""
    actor = _actor(request)
    row = feed_source_set(by=actor, **body.model_dump())
    return _source(actor, row.id)


@router.post("/feed-sources/{source}/poll", response={200: FeedSourceOut, **WRITE}, summary="Poll a feed now")
def source_due(request: HttpRequest, source: UUID) -> dict[str, Any]:
    """Have the feed polled at the next round, within half a minute. 409 when it is paused."""
    actor = _actor(request)
    feed_source_due(by=actor, source=feed_source_get(actor.scope, source))
    return _source(actor, source)


def _source(actor: Actor, source: UUID) -> dict[str, Any]:
    found = next(row for row in feed_sources(actor.scope) if row["id"] == source)
    return {**found, "error": found["error"] or None}


@router.get("/pins", response={200: list[PinOut], **READ}, summary="Certificates that are believed")
def pins(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the certificates pinned in the reader's area and above, those that ended last."""
    return pins_list(_actor(request).scope, clock.now())


@router.post("/pins", response={201: PinOut, **WRITE}, summary="Pin a certificate")
def pin_add(request: HttpRequest, body: PinIn) -> Status[dict[str, Any]]:
    """Believe a certificate's signature from now on. 422 when the certificate won't do; 409 when it is pinned already."""
    actor = _actor(request)
    words = body.model_dump() | {"certificate": body.certificate.encode()}
    return Status(201, _pin(actor, pin_set(by=actor, **words).id))


@router.post("/pins/{pin}/end", response={200: PinOut, **WRITE}, summary="End a pinned certificate")
def pin_over(request: HttpRequest, pin: UUID, body: PinEndIn) -> dict[str, Any]:
    """Believe it no longer; it stays on record."""
    actor = _actor(request)
    pin_end(by=actor, pin=pin_get(actor.scope, pin), reason=body.reason)
    return _pin(actor, pin)


def _pin(actor: Actor, pin: UUID) -> dict[str, Any]:
    return next(row for row in pins_list(actor.scope, clock.now()) if row["id"] == pin)
