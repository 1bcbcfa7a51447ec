"""What live pages see of on-site command: posts, the newest entries of each log, teams, and where the leaders are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.scope import Scope
from anlan.response.engine.handover import open_requests
from anlan.response.models import (
    CommanderTerm,
    CommandGroup,
    CommandLogEntry,
    CommandPost,
    LeaderCheckin,
    TeamIntake,
    Withdrawal,
)
from anlan.territory.engine.mask import mask_phone
from anlan.warning.selectors.frames import chain, inside, rows, stamp

Json = dict[str, Any]
WINDOW = 200  # entries of a log that live pages hold; older ones are read on its page

# What changes what the card of a command post says. Of log entries, requests and what settles them (`_touches`).
_OF_POST = frozenset({
    "command.set_up", "command.moved", "command.group_changed", "command.offered", "command.taken", "command.linked",
    "command.closed", "command.plan_in_force", "withdrawal.ordered", "withdrawal.complete", "withdrawal.overdue",
    "withdrawal.lifted", "saturation.released", "saturation.withdrawn", "team.registered", "team.decided", "team.moved",
    "team.left",
})  # fmt: skip
_ASKED = "(t.entry_kind = 'request' OR t.answers_id IS NOT NULL OR t.corrects_id IS NOT NULL)"
_OF_TEAM = frozenset({"team.registered", "team.decided", "team.moved", "team.left"})


def commandpost_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """On-site command posts, standing and closed, that the reader sees: who commands, people and teams on site, what is
    open. Teams and requests are counted for readers at the post's level or above. Five queries."""
    source, params = source_sql(CommandPost, at)
    seen, s_params = chain(scope, "t")
    only, o_params = (" AND t.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    found = rows(f"SELECT t.* FROM {source} AS t WHERE {seen}{only} ORDER BY t.id", [*params, *s_params, *o_params])
    keys = [str(row["id"]) for row in found]
    if not keys:
        return {}
    own = [str(row["id"]) for row in found if scope.covers(row["division"])]
    terms = _by_post(CommanderTerm, at, keys, "t.state IN ('current', 'offered')", "t.since, t.id")
    orders = _by_post(Withdrawal, at, keys, "t.state <> 'lifted'", "t.ordered_at, t.id")
    teams = _by_post(TeamIntake, at, own, "t.decision <> 'left'", "t.number")
    asked = _by_post(CommandLogEntry, at, own, _ASKED, "t.number")
    return {
        key: _post(row, terms.get(key, []), orders.get(key, []), teams.get(key, []), asked.get(key, []))
        for key, row in zip(keys, found, strict=True)
    }


def _by_post(model: Any, at: datetime | None, keys: list[str], also: str, order: str) -> dict[str, list[Json]]:
    source, params = source_sql(model, at)
    sql = f"SELECT t.* FROM {source} AS t WHERE t.command_post_id = ANY(%s::uuid[]) AND {also} ORDER BY {order}"
    found: dict[str, list[Json]] = {}
    for row in rows(sql, [*params, keys]):
        found.setdefault(str(row["command_post_id"]), []).append(row)
    return found


def _post(row: Json, terms: list[Json], orders: list[Json], teams: list[Json], asked: list[Json]) -> Json:
    current = next((term for term in terms if term["state"] == "current"), None)
    offered = next((term for term in terms if term["state"] == "offered"), None)
    return {
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "incident": _id(row["incident_id"]),
        "level": _id(row["level_id"]),
        "under": _id(row["under_id"]),
        "division": row["division"],
        "place": row["place_words"],
        "lon": row["lon"],
        "lat": row["lat"],
        "state": row["state"],
        "tier": row["tier"],
        "template": row["template"],
        "set_up_at": stamp(row["set_up_at"]),
        "closed_at": stamp(row["closed_at"]),
        "commander": _term(current),
        "offered": _term(offered),
        "teams": {state: sum(t["decision"] == state for t in teams) for state in ("waiting", "accept", "hold", "decline")},
        "people": sum(t["people"] for t in teams if t["decision"] == "accept"),
        "inside": sum(t["heads_inside"] for t in teams),
        "unasked": sum(t["unasked"] for t in teams),
        "withdrawals": [_withdrawal(order, teams) for order in orders],
        "requests": len(open_requests([_asked(entry) for entry in asked])),
    }  # fmt: skip


def _asked(row: Json) -> Json:
    return {"id": row["id"], "kind": row["entry_kind"], "answers": row["answers_id"], "corrects": row["corrects_id"]}


def _term(row: Json | None) -> Json | None:
    if row is None:
        return None
    return {"id": str(row["id"]), "name": {"zh": row["name_zh"], "en": row["name_en"]}, "tier": row["tier"],
            "post": _id(row["post_id"]), "since": stamp(row["since"]), "offered_at": stamp(row["offered_at"])}  # fmt: skip


def _withdrawal(row: Json, teams: list[Json]) -> Json:
    expected = {team["team"] for team in json.loads(row["expected"])}
    left = sum(
        team["heads_inside"]
        for team in teams
        if str(team["id"]) in expected or row["group_id"] in (None, team["group_id"])  # who went in since, unasked
    )
    return {"id": str(row["id"]), "reason": row["reason"], "area": row["area"], "state": row["state"], "heads": left,
            "ordered_at": stamp(row["ordered_at"]), "due_at": stamp(row["due_at"]),
            "overdue_at": stamp(row["overdue_at"])}  # fmt: skip


def _id(value: Any) -> str | None:
    return str(value) if value else None


def commandlog_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """The newest entries of each standing post's log, by `<post>:<number>`. One query."""
    entry, e_params = source_sql(CommandLogEntry, at)
    post, p_params = source_sql(CommandPost, at)
    seen, s_params = inside(scope, "t")
    only, o_params = "", []
    if ids is not None:
        only, o_params = " AND t.command_post_id || ':' || t.number = ANY(%s)", [ids]
    sql = f"""SELECT t.* FROM {entry} AS t JOIN {post} AS p ON p.id = t.command_post_id AND p.state = 'active'
WHERE {seen}{only} AND t.number > (SELECT max(l.number) FROM {entry} AS l WHERE l.command_post_id = t.command_post_id) - {WINDOW}
ORDER BY t.command_post_id, t.number"""
    found = rows(sql, [*e_params, *p_params, *s_params, *o_params, *e_params])
    return {f"{row['command_post_id']}:{row['number']}": log_item(row) for row in found}


def log_item(row: Json) -> Json:
    """One entry of a command log as pages, files and the feed give it."""
    return {
        "id": str(row["id"]),
        "post": str(row["command_post_id"]),
        "number": row["number"],
        "at": stamp(row["at"]),
        "recorded_at": stamp(row["recorded_at"]),
        "kind": row["entry_kind"],
        "sender": row["sender"],
        "receiver": row["receiver"],
        "channel": row["channel"],
        "text": row["text"],
        "about": row["about"],
        "by": row["by_name"],
        "answers": _id(row["answers_id"]),
        "corrects": _id(row["corrects_id"]),
    }


def teamintake_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Teams registered at standing posts inside the scope, those that have left too. Telephones masked. One query."""
    team, t_params = source_sql(TeamIntake, at)
    post, p_params = source_sql(CommandPost, at)
    group, g_params = source_sql(CommandGroup, at)
    seen, s_params = inside(scope, "t")
    only, o_params = (" AND t.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    sql = f"""SELECT t.*, g.code AS group_code, g.name_zh AS group_zh, g.name_en AS group_en FROM {team} AS t
JOIN {post} AS p ON p.id = t.command_post_id AND p.state = 'active' LEFT JOIN {group} AS g ON g.id = t.group_id
WHERE {seen}{only} ORDER BY t.id"""
    found = rows(sql, [*t_params, *p_params, *g_params, *s_params, *o_params])
    return {str(row["id"]): _team(row) for row in found}


_TEAM = (
    "number", "name", "organisation", "register_code", "leader", "people", "vehicles", "equipment", "skills", "self_support_h", "insured",
    "decision", "decided_by", "reason", "area", "lon", "lat", "unasked",
)  # fmt: skip


def _team(row: Json) -> Json:
    group = {"code": row["group_code"], "zh": row["group_zh"], "en": row["group_en"]} if row["group_code"] else None
    return {
        **{key: row[key] for key in _TEAM},
        "post": str(row["command_post_id"]),
        "kind": row["team_kind"],
        "contact": mask_phone(row["contact"]) if row["contact"] else "",
        "group": group,
        "inside": row["heads_inside"],
        **{key: stamp(row[key]) for key in ("registered_at", "arrived_at", "decided_at", "left_at")},
    }


def leader_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Where the leaders inside the scope are, by post: those who have checked in. One query."""
    checkin, params = source_sql(LeaderCheckin, at)
    posts, p_params = source_sql(CommandPost, at)
    seen, s_params = inside(scope, "t")
    only, o_params = (" AND t.post_id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    sql = f"""SELECT t.*, p.code, p.role, p.name_zh, p.name_en, h.code AS stand_in, h.name_zh AS stand_zh, h.name_en AS stand_en,
  coalesce(c.lon, pl.lon) AS lon, coalesce(c.lat, pl.lat) AS lat
FROM {checkin} AS t JOIN territory_post p ON p.id = t.post_id LEFT JOIN territory_post h ON h.id = t.handover_to_id
LEFT JOIN territory_place pl ON pl.code = t.site LEFT JOIN {posts} AS c ON 'post:' || c.id = t.site
WHERE t.until IS NULL AND {seen}{only} ORDER BY p.code"""
    found = rows(sql, [*params, *p_params, *s_params, *o_params])
    return {
        str(row["post_id"]): {
            "post": row["code"],
            "role": row["role"],
            "name": {"zh": row["name_zh"], "en": row["name_en"]},
            "division": row["division"],
            "site": row["site"],
            "site_name": {"zh": row["site_zh"], "en": row["site_en"]},
            "since": stamp(row["since"]),
            "stand_in": {"zh": row["stand_zh"], "en": row["stand_en"]} if row["stand_in"] else None,
            "lon": row["lon"],
            "lat": row["lat"],
        }
        for row in found
    }


def _touches_post(entry: EntryRow) -> Iterable[str]:
    data = entry.data
    settles = entry.kind == "command.logged" and (
        data["entry_kind"] == "request" or data["answers"] or data["corrects"]
    )
    return [str(data["post"])] if entry.kind in _OF_POST or settles else []


def _touches_log(entry: EntryRow) -> Iterable[str] | None:
    """The entry written, and the one that fell out of the window for it."""
    if entry.kind == "command.closed":
        return None
    if entry.kind != "command.logged":
        return []
    number = int(entry.data["number"])
    return [f"{entry.data['post']}:{n}" for n in (number, number - WINDOW) if n > 0]


def _touches_team(entry: EntryRow) -> Iterable[str] | None:
    if entry.kind in ("command.closed", "command.group_changed"):
        return None
    return [str(entry.data["team"])] if entry.kind in _OF_TEAM else []


def _touches_leader(entry: EntryRow) -> Iterable[str] | None:
    if entry.kind == "command.moved":
        return None
    return [entry.about.partition(":")[2]] if entry.kind == "command.checked_in" else []


LIVE_COMMAND: dict[str, Projection] = {
    "commandpost": Projection(commandpost_items, _touches_post),
    "commandlog": Projection(commandlog_items, _touches_log, inside=True),
    "teamintake": Projection(teamintake_items, _touches_team, inside=True),
    "leader": Projection(leader_items, _touches_leader, inside=True),
}
