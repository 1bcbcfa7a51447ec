"""What `readings_take` reads and writes in the database: stations under lock, new readings, pulses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from anlan.monitoring.engine.windows import Floats, Ints


class Firing(NamedTuple):
    """A station's firing signal, as it stood before the batch."""

    id: UUID
    rule: str
    version: str
    level: str


class Stamp(NamedTuple):
    """The mark of a station's newest state: last batch that added to it, newest time, newest value, day's sum."""

    batch: UUID | None
    last_at: int | None
    last_value: float | None
    sum_24h: float | None


@dataclass(frozen=True, slots=True)
class Known:
    """A station the batch touches; times are epoch seconds."""

    id: UUID
    code: str
    division: str
    kind: str
    metric: str
    name: dict[str, str]
    place: str | None
    limits: dict[str, float]
    state: str
    state_at: datetime
    max_silence_s: int
    below_since: int | None
    stamp: Stamp
    firing: Firing | None


_STATIONS = """
SELECT s.id, s.code, s.division, s.kind, s.metric, s.name_zh, s.name_en, s.place_code,
       (s.attributes -> 'limits')::text, s.state, s.state_at, s.max_silence_s, extract(epoch FROM p.below_since)::int8,
       p.batch, extract(epoch FROM p.last_at)::int8, p.last_value, p.sum_24h, g.id, g.rule, g.rule_version, g.level
FROM monitoring_station s JOIN monitoring_pulse p ON p.station_id = s.id
LEFT JOIN monitoring_signal g ON g.station_id = s.id AND g.state = 'firing'
WHERE s.code = ANY(string_to_array(%s, chr(31))) ORDER BY s.code FOR UPDATE OF p
"""


def stations_locked(codes: Sequence[str]) -> list[Known]:
    """Return the known stations among `codes`, ordered by code; their pulses stay locked to the end of the
    transaction, so two batches never decide about one station at once."""
    with connection.cursor() as cursor:
        cursor.execute(_STATIONS, ["\x1f".join(codes)])
        return [_known(row) for row in cursor.fetchall()]


def _known(row: tuple[Any, ...]) -> Known:
    limits = {} if row[8] in (None, "{}") else json.loads(row[8])
    return Known(
        id=row[0], code=row[1], division=row[2], kind=row[3], metric=row[4], name={"zh": row[5], "en": row[6]},
        place=row[7], limits=limits, state=row[9], state_at=row[10], max_silence_s=row[11], below_since=row[12],
        stamp=Stamp(row[13], row[14], row[15], row[16]),
        firing=None if row[17] is None else Firing(row[17], row[18], row[19], row[20]),
    )  # fmt: skip


def packed(values: Iterable[object]) -> str:
    """Return numbers, ids or None as a PostgreSQL array literal: one parameter instead of one per value."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


_INSERT = """
INSERT INTO monitoring_reading (station_id, at, value, quality, division)
SELECT s.id, to_timestamp(r.at), r.value, r.quality, s.division
FROM unnest(%s::int4[], %s::int8[], %s::float8[], %s::int2[]) AS r(n, at, value, quality)
JOIN unnest(%s::uuid[], %s::text[]) WITH ORDINALITY AS s(id, division, n) ON s.n = r.n + 1
ON CONFLICT DO NOTHING RETURNING station_id, extract(epoch FROM at)::int8
"""


def insert(stations: Sequence[Known], station: Ints, at: Ints, value: Floats, quality: Ints) -> NDArray[np.bool_]:
    """Store the rows; return a mask of those that were new. The first value of a station and time stays."""
    columns = [packed(column.tolist()) for column in (station, at, value, quality)]
    columns += [packed(s.id for s in stations), packed(s.division for s in stations)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        if cursor.rowcount == len(at):
            return np.ones(len(at), dtype=bool)
        stored = cursor.fetchall()
    index = {s.id: number for number, s in enumerate(stations)}
    new = {(index[key], second) for key, second in stored}
    return np.array([key in new for key in zip(station.tolist(), at.tolist(), strict=True)], dtype=bool)


_DIFFERING = """
SELECT count(*) FROM unnest(%s::int4[], %s::int8[], %s::float8[]) AS k(n, at, value)
JOIN unnest(%s::uuid[]) WITH ORDINALITY AS s(id, n) ON s.n = k.n + 1
JOIN monitoring_reading r ON r.station_id = s.id AND r.at = to_timestamp(k.at) WHERE r.value <> k.value
"""


def differing(stations: Sequence[Known], station: Ints, at: Ints, value: Floats) -> int:
    """Return how many of these known readings say something else than what is stored."""
    if len(at) == 0:
        return 0
    columns = [packed(column.tolist()) for column in (station, at, value)]
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, [*columns, packed(s.id for s in stations)])
        return int(cursor.fetchone()[0])


class PulseRow(NamedTuple):
    """The new pulse of one station; times in epoch seconds."""

    station: UUID
    batch: UUID
    last_at: int
    last_value: float
    sum_1h: float | None
    sum_3h: float | None
    sum_24h: float | None
    due_at: int | None
    below_since: int | None


_PULSES = """
UPDATE monitoring_pulse p SET batch = x.batch, last_at = to_timestamp(x.last_at), last_value = x.value,
       sum_1h = x.h1, sum_3h = x.h3, sum_24h = x.h24, due_at = to_timestamp(x.due), below_since = to_timestamp(x.below)
FROM unnest(%s::uuid[], %s::uuid[], %s::int8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::int8[],
     %s::int8[]) AS x(id, batch, last_at, value, h1, h3, h24, due, below) WHERE p.station_id = x.id
"""


def write_pulses(rows: Sequence[PulseRow]) -> None:
    """Write the new pulses in one statement."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PULSES, [packed(column) for column in zip(*rows, strict=True)])


def moment(second: int) -> datetime:
    """Return epoch seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(second, UTC)
