"""One station: what it is and measures, its signals, raw frames, neighbours, and how good its readings were."""

from __future__ import annotations

import json as coder
from datetime import datetime
from math import cos, radians
from typing import Any

from django.db import connection

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Station
from anlan.monitoring.selectors.grades import COLOURS, JOIN_GRADES, RANK
from anlan.monitoring.selectors.station_sql import SIGNALS
from anlan.monitoring.services.frames import frame_body

NEAR_KM, NEAREST = 30.0, 8
KM_A_DEGREE = 111.2
FRAMES = 20

_SERIES = """
SELECT s.number, s.element, s.unit, s.kind, s.main, s.interval_s, s.max_silence_s, s.limits, s.checks, s.state,
  s.state_at, p.last_at, p.last_value, p.last_quality, p.sum_1h, p.sum_3h, p.sum_24h, p.due_at
FROM monitoring_series s LEFT JOIN monitoring_pulse p ON p.series_id = s.id
WHERE s.station_id = %s ORDER BY s.main DESC, s.number
"""
_STEPS = f"""
SELECT g.id, g.rule, g.rule_version, g.level, g.state, g.opened_at, g.level_at, g.cleared_at, g.value, g.window_h,
  g.explanation, g.suspect, g.muted, g.no_data_since, g.recovering_since, s.element, s.unit, {RANK} AS rank, k.zh, k.en,
  (SELECT json_agg(json_build_object('event', x.event, 'at', x.at, 'level', x.level, 'previous', x.previous,
     'value', x.value) ORDER BY x.at, x.id) FROM monitoring_signalstep x
   WHERE x.signal_id = g.id AND x.superseded_at IS NULL) AS steps
FROM monitoring_signal g LEFT JOIN monitoring_series s ON s.id = g.series_id {JOIN_GRADES}
WHERE g.station_id = %s AND g.state IN ('firing', 'cleared') AND g.opened_at <= %s
  AND coalesce(g.cleared_at, 'infinity') >= %s
ORDER BY g.opened_at DESC, g.id LIMIT 60
"""
_NEAR = f"""
SELECT t.code, t.name_zh, t.name_en, t.kind, t.lon, t.lat, t.state, m.element, m.unit, p.last_at, p.last_value,
  p.sum_24h, g.rank, sqrt(power((t.lon - %s) * %s, 2) + power(t.lat - %s, 2)) * {KM_A_DEGREE} AS km
FROM monitoring_station t LEFT JOIN monitoring_series m ON m.station_id = t.id AND m.main
LEFT JOIN monitoring_pulse p ON p.series_id = m.id {SIGNALS}
WHERE t.division ^@ ANY(%s) AND t.id <> %s AND t.lon BETWEEN %s AND %s AND t.lat BETWEEN %s AND %s
ORDER BY km, t.code LIMIT %s
"""
_QUALITY = """
SELECT s.element, r.quality, count(*), min(r.at), max(r.at) FROM monitoring_reading r
JOIN monitoring_series s ON s.number = r.series
WHERE r.series = ANY(%s) AND r.at > %s AND r.at <= %s GROUP BY 1, 2
"""
_FRAMES = """
SELECT received_at, number, protocol, peer, body, packed, readings, error FROM monitoring_frame
WHERE station = %s AND received_at < %s ORDER BY received_at DESC, number DESC LIMIT %s
"""


def station_get(scope: Scope, code: str) -> dict[str, Any]:
    """Return a station with its series (pulse and limits on each), main one first. Two queries; NotFound outside."""
    station = scope.filter(Station.objects.filter(code=code)).first()
    if station is None:
        raise NotFound(
            code="station.none",
            zh=f"没有测站“{code}”，或不在您的管辖范围；请核对站码。",
            en=f"There is no station “{code}” within your scope; check the code.",
            field="station",
            value=code,
        )
    return {
        "id": station.pk, "code": station.code, "name": {"zh": station.name_zh, "en": station.name_en},
        "kind": station.kind, "division": station.division, "lon": station.lon, "lat": station.lat,
        "state": station.state, "state_at": station.state_at, "state_note": station.state_note,
        "place_code": station.place_code, "interval_s": station.interval_s, "max_silence_s": station.max_silence_s,
        "coord_src": (station.attributes or {}).get("coord_src", ""),
        "series": rows_of(_SERIES, [station.pk], json=("limits", "checks")),
    }  # fmt: skip


def station_signals(station: Any, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the signals of a station that stood at any time in [start, end], the newest first, with their steps.
    One query."""
    found = rows_of(_STEPS, [station, end, start], json=("explanation", "steps"))
    return [
        {**row, "colour": COLOURS[row["rank"]], "level_name": {"zh": row["zh"] or row["level"], "en": row["en"] or row["level"]},
         "steps": row["steps"] or []}
        for row in found
    ]  # fmt: skip


def station_near(scope: Scope, station: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the nearest stations within NEAR_KM with distance (km), newest value and signal colour. One query."""
    lon, lat = station["lon"], station["lat"]
    narrow = max(cos(radians(lat)), 0.05)
    high = NEAR_KM / KM_A_DEGREE
    box = [lon - high / narrow, lon + high / narrow, lat - high, lat + high]
    found = rows_of(_NEAR, [lon, narrow, lat, list(scope.prefixes), station["id"], *box, NEAREST])
    return [
        {**row, "name": {"zh": row["name_zh"], "en": row["name_en"]}, "colour": COLOURS[row["rank"] or 0]}
        for row in found
    ]


def station_quality(numbers: list[int], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return how many readings of these series in (start, end] have each quality, by element: good ones, all, and the
    doubtful by code with first and last time. One query."""
    found: dict[str, dict[str, Any]] = {}
    for element, quality, count, first, last in _tuples(_QUALITY, [numbers, start, end]):
        row = found.setdefault(element, {"element": element, "all": 0, "good": 0, "doubts": []})
        row["all"] += count
        if quality == 0:
            row["good"] = count
        else:
            row["doubts"].append({"quality": quality, "count": count, "first": first, "last": last})
    return [{**row, "doubts": sorted(row["doubts"], key=lambda doubt: -doubt["count"])} for row in found.values()]


def station_frames(code: str, before: datetime, limit: int = FRAMES) -> list[dict[str, Any]]:
    """Return the station's raw frames received before a time, the newest first, their bodies as they came. One query."""
    found = rows_of(_FRAMES, [code, before, limit])
    return [{**row, "body": frame_body(row["body"], row["packed"])} for row in found]


def rows_of(sql: str, params: list[Any], json: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query as dicts; columns named in `json` are decoded where they come as text."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in found:
        for name in json:
            if isinstance(row[name], str):
                row[name] = coder.loads(row[name])
    return found


def _tuples(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
