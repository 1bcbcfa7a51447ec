"""Boards: who must decide, who has not done what, where the water stands, who is silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.journal import rows_at
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.models import Row
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response.models import CasualtyEntry, LeaderCheckin, Mismatch, ReportBreach
from anlan.response.selectors.live import level_items, proposal_items, stopline_items, task_items, tasks_late
from anlan.response.selectors.paging import Page, tail
from anlan.warning.selectors.frames import chain, inside, rows, stamp

Json = dict[str, Any]
OPEN = ("issued", "received", "overdue")
LEADER_ROLES = ("city_commander", "city_deputy", "county_commander", "county_deputy")


def levels_current(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Levels in force at `at` by plan and track, the gravest first."""
    found = [{"id": key, **item} for key, item in level_items(scope, None, at).items() if item["until"] is None]
    return sorted(found, key=lambda item: (item["track"] != "main", item["level"], item["plan"]))


def proposals_open(scope: Scope, at: datetime | None = None, track: str | None = None) -> list[Json]:
    """Proposals that wait for a decision, the longest wait first."""
    found = [{"id": key, **item} for key, item in proposal_items(scope, None, at).items() if item["state"] == "open"]
    return sorted((i for i in found if track in (None, i["track"])), key=lambda item: (item["opened_at"], item["id"]))


def tasks_board(scope: Scope, at: datetime | None = None, track: str = "main") -> list[Json]:
    """Tasks grouped by code: text, counts by state, earliest limit of the open ones, and who has not done theirs."""
    groups: dict[str, list[Json]] = {}
    for key, item in task_items(scope, None, at).items():
        if item["track"] == track:
            groups.setdefault(item["code"], []).append({"id": key, **item})
    return [_group(code, groups[code]) for code in sorted(groups)]


def _group(code: str, found: list[Json]) -> Json:
    counts = dict.fromkeys((state for state in choices.TASK_STATES if state != "cancelled"), 0)
    for item in found:
        counts[item["state"]] += 1
    left = sorted((item for item in found if item["state"] in OPEN), key=lambda item: (item["due_at"], item["post"]))
    return {
        "code": code,
        "text": found[0]["text"],
        "basis": found[0]["basis"],
        "total": len(found),
        "counts": counts,
        "due_at": left[0]["due_at"] if left else None,
        "not_done": left,
    }


def overdue(scope: Scope, at: datetime | None = None, track: str = "main", page: Page | None = None) -> list[Json]:
    """Tasks past their limit and not done, the latest first in need: oldest limit, then code."""
    return tasks_late(scope, at, track, page)


