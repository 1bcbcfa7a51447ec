"""What the pages of on-site command show: the posts, and one post's whole picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response.engine.metrics import METRICS
from anlan.response.models import (
    CommanderTerm,
    CommandGroup,
    CommandPost,
    Incident,
    RescuePlan,
    SaturationNotice,
    Task,
    TeamIntake,
)
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.response.selectors.family import family
from anlan.response.selectors.handing_over import requests_open
from anlan.response.selectors.live_command import commandpost_items, teamintake_items
from anlan.territory.models import Post
from anlan.warning.selectors.frames import rows, stamp

Json = dict[str, Any]
LOG_PAGE = 60
ORDER = {"waiting": 0, "accept": 1, "hold": 2, "decline": 3, "left": 4}


def command_posts(scope: Scope, at: datetime | None = None) -> list[Json]:
    """On-site command posts the reader sees: those standing first, the newest first."""
    found = [{"id": key, **item} for key, item in commandpost_items(scope, None, at).items()]
    found.sort(key=lambda post: str(post["set_up_at"]), reverse=True)
    return sorted(found, key=lambda post: post["state"] != "active")


def command_post_get(scope: Scope, key: UUID) -> CommandPost:
    """Return one command post; NotFound when there is none in the reader's scope."""
    row = CommandPost.objects.select_related("incident", "level", "under").filter(pk=key).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="command.no_post", zh="没有这个现场指挥部，或不在您的范围内。", field="command_post", value=key,
                       en="There is no such command post, or it is not in your scope.")  # fmt: skip
    return row


def command_post_picture(scope: Scope, row: CommandPost) -> Json:
    """The shared picture of one post: who commands, groups with their tasks, teams, plan, notice, open requests."""
    tasks = post_tasks(scope, row)
    return {
        "post": {"id": str(row.pk), **commandpost_items(scope, [str(row.pk)], None)[str(row.pk)]},
        "toll": incident_toll(row),
        "terms": _terms(row),
        "groups": _groups(row, tasks),
        "tasks": {state: sum(t["state"] == state for t in tasks) for state in choices.TASK_STATES},
        "loose": [t for t in tasks if not t["group"] and t["state"] in ("issued", "received", "overdue")],
        "teams": post_teams(scope, row),
        "plans": list(RescuePlan.objects.filter(command_post=row).order_by("-number")),
        "notices": list(SaturationNotice.objects.filter(command_post=row).order_by("-drafted_at", "-id")[:5]),
        "requests": requests_open(row) if scope.covers(row.division) else (),
        "linked": [
            {"id": str(p.pk), "name": _name(p)} for p in row.linked.filter(state="active").order_by("set_up_at")
        ],
    }


TOLL = ("deaths", "missing", "seriously_injured", "injured", "trapped", "relocated")


def incident_toll(row: CommandPost) -> list[Json]:
    """The latest undisputed figures of the post's incident that speak of people, each with its moment and source. One query."""
    if row.incident_id is None:
        return []
    found = rows(
        "SELECT DISTINCT ON (metric) metric, value, as_of, source FROM response_incidentfigure WHERE incident_id = %s"
        " AND metric = ANY(%s) AND NOT disputed AND value IS NOT NULL ORDER BY metric, as_of DESC, seq DESC",
        [str(row.incident_id), list(TOLL)],
    )
    latest = {one["metric"]: one for one in found}
    return [
        {
            "name": METRICS[m].name.as_dict(),
            "value": int(one["value"]),
            "as_of": stamp(one["as_of"]),
            "source": one["source"],
        }
        for m in TOLL
        if (one := latest.get(m))
    ]


