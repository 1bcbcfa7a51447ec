"""A TCP port for devices: many connections, each read only as fast as readings become durable, answered only then.

What a protocol adds is a `Talk`: one for each connection, that cuts the stream into frames, understands them and
knows the answers. A connection is hung up on when it is idle too long or sends mostly rubbish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from anlan.kernel.options import options
from anlan.monitoring.formats.connection_settings import Listening
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.formats.sl651_frames import Cutter
from anlan.monitoring.sources.line import Line

CHUNK = 65_536
QUIET_S = 3.0  # after it the rest of a begun frame won't come
MOST_RUBBISH = 65_536
MOST_ADDRESSES = 20_000


class Heard(NamedTuple):
    """What one frame came to: readings, whose, what was wrong (''), and the answer once it is durable (b"" for none)."""

    rows: list[Row]
    station: str
    error: str
    reply: bytes


class Talk(Protocol):
    """One device's side of a protocol."""

    def pieces(self, chunk: bytes) -> list[bytes]:
        """Return the frames, and pieces that are none, that are complete with this chunk; b"": flush the rest."""
        ...

    def heard(self, piece: bytes, now: float) -> Heard:
        """Return what a piece says. Never raises."""
        ...

    @property
    def rubbish(self) -> int:
        """Return how many bytes were no frame."""
        ...


class CutTalk:
    """The half of a `Talk` that a splitter does."""

    def __init__(self, splitter: Cutter) -> None:
        self._splitter = splitter

    @property
    def rubbish(self) -> int:
        """Return how many bytes were no frame."""
        return self._splitter.rubbish

    def pieces(self, chunk: bytes) -> list[bytes]:
        """Cut the stream."""
        return self._splitter.feed(chunk) if chunk else self._splitter.flush()


class Port:
    """Serves one connection's port until cancelled."""

    def __init__(self, line: Line, talk: Callable[[], Talk]) -> None:
        assert isinstance(line.settings, Listening)  # noqa: S101 – for the types: only such lines come here
        self.line, self.settings, self._talk = line, line.settings, talk
        self._peers: set[asyncio.Task[None]] = set()
        self._spent: dict[str, float] = {}

    async def run(self) -> None:
        """Listen. Raises OSError when the port can't be had."""
        host = self.settings.host or options.gateway_host or options.host
        server = await asyncio.start_server(self._joined, host, self.settings.port, backlog=1024)
        self.line.health.works()
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for peer in list(self._peers):
                peer.cancel()
            await asyncio.gather(*self._peers, return_exceptions=True)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._peers) >= self.settings.most_peers:
            most = self.settings.most_peers
            self.line.health.wrong(f"连接数已达上限 {most}", f"as many devices are connected as may: {most}")
            writer.close()
            return
        self._peers.add(task)
        self.line.health.joined(1)
        try:
            with suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
                await self._serve(reader, writer)
        except Exception as failure:  # one device's fault must not be everybody's
            self.line.health.wrong(f"一台设备出错：{failure}", f"a device failed: {failure!r}")
        finally:
            self._peers.discard(task)
            self.line.health.joined(-1)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read, take, answer; no faster than the batcher has room."""
        address = writer.get_extra_info("peername") or ("", 0)
        peer, talk, clock = f"{address[0]}:{address[1]}", self._talk(), asyncio.get_running_loop().time
        heard_at, begun = clock(), False
        while True:
            await self.line.batcher.room()
            try:
                chunk = await asyncio.wait_for(reader.read(CHUNK), QUIET_S if begun else self.settings.idle_s)
            except TimeoutError:
                if clock() - heard_at >= self.settings.idle_s:
                    return
                chunk, begun = b"", False
                await self._take(talk, talk.pieces(b""), peer, writer)
                continue
            pieces = talk.pieces(chunk)
            heard_at, begun = clock(), True
            await self._hold_back(str(address[0]), len(pieces))
            await self._take(talk, pieces, peer, writer)
            if not chunk or talk.rubbish > MOST_RUBBISH:
                return

    async def _take(self, talk: Talk, pieces: list[bytes], peer: str, writer: asyncio.StreamWriter) -> None:
        """Hand over all frames of a chunk at once, and answer each, in order, when it is durable."""
        now = asyncio.get_running_loop().time()
        heard = [(piece, talk.heard(piece, now)) for piece in pieces]
        taken = [
            asyncio.ensure_future(self.line.take(one.rows, piece, peer=peer, station=one.station, error=one.error))
            for piece, one in heard
        ]
        for done, (_, one) in zip(taken, heard, strict=True):
            await done
            if one.reply:
                writer.write(one.reply)
                await writer.drain()

    async def _hold_back(self, address: str, frames: int) -> None:
        """Keep one address to its frames a minute: what is too much waits unread in its socket."""
        now = asyncio.get_running_loop().time()
        if len(self._spent) > MOST_ADDRESSES:
            self._spent = {key: end for key, end in self._spent.items() if end > now}
        self._spent[address] = max(self._spent.get(address, 0.0), now) + frames * 60.0 / self.settings.per_peer_min
        ahead = self._spent[address] - now - 60.0
        if ahead > 0:
            await asyncio.sleep(ahead)