def stoplines(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Stop-lines with readings, the crossed ones first, then by how near the water is to the line."""
    order = {"crossed": 0, "watching": 1, "acted": 2}
    found = [{"id": key, **item} for key, item in stopline_items(scope, None, at).items()]
    return sorted(found, key=lambda i: (order[i["state"]], (i["limit"] or 0) - (i["value"] or 0), i["id"]))


def mismatches_open(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Linked command bodies that stand at different levels (F5)."""
    where, params = chain(scope, "t")
    return _mismatches(rows_at(Mismatch, at, f"t.state = 'open' AND {where}", params, "t.opened_at, t.id"))


def mismatches_of(scope: Scope, plan: str, incident: UUID | None, track: str) -> list[Json]:
    """Every mismatch there was about a plan's response to an event (or its area), the latest first."""
    where, params = chain(scope, "t")
    about = "t.track = %s AND t.incident_id IS NOT DISTINCT FROM %s AND b.plan_code = %s"
    sql = (
        f"SELECT t.* FROM response_mismatch t JOIN response_commandbody b ON b.id = t.body_id WHERE {where} AND {about}"
    )
    return _mismatches(rows(f"{sql} ORDER BY t.opened_at DESC, t.id", [*params, track, incident, plan]))


def _mismatches(found: list[Json]) -> list[Json]:
    sql = "SELECT id, code, name_zh, name_en, division, plan_code FROM response_commandbody"
    names = {row["id"]: row for row in rows(sql, [])} if found else {}
    return [
        {
            "id": str(row["id"]),
            "lead": _body(names[row["lead_id"]]),
            "body": _body(names[row["body_id"]]),
            "plan": names[row["body_id"]]["plan_code"],
            "incident": str(row["incident_id"]) if row["incident_id"] else None,
            "division": row["division"],
            "track": row["track"],
            "lead_level": row["lead_level"],
            "body_level": row["body_level"],
            "opened_at": stamp(row["opened_at"]),
            "state": row["state"],
            "state_name": choices.name(choices.MISMATCH_STATES, row["state"]),
            "closed_at": stamp(row["closed_at"]),
            "reason": row["reason"],
        }
        for row in found
    ]


def _body(row: Json) -> Json:
    return {"code": row["code"], "zh": row["name_zh"], "en": row["name_en"]}


def leaders(scope: Scope, at: datetime | None = None) -> list[Json]:
    """The leader board: every commander and deputy in scope, where they last checked in ("" unknown) and since when."""
    posts = rows(
        "SELECT p.id, p.code, p.name_zh, p.name_en, p.role, p.division FROM territory_post p WHERE p.role = ANY(%s) AND "
        + chain(scope, "p")[0]
        + " ORDER BY p.code",
        [list(LEADER_ROLES), *chain(scope, "p")[1]],
    )
    where, params = inside(scope, "t")
    current = {row["post_id"]: row for row in rows_at(LeaderCheckin, at, f"t.until IS NULL AND {where}", params)}
    return [_leader(post, current.get(post["id"])) for post in posts]


def _leader(post: Json, row: Json | None) -> Json:
    return {
        "post": post["code"],
        "role": post["role"],
        "name": {"zh": post["name_zh"], "en": post["name_en"]},
        "division": post["division"],
        "site": row["site"] if row else "",
        "site_name": {"zh": row["site_zh"], "en": row["site_en"]} if row else None,
        "since": stamp(row["since"]) if row else None,
    }


def breaches(
    scope: Scope, at: datetime | None = None, *, standing: bool = False, page: Page | None = None
) -> list[Json]:
    """Reports that were not sent by their time, by division and due time; `made_good_at` when they came late (F8).
    `standing`: those alone that have not come since."""
    source, params = source_sql(ReportBreach, at)
    seen, values = inside(scope, "t")
    end, e_params = tail(page)
    found = rows(
        "SELECT t.*, d.kind, d.form, d.rule, d.rule_version, d.plan_code, d.incident_id, d.disaster_id"
        f" FROM {source} AS t JOIN response_reportduty d ON d.id = t.duty_id WHERE {seen}"
        f"{' AND t.made_good_at IS NULL' if standing else ''}"
        f" ORDER BY t.division, t.due_at, t.id{end}",
        [*params, *values, *e_params],
    )
    return [
        {
            "id": str(row["id"]),
            "duty": str(row["duty_id"]),
            "division": row["division"],
            "kind": row["kind"],
            "form": row["form"],
            "rule": row["rule"],
            "rule_version": row["rule_version"],
            "plan": row["plan_code"],
            "incident": str(row["incident_id"]) if row["incident_id"] else None,
            "disaster": str(row["disaster_id"]) if row["disaster_id"] else None,
            "due_at": stamp(row["due_at"]),
            "in_a_row": row["in_a_row"],
            "made_good_at": stamp(row["made_good_at"]),
        }
        for row in found
    ]


def casualties(scope: Scope, at: datetime | None = None, page: Page | None = None) -> list[Json]:
    """The raw ledger in scope, entry by entry: the levels above see it as it was entered (F8)."""
    keys = ("division", "kind", "label", "known", "place", "lon", "lat", "source", "reporter", "state", "reason")
    return [
        {
            "id": str(row["id"]),
            **{key: row[key] for key in keys},
            "found_at": stamp(row["found_at"]),
            "entered_at": stamp(row["entered_at"]),
            "merged_into": str(row["merged_into_id"]) if row["merged_into_id"] else None,
        }
        for row in _scoped(CasualtyEntry, scope, at, "t.entered_at, t.id", page)
    ]


def _scoped(model: type[Row], scope: Scope, at: datetime | None, order: str, page: Page | None = None) -> list[Json]:
    where, params = inside(scope, "t")
    end, e_params = tail(page)
    return rows_at(model, at, where, [*params, *e_params], order + end)
