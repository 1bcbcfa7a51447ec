"""The last day of each gauge: from this process's memory where it is surely complete, else from the table.

What is kept for a station carries the stamp of its pulse (last batch, newest time and value, day's sum). The pulse is
locked when it is read, so an equal stamp means that nobody has added to the station since; anything else (another
process, a rolled-back batch, a restart) differs and is read anew. Forgetting all of it changes no result.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection

from anlan.monitoring.engine.windows import Floats, Ints, Readings
from anlan.monitoring.services._old_intake import Known, Stamp, packed

MOST_STATIONS = 20_000
KEPT_S = 25 * 3600  # the longest window and an hour of lateness
_PG_EPOCH = 946_684_800  # 2000-01-01 as epoch seconds
_ROW = np.dtype([("at", ">i8"), ("value", ">f8")])  # microseconds since 2000, value


class Kept(NamedTuple):
    """Good readings of one station after `since`, as of `stamp`."""

    stamp: Stamp
    since: int
    at: Ints
    value: Floats


_kept: OrderedDict[UUID, Kept] = OrderedDict()
_lock = Lock()


def forget() -> None:
    """Drop everything that is kept."""
    with _lock:
        _kept.clear()


def past(stations: Sequence[Known], since: dict[int, int]) -> Readings:
    """Return the good readings of the stations (by index) after their `since`, or some earlier, sorted by station."""
    found: dict[int, tuple[Ints, Floats]] = {}
    with _lock:
        for number, second in since.items():
            kept = _kept.get(stations[number].id)
            if kept is not None and kept.stamp == stations[number].stamp and kept.since <= second:
                found[number] = kept.at, kept.value
    found |= _read(stations, {number: second for number, second in since.items() if number not in found})
    order = sorted(found)
    counts = [len(found[number][0]) for number in order]
    station = np.repeat(np.array(order, dtype=np.int64), counts)
    at = np.concatenate([found[number][0] for number in order] or [np.empty(0, dtype=np.int64)])
    value = np.concatenate([found[number][1] for number in order] or [np.empty(0)])
    return Readings(station, at, value)


def keep(stations: Sequence[Known], stamps: dict[int, Stamp], since: dict[int, int], readings: Readings) -> None:
    """Keep the readings of the stations that have a new stamp; `readings` distinct and sorted, complete after `since`."""
    numbers = np.array(sorted(stamps.keys() & since.keys()), dtype=np.int64)
    starts = np.searchsorted(readings.station, numbers).tolist()
    stops = np.searchsorted(readings.station, numbers, side="right").tolist()
    with _lock:
        for number, start, stop in zip(numbers.tolist(), starts, stops, strict=True):
            oldest = max(since[number], (stamps[number].last_at or 0) - KEPT_S)
            first = start + int(np.searchsorted(readings.at[start:stop], oldest, side="right"))
            key = stations[number].id
            _kept[key] = Kept(stamps[number], oldest, readings.at[first:stop].copy(), readings.value[first:stop].copy())
            _kept.move_to_end(key)
        while len(_kept) > MOST_STATIONS:
            _kept.popitem(last=False)


_PAST = """
SELECT k.n, string_agg(timestamptz_send(r.at) || float8send(r.value), ''::bytea ORDER BY r.at)
FROM unnest(%s::int4[], %s::uuid[], %s::int8[]) AS k(n, station, since)
JOIN monitoring_reading r ON r.station_id = k.station AND r.at > to_timestamp(k.since)
WHERE r.quality = 0 GROUP BY k.n
"""


def _read(stations: Sequence[Known], since: dict[int, int]) -> dict[int, tuple[Ints, Floats]]:
    """Read from the table, all stations in one query. Each station's readings come as one packed value straight into
    arrays: a day of 150 gauges is 21,600 readings, and no Python object is made for any of them."""
    found: dict[int, tuple[Ints, Floats]] = {number: (np.empty(0, dtype=np.int64), np.empty(0)) for number in since}
    if not since:
        return found
    columns = [packed(since), packed(stations[number].id for number in since), packed(since.values())]
    with connection.cursor() as cursor:
        cursor.execute(_PAST, columns)
        for number, body in cursor.fetchall():
            rows = np.frombuffer(body, dtype=_ROW)
            at = rows["at"].astype(np.int64) // 1_000_000 + _PG_EPOCH
            found[number] = at, rows["value"].astype(np.float64)
    return found
