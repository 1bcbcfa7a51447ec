"""What the duty page says, worked out from the live state alone: no database, no clock of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from anlan.site.console.state import Items

SEVERITY = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
ESCALATE_MIN = (15, 30)
LISTED = 8

Rows = list[dict[str, Any]]


def rows(items: Items, name: str) -> Rows:
    """The items of a collection with their id inside, in a stable order."""
    return [{"id": key, **item} for key, item in sorted(items.get(name, {}).items())]


def when(value: Any) -> datetime | None:
    """A moment from the state's ISO text; None stays None."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value)


def tracks(items: Items, drill: bool) -> Rows:
    """The response level in force, per track; outside a drill there is only one. Level 0 means none."""
    names = ("history", "main") if drill else ("main",)
    levels = rows(items, "level")
    found = []
    for name in names:
        live = [r for r in levels if r.get("track", "main") == name and not r.get("until") and r.get("level")]
        # The highest level in force speaks for the track (I is 1).
        live.sort(key=lambda r: (r["level"], r["since"]))
        found.append({"track": name, **(live[0] if live else {"level": 0, "since": None})})
    return found


def ladder(opened: datetime, now: datetime) -> dict[str, Any]:
    """How far the decider's clock has run towards each escalation: `fill` and tick positions in percent."""
    minutes = max(0.0, (now - opened).total_seconds() / 60)
    scale = ESCALATE_MIN[-1]
    late = sum(minutes >= step for step in ESCALATE_MIN)
    return {"fill": round(min(100.0, 100 * minutes / scale), 2), "late": late, "steps": ESCALATE_MIN}


def open_decisions(items: Items, name: str, now: datetime) -> Rows:
    """Proposals that wait for their decider, the longest wait first, each with its running ladder."""
    found = [r for r in rows(items, name) if r.get("state") == "open"]
    for row in found:
        row["ladder"] = ladder(when(row["opened_at"]) or now, now)
    return sorted(found, key=lambda r: (r.get("track") == "history", r["opened_at"], r["id"]))


def warnings(items: Items) -> Rows:
    """Warnings in force, the gravest and then the newest first."""
    found = [r for r in rows(items, "warning") if r.get("state") == "in_force"]
    found.sort(key=lambda r: str(r.get("issued_at")), reverse=True)
    return sorted(found, key=lambda r: SEVERITY.get(r.get("colour", ""), 9))


def calls_total(found: Rows) -> dict[str, int]:
    """Sum of the funnels of several warnings."""
    names = ("targeted", "answered", "acting", "need_help", "escalated", "exhausted")
    return {name: sum(int((r.get("funnel") or {}).get(name) or 0) for r in found) for name in names}


def tasks(items: Items, now: datetime, track: str | None = None) -> dict[str, Rows]:
    """Tasks by what they need from us: overdue, due next, and done, each in the order they fell due."""
    found = [r for r in rows(items, "task") if track is None or r.get("track", "main") == track]
    found.sort(key=lambda r: (str(r.get("due_at")), r["code"], r["id"]))
    late = [r for r in found if r["state"] == "overdue" or _late(r, now)]
    ids = {r["id"] for r in late}
    return {
        "overdue": late,
        "due": [r for r in found if r["state"] in ("issued", "received") and r["id"] not in ids],
        "done": [r for r in found if r["state"] in ("done", "verified")],
    }


def columns(items: Items, now: datetime, track: str | None, query: str = "") -> dict[str, Rows]:
    """Tasks by state for the board; an open task past its time counts as overdue. `query` searches text and owner."""
    sorted_rows = tasks(items, now, track)
    needle = query.strip().lower()

    def wanted(row: dict[str, Any]) -> bool:
        names = [*_names(row.get("text")), *_names(row.get("owner")), str(row.get("code", ""))]
        return not needle or any(needle in name.lower() for name in names)

    due = [r for r in sorted_rows["due"] if wanted(r)]
    return {
        "overdue": [r for r in sorted_rows["overdue"] if wanted(r)],
        "issued": [r for r in due if r["state"] == "issued"],
        "received": [r for r in due if r["state"] == "received"],
        "done": [r for r in reversed(sorted_rows["done"]) if wanted(r)],
    }


def _names(value: Any) -> list[str]:
    return [str(v) for v in value.values()] if isinstance(value, dict) else [str(value or "")]


def stoplines(items: Items) -> Rows:
    """Stop-lines, those crossed without an act first."""
    order = {"crossed": 0, "acted": 1}
    return sorted(
        rows(items, "stopline"), key=lambda r: (order.get(r.get("state", ""), 2), str(r.get("crossed_at")), r["id"])
    )


def _late(row: dict[str, Any], now: datetime) -> bool:
    due = when(row.get("due_at"))
    return row["state"] in ("issued", "received") and due is not None and due < now


def signals(items: Items) -> Rows:
    """Signals that fire, the gravest and then the newest first."""
    found = [r for r in rows(items, "signal") if r.get("state") == "firing"]
    found.sort(key=lambda r: str(r.get("level_at") or r.get("opened_at")), reverse=True)
    return sorted(found, key=lambda r: SEVERITY.get(r.get("colour", ""), 9))


def by_colour(found: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many signals of each colour, gravest first."""
    counts = Counter(row["colour"] for row in found)
    return sorted(counts.items(), key=lambda pair: SEVERITY.get(pair[0], 9))


def red_items(items: Items) -> Rows:
    """What should not be: stop-lines crossed without an act, and warnings that missed a required channel."""
    crossed = [{**r, "kind": "stopline"} for r in rows(items, "stopline") if r.get("state") == "crossed"]
    missed = [
        {**r, "kind": "channel"} for r in rows(items, "warning") if r.get("state") == "in_force" and r.get("missing")
    ]
    return crossed + missed


def duty(items: Items, now: datetime, drill: bool) -> dict[str, Any]:
    """Everything the duty page shows except the list of people who have not answered."""
    found_warnings, found_signals = warnings(items), signals(items)
    work = tasks(items, now, "main" if drill else None)
    incidents = [r for r in rows(items, "incident") if r.get("state") not in ("closed", "merged")]
    incidents.sort(key=lambda r: str(r["opened_at"]), reverse=True)
    silent = [r for r in rows(items, "station") if r.get("state") == "silent"]
    silent.sort(key=lambda r: (str(r.get("at") or ""), r["code"]))
    return {
        "tracks": tracks(items, drill),
        "decisions": open_decisions(items, "levelproposal", now),
        "proposals": open_decisions(items, "proposal", now),
        "warnings": found_warnings,
        "calls": (total := calls_total(found_warnings)),
        "missing": total["targeted"] - total["answered"],
        "tasks": {"overdue": work["overdue"][:LISTED], "due": work["due"][: LISTED - min(4, len(work["overdue"]))]},
        "task_counts": {name: len(found) for name, found in work.items()},
        "signals": found_signals[:LISTED],
        "signal_colours": by_colour(found_signals),
        "signal_count": len(found_signals),
        "incidents": incidents[:LISTED],
        "incident_count": len(incidents),
        "silent": silent[:LISTED],
        "silent_count": len(silent),
        "stations": len(items.get("station", {})),
        "red": red_items(items)[:LISTED],
        "now": now,
        "soon": now + timedelta(minutes=10),
    }
