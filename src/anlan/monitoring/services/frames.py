"""Raw frames kept as evidence: what a device or sender really sent, and what was wrong with it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

PACKED_OVER = 200  # bytes; below it zlib gains nothing
MOST_BODY = 8_000_000
_COPY = """
COPY monitoring_frame (received_at, division, protocol, peer, station, body, packed, readings, error) FROM STDIN
WITH (FORMAT binary)
"""
_TYPES = ("timestamptz", "varchar", "varchar", "varchar", "varchar", "bytea", "bool", "int4", "varchar")


class FrameIn(NamedTuple):
    """A frame as it came: protocol of choices.Protocol, peer "host:port" or topic, station code and division ('' when
    unknown), how many readings came of it, and what was wrong ('' when it was understood)."""

    received_at: datetime
    protocol: str
    peer: str
    station: str
    division: str
    body: bytes
    readings: int
    error: str


def frames_store(frames: Sequence[FrameIn]) -> None:
    """Keep frames, in the caller's transaction. A body over MOST_BODY is cut there; texts are cut to their columns."""
    if not frames:
        return
    with connection.cursor() as cursor, cursor.cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for frame in frames:
            body, packed = frame.body[:MOST_BODY], len(frame.body) > PACKED_OVER
            if packed:
                body = zlib.compress(body, 1)
            copy.write_row(
                (
                    frame.received_at, frame.division[:12], frame.protocol, _text(frame.peer, 64),
                    _text(frame.station, 32), body, packed, frame.readings, _text(frame.error, 200),
                )
            )  # fmt: skip


def frame_body(body: bytes | memoryview, packed: bool) -> bytes:
    """Return a kept frame's bytes as they came."""
    return zlib.decompress(body) if packed else bytes(body)


def _text(text: str, most: int) -> str:
    """PostgreSQL takes no NUL and no half surrogates in text."""
    return text[:most].replace("\0", "�").encode("utf-8", "replace").decode()
