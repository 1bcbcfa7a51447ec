"""SL 651-2014 over TCP: hydrological stations report, and are answered when what they sent is durable.

A damaged frame is kept as evidence and not answered: the station sends it again by itself (M2). A message in several
packets counts when its last packet came; packets that are missing then are asked for by NAK (M3).
"""

from __future__ import annotations

from anlan.kernel import clock
from anlan.monitoring.formats.connection_settings import Mapping, Sl651
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.formats.decoded_rows import decoded_rows
from anlan.monitoring.formats.sl651 import Assembler, Splitter, decode, dialect_of, reply
from anlan.monitoring.sources.code_tables import code_table
from anlan.monitoring.sources.line import Line
from anlan.monitoring.sources.tcp_port import CutTalk, Heard, Port

KEEP_ALIVE = "2F"
MOST_PARTS = 2_000_000  # bytes that unfinished messages of one connection may take


class Sl651Talk(CutTalk):
    """One station, or a relay with several, on one connection."""

    def __init__(self, settings: Sl651, mapping: Mapping) -> None:
        super().__init__(Splitter())
        self._settings, self._mapping = settings, mapping
        self._table, self._dialect = code_table("sl651_elements"), dialect_of(settings.dialect)
        self._parts = Assembler(most_bytes=MOST_PARTS)

    def heard(self, piece: bytes, now: float) -> Heard:
        """Understand one frame."""
        decoded = decode(piece, self._table, self._dialect)
        if not decoded.crc_ok:
            return Heard([], "", str(decoded.error), b"")
        self._parts.expired(now)
        whole: Decoded | None = decoded
        if decoded.part is not None and decoded.part[1] > 1:
            whole = self._parts.add(decoded, self._table, now, self._dialect)
        station = self._mapping.station(decoded.station)
        if whole is None:
            return Heard([], station, "", self._ask_again(decoded, piece))
        rows = decoded_rows(whole, self._mapping)
        return Heard(
            rows, self._mapping.station(whole.station), str(whole.error or ""), self._answer(decoded, piece, whole)
        )

    def _ask_again(self, decoded: Decoded, piece: bytes) -> bytes:
        """After the last packet, say which are missing."""
        if decoded.part is None or decoded.part[0] != decoded.part[1] or not self._settings.answer:
            return b""
        return reply(piece, at=clock.now(), end="nak", missing=self._parts.missing(decoded))

    def _answer(self, decoded: Decoded, piece: bytes, whole: Decoded) -> bytes:
        """ESC: done, and the connection stays. After NAK the packet that completes a message is a middle one."""
        if not self._settings.answer or decoded.function == KEEP_ALIVE:
            return b""
        if whole is decoded:
            return reply(piece, at=clock.now(), end="esc")
        return reply(piece, at=clock.now(), end="esc", complete=True, serial=whole.serial)


async def run(line: Line) -> None:
    """Serve the port of a connection."""
    settings = line.settings
    assert isinstance(settings, Sl651)  # noqa: S101 – for the types
    await Port(line, lambda: Sl651Talk(settings, line.mapping)).run()
