"""The readers of monitoring: stations and signals, now or as they stood at a moment, and the series of a station.

Every reader takes the reader's scope; the database enforces it again. Query counts are pinned by tests: one each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Projection
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Reading, Series, Signal, Station
from anlan.monitoring.selectors.grades import COLOURS, JOIN_GRADES, RANK

Items = dict[str, dict[str, Any]]
MOST_POINTS = 20_000

KNOWN_DAYS = 7  # how far back the newest reading of a moment in the past is looked for

_NOW = "LEFT JOIN monitoring_pulse p ON p.station_id = t.id AND p.main"
_THEN = f"""
LEFT JOIN monitoring_series m ON m.station_id = t.id AND m.main
LEFT JOIN LATERAL (SELECT r.at AS last_at, r.value AS last_value FROM monitoring_reading r
  WHERE r.series = m.number AND r.at <= %s AND r.at > %s::timestamptz - interval '{KNOWN_DAYS} days' AND r.quality = 0
  ORDER BY r.at DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (SELECT l.last_at, l.last_value,
    sum(r.value) FILTER (WHERE r.at > l.last_at - interval '1 hour') AS sum_1h,
    sum(r.value) FILTER (WHERE r.at > l.last_at - interval '3 hours') AS sum_3h,
    sum(r.value) AS sum_24h
  FROM monitoring_reading r WHERE m.kind = 'increment' AND r.series = m.number AND r.quality = 0
    AND r.at > l.last_at - interval '24 hours' AND r.at <= l.last_at
    AND r.at > %s::timestamptz - interval '{KNOWN_DAYS + 1} days' AND r.at <= %s) p ON true
"""
_STATIONS = f"""
SELECT t.id, t.code, t.name_zh, t.name_en, t.kind, t.metric, t.lon, t.lat, t.division, t.place_code, t.state,
       p.last_at, p.last_value, p.sum_1h, p.sum_3h, p.sum_24h, g.level, g.rank
FROM {{stations}} AS t {{pulse}} LEFT JOIN (
  SELECT DISTINCT ON (g.station_id) g.station_id, g.level, {RANK} AS rank FROM {{signals}} AS g {JOIN_GRADES}
  WHERE g.state = 'firing' ORDER BY g.station_id, rank DESC, g.id) AS g ON g.station_id = t.id
WHERE t.division ^@ ANY(%s) {{only}} ORDER BY t.code
"""
_SIGNALS = f"""
SELECT g.id, s.id AS station_id, coalesce(s.code, a.code) AS code, coalesce(s.name_zh, a.name_zh) AS name_zh,
       coalesce(s.name_en, a.name_en) AS name_en, coalesce(s.kind, a.kind) AS kind, coalesce(m.element, s.metric, '') AS metric,
       coalesce(s.lon, c.lon) AS lon, coalesce(s.lat, c.lat) AS lat, g.division, g.rule, g.rule_version, g.level, g.state,
       g.opened_at, g.level_at, g.value, g.window_h, g.explanation, {RANK} AS rank, k.zh, k.en, coalesce(k.unit, m.unit, '') AS unit
FROM {{signals}} AS g {JOIN_GRADES} LEFT JOIN {{stations}} AS s ON s.id = g.station_id
LEFT JOIN monitoring_series m ON m.id = g.series_id LEFT JOIN monitoring_area a ON a.id = g.area_id
LEFT JOIN LATERAL (SELECT avg(t.lon) AS lon, avg(t.lat) AS lat FROM monitoring_areamember x
  JOIN monitoring_series y ON y.id = x.series_id JOIN monitoring_station t ON t.id = y.station_id
  WHERE x.area_id = g.area_id) c ON g.area_id IS NOT NULL
WHERE g.state = 'firing' AND g.division ^@ ANY(%s) {{only}} ORDER BY g.opened_at, coalesce(s.code, a.code), g.rule
"""


def stations_state(scope: Scope, at: datetime | None = None, ids: list[str] | None = None) -> Items:
    """Return stations by id with state, newest reading, rain sums (mm) at that reading and colour of their signal.

    One query. With `at`, everything as it stood then; `ids` narrows to some stations.
    """
    stations, first = source_sql(Station, at)
    signals, last = source_sql(Signal, at)
    sql = _STATIONS.format(
        stations=stations, signals=signals, pulse=_NOW if at is None else _THEN,
        only="" if ids is None else "AND t.id = ANY(%s::uuid[])",
    )  # fmt: skip
    middle = [] if at is None else [at, at, at, at]
    rows = _fetch(sql, [*first, *middle, *last, list(scope.prefixes), *([] if ids is None else [ids])])
    return {str(row["id"]): _station(row) for row in rows}


def signals_active(scope: Scope, at: datetime | None = None, ids: list[str] | None = None) -> Items:
    """Return firing signals by id, oldest first, with level, figures and the reason. One query."""
    signals, first = source_sql(Signal, at)
    stations, last = source_sql(Station, at)
    only = "" if ids is None else "AND g.id = ANY(%s::uuid[])"
    sql = _SIGNALS.format(signals=signals, stations=stations, only=only)
    rows = _fetch(sql, [*first, *last, list(scope.prefixes), *([] if ids is None else [ids])])
    return {str(row["id"]): _signal(row) for row in rows}


def series(scope: Scope, station: str, start: datetime, end: datetime, element: str = "") -> list[dict[str, Any]]:
    """Return the readings of a station's element ("" its main one) in (start, end], oldest first: at, value, quality.
    Two queries.

    Raises NotFound outside the scope, Invalid when more than MOST_POINTS would be returned.
    """
    rows = scope.filter(Series.objects.filter(station__code=station))
    found = (
        rows.filter(**({"element": element} if element else {"main": True})).values_list("number", flat=True).first()
    )
    if found is None:
        raise NotFound(
            code="station.none",
            zh=f"没有测站“{station}”，或不在您的管辖范围；请核对站码。",
            en=f"There is no station “{station}” within your scope; check the code.",
            field="station",
            value=station,
        )
    readings = Reading.objects.filter(series_id=found, at__gt=start, at__lte=end).order_by("at")
    values = readings.values("at", "value", "quality")[: MOST_POINTS + 1]
    points: list[dict[str, Any]] = [*values]  # type: ignore[list-item]
    if len(points) > MOST_POINTS:
        raise Invalid(
            code="series.too_long",
            zh=f"时段内超过 {MOST_POINTS} 个读数；请缩短时段。",
            en=f"More than {MOST_POINTS} readings in the span; ask for a shorter one.",
            field="end",
            value=end.isoformat(),
        )
    return points


def _station(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"], "name": {"zh": row["name_zh"], "en": row["name_en"]}, "kind": row["kind"],
        "metric": row["metric"], "lon": row["lon"], "lat": row["lat"], "division": row["division"],
        "place": row["place_code"], "state": row["state"], "at": _iso(row["last_at"]), "rain_1h": _tenth(row["sum_1h"]),
        "rain_3h": _tenth(row["sum_3h"]), "rain_24h": _tenth(row["sum_24h"]), "value": row["last_value"],
        "level": row["level"], "colour": COLOURS[row["rank"] or 0] or None,
    }  # fmt: skip


def _signal(row: Mapping[str, Any]) -> dict[str, Any]:
    why = row["explanation"]
    return {
        "station": row["code"], "station_id": None if row["station_id"] is None else str(row["station_id"]),
        "name": {"zh": row["name_zh"], "en": row["name_en"]}, "kind": row["kind"], "metric": row["metric"],
        "lon": row["lon"], "lat": row["lat"], "division": row["division"], "rule": row["rule"],
        "rule_version": row["rule_version"], "level": row["level"], "colour": COLOURS[row["rank"]],
        "level_name": {"zh": row["zh"] or row["level"], "en": row["en"] or row["level"]}, "unit": row["unit"],
        "state": row["state"], "opened_at": _iso(row["opened_at"]), "level_at": _iso(row["level_at"]),
        "value": round(row["value"], 2), "window_h": _whole(row["window_h"]),
        "why": json.loads(why) if isinstance(why, str) else why,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _whole(value: float) -> float:
    """Return hours as a whole number where they are one."""
    return int(value) if value == int(value) else value


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _fetch(sql: str, params: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _station_live(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    return stations_state(scope, at, ids)


def _signal_live(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    return signals_active(scope, at, ids)


def _station_touched(entry: EntryRow) -> Iterable[str] | None:
    """A batch of readings, a change of a signal or a registration may change any station on the map."""
    if entry.kind in ("readings.taken", "station.registered") or entry.kind.startswith("signal."):
        return None
    subject, _, key = entry.about.partition(":")
    return [key] if subject == "station" else []


LIVE: dict[str, Any] = {"station": Projection(_station_live, _station_touched), "signal": _signal_live}
