"""SL 651-2014 messages in several packets (pictures, long queries): put together, bounded in bytes, number and time."""

from __future__ import annotations

from typing import NamedTuple

from anlan.monitoring.formats.code_table import Table
from anlan.monitoring.formats.decoded import Decoded, wrong
from anlan.monitoring.formats.sl651_elements import STANDARD, Dialect
from anlan.monitoring.formats.sl651_frames import REPORTS


class Missing(NamedTuple):
    """A message that stayed in pieces: which packets never came (at most 64 named)."""

    station: str
    function: str
    total: int
    numbers: tuple[int, ...]


class _Open:
    def __init__(self, total: int, now: float) -> None:
        self.total, self.since, self.size = total, now, 0
        self.parts: dict[int, bytes] = {}

    def missing(self) -> tuple[int, ...]:
        return tuple(number for number in range(1, self.total + 1) if number not in self.parts)[:64]


class Assembler:
    """Puts packets together. `now` is any rising number of seconds, given by the caller.

    Bounds: `most_bytes` over all open messages, `most_open` messages (the oldest gives way), `wait_s` since a message's
    last packet. A packet that comes twice counts once; a new total begins the message anew.
    """

    def __init__(self, *, most_bytes: int = 8_000_000, most_open: int = 64, wait_s: float = 300.0) -> None:
        self._most_bytes, self._most_open, self._wait = most_bytes, most_open, wait_s
        self._open: dict[tuple[str, str], _Open] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """Return how many bytes are held."""
        return self._size

    def add(self, packet: Decoded, table: Table, now: float, dialect: Dialect = STANDARD) -> Decoded | None:
        """Take one decoded packet. Return the whole message when this was the last one missing, else None; a message
        that is too large comes back as a Decoded with an error and is forgotten."""
        from anlan.monitoring.formats.sl651 import decode_body  # sl651 is this module's face

        if packet.part is None:
            return packet
        number, total = packet.part
        key = (packet.station, packet.function)
        held = self._open.get(key)
        if held is None or held.total != total or now - held.since > self._wait:
            self._forget(key)
            while len(self._open) >= self._most_open:
                self._forget(next(iter(self._open)))
            held = self._open[key] = _Open(total, now)
        held.since = now
        grown = len(packet.data) - len(held.parts.get(number, b""))
        if self._size + grown > self._most_bytes:
            self._forget(key)
            return packet._replace(error=wrong(
                "packet", "SYN", f"{total} packets", f"未收齐的多包报文合计不得超过 {self._most_bytes} 字节；请减小图片",
                f"open messages together may hold {self._most_bytes} bytes; make the picture smaller"))  # fmt: skip
        held.parts[number] = packet.data
        held.size += grown
        self._size += grown
        if len(held.parts) < total:
            return None
        body = b"".join(held.parts[index] for index in range(1, total + 1))
        self._forget(key)
        return decode_body(
            body, packet._replace(part=None, data=b"", reply_wanted=int(packet.function, 16) in REPORTS), table, dialect
        )

    def missing(self, packet: Decoded) -> tuple[int, ...]:
        """Return the packet numbers still missing of the message `packet` belongs to (for NAK after its last)."""
        held = self._open.get((packet.station, packet.function))
        return held.missing() if held else ()

    def expired(self, now: float) -> list[Missing]:
        """Forget messages that waited too long and return what they lacked."""
        late = [(key, held) for key, held in self._open.items() if now - held.since > self._wait]
        for key, _ in late:
            self._forget(key)
        return [Missing(key[0], key[1], held.total, held.missing()) for key, held in late]

    def _forget(self, key: tuple[str, str]) -> None:
        held = self._open.pop(key, None)
        if held is not None:
            self._size -= held.size
