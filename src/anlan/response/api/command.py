"""REST routes of on-site command: posts, who commands, the log, teams, withdrawal, who is where. All scoped."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from anlan.kernel.actor import Actor
from anlan.response import services
from anlan.response.api.schemas import READ, WRITE, After, Lat, Limit, Listed, Lon, Short, Text, Words, paged
from anlan.response.models import CommanderTerm, CommandPost, TeamIntake
from anlan.response.selectors.command_logs import log_whole
from anlan.response.selectors.command_page import command_post_get, command_post_picture, command_posts, post_teams
from anlan.response.selectors.live_command import commandpost_items
from anlan.response.selectors.who_where import leader_board
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])
Heads = Annotated[int, Field(ge=0, le=99_999)]


class PostIn(Schema):
    """A command post to be set up: for an incident or a response level, `template` "" follows the class of event."""

    incident: UUID | None = None
    level: UUID | None = None
    template: Short = ""
    place: Short = ""
    lon: Lon | None = None
    lat: Lat | None = None
    under: UUID | None = None


class TakerIn(Schema):
    """Who takes command: a post of the roster by code, or somebody outside it by `name` {zh, en} and `tier`."""

    post: Short | None = None
    name: Words | None = None
    tier: Annotated[int, Field(ge=0, le=99)] | None = None
    situation: Text = ""
    reason: Text = ""


class LogIn(Schema):
    """An entry of the command log. `kind` and `channel` are codes; `happened_at` when it is entered later."""

    kind: Short
    text: Text
    sender: Short = ""
    receiver: Short = ""
    channel: Short = "face"
    about: Short = ""
    happened_at: AwareDatetime | None = None
    answers: UUID | None = None
    corrects: UUID | None = None


class TeamIn(Schema):
    """A team that registers."""

    name: Short
    leader: Short
    people: Heads
    contact: Short = ""
    kind: Short = "social"
    organisation: Short = ""
    register_code: Short = ""
    vehicles: Heads = 0
    equipment: Text = ""
    skills: Text = ""
    self_support_h: Heads = 0
    insured: bool | None = None
    arrived: bool = True


class DecideIn(Schema):
    """What is decided about a team; declining needs a reason, accepting a group or an area."""

    decision: Literal["accept", "hold", "decline"]
    reason: Text = ""
    group: Short = ""
    area: Short = ""


class MoveIn(Schema):
    """So many people go in or come out."""

    inward: bool
    heads: Heads
    area: Short = ""
    unasked: bool = False


class WithdrawIn(Schema):
    """An order to withdraw: of the whole site, or of one group by its code."""

    reason: Text
    group: Short = ""
    area: Short = ""
    within_min: Annotated[int, Field(ge=1, le=1440)] | None = None


class CheckIn(Schema):
    """Where a leader goes: command_post, post:<id> of an on-site post, a place's code, or words."""

    post: Short
    site: Short
    handover_to: Short | None = None


def _post(who: Actor, row: CommandPost) -> dict[str, Any]:
    return {"id": str(row.pk), **commandpost_items(who.scope, [str(row.pk)], None)[str(row.pk)]}


def _team(row: TeamIntake) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "number": row.number,
        "name": row.name,
        "register_code": row.register_code,
        "decision": row.decision,
        "inside": row.heads_inside,
    }


def _term(row: CommanderTerm) -> dict[str, Any]:
    return {"id": str(row.pk), "state": row.state, "tier": row.tier, "name": {"zh": row.name_zh, "en": row.name_en}}


@router.get("/command/posts", response={200: Listed, **READ})
def posts(request: HttpRequest) -> dict[str, Any]:
    """List the on-site command posts the reader sees, those standing first."""
    return {"items": command_posts(_actor(request).scope)}


@router.post("/command/posts", response={201: dict[str, Any], **WRITE})
def post_set_up(request: HttpRequest, body: PostIn) -> Any:
    """Set up an on-site command post with the groups of its template."""
    who = _actor(request)
    return Status(201, _post(who, services.command_post_set_up(by=who, **body.dict())))


