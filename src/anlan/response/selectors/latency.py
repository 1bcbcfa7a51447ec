"""How long it took from a warning to a proposal and to a decision, by track, from the rows themselves (预警到响应)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import rows_at
from anlan.kernel.scope import Scope
from anlan.response.models import Level, LevelProposal
from anlan.warning.models import Warning
from anlan.warning.selectors.frames import chain, stamp

Json = dict[str, Any]


def latency_facts(scope: Scope, colour: str = "red", level: int = 1, at: datetime | None = None) -> Json:
    """Return, by track, minutes from the first warning of `colour` to the first proposal of `level` at or after it, to
    the end of that proposal's wait, and to the first time the level came into force; None where it has not happened.

    Also every limit that was let pass on that proposal: [{post, at, step}]. Three queries.
    """
    where, params = chain(scope, "t")
    warned = rows_at(Warning, at, f"t.colour = %s AND {where}", [colour, *params], "t.issued_at, t.id")
    if not warned:
        return {"warning": None, "warned_at": None, "tracks": {}}
    start = warned[0]["issued_at"]
    proposals = rows_at(
        LevelProposal, at, f"t.level = %s AND t.upward AND {where}", [level, *params], "t.opened_at, t.id"
    )
    levels = rows_at(Level, at, f"t.level = %s AND {where}", [level, *params], "t.since, t.id")
    tracks = sorted({row["track"] for row in [*proposals, *levels]})
    return {
        "warning": warned[0]["number"],
        "warned_at": stamp(start),
        "tracks": {track: _track(track, start, proposals, levels) for track in tracks},
    }


def _track(track: str, start: datetime, proposals: list[Json], levels: list[Json]) -> Json:
    reached = [row for row in levels if row["track"] == track and (row["until"] or start) >= start]
    forced = reached[0]["since"] if reached else None
    ours = [row for row in proposals if row["track"] == track]
    if reached:  # several plans may answer one warning: what counts is the one that came into force
        ours = [row for row in ours if row["plan_id"] == reached[0]["plan_id"]]
    first = next((row for row in ours if row["decided_at"] is None or row["decided_at"] >= start), None)
    return {
        "proposed_at": stamp(first["opened_at"]) if first else None,
        "proposed_minutes": _minutes(start, first["opened_at"]) if first else None,
        "decided_at": stamp(first["decided_at"]) if first else None,
        "decided_minutes": _minutes(start, first["decided_at"]) if first else None,
        "decision": first["state"] if first else None,
        "escalations": first["escalations"] if first else 0,
        "undecided": first["undecided"] if first else [],
        "in_force_at": stamp(forced),
        "in_force_minutes": _minutes(start, forced),
    }


def _minutes(start: datetime, end: datetime | None) -> float | None:
    """Minutes from the warning, 0 where the thing was there before it."""
    return None if end is None else round(max((end - start).total_seconds(), 0) / 60, 2)
