"""Silence as a fact: a station that has sent nothing for too long is marked and journalled at the moment it fell due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record_many
from anlan.monitoring.choices import StationState
from anlan.monitoring.events import StationSilent

MANY = 5000
SYSTEM = Actor.system("monitoring")

_DUE = """
SELECT p.station_id, p.due_at, p.last_at, s.code, s.division, s.name_zh, s.name_en, s.kind, s.max_silence_s
FROM monitoring_pulse p JOIN monitoring_station s ON s.id = p.station_id
WHERE p.due_at <= %s ORDER BY p.due_at, s.code LIMIT %s FOR UPDATE OF p SKIP LOCKED
"""
_MARK = """
UPDATE monitoring_station s SET state = %s, state_at = x.due
FROM unnest(%s::uuid[], %s::timestamptz[]) AS x(id, due) WHERE s.id = x.id
"""


@transaction.atomic
def stations_fall_silent(*, now: datetime) -> int:
    """Mark the stations whose silence fell due at or before `now`, oldest first; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, MANY])
        rows = cursor.fetchall()
        if not rows:
            return 0
        ids, dues = [row[0] for row in rows], [row[1] for row in rows]
        with clock.at(dues[-1]):
            cursor.execute(_MARK, [StationState.SILENT, ids, dues])
            cursor.execute("UPDATE monitoring_pulse SET due_at = NULL WHERE station_id = ANY(%s)", [ids])
            record_many([_told(row) for row in rows])
    return len(rows)


def _told(row: tuple[Any, ...]) -> tuple[Event, dict[str, Any]]:
    station, due, last_at, code, division, zh, en, kind, allowed = row
    event = StationSilent(
        station=code,
        name={"zh": zh, "en": en},
        station_kind=kind,
        last_at=None if last_at is None else last_at.isoformat(),
        max_silence_s=allowed,
    )
    return event, {"by": SYSTEM, "about": f"station:{station}", "division": division, "at": due}
