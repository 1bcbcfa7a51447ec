"""What live pages see of the duty desk: checks waiting for an answer, hand-overs being made, changes waiting for approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.models import Row
from anlan.kernel.scope import Scope
from anlan.response.choices_rings import CHECK
from anlan.response.models import DutyCheck, Handover, SwapRequest
from anlan.warning.models import Ringing
from anlan.warning.selectors.frames import inside, rows, stamp, unpacked

Json = dict[str, Any]


def _open(model: type[Row], state: str, scope: Scope, ids: list[str] | None, at: datetime | None) -> list[Json]:
    source, params = source_sql(model, at)
    seen, s_params = inside(scope, "t")
    only, o_params = (" AND t.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    desk = ", p.code AS post_code, p.name_zh, p.name_en" if model is not SwapRequest else ""
    join = " JOIN territory_post p ON p.id = t.post_id" if desk else ""
    sql = f"SELECT t.*{desk} FROM {source} AS t{join} WHERE {seen} AND {state}{only} ORDER BY t.id"
    return rows(sql, [*params, *s_params, *o_params])


def check_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Random checks asked and not answered inside the scope, with how each rang; one still to come shows nowhere."""
    found = _open(DutyCheck, "t.state IN ('asked', 'missed')", scope, ids, at)
    rings = _rings([str(row["id"]) for row in found], at)
    return {
        str(row["id"]): {
            "post": row["post_code"],
            "name": {"zh": row["name_zh"], "en": row["name_en"]},
            "division": row["division"],
            "asked_at": stamp(row["asked_at"]),
            "due_at": stamp(row["due_at"]),
            "state": row["state"],
            "climbs": len(unpacked(row["climbs"])),
            "rings": rings.get(str(row["id"]), []),
        }
        for row in found
    }


def _rings(checks: list[str], at: datetime | None) -> dict[str, list[Json]]:
    """Check → whom it rang, in order: {step, state, why, sent}, `sent` as channel → how its message stands."""
    if not checks:
        return {}
    source, params = source_sql(Ringing, at)
    sql = f"SELECT t.about, t.step, t.state, t.why, t.sent FROM {source} AS t WHERE t.about = ANY(%s) ORDER BY t.about, t.step"
    found: dict[str, list[Json]] = {}
    for row in rows(sql, [*params, [f"{CHECK}{key}" for key in checks]]):
        one = {"step": row["step"], "state": row["state"], "why": row["why"], "sent": unpacked(row["sent"])}
        found.setdefault(row["about"].removeprefix(CHECK), []).append(one)
    return found


def handover_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Hand-overs being made inside the scope: how much is handed over, what is red and not acknowledged, who signed."""
    return {
        str(row["id"]): {
            "post": row["post_code"],
            "name": {"zh": row["name_zh"], "en": row["name_en"]},
            "division": row["division"],
            "opened_at": stamp(row["opened_at"]),
            "looked_at": stamp(row["looked_at"]),
            "counts": {name: listed["total"] for name, listed in unpacked(row["lists"]).items()},
            "red": len(unpacked(row["red"])),
            "left": len([item for item in unpacked(row["red"]) if item["key"] not in unpacked(row["seen"])]),
            "out_signed_at": stamp(row["out_signed_at"]),
        }
        for row in _open(Handover, "t.state = 'open'", scope, ids, at)
    }


def swap_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Changes of shift waiting for approval inside the scope, by ids of people: names are the page's affair."""
    keys = ("kind", "role", "division", "reason", "override")
    return {
        str(row["id"]): {
            **{key: row[key] for key in keys},
            "shift": str(row["shift_id"]),
            "from": str(row["from_person_id"]),
            "to": str(row["to_person_id"]),
            "other_shift": str(row["other_shift_id"]) if row["other_shift_id"] else None,
            "asked_at": stamp(row["asked_at"]),
        }
        for row in _open(SwapRequest, "t.state = 'asked'", scope, ids, at)
    }


def _about(name: str) -> Callable[[EntryRow], Iterable[str]]:
    def touches(entry: EntryRow) -> Iterable[str]:
        kind, _, key = entry.about.partition(":")
        return [key] if kind == name else []

    return touches


LIVE_DUTY: dict[str, Projection] = {
    "dutycheck": Projection(check_items, _about("dutycheck"), inside=True),
    "handover": Projection(handover_items, _about("handover"), inside=True),
    "swaprequest": Projection(swap_items, _about("swaprequest"), inside=True),
}
