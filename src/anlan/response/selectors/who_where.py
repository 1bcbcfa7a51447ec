"""Where people and things are: the leader board, and the points of a command post's map."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.response.engine.attendance import POST, Whereabouts, crowds, unattended
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import (
    CommandPost,
    Incident,
)
from anlan.response.selectors.boards import leaders
from anlan.response.selectors.command_page import post_tasks, post_teams
from anlan.response.selectors.family import family
from anlan.response.selectors.live_command import leader_items
from anlan.territory.models import Division

Json = dict[str, Any]


def map_points(scope: Scope, row: CommandPost) -> Json:
    """What the shared map draws: the post and those under it, the incident's family, tasks, teams, leaders on site."""
    posts = [p for p in (row, *row.linked.filter(state="active")) if p.lon is not None]
    incidents = Incident.objects.filter(pk__in=family(row.incident_id), lon__isnull=False) if row.incident_id else []
    leaders = [one for one in leader_items(scope, None, None).values() if one["lon"] is not None]
    return {
        "post": [
            {"id": str(p.pk), "lon": p.lon, "lat": p.lat, "name": {"zh": p.name_zh, "en": p.name_en}} for p in posts
        ],
        "incident": [
            {"id": str(i.pk), "lon": i.lon, "lat": i.lat, "name": {"zh": i.title_zh, "en": i.title_en}}
            for i in incidents
        ],
        "task": [{**t, "name": t["text"]} for t in post_tasks(scope, row) if t["lon"] is not None],
        "team": [
            {
                "id": t["id"],
                "lon": t["lon"],
                "lat": t["lat"],
                "name": {"zh": t["name"], "en": t["name"]},
                "inside": t["inside"],
            }
            for t in post_teams(scope, row)
            if t.get("lon") is not None and t["decision"] == "accept"
        ],
        "leader": [{"id": one["post"], "lon": one["lon"], "lat": one["lat"], "name": one["name"]} for one in leaders],
    }


def leader_board(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Who is where, by division: every commander and deputy, where they are and since when, and what is wrong: `empty`
    (nobody at the command post though somebody has left), `crowd` (the site where too many are)."""
    boards: dict[str, list[Json]] = {}
    for leader in leaders(scope, at):
        boards.setdefault(leader["division"], []).append(leader)
    names = {d.code: {"zh": d.name_zh, "en": d.name_en} for d in Division.objects.filter(code__in=list(boards))}
    found = []
    for division, people in sorted(boards.items()):
        where = [Whereabouts(one["post"], one["site"]) for one in people]
        if all(one["site"] == "" for one in people) and len(division) > 4 and len(boards) > 3:
            continue  # counties nobody has been heard of from are left to the county's own page
        crowd = crowds(where, command_pack().limits.crowd)
        sites = {one["site"]: one["site_name"] for one in people}
        found.append({
            "division": division, "name": names.get(division, {"zh": division, "en": division}),
            "leaders": sorted(people, key=lambda one: (one["site"] != POST, one["site"] == "", one["post"])),
            "empty": unattended(where) is not None, "present": sum(one["site"] == POST for one in people),
            "crowd": [{"site": sites[one.site], "count": len(one.leaders)} for one in crowd],
        })  # fmt: skip
    return found
