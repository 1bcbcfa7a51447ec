"""Routes for requests for help: the desk sees them, takes them and closes them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from anlan.territory.pages.access import actor as _actor
from anlan.warning import selectors
from anlan.warning.api.schemas import HelpCloseIn, HelpOut, HelpStateOut, Refusal
from anlan.warning.services import help_close, help_take

router = Router(tags=["warning"])
READ = {401: Refusal, 403: Refusal, 404: Refusal, 422: Refusal}
WRITE = {**READ, 409: Refusal}


@router.get("/help", response={200: list[HelpOut], **READ}, summary="Requests for help")
def help_list(
    request: HttpRequest, warning: UUID | None = None, limit: Annotated[int, Field(ge=1, le=500)] = 100
) -> list[dict[str, Any]]:
    """Return who answered "need help" in the reader's area and still waits, those nobody has taken first. 422 for a
    limit outside 1 to 500."""
    return selectors.help_requests(_actor(request).scope, warning, limit)


@router.post("/help/{help}/take", response={200: HelpStateOut, **WRITE}, summary="Take a request for help")
def take(request: HttpRequest, help: UUID) -> dict[str, Any]:
    """Take the request in hand for the duty desk. 403 unless the reader keeps a desk there; 409 `help.not_open`."""
    actor = _actor(request)
    row = help_take(by=actor, request=selectors.help_get(actor.scope, help).id)
    return {"id": row.id, "state": row.state}


@router.post("/help/{help}/close", response={200: HelpStateOut, **WRITE}, summary="Close a request for help")
def close(request: HttpRequest, help: UUID, body: HelpCloseIn) -> dict[str, Any]:
    """Say what was done. 422 `help.no_note`; 409 `help.not_taken` when nobody has taken it, or it is closed."""
    actor = _actor(request)
    row = help_close(by=actor, request=selectors.help_get(actor.scope, help).id, note=body.note)
    return {"id": row.id, "state": row.state}
