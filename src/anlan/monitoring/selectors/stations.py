"""Lists of stations with how they stand: one page of them, their counts by every filter, all of them for a file."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock
from typing import Any, NamedTuple

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.scope import LEVEL_LENGTHS, Scope
from anlan.monitoring.selectors.grades import COLOURS
from anlan.monitoring.selectors.station_search import words_where
from anlan.monitoring.selectors.station_sql import (
    ORDERS,
    SIGNALS,
    StationQuery,
    order_of,
    paged,
    place_read,
    place_text,
    ranks_of,
)

LIMIT = 50
WAYS_KEPT_S, WAYS_BACK = 60.0, timedelta(days=1)

_PAGE = """
WITH page AS (SELECT t.id, t.code, {expr} AS k
  FROM monitoring_station t {joins}
  WHERE t.division ^@ ANY(%s) {where} ORDER BY {order} LIMIT %s)
SELECT t.code, t.name_zh, t.name_en, t.kind, t.division, t.state, t.state_at, t.state_note, t.lon, t.lat, t.max_silence_s,
  m.element, m.unit, p.last_at, p.last_value, p.last_quality, r.sum_1h, r.sum_3h, r.sum_24h, d.doubts,
  g.rank, f.protocol, page.k
FROM page JOIN monitoring_station t ON t.id = page.id
LEFT JOIN monitoring_series m ON m.station_id = t.id AND m.main
LEFT JOIN monitoring_pulse p ON p.series_id = m.id
LEFT JOIN LATERAL (SELECT max(sum_1h) AS sum_1h, max(sum_3h) AS sum_3h, max(sum_24h) AS sum_24h
  FROM monitoring_pulse WHERE station_id = t.id) r ON true
LEFT JOIN LATERAL (SELECT json_agg(json_build_array(s.element, x.last_quality)) AS doubts FROM monitoring_series s
  JOIN monitoring_pulse x ON x.series_id = s.id
  WHERE t.state = 'suspect' AND s.station_id = t.id AND x.last_quality <> 0) d ON true
LEFT JOIN LATERAL (SELECT protocol FROM monitoring_frame WHERE station = t.code AND received_at > %s
  ORDER BY received_at DESC LIMIT 1) f ON true
{signals} ORDER BY {outer}
"""
_COUNTS = """
SELECT t.kind, t.state, coalesce(g.rank, 0), left(t.division, %s), count(*) FROM monitoring_station t {signals}
WHERE t.division ^@ ANY(%s) {where} GROUP BY 1, 2, 3, 4
"""
_WAYS = """
SELECT t.code, f.protocol FROM monitoring_station t
JOIN LATERAL (SELECT protocol FROM monitoring_frame WHERE station = t.code AND received_at > %s
  ORDER BY received_at DESC LIMIT 1) f ON true
