"""What live pages see of this stage: level proposals, levels, tasks, incidents, stop-lines. Each reader is one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.models import Row
from anlan.kernel.scope import Scope
from anlan.response.models import Incident, Level, LevelProposal, StopLine, Task
from anlan.response.selectors.paging import Page, tail
from anlan.warning.selectors.frames import chain, inside, rows, stamp, unpacked

Json = dict[str, Any]


def _read(
    model: type[Row],
    select: str,
    joins: str,
    scope: Scope,
    ids: list[str] | None,
    at: datetime | None,
    also: str = "",
    *,
    values: Sequence[Any] = (),
    order: str = "t.id",
    page: Page | None = None,
) -> list[Json]:
    """Read rows of a table (alias t) in scope, as they stood at `at`, in order of id. `also`: more conditions, with their
    `values`; `order` and `page`: for lists."""
    source, params = source_sql(model, at)
    seen, s_params = (chain if model.SCOPE == "chain" else inside)(scope, "t")
    only, o_params = (" AND t.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    sql = f"SELECT t.*, {select} FROM {source} AS t {joins} WHERE {seen}{only}{also} ORDER BY {order}"
    end, e_params = tail(page)
    return rows(sql + end, [*params, *s_params, *o_params, *values, *e_params])


PLAN = "pl.code AS plan_code, pl.name_zh AS plan_zh, pl.name_en AS plan_en"


def proposal_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Level proposals that bind in the scope, whatever their state; `decider` is the post that has the clock now."""
    select = f"p.code AS post_code, p.name_zh, p.name_en, {PLAN}"
    joins = (
        "LEFT JOIN territory_post p ON p.id = coalesce(t.decided_by_post_id, t.holder_post_id)"
        " JOIN response_plan pl ON pl.id = t.plan_id"
    )
    return {str(row["id"]): _proposal(row) for row in _read(LevelProposal, select, joins, scope, ids, at)}


def _proposal(row: Json) -> Json:
    why = unpacked(row["trigger"])
    return {
        "plan": row["plan_code"],
        "plan_name": {"zh": row["plan_zh"], "en": row["plan_en"]},
        "incident": str(row["incident_id"]) if row["incident_id"] else None,
        "level": row["level"],
        "action": row["action"],
        "track": row["track"],
        "division": row["division"],
        "opened_at": stamp(row["opened_at"]),
        "due_at": stamp(row["due_at"]),
        "decider": {"post": row["post_code"], "name": _name(row)},
        "state": row["state"],
        "why": {key: why.get(key) for key in ("zh", "en", "citation", "mark", "count")},
        "escalations": row["escalations"],
        "undecided": unpacked(row["undecided"]),
        "decided_at": stamp(row["decided_at"]),
        "reason": row["reason"],
    }


def level_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Levels, in force and past, that bind in the scope."""
    select = f"p.name_zh, p.name_en, p.code AS post_code, {PLAN}"
    joins = "LEFT JOIN territory_post p ON p.id = t.decided_by_post_id JOIN response_plan pl ON pl.id = t.plan_id"
    return {
        str(row["id"]): {
            "plan": row["plan_code"],
            "plan_name": {"zh": row["plan_zh"], "en": row["plan_en"]},
            "incident": str(row["incident_id"]) if row["incident_id"] else None,
            "level": row["level"],
            "track": row["track"],
            "since": stamp(row["since"]),
            "until": stamp(row["until"]),
            "area": row["area"],
            "by": _name(row),
            "post": row["post_code"],
            "matter": row["matter"],
            "expected_duration_h": row["expected_duration_h"],
        }
        for row in _read(Level, select, joins, scope, ids, at)
    }


TASK = (
    "p.code AS post_code, p.name_zh, p.name_en, w.name_zh AS with_zh, w.name_en AS with_en,"
    " coalesce(pl.lon, d.lon) AS lon, coalesce(pl.lat, d.lat) AS lat"
)
TASK_OF = (
    "JOIN territory_post p ON p.id = t.owner_post_id LEFT JOIN territory_post w ON w.id = t.with_post_id"
    " LEFT JOIN territory_place pl ON pl.id = t.place_id LEFT JOIN territory_division d ON d.code = t.division"
)


def task_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Tasks inside the scope, called-off ones left out. The point is the place's, else the owner division's."""
    found = _read(Task, TASK, TASK_OF, scope, ids, at, " AND t.state <> 'cancelled'")
    return {str(row["id"]): _task(row) for row in found}


def tasks_late(scope: Scope, at: datetime | None, track: str, page: Page | None) -> list[Json]:
    """Tasks of a track past their limit and not done, as `task_items` has them, the oldest limit first, then by code."""
    found = _read(Task, TASK, TASK_OF, scope, None, at, " AND t.state = 'overdue' AND t.track = %s", values=[track],
                  order="t.due_at, t.code, t.id", page=page)  # fmt: skip
    return [{"id": str(row["id"]), **_task(row)} for row in found]


