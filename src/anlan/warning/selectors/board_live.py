"""The call board as live pages follow it: one small item a warning and township, from the tally."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items
from anlan.kernel.scope import Scope
from anlan.warning.models import Warning
from anlan.warning.selectors.frames import FUNNEL, FUNNEL_KEYS, TOWNSHIP, counts_sql, inside, rows, stamp

_SILENT = "('placed', 'escalated', 'exhausted')"


def tally_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Calls of the warnings in force by `warning.township`: funnels by level and role, answers by channel. One query.

    An item: warning, code, name, oldest (since when the longest silence lasts, or None), cells [[level, role, then the
    figures in the order of FUNNEL_KEYS]], via {channel of the first answer: calls}.
    """
    warning, params = source_sql(Warning, at)
    only = "SELECT w.id FROM {} w WHERE w.state = 'in_force'".format(warning)  # noqa: UP032 - `warning` is a FROM item
    return _items(scope, only, list(params), ids, at)


def tally_of(scope: Scope, warning: UUID, at: datetime | None = None) -> Items:
    """The same for one warning, in force or over. One query."""
    return _items(scope, "SELECT %s::uuid", [warning], None, at)


def _items(scope: Scope, warnings: str, params: list[Any], ids: list[str] | None, at: datetime | None) -> Items:
    within, i_params = inside(scope, "k")
    only, o_params = "", []
    if ids is not None:
        pairs = [key.split(".", 1) for key in ids]
        only = f"AND (k.warning_id, left(k.division, {TOWNSHIP})) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))"
        o_params = [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    item, c_params = counts_sql(scope, at, f"k.warning_id IN ({warnings}) AND {within} {only}")
    sql = f"""
SELECT f.*, d.name_zh, d.name_en FROM (
SELECT c.warning_id, c.division AS code, c.level, c.role, c.via, grouping(c.via) = 1 AS whole, {FUNNEL},
  min(c.first_placed_at) FILTER (WHERE c.state IN {_SILENT} AND c.n > 0) AS oldest
FROM (SELECT warning_id, division, level, role, first_placed_at, state, answer, via, sum(n) AS n FROM {item} s
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0) c
GROUP BY GROUPING SETS ((c.warning_id, c.division, c.level, c.role), (c.warning_id, c.division, c.via))) f
LEFT JOIN territory_division d ON d.code = f.code ORDER BY f.warning_id, f.code, f.whole, f.level, f.role, f.via"""
    found: Items = {}
    for row in rows(sql, [*params, *i_params, *o_params, *c_params]):
        _add(found, row)
    return found


def _add(found: Items, row: dict[str, Any]) -> None:
    one = found.setdefault(
        f"{row['warning_id']}.{row['code']}",
        {
            "warning": str(row["warning_id"]),
            "code": row["code"],
            "name": {"zh": row["name_zh"] or row["code"], "en": row["name_en"] or row["code"]},
            "oldest": None,
            "cells": [],
            "via": {},
        },
    )
    if not row["whole"]:
        if row["via"] and row["answered"]:
            one["via"][row["via"]] = row["answered"]
        return
    one["cells"].append([row["level"], row["role"], *(row[key] for key in FUNNEL_KEYS)])
    oldest = stamp(row["oldest"])
    if oldest is not None and (one["oldest"] is None or oldest < one["oldest"]):
        one["oldest"] = oldest


def tally_touched(entry: EntryRow) -> Iterable[str] | None:
    """One answer touches one township of one warning; calls placed or closed and a warning's end may touch any."""
    stage, _, what = entry.kind.partition(".")
    if stage == "call" and "warning" in entry.data:
        return [f"{entry.data['warning']}.{entry.division[:TOWNSHIP]}"]
    if stage == "calls" or (stage == "warning" and what != "issued"):
        return None
    return []
