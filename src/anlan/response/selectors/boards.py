"""Boards: who must decide, who has not done what, where the water stands, who is silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import rows_at
from anlan.kernel.models import Row
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response.models import CasualtyEntry, LeaderCheckin, Mismatch, ReportBreach
from anlan.response.selectors.live import level_items, proposal_items, stopline_items, task_items
from anlan.warning.selectors.frames import chain, inside, rows, stamp

Json = dict[str, Any]
OPEN = ("issued", "received", "overdue")


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


def overdue(scope: Scope, at: datetime | None = None, track: str = "main") -> list[Json]:
    """Tasks past their limit and not done, the latest first in need: oldest limit, then code."""
    found = [{"id": key, **item} for key, item in task_items(scope, None, at).items()]
    late = [item for item in found if item["state"] == "overdue" and item["track"] == track]
    return sorted(late, key=lambda item: (item["due_at"], item["code"], item["id"]))


def stoplines(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Stop-lines with readings, the crossed ones first, then by how near the water is to the line."""
    order = {"crossed": 0, "watching": 1, "acted": 2}
    found = [{"id": key, **item} for key, item in stopline_items(scope, None, at).items()]
    return sorted(found, key=lambda i: (order[i["state"]], (i["limit"] or 0) - (i["value"] or 0), i["id"]))


def mismatches_open(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Linked command bodies that stand at different levels (F5)."""
    where, params = chain(scope, "t")
    names = {row["id"]: row for row in rows("SELECT id, code, name_zh, name_en FROM response_commandbody", [])}
    return [
        {
            "id": str(row["id"]),
            "lead": _body(names[row["lead_id"]]),
            "body": _body(names[row["body_id"]]),
            "track": row["track"],
            "lead_level": row["lead_level"],
            "body_level": row["body_level"],
            "opened_at": stamp(row["opened_at"]),
        }
        for row in rows_at(Mismatch, at, f"t.state = 'open' AND {where}", params)
    ]


def _body(row: Json) -> Json:
    return {"code": row["code"], "zh": row["name_zh"], "en": row["name_en"]}


def leaders(scope: Scope, at: datetime | None = None) -> list[Json]:
    """The leader board: every commander and deputy in scope, where they last checked in ("" unknown) and since when."""
    posts = rows(
        "SELECT p.id, p.code, p.name_zh, p.name_en, p.role, p.division FROM territory_post p WHERE p.role = ANY(%s) AND "
        + chain(scope, "p")[0]
        + " ORDER BY p.code",
        [["city_commander", "city_deputy", "county_commander", "county_deputy"], *chain(scope, "p")[1]],
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


def breaches(scope: Scope, at: datetime | None = None) -> list[Json]:
    """Reports that were not sent by their time, by division and due time; `made_good_at` when they came late (F8)."""
    return [
        {
            "id": str(row["id"]),
            "division": row["division"],
            "due_at": stamp(row["due_at"]),
            "in_a_row": row["in_a_row"],
            "made_good_at": stamp(row["made_good_at"]),
        }
        for row in _scoped(ReportBreach, scope, at, "t.division, t.due_at, t.id")
    ]


def casualties(scope: Scope, at: datetime | None = None) -> list[Json]:
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
        for row in _scoped(CasualtyEntry, scope, at, "t.entered_at, t.id")
    ]


def _scoped(model: type[Row], scope: Scope, at: datetime | None, order: str) -> list[Json]:
    where, params = inside(scope, "t")
    return rows_at(model, at, where, params, order)
