"""Taking kept frames again (报文重收): what came of a station before anybody had registered it.

Only frames that gave nothing, or named a station or series nobody knew, are read again, by the connection they came by
and as if at the time they came. Readings are stored once, so doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, NotFound
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.connection_file import ConnectionSpec, check
from anlan.monitoring.formats.connection_settings import Hj212, Mqtt, Sl651
from anlan.monitoring.formats.payload_rows import payload_rows, topic_of
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.models import Connection, Station
from anlan.monitoring.services.frames import FrameIn, frame_body
from anlan.monitoring.sources.batcher import completed
from anlan.monitoring.sources.directory import Directory, directory
from anlan.monitoring.sources.hj212_port import Hj212Talk
from anlan.monitoring.sources.log import log_open
from anlan.monitoring.sources.sl651_port import Sl651Talk
from anlan.monitoring.sources.sorting import messages, place

PROTOCOLS = ("sl651", "hj212", "mqtt")
PAGE = 200  # frames of one transaction
_FRAMES = """
SELECT received_at, number, protocol, peer, station, body, packed, error FROM monitoring_frame
WHERE (received_at, number) > (%s, %s) AND protocol = ANY(%s)
  AND (station = ANY(%s) OR station = '') AND (error ^@ 'unknown ' OR error = '' AND readings = 0)
