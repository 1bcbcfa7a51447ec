"""What a row was before: its kept versions, each with who changed it and what (旧版本)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.kernel.scope import Scope
from anlan.territory.sources.registers import register

SHOWN = 20
# Columns that say nothing to a reader.
SILENT = {"act", "updated_at", "id", "contact_checked_on"}

_MASS = """
SELECT k.at, k.by, k.batch, i.file_name, k.before FROM territory_kept k
LEFT JOIN territory_import i ON i.id = k.batch
WHERE k.register = %s AND k.row = %s AND NOT k.undone ORDER BY k.id DESC LIMIT %s
"""
_NOW = "SELECT to_jsonb(t) FROM {table} t WHERE t.id = %s"
_TRACKED = """
SELECT c.at, e.actor, NULL, e.kind, c.row FROM kernel_change c
LEFT JOIN LATERAL (SELECT actor, kind FROM kernel_entry e WHERE e.act = c.act
  ORDER BY (e.about = %s) DESC, e.id LIMIT 1) e ON true
WHERE c.tbl = %s AND c.key = %s ORDER BY c.id DESC LIMIT %s
"""


def row_history(scope: Scope, name: str, row: UUID) -> list[dict[str, Any]]:
    """Return the changes of a row the reader may see, the latest first: at, by (actor's name), batch, source, made
    (it was new), changes [{field, old, new}] with raw values. At most two queries; 20 changes at most.

    Who calls has shown that the row lies in `scope`.
    """
    table = register(name).table
    with connection.cursor() as cursor:
        if name != "units":
            cursor.execute(_TRACKED, [f"{table.removeprefix('territory_')}:{row}", table, str(row), SHOWN + 1])
            return _versions([(at, by, batch, "", after) for at, by, batch, _, after in cursor.fetchall()])
        cursor.execute(_NOW.format(table=table), [row])
        now = cursor.fetchone()
        cursor.execute(_MASS, [name, row, SHOWN])
        kept = cursor.fetchall()
    found, after = [], _plain(now[0]) if now else {}
    for at, by, batch, source, before in kept:
        # A mass act keeps only the columns it replaced: the rest was then as it is after it.
        earlier = None if before is None else {**after, **_plain(before)}
        found.append(_change(at, by, batch, source, earlier, after))
        after = earlier or {}
    return [item for item in found if item["made"] or item["changes"]]


def _versions(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Turn row versions (each what a change left) into changes."""
    found = []
    for at_row, (at, by, batch, source, after) in enumerate(rows[:SHOWN]):
        before = _plain(rows[at_row + 1][4]) if at_row + 1 < len(rows) else None
        found.append(_change(at, by, batch, source, before, _plain(after) or {}))
    return [item for item in found if item["made"] or item["changes"]]


def _change(at: Any, by: Any, batch: Any, source: Any, before: Any, after: Mapping[str, Any]) -> dict[str, Any]:
    changes = [] if before is None else list(_differences(before, after))
    actor = _plain(by) or {}
    return {"at": at, "by": actor.get("name", ""), "batch": batch, "source": source or "", "made": before is None,
            "changes": changes}  # fmt: skip


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for field in after:
        old, new = before.get(field), after[field]
        if field in SILENT or old == new or (old in (None, "") and new in (None, "")):
            continue
        yield {"field": field, "old": old, "new": new}


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
