"""REST routes of the response: decisions, tasks, stop-lines, incidents, the casualty ledger, reports. All scoped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Forbidden
from anlan.response import selectors, services
from anlan.response.api.command import router as command
from anlan.response.api.duty import router as duty
from anlan.response.api.incidents import router as incidents_router
from anlan.response.api.levels import router as levels_router
from anlan.response.api.local_rules import router as local_rules
from anlan.response.api.orders import router as orders
from anlan.response.api.papers import router as papers
from anlan.response.api.reports import router as reports
from anlan.response.api.schemas import (
    LIST,
    WRITE,
    AdoptIn,
    After,
    CasualtyIn,
    CasualtyOut,
    EvidenceIn,
    IncidentIn,
    IncidentOut,
    LevelOut,
    Limit,
    Listed,
    ProposalOut,
    ReasonIn,
    StopLineOut,
    TaskOut,
    Track,
    paged,
)
from anlan.response.selectors.live import incidents_newest
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])
router.add_router("", reports)
router.add_router("", orders)
router.add_router("", command)
router.add_router("", duty)
router.add_router("", papers)
router.add_router("", levels_router)
router.add_router("", incidents_router)
router.add_router("", local_rules)


def _post_of(actor: Actor) -> UUID | None:
    """Decisions are made in the name of the account's own post."""
    if actor.kind != "person":
        raise Forbidden(
            code="level.person_decides", zh="请以本人岗位登录后决定。", en="Sign in as the post that decides."
        )
    return actor.post


@router.get("/proposals", response={200: Listed, **LIST})
def proposals(request: HttpRequest, track: Track | None = None) -> dict[str, Any]:
    """List the level proposals that wait for a decision in the reader's scope, the longest wait first."""
    return {"items": selectors.proposals_open(_actor(request).scope, track=track)}


@router.post("/proposals/{proposal}/adopt", response={200: LevelOut, **WRITE})
def adopt(request: HttpRequest, proposal: UUID, body: AdoptIn) -> dict[str, Any]:
    """Adopt a proposal in the name of the account's post; the plan's tasks go out at once."""
    actor = _actor(request)
    announce = services.Announcement(body.matter, body.expected_duration_h, body.measures, body.note)
    row = services.level_adopt(by=actor, proposal=proposal, post=_post_of(actor), announce=announce)
    return {
        "id": row.pk, "plan": row.plan.code, "track": row.track, "level": row.level, "since": row.since,
        "until": row.until,
    }  # fmt: skip


@router.post("/proposals/{proposal}/decline", response={200: ProposalOut, **WRITE})
def decline(request: HttpRequest, proposal: UUID, body: ReasonIn) -> Any:
    """Decline a proposal in the name of the account's post, with the reason on record."""
    actor = _actor(request)
    return services.level_decline(by=actor, proposal=proposal, reason=body.reason, post=_post_of(actor))


@router.get("/tasks", response={200: Listed, **LIST})
def tasks(request: HttpRequest, track: Track = "main") -> dict[str, Any]:
    """List the tasks of the reader's scope grouped by code, with counts by state and who has not done theirs."""
    return {"items": selectors.tasks_board(_actor(request).scope, track=track)}


@router.get("/tasks/overdue", response={200: Listed, **LIST})
def tasks_overdue(request: HttpRequest, track: Track = "main", after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the tasks past their limit and not done, the longest overdue first, page by page."""
    return paged(lambda page: selectors.overdue(_actor(request).scope, track=track, page=page), after, limit)


@router.post("/tasks/{task}/receive", response={200: TaskOut, **WRITE})
def receive(request: HttpRequest, task: UUID) -> Any:
    """Sign for a task."""
    return services.task_receive(by=_actor(request), task=task)


@router.post("/tasks/{task}/done", response={200: TaskOut, **WRITE})
def done(request: HttpRequest, task: UUID, body: EvidenceIn) -> Any:
    """Report a task done, with evidence."""
    return services.task_done(by=_actor(request), task=task, evidence=body.dict())


@router.get("/stoplines", response={200: Listed, **LIST})
def stoplines(request: HttpRequest) -> dict[str, Any]:
    """List the stop-lines with readings: the crossed ones first, then by how near the water is."""
    return {"items": selectors.stoplines(_actor(request).scope)}


@router.post("/stoplines/{stopline}/act", response={200: StopLineOut, **WRITE})
def act(request: HttpRequest, stopline: UUID, body: EvidenceIn) -> Any:
    """Report, after the act, that the post on the spot has stopped or closed."""
    return services.stopline_act(by=_actor(request), stopline=stopline, evidence=body.dict())


@router.get("/incidents", response={200: Listed, **LIST})
def incidents(request: HttpRequest, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the open incidents of the reader's scope, the newest first, page by page."""
    return paged(lambda page: incidents_newest(_actor(request).scope, page), after, limit)


@router.post("/incidents", response={201: IncidentOut, **WRITE})
def incident_open(request: HttpRequest, body: IncidentIn) -> Any:
    """Open an incident."""
    fields = body.dict()
    return Status(201, services.incident_open(by=_actor(request), **fields))


@router.get("/casualties", response={200: Listed, **LIST})
def casualties(request: HttpRequest, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the casualty ledger of the reader's scope entry by entry, as it was entered, page by page."""
    return paged(lambda page: selectors.casualties(_actor(request).scope, page=page), after, limit)


@router.post("/casualties", response={201: CasualtyOut, **WRITE})
def casualty_enter(request: HttpRequest, body: CasualtyIn) -> Any:
    """Enter a person into the ledger. The name is not asked for first."""
    where = services.Where(body.place, body.lon, body.lat)
    row = services.casualty_enter(
        by=_actor(request), division=body.division, kind=body.kind, place=where, source=body.source,
        reporter=body.reporter, name=body.name, found_at=body.found_at,
    )  # fmt: skip
    return Status(201, row)
