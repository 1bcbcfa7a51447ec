"""What live pages see of this stage: warnings in force, open proposals, and calls by township."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.scope import Scope
from anlan.warning import choices
from anlan.warning.models import ChannelUse, Warning, WarningProposal
from anlan.warning.selectors.board_live import tally_items, tally_touched
from anlan.warning.selectors.frames import (
    FUNNEL,
    FUNNEL_KEYS,
    TOWNSHIP,
    chain,
    counts_sql,
    inside,
    rows,
    stamp,
    unpacked,
)
from anlan.warning.services.message import issuer_label


def warning_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Warnings in force that bind in the scope, each with the funnel of the calls inside the scope. One query."""
    warning, w_params = source_sql(Warning, at)
    within, i_params = inside(scope, "k")
    call, c_params = counts_sql(scope, at, f"k.warning_id IN (SELECT w.id FROM w) AND {within}")
    use, u_params = source_sql(ChannelUse, at)
    seen, s_params = chain(scope, "w")
    only, o_params = ("AND w.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    funnel = ", ".join(f"coalesce(f.{key}, 0) AS {key}" for key in FUNNEL_KEYS)
    sql = f"""
WITH w AS MATERIALIZED (SELECT w.* FROM {warning} w WHERE w.state = 'in_force' AND {seen} {only}),
f AS (SELECT c.warning_id, {FUNNEL} FROM {call} c GROUP BY 1),
m AS (SELECT u.warning_id, array_agg(u.channel ORDER BY u.channel) AS missing FROM {use} u
      WHERE u.state = 'missing' GROUP BY 1)
SELECT w.*, d.name_zh, d.name_en, coalesce(m.missing, '{{}}') AS missing, {funnel}
FROM w LEFT JOIN f ON f.warning_id = w.id LEFT JOIN m ON m.warning_id = w.id
LEFT JOIN territory_division d ON d.code = w.division
ORDER BY w.issued_at, w.id"""
    found = rows(sql, [*w_params, *s_params, *o_params, *i_params, *c_params, *u_params])
    return {str(row["id"]): _warning(row) for row in found}


def _warning(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "colour": row["colour"],
        "hazard": row["hazard"],
        "hazard_name": choices.name(choices.HAZARDS, row["hazard"]),
        "headline": {"zh": row["headline_zh"], "en": row["headline_en"]},
        "instruction": {"zh": row["instruction_zh"], "en": row["instruction_en"]},
        "area": unpacked(row["area"]),
        "issuer": issuer_label(row["issuer_kind"], row["name_zh"] or "", row["name_en"] or ""),
        "issued_at": stamp(row["issued_at"]),
        "effective": stamp(row["effective"]),
        "expires": stamp(row["expires"]),
        "state": row["state"],
        "drill": row["drill"],
        "missing": row["missing"],
        "funnel": {key: row[key] for key in FUNNEL_KEYS},
    }


def proposal_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Open proposals that bind in the scope, with whose clock is running. One query."""
    item, params = source_sql(WarningProposal, at)
    seen, s_params = chain(scope, "p")
    only, o_params = ("AND p.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    sql = f"""SELECT p.*, t.code AS post_code, t.name_zh, t.name_en FROM {item} p
LEFT JOIN territory_post t ON t.id = p.decider_post_id
WHERE p.state = 'open' AND {seen} {only} ORDER BY p.opened_at, p.id"""
    return {str(row["id"]): _proposal(row) for row in rows(sql, [*params, *s_params, *o_params])}


def _proposal(row: dict[str, Any]) -> dict[str, Any]:
    decider = None
    if row["post_code"] is not None:
        decider = {"post": row["post_code"], "name": {"zh": row["name_zh"], "en": row["name_en"]}}
    return {
        "colour": row["colour"],
        "hazard": row["hazard"],
        "hazard_name": choices.name(choices.HAZARDS, row["hazard"]),
        "area": unpacked(row["area"]),
        "opened_at": stamp(row["opened_at"]),
        "due_at": stamp(row["due_at"]),
        "decider": decider,
        "state": row["state"],
        "why": unpacked(row["explanation"]),
        "escalations": row["escalations"],
        "signal": str(row["signal"]) if row["signal"] else None,
    }


def call_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Calls of warnings in force, counted by township (a county's own posts count under the county). One query."""
    warning, w_params = source_sql(Warning, at)
    within, i_params = inside(scope, "k")
    only, o_params = (f"AND left(k.division, {TOWNSHIP}) = ANY(%s)", [ids]) if ids is not None else ("", [])
    call, c_params = counts_sql(scope, at, f"k.warning_id IN (SELECT w.id FROM w) AND {within} {only}")
    sql = f"""
WITH w AS MATERIALIZED (SELECT w.id FROM {warning} w WHERE w.state = 'in_force')
SELECT f.*, d.name_zh, d.name_en, d.lon, d.lat
FROM (SELECT c.division AS code, {FUNNEL} FROM {call} c GROUP BY 1) f
LEFT JOIN territory_division d ON d.code = f.code ORDER BY f.code"""
    found = rows(sql, [*w_params, *i_params, *o_params, *c_params])
    return {row["code"]: _township(row) for row in found}


def _township(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": {"zh": row["name_zh"] or row["code"], "en": row["name_en"] or row["code"]},
        "lon": row["lon"],
        "lat": row["lat"],
        **{key: row[key] for key in FUNNEL_KEYS},
    }


def _warnings_touched(entry: EntryRow) -> Iterable[str]:
    """A warning's item changes with the warning, its channels and every one of its calls."""
    if entry.kind.partition(".")[0] in {"warning", "call", "calls", "channel"} and "warning" in entry.data:
        return [entry.data["warning"]]
    return []


def _townships_touched(entry: EntryRow) -> Iterable[str] | None:
    """One answer touches one township; a warning that begins or ends may touch any."""
    stage, _, what = entry.kind.partition(".")
    if stage == "call":
        return [entry.division[:TOWNSHIP]]
    if stage == "calls" or (stage == "warning" and what != "issued"):
        return None
    return []


LIVE = {
    "warning": Projection(warning_items, _warnings_touched),
    "proposal": proposal_items,
    "calls": Projection(call_items, _townships_touched),
    "tally": Projection(tally_items, tally_touched),
}
