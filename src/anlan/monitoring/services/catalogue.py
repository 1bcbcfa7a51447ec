"""What a shard must know to judge: its series, the areas wholly inside it, and the rules; and the mark that it changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from django.db import connection

from anlan.kernel import ids
from anlan.kernel.options import options
from anlan.monitoring import rules
from anlan.monitoring.engine.rules import AreaDef, Catalogue, Checks, SeriesDef

_CHANGED = """
INSERT INTO monitoring_progress (shard, log, done, told, chain, catalogue)
SELECT n, 'postgres', 0, '{}', '', %s FROM generate_series(0, %s) n ORDER BY n
ON CONFLICT (shard) DO UPDATE SET catalogue = excluded.catalogue
"""
_SERIES = """
SELECT s.number, t.code, s.element, s.kind, t.kind, s.division, s.max_silence_s, s.limits::text, s.checks::text,
       t.state = 'isolated', t.lon, t.lat, s.interval_s
FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id WHERE s.shard = %s ORDER BY s.number
"""
_AREAS = """
SELECT a.code, a.division, array_agg(s.number ORDER BY s.number), array_agg(m.weight ORDER BY s.number)
FROM monitoring_area a JOIN monitoring_areamember m ON m.area_id = a.id JOIN monitoring_series s ON s.id = m.series_id
GROUP BY a.code, a.division HAVING bool_and(s.shard = %s) ORDER BY a.code
"""


def catalogue_changed() -> None:
    """Tell every shard that series, areas, limits or rules change in this transaction; call it first of all, for a
    shard that is being stepped holds the same rows: whoever comes second waits until the other has committed."""
    mark = ids.new_id().hex
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [mark, max(options.monitoring_shards - 1, 0)])
        cursor.execute("UPDATE monitoring_progress SET catalogue = %s WHERE catalogue <> %s", [mark, mark])


def catalogue_load(shard: int) -> Catalogue:
    """Return everything a shard must know, as the tables say now. Two queries, and those of the rules."""
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [shard])
        checks = cache(rules.checks_for)  # of a few hundred thousand series there are a handful
        series = tuple(_series(row, checks) for row in cursor.fetchall())
        cursor.execute(_AREAS, [shard])
        areas = tuple(
            AreaDef(code, division, tuple(zip(numbers, weights, strict=True)))
            for code, division, numbers, weights in cursor.fetchall()
        )
    return Catalogue(series, areas, rules.catalogue_rules())


def _series(row: tuple[Any, ...], checks_for: Callable[[str, str, str, int], Checks]) -> SeriesDef:
    number, station, element, kind, station_kind, division, silence, limits, checks, isolated, lon, lat, interval = row
    believed = checks_for(station_kind, element, kind, interval)
    if checks != "{}":
        own: dict[str, Any] = msgspec.json.decode(checks)
        believed = believed._replace(**{name: own[name] for name in Checks._fields if name in own})
    figures = {} if limits == "{}" else msgspec.json.decode(limits)
    return SeriesDef(
        number, station, element, kind, station_kind, division, silence, figures, believed, isolated, lon, lat
    )  # fmt: skip
