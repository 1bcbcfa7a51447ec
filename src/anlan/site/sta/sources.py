"""Each kind of SensorThings entity as a query over our tables, within the reader's scope. Columns are named as fields.

The planner pulls these queries up, so a join or a condition over them costs what it would over the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from anlan.kernel.language import chinese
from anlan.kernel.scope import Scope
from anlan.site.sta import words


class Source(NamedTuple):
    """SQL of a FROM item with its parameters."""

    sql: str
    params: tuple[Any, ...]


Make = Callable[[Scope], Source]


def _inside(scope: Scope, column: str) -> Source:
    if "" in scope.prefixes:
        return Source("true", ())
    return Source(f"{column} ^@ ANY(%s)", (list(scope.prefixes),))


def _name() -> str:
    return "t.name_zh" if chinese() else "t.name_en"


_SAID = "LEFT JOIN monitoring_description d ON d.kind = '{}' AND d.code = {} AND d.division = {}.division"
_GIVEN = "coalesce(d.body -> 'properties', '{}'::jsonb)"
_STATION = (
    "jsonb_build_object('code', t.code, 'kind', t.kind, 'division', t.division, 'state', t.state,"
    " 'place', t.place_code, 'interval_s', t.interval_s)"
)


def things(scope: Scope) -> Source:
    """Stations."""
    inside = _inside(scope, "t.division")
    sql = (
        f"SELECT t.id AS station, t.id::text AS key, t.code::text AS id, {_name()}::text AS name,"
        " coalesce(d.body ->> 'description', %s::jsonb ->> t.kind, t.kind) AS description,"
        f" {_GIVEN} || {_STATION} AS properties"
        f" FROM monitoring_station t {_SAID.format('station', 't.code', 't')} WHERE {inside.sql}"
    )
    return Source(sql, (words.kind_names(), *inside.params))


def spots(scope: Scope) -> Source:
    """Where stations stand: as locations and as features of interest."""
    inside = _inside(scope, "t.division")
    sql = (
        "SELECT t.id AS station, t.id::text AS key, t.code::text AS id,"
        f" coalesce(d.body #>> ARRAY['location', 'name'], {_name()}) AS name,"
        " coalesce(d.body #>> ARRAY['location', 'description'], t.place_code, t.code) AS description,"
        " 'application/geo+json' AS encoding, t.lon, t.lat,"
        " jsonb_build_object('division', t.division, 'place', t.place_code,"
        " 'source', t.attributes ->> 'coord_src') AS properties"
        f" FROM monitoring_station t {_SAID.format('station', 't.code', 't')} WHERE {inside.sql}"
    )
    return Source(sql, inside.params)


# A station's point as every kept version of its row has it; a version counts where it differs from the one before.
_MOVES = (
    "SELECT v.key, v.key::uuid AS station, (v.code || '@' || (extract(epoch FROM v.at) * 1000000)::bigint) AS id,"
    " v.at AS time, v.lon, v.lat, v.name, v.code, v.division FROM (SELECT c.key, c.at, c.division,"
    " c.row ->> 'code' AS code, c.row ->> '{}' AS name, (c.row ->> 'lon')::float8 AS lon,"
    " (c.row ->> 'lat')::float8 AS lat, lag(c.row ->> 'lon') OVER w AS was_lon, lag(c.row ->> 'lat') OVER w AS was_lat,"
    " c.row ->> 'lon' AS is_lon, c.row ->> 'lat' AS is_lat"
    " FROM kernel_change c WHERE c.tbl = 'monitoring_station' AND c.op <> 'D' AND c.row IS NOT NULL"
    " WINDOW w AS (PARTITION BY c.key ORDER BY c.id)) v"
    " WHERE (v.was_lon IS DISTINCT FROM v.is_lon OR v.was_lat IS DISTINCT FROM v.is_lat) AND {}"
)


def moves(scope: Scope) -> Source:
    """When a station came to stand where."""
    inside = _inside(scope, "v.division")
    return Source(_MOVES.format("name_zh" if chinese() else "name_en", inside.sql), inside.params)


def past_spots(scope: Scope) -> Source:
    """Where stations stood."""
    found = moves(scope)
    sql = (
        "SELECT m.key, m.station, m.id, m.time, m.name, m.code AS description, 'application/geo+json' AS encoding,"
        f" m.lon, m.lat, jsonb_build_object('division', m.division) AS properties FROM ({found.sql}) m"
    )
    return Source(sql, found.params)


# The ends of a series are looked for near where they are known to be: after the newest believed reading, and in the
# first day that has a rollup (or the last two days, while there is none): a year has too many partitions to ask each.
_LAST = (
    "(SELECT r.at FROM monitoring_reading r WHERE r.series = x.number AND r.at >= p.last_at ORDER BY r.at DESC LIMIT 1)"
)
_FIRST = (
    "coalesce((SELECT min(r.at) FROM (SELECT y.at FROM monitoring_rollup_day y WHERE y.series = x.number ORDER BY y.at"
    " LIMIT 1) f, monitoring_reading r WHERE r.series = x.number AND r.at > f.at - interval '1 day' AND r.at <= f.at),"
    " (SELECT r.at FROM monitoring_reading r WHERE r.series = x.number AND r.at > p.last_at - interval '2 days'"
    " AND r.at <= p.last_at ORDER BY r.at LIMIT 1))"
)


def datastreams(scope: Scope) -> Source:
    """Series of stations."""
    inside = _inside(scope, "x.division")
    unit = (
        "coalesce(d.body -> 'unitOfMeasurement', jsonb_build_object('name', coalesce(%s::jsonb ->> x.unit, x.unit),"
        f" 'symbol', x.unit, 'definition', '{words.UNIT_URN}' || x.unit))"
    )
    own = "jsonb_build_object('element', x.element, 'kind', x.kind, 'state', x.state, 'main', x.main)"
    label = "coalesce(%s::jsonb ->> x.element, x.element)"
    sql = (
        "SELECT x.number AS id, x.number AS series, x.station_id AS station, x.element::text AS element,"
        f" coalesce(d.body ->> 'sensor', t.kind) AS sensor, coalesce(d.body ->> 'name', {_name()} || ' ' || {label})"
        f" AS name, coalesce(d.body ->> 'description', {label}) AS description, {unit} AS unit,"
        f" '{words.MEASUREMENT}' AS type, t.lon, t.lat, {_GIVEN} || {own} AS properties,"
        f" {_FIRST} AS first_at, {_LAST} AS last_at"
        " FROM monitoring_series x JOIN monitoring_station t ON t.id = x.station_id"
        " LEFT JOIN monitoring_pulse p ON p.series_id = x.id"
        f" {_SAID.format('series', 'x.number::text', 'x')} WHERE {inside.sql}"
    )
    elements = words.element_names()
    return Source(sql, (elements, elements, words.unit_names(), *inside.params))


def observations(scope: Scope) -> Source:
    """Readings."""
    inside = _inside(scope, "x.division")
    sql = (
        "SELECT r.series, r.at, r.value AS result, r.quality, x.station_id AS station,"
        " (r.series || '-' || (extract(epoch FROM r.at) * 1000000)::bigint) AS id"
        f" FROM monitoring_reading r JOIN monitoring_series x ON x.number = r.series WHERE {inside.sql}"
    )
    return Source(sql, inside.params)


def sensors(scope: Scope) -> Source:
    """Sensors that were described, and one for each kind of station."""
    sql = (
        "SELECT DISTINCT ON (u.id) u.id, u.name, u.description, u.encoding, u.metadata, u.properties FROM ("
        "SELECT 0 AS rank, d.code::text AS id, d.body ->> 'name' AS name, d.body ->> 'description' AS description,"
        " coalesce(d.body ->> 'encodingType', 'text/plain') AS encoding,"
        f" coalesce(d.body -> 'metadata', to_jsonb(''::text)) AS metadata, {_GIVEN} AS properties, d.division"
        " FROM monitoring_description d WHERE d.kind = 'sensor'"
        " UNION ALL SELECT 1, k.id, k.name, k.name, 'text/plain', to_jsonb(k.id), '{}'::jsonb, ''"
        " FROM jsonb_to_recordset(%s::jsonb) AS k(id text, name text)) u ORDER BY u.id, u.rank, u.division"
    )
    return Source(sql, (words.sensors(),))


def elements(scope: Scope) -> Source:
    """Elements that were described, that are known, and that some series has."""
    inside = _inside(scope, "x.division")
    sql = (
        "SELECT DISTINCT ON (u.id) u.id, u.name, u.definition, u.description, u.properties FROM ("
        "SELECT 0 AS rank, d.code::text AS id, d.body ->> 'name' AS name,"
        f" coalesce(d.body ->> 'definition', '{words.ELEMENT_URN}' || d.code) AS definition,"
        f" d.body ->> 'description' AS description, {_GIVEN} AS properties, d.division"
        " FROM monitoring_description d WHERE d.kind = 'element'"
        f" UNION ALL SELECT 1, k.key, k.value, '{words.ELEMENT_URN}' || k.key, k.value, '{{}}'::jsonb, ''"
        " FROM jsonb_each_text(%s::jsonb) AS k UNION ALL SELECT 2, e.element, e.element,"
        f" '{words.ELEMENT_URN}' || e.element, e.element, '{{}}'::jsonb, '' FROM (SELECT DISTINCT x.element::text"
        f" AS element FROM monitoring_series x WHERE {inside.sql}) e) u ORDER BY u.id, u.rank, u.division"
    )
    return Source(sql, (words.element_names(), *inside.params))