ORDER BY received_at, number LIMIT %s
"""
_UNDERSTOOD = """
UPDATE monitoring_frame SET division = %s, station = %s, readings = %s, error = %s
WHERE received_at = %s AND number = %s
"""


class Retaken(NamedTuple):
    """How many kept frames spoke of the station, and how many readings of theirs went into the log."""

    frames: int
    readings: int


class _Kept(NamedTuple):
    received_at: datetime
    number: int
    protocol: str
    peer: str
    station: str
    body: bytes
    error: str


Heard = tuple[str, list[Row]]  # whose, and its readings
Ear = Callable[[_Kept], Heard]
_Note = tuple[str, str, int, str, datetime, int]  # as _UNDERSTOOD wants it


class _Way(NamedTuple):
    """A connection, and how it understands what came by it."""

    code: str
    division: str
    protocol: str
    devices: tuple[str, ...]  # as which the station is known there
    hear: Ear


def frames_retake(*, by: Actor, station: str, since: datetime | None = None, through: str = "") -> Retaken:
    """Put the readings of a station's kept frames into the log (SL 651, HJ 212, MQTT; the others are sent again).

    since: received from then on (default: as long as frames are kept). through: code of the connection they came by.
    Raises NotFound for a station or connection that isn't there, Forbidden, and Conflict where connections understand
    a frame differently and none is named.
    """
    found = by.scope.filter(Station.objects.filter(code=station)).first()
    if found is None:
        raise NotFound(
            code="station.none", zh=f"没有测站“{station}”，或不在您的管辖范围；请先登记测站，再重收报文。",
            en=f"There is no station “{station}” within your scope; register it first, then take its frames again.",
            field="station", value=station,
        )  # fmt: skip
    by.must("readings.take", found.division)
    ways = _ways(station, through)
    names = sorted({station}.union(*(way.devices for way in ways)))
    start = since or clock.now() - timedelta(days=options.frames_keep_days)
    frames = readings = 0
    for page in _pages(names, start):
        done = _take(page, station, ways)
        frames, readings = frames + done.frames, readings + done.readings
    return Retaken(frames, readings)


def _ways(station: str, through: str) -> list[_Way]:
    rows = Connection.objects.filter(protocol__in=PROTOCOLS).order_by("code")
    rows = rows.filter(code=through) if through else rows.filter(enabled=True)
    if through and not rows:
        raise NotFound(
            code="connection.none", zh=f"没有可重收报文的接入“{through}”（须为 {'、'.join(PROTOCOLS)}）；请核对代码。",
            en=f"There is no connection “{through}” whose frames can be taken again ({', '.join(PROTOCOLS)}); check the code.",
            field="connection", value=through,
        )  # fmt: skip
    return [_way(row, station) for row in rows]


def _way(row: Connection, station: str) -> _Way:
    settings, mapping = check(
        ConnectionSpec(row.code, row.protocol, row.division, "-", "-", True, row.settings, row.mapping)
    )
    talks: dict[str, Sl651Talk | Hj212Talk] = {}

    def said(kept: _Kept) -> Heard:
        if kept.peer not in talks:  # packets of one message came from one peer
            assert isinstance(settings, Sl651 | Hj212)  # noqa: S101 – for the types
            talks[kept.peer] = (
                Sl651Talk(settings, mapping) if isinstance(settings, Sl651) else Hj212Talk(settings, mapping)
            )
        heard = talks[kept.peer].heard(kept.body, kept.received_at.timestamp())
        return heard.station, heard.rows

    def told(kept: _Kept) -> Heard:
        assert isinstance(settings, Mqtt)  # noqa: S101 – for the types
        topic = topic_of(settings.topics, kept.peer)
        if topic is None:
            return "", []
        taken = payload_rows(topic, kept.peer, kept.body, mapping, kept.received_at)
        return kept.station, taken.rows

    devices = tuple(device for device, code in mapping.devices.items() if code == station)
    return _Way(row.code, row.division, row.protocol, devices, told if row.protocol == "mqtt" else said)


def _pages(names: Sequence[str], start: datetime) -> Iterator[list[_Kept]]:
    after = (start, 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FRAMES, [*after, list(PROTOCOLS), list(names), PAGE])
            page = [
                _Kept(at, number, protocol, peer, whose, frame_body(body, packed), error)
                for at, number, protocol, peer, whose, body, packed, error in cursor.fetchall()
            ]
        if not page:
            return
        yield page
        after = (page[-1].received_at, page[-1].number)


@transaction.atomic
def _take(page: Sequence[_Kept], station: str, ways: Sequence[_Way]) -> Retaken:
    """Append what a page of frames says of the station, and note with each frame what came of it; durable together."""
    heard = [(kept, *understood) for kept in page if (understood := _understood(kept, station, ways)) is not None]
    places = directory({row[0] for _, _, _, rows in heard for row in rows})  # in a transaction: asked, not remembered
    packed: list[tuple[int, bytes]] = []
    notes: list[_Note] = []
    readings = 0
    for kept, way, whose, rows in heard:
        mine = place([row for row in rows if row[0] == station], places, (way.division,))
        source, received = f"{way.protocol}:{way.code}", microseconds(kept.received_at)
        packed += messages(mine.shards, received_us=received, source=source)
        readings += mine.taken
        notes.append(_noted(kept, way, whose, rows, places))
    with connection.cursor() as cursor:
        cursor.executemany(_UNDERSTOOD, notes)
    if packed:
        log_open().append(packed)
    return Retaken(len(heard), readings)


def _noted(kept: _Kept, way: _Way, whose: str, rows: Sequence[Row], places: Directory) -> _Note:
    frame = FrameIn(kept.received_at, kept.protocol, kept.peer, whose, "", b"", 0, "")
    now = completed(frame, place(rows, places, (way.division,)), places)
    return now.division, now.station[:32], now.readings, now.error[:200], kept.received_at, kept.number


def _understood(kept: _Kept, station: str, ways: Sequence[_Way]) -> tuple[_Way, str, list[Row]] | None:
    """Return the connection a frame of the station came by, whose it is and what it says; None when it says nothing of
    the station."""
    said = [(way, *way.hear(kept)) for way in ways if way.protocol == kept.protocol]
    mine = [one for one in said if any(row[0] == station for row in one[2])]
    if any(other[2] != mine[0][2] for other in mine[1:]):
        codes = ", ".join(way.code for way, _, _ in mine)
        raise Conflict(
            code="frames.ambiguous",
            zh=f"{kept.received_at:%Y-%m-%d %H:%M:%S}Z 的报文按接入 {codes} 解读结果不同；请指明接入（--connection）。",
            en=f"The frame of {kept.received_at:%Y-%m-%d %H:%M:%S}Z says different things by the connections {codes};"
            " name the one it came by (--connection).",
            field="connection",
            value=codes,
        )
    return mine[0] if mine else None