@router.get("/command/posts/{post}", response={200: dict[str, Any], **READ})
def post_get(request: HttpRequest, post: UUID) -> Any:
    """Read one command post: who commands, groups with their tasks, teams, open requests."""
    who = _actor(request)
    found = command_post_picture(who.scope, command_post_get(who.scope, post))
    kept = ("post", "groups", "tasks", "teams", "toll", "linked")
    return {**{key: found[key] for key in kept}, "requests": list(found["requests"])}


@router.post("/command/posts/{post}/take", response={200: dict[str, Any], **WRITE})
def take(request: HttpRequest, post: UUID, body: TakerIn) -> Any:
    """Take command: as the first, or with a reason without the other's signature."""
    return _term(services.command_take(by=_actor(request), command_post=post, **body.dict()))


@router.post("/command/posts/{post}/offer", response={200: dict[str, Any], **WRITE})
def offer(request: HttpRequest, post: UUID, body: TakerIn) -> Any:
    """Hand command over: it passes when the other signs."""
    fields = body.dict(exclude={"reason"})
    return _term(services.command_offer(by=_actor(request), command_post=post, **fields))


@router.post("/command/terms/{term}/accept", response={200: dict[str, Any], **WRITE})
def accept(request: HttpRequest, term: UUID) -> Any:
    """Sign for command that was offered."""
    return _term(services.command_accept(by=_actor(request), term=term))


@router.get("/command/posts/{post}/log", response={200: Listed, **READ})
def log(request: HttpRequest, post: UUID, after: After = 0, limit: Limit = 1000) -> dict[str, Any]:
    """List the command log in order, page by page."""
    who = _actor(request)
    row = command_post_get(who.scope, post)
    return paged(lambda page: log_whole(who.scope, row, page), after, limit)


@router.post("/command/posts/{post}/log", response={201: dict[str, Any], **WRITE})
def log_write(request: HttpRequest, post: UUID, body: LogIn) -> Any:
    """Write an entry into the command log; it is never changed."""
    row = services.log_write(by=_actor(request), command_post=post, **body.dict())
    return Status(201, {"id": str(row.pk), "number": row.number, "at": row.at})


@router.get("/command/posts/{post}/teams", response={200: Listed, **READ})
def teams(request: HttpRequest, post: UUID) -> dict[str, Any]:
    """List the teams registered at a post, those that wait for a decision first; telephones masked."""
    who = _actor(request)
    return {"items": post_teams(who.scope, command_post_get(who.scope, post))}


@router.post("/command/posts/{post}/teams", response={201: dict[str, Any], **WRITE})
def team_register(request: HttpRequest, post: UUID, body: TeamIn) -> Any:
    """Register a team that has come, or is on its way."""
    return Status(201, _team(services.team_register(by=_actor(request), command_post=post, **body.dict())))


@router.post("/command/teams/{team}/decide", response={200: dict[str, Any], **WRITE})
def team_decide(request: HttpRequest, team: UUID, body: DecideIn) -> Any:
    """Accept, hold or decline a team."""
    return _team(services.team_decide(by=_actor(request), team=team, **body.dict()))


@router.post("/command/teams/{team}/move", response={200: dict[str, Any], **WRITE})
def team_move(request: HttpRequest, team: UUID, body: MoveIn) -> Any:
    """Count people of a team in or out."""
    return _team(services.team_move(by=_actor(request), team=team, **body.dict()))


@router.post("/command/posts/{post}/withdraw", response={201: dict[str, Any], **WRITE})
def withdraw(request: HttpRequest, post: UUID, body: WithdrawIn) -> Any:
    """Order rescuers out because they are in danger; who is inside is written down."""
    row = services.withdraw_order(by=_actor(request), command_post=post, **body.dict())
    return Status(201, {"id": str(row.pk), "state": row.state, "expected": row.expected, "due_at": row.due_at})


@router.get("/command/leaders", response={200: Listed, **READ})
def leaders(request: HttpRequest) -> dict[str, Any]:
    """List who is where, by division, and whether the command post is empty or leaders crowd at one site."""
    return {"items": leader_board(_actor(request).scope)}


@router.post("/command/leaders", response={200: dict[str, Any], **WRITE})
def leader_go(request: HttpRequest, body: CheckIn) -> Any:
    """A leader goes somewhere; refused when the command post would be left without one."""
    row = services.leader_leave(by=_actor(request), **body.dict())
    return {"site": row.site, "since": row.since}
