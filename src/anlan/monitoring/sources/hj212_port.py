"""HJ 212 over TCP: monitors of pollution sources report, and are answered 9014 when what they sent is durable."""

from __future__ import annotations

from anlan.monitoring.formats.connection_settings import Hj212, Mapping
from anlan.monitoring.formats.decoded_rows import decoded_rows
from anlan.monitoring.formats.hj212 import Splitter, decode, reply
from anlan.monitoring.formats.hj212_dialects import dialect_of
from anlan.monitoring.sources.code_tables import code_table
from anlan.monitoring.sources.line import Line
from anlan.monitoring.sources.tcp_port import CutTalk, Heard, Port


class Hj212Talk(CutTalk):
    """One monitor on one connection. Packets of a long upload (PNUM, PNO) are whole messages: each is taken as it is."""

    def __init__(self, settings: Hj212, mapping: Mapping) -> None:
        super().__init__(Splitter())
        self._answer, self._mapping = settings.answer, mapping
        self._table = code_table("hj212_factors")
        self._dialect = dialect_of(settings.dialect) if settings.dialect else None

    def heard(self, piece: bytes, now: float) -> Heard:
        """Understand one message."""
        decoded = decode(piece, self._table, self._dialect)
        if not decoded.crc_ok:
            return Heard([], "", str(decoded.error), b"")
        answer = reply(decoded) if self._answer else b""
        station = self._mapping.station(decoded.station)
        return Heard(decoded_rows(decoded, self._mapping), station, str(decoded.error or ""), answer)


async def run(line: Line) -> None:
    """Serve the port of a connection."""
    settings = line.settings
    assert isinstance(settings, Hj212)  # noqa: S101 – for the types
    await Port(line, lambda: Hj212Talk(settings, line.mapping)).run()
