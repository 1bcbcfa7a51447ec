"""The responses in force, worked out from the live state alone: each with its event and how its tasks stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.site.console.board import Rows, rows, when
from anlan.site.console.state import Items

Key = tuple[str, str, str]


def responses(items: Items, titles: dict[str, Any], now: datetime) -> Rows:
    """Levels in force, the main track first, the gravest first; with the event's title, counts of tasks, and whether the
    time it was expected to last is over."""
    known = items.get("level", {})
    keys = {key: _key(item) for key, item in known.items()}
    counts: dict[Key, dict[str, int]] = {}
    starts = {keys[key]: item["since"] for key, item in sorted(known.items()) if not item.get("until")}
    for task in items.get("task", {}).values():
        key = keys.get(task.get("level") or "")
        if key is None or key not in starts:
            continue
        held = counts.setdefault(key, {"total": 0, "done": 0, "overdue": 0})
        held["total"] += 1
        held["done"] += task["state"] in ("done", "verified")
        held["overdue"] += task["state"] == "overdue"
    found = []
    for row in rows(items, "level"):
        if row.get("until") or not row.get("level"):
            continue
        since = when(row["since"]) or now
        until = since + timedelta(hours=row.get("expected_duration_h") or 0)
        found.append({**row, "event": titles.get(row.get("incident") or ""), "expected_until": until,
                      "overrun": until < now, "tasks": counts.get(keys[row["id"]], {"total": 0, "done": 0, "overdue": 0})})  # fmt: skip
    return sorted(found, key=lambda r: (r["track"] != "main", r["level"], str(r["since"]), r["id"]))


def _key(item: dict[str, Any]) -> Key:
    return str(item["plan"]), str(item.get("track", "main")), str(item.get("incident") or "")
