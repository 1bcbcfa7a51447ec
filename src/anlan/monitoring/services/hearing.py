"""Silent series that speak again, and their stations: heard at the time of the reading that came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from anlan.monitoring.engine.columns import SECOND, Ints
from anlan.monitoring.events import StationHeard
from anlan.monitoring.services.memory import Held
from anlan.monitoring.services.storing import moment
from anlan.monitoring.services.telling import SYSTEM, Recorded

_SILENT = """
SELECT s.number, s.id, s.state_at, s.max_silence_s, s.element, t.id, t.code, t.name_zh, t.name_en, t.kind, s.division
FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id
WHERE s.shard = %s AND s.state = 'silent' ORDER BY s.number
"""
_SERIES = """
UPDATE monitoring_series s SET state = 'normal', state_at = x.at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS x(id, at) WHERE s.id = x.id
"""
_STATIONS = """
UPDATE monitoring_station t SET state = 'normal', state_at = x.at
FROM (SELECT id, max(at) AS at FROM unnest(%s::uuid[], %s::timestamptz[]) AS y(id, at) GROUP BY id) x
WHERE t.id = x.id AND t.state = 'silent'
  AND t.id NOT IN (SELECT o.station_id FROM monitoring_series o WHERE o.state = 'silent')
"""
_SIGNALS = """
UPDATE monitoring_signal SET no_data_since = NULL
WHERE series_id = ANY(%s) AND no_data_since IS NOT NULL AND state IN ('pending', 'firing')
"""


def heard(shard: int, held: Held, touched: Ints, now: int) -> list[Recorded]:
    """Let silent series among those touched be heard if what came is fresh: an old reading that comes late is no sign
    of life. Returns the events."""
    if len(touched) == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SILENT, [shard])
        silent = {row[0]: row for row in cursor.fetchall()}
    back = np.array(sorted(silent.keys() & set(touched.tolist())), dtype=np.int64) if silent else touched[:0]
    if len(back) == 0:
        return []
    found = held.engine.pulses(back)
    fresh = found.due_at > now
    rows = [
        (silent[number], moment(due - silent[number][3] * SECOND))
        for number, due in zip(found.number[fresh].tolist(), found.due_at[fresh].tolist(), strict=True)
    ]
    if rows:
        _mark(rows)
    return [_told(row, at) for row, at in rows]


def _mark(rows: list[tuple[tuple[Any, ...], datetime]]) -> None:
    series, stations, at = [row[1] for row, _ in rows], [row[5] for row, _ in rows], [at for _, at in rows]
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [series, at])
        cursor.execute(_STATIONS, [stations, at])
        cursor.execute(_SIGNALS, [series])


def _told(row: tuple[Any, ...], at: datetime) -> Recorded:
    _, _, since, _, element, station, code, zh, en, kind, division = row
    gap = max(0, int((at - since) / timedelta(seconds=1)))
    event = StationHeard(station=code, name={"zh": zh, "en": en}, station_kind=kind, silent_s=gap, element=element)
    return event, {"by": SYSTEM, "about": f"station:{station}", "division": division, "at": at}