def _task(row: Json) -> Json:
    return {
        "code": row["code"],
        "action": row["action"],
        "text": {"zh": row["text_zh"], "en": row["text_en"]},
        "owner": _name(row),
        "post": row["post_code"],
        "with": {"zh": row["with_zh"], "en": row["with_en"]} if row["with_zh"] else None,
        "division": row["division"],
        "lon": row["lon"],
        "lat": row["lat"],
        "issued_at": stamp(row["issued_at"]),
        "due_at": stamp(row["due_at"]),
        "receipt_at": stamp(row["receipt_at"]),
        "done_at": stamp(row["done_at"]),
        "state": row["state"],
        "stop_line": row["stop_line"],
        "track": row["track"],
        "escalations": row["escalations"],
        "basis": unpacked(row["basis"]),
        "level": str(row["level_id"]) if row["level_id"] else None,
        "order": str(row["order_id"]) if row["order_id"] else None,
        "incident": str(row["incident_id"]) if row["incident_id"] else None,
        "group": row["working_group"],
        "cooperating": row["cooperating"],
        "receipt_only": row["receipt_only"],
        "verified_at": stamp(row["verified_at"]),
        "returned": row["returned"],
        "help_at": stamp(row["help_at"]),
    }


def incident_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Incidents inside the scope, open, merged and closed. `type` class, `grade` the one that holds."""
    return {str(row["id"]): _incident(row) for row in _read(Incident, "1", "", scope, ids, at)}


def incidents_newest(scope: Scope, page: Page | None) -> list[Json]:
    """The same as a list, the newest first."""
    found = _read(Incident, "1", "", scope, None, None, order="t.opened_at DESC, t.id", page=page)
    return [{"id": str(row["id"]), **_incident(row)} for row in found]


def _incident(row: Json) -> Json:
    return {
        "title": {"zh": row["title_zh"], "en": row["title_en"]},
        "kind": row["kind"],
        "type": row["type_code"],
        "grade": row["grade"],
        "merged_into": str(row["merged_into_id"]) if row["merged_into_id"] else None,
        "happened_at": stamp(row["happened_at"]),
        "lon": row["lon"],
        "lat": row["lat"],
        "division": row["division"],
        "opened_at": stamp(row["opened_at"]),
        "closed_at": stamp(row["closed_at"]),
        "state": row["state"],
        "source": row["source"],
        "confidence": row["confidence"],
        "verified": not row["unverified"],
        "contradicted": row["contradicted"],
    }


def stopline_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Stop-lines inside the scope that have been read or acted on; `value` and `limit` in `unit`."""
    select = "pl.name_zh, pl.name_en, pl.lon, pl.lat, pl.code AS place_code, pl.kind AS place_kind"
    joins = "JOIN territory_place pl ON pl.id = t.place_id"
    also = " AND (t.value IS NOT NULL OR t.state <> 'watching')"
    return {
        str(row["id"]): {
            "name": _name(row),
            "place": row["place_code"],
            "kind": row["place_kind"],
            "lon": row["lon"],
            "lat": row["lat"],
            "division": row["division"],
            "action": row["action"],
            "metric": row["metric"],
            "unit": row["unit"],
            "value": row["value"],
            "limit": row["limit"],
            "state": row["state"],
            "crossed_at": stamp(row["crossed_at"]),
            "acted_at": stamp(row["acted_at"]),
        }
        for row in _read(StopLine, select, joins, scope, ids, at, also)
    }


def _name(row: Json) -> dict[str, str] | None:
    return {"zh": row["name_zh"], "en": row["name_en"]} if row["name_zh"] else None


def _touches(name: str, listed: dict[str, str], crowds: tuple[str, ...]) -> Callable[[EntryRow], Iterable[str] | None]:
    """Tell which items an entry touches: the one it is about; those `listed` in its data; None for a crowd."""

    def touches(entry: EntryRow) -> Iterable[str] | None:
        if entry.kind in listed and entry.data.get(listed[entry.kind]):
            return [str(key) for key in entry.data[listed[entry.kind]]]
        if entry.kind in crowds:
            return None
        kind, _, key = entry.about.partition(":")
        return [key] if kind == name else []

    return touches


MERGES = ("incident.merged", "incident.merge_undone", "incident.split_undone")  # each touches two incidents

LIVE: dict[str, Projection] = {
    "levelproposal": Projection(proposal_items, _touches("levelproposal", {}, ())),
    "level": Projection(level_items, _touches("level", {}, ())),
    "task": Projection(
        task_items, _touches("task", {"tasks.issued": "tasks"}, ("tasks.issued", "tasks.cancelled")), inside=True
    ),
    "incident": Projection(incident_items, _touches("incident", {}, MERGES), inside=True),
    "stopline": Projection(
        stopline_items, _touches("stopline", {"stoplines.read": "stoplines", "stoplines.set": "stoplines"}, ())
    ),
}
