"""Areas stations are judged together in (片区、流域), with where their stations stand."""

from __future__ import annotations

from typing import Any

from django.db import connection

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope

_AREAS = """
SELECT a.code, a.name_zh, a.name_en, a.kind, array_agg(DISTINCT ARRAY[t.lon, t.lat]) AS points
FROM monitoring_area a JOIN monitoring_areamember m ON m.area_id = a.id JOIN monitoring_series s ON s.id = m.series_id
JOIN monitoring_station t ON t.id = s.station_id
WHERE t.division ^@ ANY(%s) AND (%s = '' OR a.code = %s)
GROUP BY a.code, a.name_zh, a.name_en, a.kind ORDER BY a.code
"""


def areas_list(scope: Scope, code: str = "") -> list[dict[str, Any]]:
    """Return areas with stations inside the scope, or the one of that code: code, name {zh, en}, kind, points [(lon, lat)]
    of those stations. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_AREAS, [list(scope.prefixes), code, code])
        rows = cursor.fetchall()
    return [
        {"code": ident, "name": {"zh": zh, "en": en}, "kind": kind, "points": [(lon, lat) for lon, lat in points]}
        for ident, zh, en, kind, points in rows
    ]


def area_one(scope: Scope, code: str) -> dict[str, Any]:
    """Return one area as `areas_list` does; NotFound where it has no station inside the scope."""
    found = areas_list(scope, code)
    if not code or not found:
        raise NotFound(code="area.not_found", zh=f"没有流域（片区）“{code}”，或其测站不在您的管辖范围内；请重新选择。", field="basin",
                       value=code, en=f"There is no basin “{code}” with stations in your area; choose another.")  # fmt: skip
    return found[0]