WHERE t.division ^@ ANY(%s)
"""
_BY_WAY = """
SELECT w.way, count(*) FROM unnest(%s::text[], %s::text[]) AS w(code, way)
JOIN monitoring_station t ON t.code = w.code {signals} WHERE t.division ^@ ANY(%s) {where} GROUP BY 1
"""


@dataclass(frozen=True)
class StationPage:
    """A page of stations; `next` and `previous` are places to ask for, "" at the ends."""

    rows: list[dict[str, Any]]
    next: str
    previous: str


class Group(NamedTuple):
    """How many stations are of one kind, state, signal rank and division (cut to a length)."""

    kind: str
    state: str
    rank: int
    division: str
    stations: int


def stations_page(scope: Scope, query: StationQuery, *, after: str = "", limit: int = LIMIT) -> StationPage:
    """Return one page of the stations in scope, each with newest reading, rain sums (mm), state and signal. One query;
    one more when words or protocols are asked and not kept. Invalid when `after` is no place in the pages."""
    place = place_read(after)
    name, down = order_of(query.sort)
    expr, joins = ORDERS[name]
    where, params = _where(scope, query)
    begin, begun, order = paged(expr, down, place)
    need_signal = joins == SIGNALS or bool(query.colours)
    outer = (order.replace(expr, "page.k") if expr else order).replace("t.code", "page.code")
    sql = _PAGE.format(
        expr=expr or "0", order=order, outer=outer, signals=SIGNALS, where=f"{where} {begin}",
        joins=("" if joins == SIGNALS else joins) + (SIGNALS if need_signal else ""),
    )  # fmt: skip
    since = clock.now() - WAYS_BACK
    rows = _fetch(sql, [list(scope.prefixes), *params, *begun, limit + 1, since])
    more, back = len(rows) > limit, place is not None and place.back
    rows = rows[:limit]
    if back:
        rows.reverse()
    first, last = (rows[0], rows[-1]) if rows else ({}, {})
    has_next, has_before = (True, more) if back else (more, place is not None)
    return StationPage(
        [_row(row) for row in rows],
        place_text(False, last["k"], last["code"]) if rows and has_next else "",
        place_text(True, first["k"], first["code"]) if rows and has_before else "",
    )


def stations_all(scope: Scope, query: StationQuery, most: int) -> Iterator[dict[str, Any]]:
    """Return the stations in scope page by page in the order asked, at most `most`, for a file."""
    after, given = "", 0
    while given < most:
        page = stations_page(scope, query, after=after, limit=min(5000, most - given))
        yield from page.rows
        given += len(page.rows)
        after = page.next
        if not after:
            return


def stations_groups(scope: Scope, query: StationQuery) -> list[Group]:
    """Return the stations that have the words, in the division asked, counted by kind, state, signal and the divisions
    right below. Other filters are left to `counted`, so that each can be counted without itself. One query."""
    wide = replace(query, kinds=(), states=(), colours=())
    where, params = _where(scope, wide)
    sql = _COUNTS.format(signals=SIGNALS, where=where)
    with connection.cursor() as cursor:
        cursor.execute(sql, [below(scope, query.division), list(scope.prefixes), *params])
        return [Group(*row) for row in cursor.fetchall()]


def counted(groups: list[Group], query: StationQuery, name: str = "") -> Counter[str]:
    """Count groups by one field ("kind", "state", "colour", "division"; "" all under ""), others' filters in force."""
    ranks = set(ranks_of(query.colours))
    found: Counter[str] = Counter()
    for group in groups:
        if name != "kind" and query.kinds and group.kind not in query.kinds:
            continue
        if name != "state" and query.states and group.state not in query.states:
            continue
        if name != "colour" and query.colours and group.rank not in ranks:
            continue
        colour = COLOURS[group.rank] or "none"
        found[
            {"kind": group.kind, "state": group.state, "colour": colour, "division": group.division}.get(name, "")
        ] += group.stations
    return found


def below(scope: Scope, division: str) -> int:
    """Return the length of the codes right below a division, or below the reader's own area."""
    own = division or (scope.prefixes[0] if len(scope.prefixes) == 1 else "")
    return next((length for length in LEVEL_LENGTHS if length > len(own)), LEVEL_LENGTHS[-1])


_ways: OrderedDict[tuple[str, ...], tuple[float, dict[str, str]]] = OrderedDict()
_lock = Lock()


def stations_ways(scope: Scope) -> Mapping[str, str]:
    """Return station code → protocol of its newest frame of the last day; at most a minute old. One query, or none."""
    with _lock:
        kept = _ways.get(scope.prefixes)
    if kept is not None and time.monotonic() - kept[0] < WAYS_KEPT_S:
        return kept[1]
    with connection.cursor() as cursor:
        cursor.execute(_WAYS, [clock.now() - WAYS_BACK, list(scope.prefixes)])
        found = dict(cursor.fetchall())
    with _lock:
        _ways[scope.prefixes] = time.monotonic(), found
        while len(_ways) > 8:
            _ways.popitem(last=False)
    return found


def stations_by_way(scope: Scope, query: StationQuery) -> Counter[str]:
    """Count the stations of the query by protocol, its own filter left aside. One query, one more when not kept."""
    ways = stations_ways(scope)
    where, params = _where(scope, replace(query, protocols=()))
    sql = _BY_WAY.format(signals=SIGNALS if query.colours else "", where=where)
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ways), list(ways.values()), list(scope.prefixes), *params])
        return Counter(dict(cursor.fetchall()))


def _where(scope: Scope, query: StationQuery) -> tuple[str, list[Any]]:
    parts: list[str] = []
    params: list[Any] = []
    words, given = words_where(scope, query.q)
    if query.division:
        parts.append("AND t.division ^@ %s")
        params.append(query.division)
    for column, values in (("t.kind", query.kinds), ("t.state", query.states)):
        if values:
            parts.append(f"AND {column} = ANY(%s)")
            params.append(list(values))
    if query.colours:
        parts.append("AND coalesce(g.rank, 0) = ANY(%s)")
        params.append(ranks_of(query.colours))
    if query.protocols:
        ways = stations_ways(scope)
        parts.append("AND t.code = ANY(%s)")
        params.append([code for code, way in ways.items() if way in query.protocols])
    return " ".join([*parts, words]), [*params, *given]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    rank = row.pop("rank") or 0
    return {**row, "name": {"zh": row["name_zh"], "en": row["name_en"]}, "colour": COLOURS[rank]}


def _fetch(sql: str, params: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