def post_tasks(scope: Scope, row: CommandPost) -> list[Json]:
    """The tasks inside the scope of a post's incident and its family, or of its response, by limit. One or two queries."""
    found = scope.filter(Task.objects.select_related("owner_post", "place").exclude(state="cancelled"))
    if row.incident_id:
        found = found.filter(incident_id__in=family(row.incident_id))
    elif row.level_id:
        found = found.filter(level_id=row.level_id)
    return [
        {
            "id": str(t.pk), "code": t.code, "text": {"zh": t.text_zh, "en": t.text_en}, "state": t.state,
            "owner": {"zh": t.owner_post.name_zh, "en": t.owner_post.name_en}, "due_at": stamp(t.due_at),
            "group": t.working_group, "lon": t.place.lon if t.place else None, "lat": t.place.lat if t.place else None,
        }
        for t in found.order_by("due_at", "code", "id")
    ]  # fmt: skip


def _groups(row: CommandPost, tasks: list[Json]) -> list[Json]:
    open_states = ("issued", "received", "overdue")
    found = []
    for g in CommandGroup.objects.filter(command_post=row).order_by("place_in_line"):
        own = [t for t in tasks if t["group"] == g.code]
        left = [t for t in own if t["state"] in open_states]
        found.append({
            "id": str(g.pk), "code": g.code, "name": _name(g), "lead": {"zh": g.lead_zh, "en": g.lead_en},
            "members": g.members, "duties": g.duties, "shift": g.shift, "channel": g.channel, "active": g.active,
            "total": len(own), "open": len(left), "done": len(own) - len(left), "tasks": left[:6], "more": len(left) - 6,
            "overdue": sum(t["state"] == "overdue" for t in own),
        })  # fmt: skip
    return found


def _name(row: Any) -> dict[str, str]:
    return {"zh": row.name_zh, "en": row.name_en}


def _terms(row: CommandPost) -> list[CommanderTerm]:
    """Who has commanded, and who is to: the one offered first, then back in time."""
    found = CommanderTerm.objects.filter(command_post=row).exclude(state="withdrawn")
    rank = {"offered": 0, "current": 1, "ended": 2}
    return sorted(found.order_by("-since", "-offered_at"), key=lambda term: rank[term.state])


def post_teams(scope: Scope, row: CommandPost) -> list[Json]:
    """Teams of a post: those that wait first, then those at work by number; those that have left last."""
    keys = [str(key) for key in TeamIntake.objects.filter(command_post=row).values_list("pk", flat=True)]
    if row.state == "active":
        items = teamintake_items(scope, keys, None) if keys else {}
        found = [{"id": key, **item} for key, item in items.items()]
    else:
        found = (
            [_past_team(t) for t in TeamIntake.objects.filter(command_post=row)] if scope.covers(row.division) else []
        )
    return sorted(found, key=lambda team: (ORDER[team["decision"]], team["number"]))


def _past_team(t: TeamIntake) -> Json:
    """A team of a closed post, as its record keeps it."""
    return {
        "id": str(t.pk), "number": t.number, "name": t.name, "kind": t.team_kind, "people": t.people, "inside": t.heads_inside,
        "decision": t.decision, "reason": t.reason, "area": t.area, "group": None, "leader": t.leader, "contact": "",
        "vehicles": t.vehicles, "equipment": t.equipment, "unasked": t.unasked, "organisation": t.organisation,
        "register_code": t.register_code,
        "registered_at": stamp(t.registered_at), "arrived_at": stamp(t.arrived_at), "left_at": stamp(t.left_at),
        "decided_by": t.decided_by, "insured": t.insured,
    }  # fmt: skip


def incidents_without(scope: Scope) -> list[Incident]:
    """Open incidents of the scope that have no command post yet, the newest first: what one may be set up for."""
    standing = CommandPost.objects.filter(state="active", incident__isnull=False).values("incident_id")
    found = scope.filter(Incident.objects.filter(state="open")).exclude(kind="command_unattended")
    return list(found.exclude(pk__in=standing).order_by("-opened_at", "id")[:60])


def takers(row: CommandPost) -> list[Post]:
    """Who may be handed command of a post by their place: commanders and deputies of its county and city."""
    codes = [row.division[:n] for n in (4, 6) if n <= len(row.division)]
    return list(Post.objects.filter(division__in=codes, role__in=LEADER_ROLES).order_by("division", "code"))
