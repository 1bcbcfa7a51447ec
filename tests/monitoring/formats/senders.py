"""What stations, vehicles and centres send, built: SL 651 uplinks and queries, JT/T 808 positions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from anlan.monitoring.formats import jt808
from anlan.monitoring.formats.decoded import CHINA
from anlan.monitoring.formats.sl651_build import ENDS, bcd_of, pack_frame
from anlan.monitoring.formats.sl651_frames import ETB, ETX, Frame


def query(*, centre: int, station: str, password: str, function: int, serial: int, at: datetime, words: bytes = b"",
          end: str = "enq") -> bytes:  # fmt: skip
    """Return a centre's query or order (mode M4), `words` being its parameters."""
    body = serial.to_bytes(2, "big") + bcd_of(at, seconds=True) + words
    return pack_frame(Frame(True, centre, station, password, function, body, ENDS[end]))


def element(code: str, value: float | None, size: int, decimals: int) -> bytes:
    """Return one element: id, definition byte, BCD (None: all FF; negative: a leading FF byte), in `size`
    bytes."""
    head = bytes.fromhex(code) + bytes([size << 3 | decimals])
    if value is None:
        return head + b"\xff" * size
    digits = f"{round(abs(value) * 10**decimals):d}"
    room = size - (1 if value < 0 else 0)
    assert len(digits) <= 2 * room, (code, value, size)
    return head + b"\xff" * (size - room) + bytes.fromhex(digits.zfill(2 * room))


def encode_up(
    *,
    station: str,
    function: int,
    serial: int,
    sent_at: datetime,
    groups: Iterable[tuple[datetime, bytes]] = (),
    centre: int = 1,
    password: str = "0000",
    category: str = "48",
    tail: bytes = b"",
) -> bytes:
    """Return an uplink frame: `groups` of (observation time, elements built by `element`), then `tail` as it is."""
    body = serial.to_bytes(2, "big") + bcd_of(sent_at, seconds=True)
    for number, (moment, elements) in enumerate(groups):
        if number == 0:
            body += b"\xf1\xf1" + bytes.fromhex(station + category)
        body += b"\xf0\xf0" + bcd_of(moment, seconds=False) + elements
    return pack_frame(Frame(False, centre, station, password, function, body + tail, ETX))


def packets(frame: Frame, *, size: int) -> list[bytes]:
    """Return a long body as several packets of at most `size` body bytes (mode M3)."""
    parts = [frame.body[at : at + size] for at in range(0, max(len(frame.body), 1), size)]
    total = len(parts)
    ends = [ETB] * (total - 1) + [ETX]
    return [
        pack_frame(frame._replace(body=part, end=end, part=(number, total)))
        for number, (part, end) in enumerate(zip(parts, ends, strict=True), start=1)
    ]


def encode_position(header: jt808.Header, *, lat: float, lon: float, at: datetime, altitude: int = 0, speed: float = 0.0,
                    direction: int = 0, alarm: int = 0, extras: bytes = b"") -> bytes:  # fmt: skip
    """Return a 0x0200 frame, located."""
    status = 2 | (4 if lat < 0 else 0) | (8 if lon < 0 else 0)
    body = alarm.to_bytes(4, "big") + status.to_bytes(4, "big")
    body += round(abs(lat) * 1e6).to_bytes(4, "big") + round(abs(lon) * 1e6).to_bytes(4, "big")
    body += altitude.to_bytes(2, "big") + round(speed * 10).to_bytes(2, "big") + direction.to_bytes(2, "big")
    body += bytes.fromhex(at.astimezone(CHINA).strftime("%y%m%d%H%M%S")) + extras
    return jt808.encode(header._replace(message=0x0200), body)
