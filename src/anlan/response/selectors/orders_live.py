"""What live pages see of orders: each one in force or being written, how far its receivers have come, who has not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response import choices_orders
from anlan.response.engine.order import Part, settled, stage
from anlan.response.models import Order, Task
from anlan.response.selectors.paging import Page, tail
from anlan.warning.selectors.frames import rows, stamp

Json = dict[str, Any]
NAMED = 12
"""How many of those who have not are named; the order's own page names all."""


def order_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Orders being written or in force: those kept in the scope, and those with a receiver in it, whose reader sees only
    its own receivers. Two queries, read with the platform's reach, for a receiver may not read where an order is kept."""
    found = order_rows(scope, ids, at, list(choices_orders.OPEN))
    parts = receivers_of(scope, found, at)
    return {str(row["id"]): _item(row, parts.get(row["id"], [])) for row in found}


def order_list(scope: Scope, at: datetime | None, page: Page | None) -> list[Json]:
    """The same as a list: those that run over first, then by limit."""
    found = order_rows(scope, None, at, list(choices_orders.OPEN), urgent=True, page=page)
    parts = receivers_of(scope, found, at)
    return [{"id": str(row["id"]), **_item(row, parts.get(row["id"], []))} for row in found]


def order_rows(
    scope: Scope,
    ids: list[str] | None,
    at: datetime | None,
    states: list[str],
    also: str = "",
    latest: int = 0,
    *,
    urgent: bool = False,
    page: Page | None = None,
) -> list[Json]:
    """Orders in sight in these states, in order of id, with the names of issuer and lead. `also`: more SQL over alias t;
    `latest`: only so many, those that ended last first; `urgent`: those with a receiver in sight that is over its limit
    first, then by limit, and of those a `page`."""
    order, o_params = source_sql(Order, at)
    task, t_params = source_sql(Task, at)
    only, i_params = (" AND t.id = ANY(%s::uuid[])", [ids]) if ids is not None else ("", [])
    reach = list(scope.prefixes)
    drafts = list(choices_orders.DRAFTS)
    sql = f"""SELECT t.*, p.name_zh AS issuer_zh, p.name_en AS issuer_en, p.code AS issuer_code, l.name_zh AS lead_zh,
  l.name_en AS lead_en, l.code AS lead_code FROM {order} AS t
LEFT JOIN territory_post p ON p.id = t.issuer_post_id LEFT JOIN territory_post l ON l.id = t.lead_post_id
WHERE t.state = ANY(%s){only}{also} AND (t.division ^@ ANY(%s) OR (t.state <> ALL(%s) AND EXISTS
  (SELECT 1 FROM {task} AS k WHERE k.order_id = t.id AND k.division ^@ ANY(%s))))
ORDER BY """
    order_by, values = "t.id", list[Any]()
    if latest:
        order_by, values = "coalesce(t.ended_at, t.made_at) DESC, t.id DESC LIMIT %s", [latest]
    elif urgent:
        end, e_params = tail(page)
        order_by = f"""EXISTS (SELECT 1 FROM {task} AS k WHERE k.order_id = t.id AND k.state = 'overdue'
  AND (t.division ^@ ANY(%s) OR k.division ^@ ANY(%s))) DESC, t.due_at NULLS LAST, t.made_at, t.id{end}"""
        values = [*t_params, reach, reach, *e_params]
    with lent(Scope.whole(), options.secret_key):
        return rows(sql + order_by, [*o_params, states, *i_params, reach, drafts, *t_params, reach, *values])


def receivers_of(scope: Scope, orders: list[Json], at: datetime | None) -> dict[Any, list[Json]]:
    """The receivers' tasks by order: all of an order kept in the scope, else those inside it. The lead first."""
    if not orders:
        return {}
    own = [row["id"] for row in orders if scope.covers(row["division"])]
    task, params = source_sql(Task, at)
    sql = f"""SELECT k.*, p.code AS post_code, p.name_zh, p.name_en, w.name_zh AS with_zh, w.name_en AS with_en
FROM {task} AS k JOIN territory_post p ON p.id = k.owner_post_id LEFT JOIN territory_post w ON w.id = k.with_post_id
WHERE k.order_id = ANY(%s::uuid[]) AND (k.order_id = ANY(%s::uuid[]) OR k.division ^@ ANY(%s))
ORDER BY k.order_id, k.receipt_only, k.cooperating, p.code, k.id"""
    found: dict[Any, list[Json]] = {}
    with lent(Scope.whole(), options.secret_key):
        for row in rows(sql, [*params, [r["id"] for r in orders], own, list(scope.prefixes)]):
            found.setdefault(row["order_id"], []).append(row)
    return found


def parts_of(found: Iterable[Json]) -> list[Part]:
    """Receivers' tasks as the engine sees them."""
    return [Part(row["state"], row["receipt_only"], row["receipt_at"] is not None) for row in found]


def _item(row: Json, receivers: list[Json]) -> Json:
    left = [one for one in receivers if one["state"] != "cancelled"]
    parts = parts_of(left)
    waiting = [one for one, part in zip(left, parts, strict=True) if not settled(part)]
    return {
        "kind": row["kind"],
        "number": row["number"],
        "title": {"zh": row["title_zh"], "en": row["title_en"]},
        "state": row["state"],
        "stage": stage(row["state"], row["kind"], parts),
        "division": row["division"],
        "incident": str(row["incident_id"]) if row["incident_id"] else None,
        "group": row["working_group"],
        "issuer": issuer_name(row),
        "lead": {"zh": row["lead_zh"], "en": row["lead_en"]} if row["lead_zh"] else None,
        "made_at": stamp(row["made_at"]),
        "issued_at": stamp(row["issued_at"]),
        "due_at": stamp(row["due_at"]),
        "verbal": row["verbal"],
        "written_due_at": stamp(row["written_due_at"]) if row["written_at"] is None else None,
        "written_late": row["written_late"] and row["written_at"] is None,
        "counts": {
            "total": len(left),
            "received": sum(part.received for part in parts),
            "done": sum(part.state in ("done", "verified") for part in parts),
            "through": sum(settled(part) for part in parts),
            "late": sum(part.state == "overdue" for part in parts),
            "help": sum(one["help_at"] is not None for one in waiting),
        },
        "waiting": [
            {"name": {"zh": one["name_zh"], "en": one["name_en"]}, "state": one["state"], "task": str(one["id"]),
             "lead": not one["cooperating"] and not one["receipt_only"]}
            for one in waiting[:NAMED]
        ],
    }  # fmt: skip


def issuer_name(row: Json) -> Json | None:
    """Who gave it: the post, or the words where no post of the roster did."""
    if row["given_by"]:
        return {"zh": row["given_by"], "en": row["given_by"]}
    return {"zh": row["issuer_zh"], "en": row["issuer_en"]} if row["issuer_zh"] else None


def _touches(entry: EntryRow) -> Iterable[str]:
    kind, _, key = entry.about.partition(":")
    if kind == "order":
        return [key]
    named = entry.data.get("order") if kind == "task" else None
    return [str(named)] if named else []


LIVE: dict[str, Projection] = {"order": Projection(order_items, _touches)}
