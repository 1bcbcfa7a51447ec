"""Silence as a fact: a series that has sent nothing for too long is marked and journalled at the moment it fell due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.journal import Event, record_many
from anlan.monitoring.events import StationSilent
from anlan.monitoring.services.telling import SYSTEM

MANY = 5000

_DUE = """
SELECT p.series_id, p.due_at, p.last_at, s.element, s.max_silence_s, t.id, t.code, t.division, t.name_zh, t.name_en, t.kind
FROM monitoring_pulse p JOIN monitoring_series s ON s.id = p.series_id JOIN monitoring_station t ON t.id = s.station_id
WHERE p.due_at <= %s {} ORDER BY p.due_at, t.code, s.number LIMIT %s FOR UPDATE OF p SKIP LOCKED
"""
_SERIES = """
UPDATE monitoring_series s SET state = 'silent', state_at = x.due
FROM unnest(%s::uuid[], %s::timestamptz[]) AS x(id, due) WHERE s.id = x.id
"""
_STATIONS = """
UPDATE monitoring_station t SET state = 'silent', state_at = x.due
FROM (SELECT id, min(due) AS due FROM unnest(%s::uuid[], %s::timestamptz[]) AS y(id, due) GROUP BY id) x
WHERE t.id = x.id AND t.state NOT IN ('silent', 'isolated')
"""
_SIGNALS = """
UPDATE monitoring_signal g SET no_data_since = x.due
FROM unnest(%s::uuid[], %s::timestamptz[]) AS x(id, due)
WHERE g.series_id = x.id AND g.state IN ('pending', 'firing')
"""


@transaction.atomic
def stations_fall_silent(*, now: datetime, shard: int | None = None) -> int:
    """Mark the series (of one shard) whose silence fell due at or before `now`, oldest first, their stations and what
    nothing is known of now; return how many. The caller has judged everything that was sent."""
    with connection.cursor() as cursor:
        if shard is None:
            cursor.execute(_DUE.format(""), [now, MANY])
        else:
            cursor.execute(_DUE.format("AND s.shard = %s"), [now, shard, MANY])
        rows = cursor.fetchall()
        if not rows:
            return 0
        series, dues, stations = [row[0] for row in rows], [row[1] for row in rows], [row[5] for row in rows]
        with clock.at(dues[-1]):
            cursor.execute(_SERIES, [series, dues])
            cursor.execute(_STATIONS, [stations, dues])
            cursor.execute(_SIGNALS, [series, dues])
            cursor.execute("UPDATE monitoring_pulse SET due_at = NULL WHERE series_id = ANY(%s)", [series])
            record_many([_told(row) for row in rows])
    return len(rows)


def _told(row: tuple[Any, ...]) -> tuple[Event, dict[str, Any]]:
    _, due, last_at, element, allowed, station, code, division, zh, en, kind = row
    event = StationSilent(
        station=code,
        name={"zh": zh, "en": en},
        station_kind=kind,
        last_at=None if last_at is None else last_at.isoformat(),
        max_silence_s=allowed,
        element=element,
    )
    return event, {"by": SYSTEM, "about": f"station:{station}", "division": division, "at": due}
