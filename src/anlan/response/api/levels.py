"""REST routes of levels: by hand, with what they would change; one response; bodies that differ; the closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from anlan.kernel import clock
from anlan.kernel.problem import Forbidden, NotFound
from anlan.response import services
from anlan.response.api.schemas import LIST, READ, WRITE, LevelOut, Listed, ReasonIn
from anlan.response.api.schemas_levels import (
    DecideIn,
    HoldIn,
    MismatchOut,
    PhotoOut,
    PreviewOut,
    PurgeOut,
    ResponseOut,
)
from anlan.response.models import Incident
from anlan.response.selectors.boards import levels_current, mismatches_open
from anlan.response.selectors.closing import closings_open
from anlan.response.selectors.level_page import level_page
from anlan.response.selectors.plans import plan_get, rules_of
from anlan.response.selectors.preview import level_preview
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])


@router.get("/levels", response={200: Listed, **LIST})
def levels(request: HttpRequest) -> dict[str, Any]:
    """List the levels in force that bind in the reader's scope, by track, the gravest first."""
    return {"items": levels_current(_actor(request).scope)}


@router.get("/levels/preview", response={200: PreviewOut, **READ})
def preview(request: HttpRequest, plan: str, level: int, incident: UUID | None = None) -> dict[str, Any]:
    """Tell what deciding a level (0: the end) would change now: tasks added, kept, called off, to how many posts."""
    scope, row = _actor(request).scope, plan_get(plan, clock.now())
    event = Incident.objects.filter(pk=incident).first() if incident is not None else None
    if not scope.sees(row.division) or (incident is not None and (event is None or not scope.sees(event.division))):
        raise NotFound(code="level.not_found", zh="没有这个预案或事件，或不在您的范围内。",
                       en="There is no such plan or incident, or it is not in your scope.", field="plan", value=plan)  # fmt: skip
    about = incident if rules_of(row).per == "incident" else None
    return level_preview(row, level if 0 <= level <= 4 else 4, about)


@router.post("/levels", response={200: LevelOut, **WRITE})
def decide(request: HttpRequest, body: DecideIn) -> dict[str, Any]:
    """Decide a level by hand in the name of the account's post: start, raise, lower, or (0) end."""
    actor = _actor(request)
    if actor.kind != "person":
        raise Forbidden(
            code="level.person_decides", zh="请以本人岗位登录后决定。", en="Sign in as the post that decides."
        )
    announce = services.Announcement(
        matter=body.matter, expected_duration_h=body.expected_duration_h, measures=body.measures,
        note=body.reason if body.level == 0 else "", reason=body.reason, basis=body.basis,
    )  # fmt: skip
    ending = services.Ending(**body.ending.dict()) if body.ending is not None else services.Ending()
    row = services.level_adopt(by=actor, plan=body.plan, level=body.level, incident=body.incident, announce=announce,
                               ending=ending)  # fmt: skip
    return {
        "id": row.pk, "plan": row.plan.code, "track": row.track, "level": row.level, "since": row.since,
        "until": row.until,
    }  # fmt: skip


@router.get("/levels/{level}", response={200: ResponseOut, **READ})
def response(request: HttpRequest, level: UUID) -> dict[str, Any]:
    """Show one response from its start to its closing, whichever of its levels is named."""
    page = level_page(_actor(request).scope, level, clock.now())
    row, purge = page["level"], page["purge"]
    return {
        "id": row.pk, "plan": page["plan"].code, "incident": row.incident_id, "track": row.track, "level": row.level,
        "in_force": page["in_force"], "matter": row.matter, "measures": row.measures, "since": page["started"].since,
        "until": row.until, "expected_until": page["expected_until"], "ending": row.ending,
        "steps": [_step(step) for step in page["steps"]], "tasks": dict(page["counts"]),
        "mismatches": page["mismatches"],
        "closing": [{key: task[key] for key in ("id", "action", "state", "due_at", "done_at", "owner")}
                    for task in page["closing"]],
        "purge_at": purge.next_at if purge else None, "purge_state": purge.state if purge else "",
    }  # fmt: skip


def _step(step: dict[str, Any]) -> dict[str, Any]:
    row, end = step["level"], step["kind"] == "end"
    return {
        "kind": step["kind"], "level": 0 if end else row.level, "at": step["at"],
        "post": step["post"].code if step["post"] else None,
        "reason": row.ending["reason"] if end else row.reason, "basis": row.basis, "waited_s": step.get("waited"),
        "undecided": step.get("undecided", []), "changes": None if end else row.changes,
    }  # fmt: skip


@router.get("/closings", response={200: Listed, **LIST})
def closings(request: HttpRequest) -> dict[str, Any]:
    """List the responses that have ended and are not closed, that whose limit is nearest first."""
    return {"items": closings_open(_actor(request).scope, clock.now())}


@router.get("/mismatches", response={200: Listed, **LIST})
def mismatches(request: HttpRequest) -> dict[str, Any]:
    """List the linked command bodies that stand at different levels."""
    return {"items": mismatches_open(_actor(request).scope)}


@router.post("/mismatches/{mismatch}/adopt", response={200: MismatchOut, **WRITE})
def adopt(request: HttpRequest, mismatch: UUID) -> Any:
    """Follow: the linked body takes the level its lead stands at."""
    return services.mismatch_adopt(by=_actor(request), mismatch=mismatch)


@router.post("/mismatches/{mismatch}/refuse", response={200: MismatchOut, **WRITE})
def refuse(request: HttpRequest, mismatch: UUID, body: ReasonIn) -> Any:
    """Don't follow, with the reason on record."""
    return services.mismatch_refuse(by=_actor(request), mismatch=mismatch, reason=body.reason)


@router.post("/purges/{purge}/hold", response={200: PurgeOut, **WRITE})
def hold(request: HttpRequest, purge: UUID, body: HoldIn) -> Any:
    """Put the destruction of a response's personal data off, after the assessment."""
    return services.purge_hold(by=_actor(request), purge=purge, **body.dict())


@router.post("/photos/{attachment}/keep", response={200: PhotoOut, **WRITE})
def keep(request: HttpRequest, attachment: UUID, body: ReasonIn) -> Any:
    """Keep a photograph for the archive beyond the purge clock, with the assessment."""
    return services.attachment_keep(by=_actor(request), attachment=attachment, reason=body.reason)


@router.post("/purges/{purge}/release", response={200: PurgeOut, **WRITE})
def release(request: HttpRequest, purge: UUID, body: ReasonIn) -> Any:
    """Lift a hold: the clock runs again."""
    return services.purge_release(by=_actor(request), purge=purge, reason=body.reason)
