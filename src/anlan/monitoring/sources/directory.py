"""Which series a station's element is: from memory in processes that take in much, else asked for each batch.

The memory follows the catalogue mark of `Progress`, which every change of stations renews; it is looked at once a
second. Inside a transaction and in the web (where row-level security must decide what a person may know of) nothing
is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from threading import Lock
from typing import Any, NamedTuple

from django.db import connection

from anlan.kernel.options import options

LOOK_S = 1.0
MAIN = ""  # as an element: the station's main series


class Place(NamedTuple):
    """Where a reading belongs: the series' number, the shard that judges it, the station's division."""

    number: int
    shard: int
    division: str


Directory = Mapping[tuple[str, str], Place]

_SQL = """
SELECT t.code, s.element, s.main, s.number, s.shard, s.division
FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id {}
"""


class _Kept(NamedTuple):
    database: str
    mark: tuple[str, ...]
    places: Directory


_kept: _Kept | None = None
_looked = 0.0
_lock = Lock()


def directory(codes: Collection[str]) -> Directory:
    """Return the series of these stations (or of all) by (station code, element); element "" is the main one."""
    if connection.in_atomic_block or options.role in ("web", "live"):
        return _read("WHERE t.code = ANY(%s)", [sorted(codes)])
    global _kept, _looked
    with _lock:
        tick, kept = time.monotonic(), _kept
        database = str(connection.settings_dict["NAME"])
        if kept is not None and kept.database == database and tick - _looked < LOOK_S:
            return kept.places
        _looked = tick
        mark = _mark()
        if kept is None or kept[:2] != (database, mark):
            kept = _kept = _Kept(database, mark, _read("", []))
        return kept.places


def forget() -> None:
    """Drop what is remembered."""
    global _kept
    with _lock:
        _kept = None


def _read(where: str, params: list[Any]) -> Directory:
    found: dict[tuple[str, str], Place] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(where), params)
        for code, element, main, number, shard, division in cursor.fetchall():
            place = Place(number, shard, division)
            found[code, element] = place
            if main:
                found[code, MAIN] = place
    return found


def _mark() -> tuple[str, ...]:
    """Return what changes whenever stations change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT shard::text || ':' || catalogue FROM monitoring_progress ORDER BY shard")
        return tuple(row[0] for row in cursor.fetchall())
