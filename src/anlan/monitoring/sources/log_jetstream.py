"""The log in NATS JetStream: one stream per shard, whose sequence is the entry's number.

Durable when `append` returns: every message was confirmed by a stream whose servers sync before they confirm, which is
looked at before the first message and again after every new connection. Nothing is dropped by the server: a full disk
bound refuses new messages instead. It is a way to the database, not a store: what is judged is let go by `trim`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from nats.js.api import Header, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError

from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, Problem
from anlan.monitoring.sources import jetstream_servers as servers
from anlan.monitoring.sources import jetstream_streams as streams
from anlan.monitoring.sources.jetstream_link import Away, Link, again
from anlan.monitoring.sources.jetstream_reader import Reader
from anlan.monitoring.sources.log import Entry

PATIENCE_S = 30.0
ACK_S, ASK_S = 3.0, 6.0
IN_FLIGHT = 128
GIB = 1 << 30
T = TypeVar("T")


class Settings(NamedTuple):
    """Where JetStream is and how streams are made. monitors: one address for each server; most_bytes: of one stream."""

    urls: tuple[str, ...]
    monitors: tuple[str, ...]
    replicas: int
    most_bytes: int
    prefix: str


def settings() -> Settings:
    """Return the settings: servers of the options, or our own ones; Invalid when one can't be used."""
    urls, monitors = _listed(options.nats_url), _listed(options.nats_monitor)
    if not urls:
        urls, monitors = servers.own(options.home_path)
    if not urls:
        raise Invalid(
            code="option.value",
            zh="log = jetstream 需要 NATS：请用 anlan up 启动（自带服务器），或在选项 nats_url 中指定服务器。",
            en="log = jetstream needs NATS: start with anlan up (it brings a server), or name servers in nats_url.",
            field="nats_url",
            value="",
        )
    if options.nats_replicas not in (1, 3):
        raise Invalid(
            code="option.value",
            zh=f"选项 nats_replicas 的值“{options.nats_replicas}”不对，应为 1 或 3。",
            en=f"Option nats_replicas can't be “{options.nats_replicas}”: give 1 or 3.",
            field="nats_replicas",
            value=options.nats_replicas,
        )
    return Settings(urls, monitors, options.nats_replicas, options.nats_stream_gb * GIB, options.nats_prefix)


class JetStreamLog:
    """A durable log of packed readings; `Log` over JetStream. Opens only servers that keep what they confirm."""

    name = "jetstream"

    def __init__(self, given: Settings | None = None) -> None:
        self.settings = given or settings()
        self.link = Link(self.settings.urls)
        self.verified: set[str] = servers.verify(self.settings.monitors)
        self._streams: dict[int, tuple[int, StreamInfo]] = {}
        self._readers: dict[int, Reader] = {}

    def append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        """Add messages; returns when each is on disk at its servers. Away after half a minute: send the same again."""
        if messages:
            self._do(self._append(messages))

    def read(self, shard: int, after: int, *, most: int, wait_s: float = 0.0) -> list[Entry]:
        """Return the next entries in order; waits for the first. LogGap when after + 1 is gone."""
        return self._do(self._read(shard, after, most, wait_s), wait_s)

    def head(self, shard: int) -> int:
        """Return the number of the newest message; 0 for an empty log."""
        return self._do(self._info(shard)).state.last_seq

    def first(self, shard: int) -> int:
        """Return the number of the oldest message kept; head + 1 when none is."""
        return self._do(self._info(shard)).state.first_seq or 1

    def trim(self, shard: int, upto: int) -> None:
        """Let go of messages up to this number."""
        self._do(self._trim(shard, upto))

    def identity(self, shard: int) -> str:
        """Return what tells this shard's stream from another one made later under the same name (≤ 12 characters)."""
        return streams.identity(self._do(self._stream(shard)))

    def examine(self, shard: int) -> StreamInfo | None:
        """Look at the shard's stream without making one; raises what keeps it from being used."""

        async def ask() -> StreamInfo | None:
            with suppress(NotFoundError):
                return await (await self.link.jetstream()).stream_info(self._name(shard))
            return None

        info = self._do(ask())
        if info is not None:
            streams.refuse(info.config, self._wanted(shard))
            servers.cover(self._name(shard), streams.peers(info), self.verified)
        return info

    def probe(self) -> float:
        """Write a message to a stream of its own; return the seconds until it was confirmed."""
        began = time.monotonic()
        self._do(self._probe())
        return time.monotonic() - began

    def close(self) -> None:
        """Leave the servers."""
        self.link.close()

    def _do(self, work: Coroutine[Any, Any, T], wait_s: float = 0.0) -> T:
        return self.link.run(work, PATIENCE_S + wait_s + 15.0)

    async def _append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        end = asyncio.get_running_loop().time() + PATIENCE_S
        for shard in sorted({shard for shard, _ in messages}):
            await self._stream(shard)
        gate = asyncio.Semaphore(IN_FLIGHT)
        work = (self._put(shard, body, gate, end) for shard, body in messages)
        for failure in await asyncio.gather(*work, return_exceptions=True):
            if failure is not None:
                raise failure

    async def _put(self, shard: int, body: bytes, gate: asyncio.Semaphore, end: float) -> None:
        """Publish one message, under the same id until it is confirmed."""
        headers: dict[str, Any] = {Header.MSG_ID.value: hashlib.sha256(body).hexdigest()}

        async def publish() -> None:
            js = await self.link.jetstream()
            await js.publish(self._subject(shard), body, timeout=ACK_S, stream=self._name(shard), headers=dict(headers))

        async with gate:
            await again(publish, "保存 / store", end)

    async def _read(self, shard: int, after: int, most: int, wait_s: float) -> list[Entry]:
        await self._stream(shard)
        reader = self._readers.get(shard)
        if reader is None:
            reader = self._readers[shard] = Reader(self.link, self._name(shard), shard)
        return await reader.read(after, most=most, wait_s=wait_s)

    async def _info(self, shard: int) -> StreamInfo:
        await self._stream(shard)

        async def ask() -> StreamInfo:
            return await (await self.link.jetstream()).stream_info(self._name(shard))

        # whoever asks may hold a lock meanwhile, so it isn't asked for long
        return await again(ask, "查询 / tell", asyncio.get_running_loop().time() + ASK_S)

    async def _trim(self, shard: int, upto: int) -> None:
        await self._stream(shard)

        async def purge() -> None:
            await (await self.link.jetstream()).purge_stream(self._name(shard), seq=upto + 1)

        await again(purge, "清理 / trim", asyncio.get_running_loop().time() + PATIENCE_S)

    async def _probe(self) -> None:
        await streams.probe(await self.link.jetstream(), replicas=self.settings.replicas, seconds=ACK_S)

    async def _stream(self, shard: int) -> StreamInfo:
        """Return the shard's stream, made if missing; after every new connection it is looked at again."""
        turn, known = self._streams.get(shard, (-1, None))
        if known is not None and turn == self.link.turns:
            return known

        async def make() -> StreamInfo:
            return await streams.made(await self.link.jetstream(), self._wanted(shard))

        loop = asyncio.get_running_loop()
        info = await again(make, "打开流 / open the stream", loop.time() + PATIENCE_S, final=(Problem,))
        turn = self.link.turns
        if known is not None:  # another connection: another server, or the same one with another configuration
            self.verified = await loop.run_in_executor(None, servers.verify, self.settings.monitors)
        servers.cover(self._name(shard), streams.peers(info), self.verified)
        if known is not None and streams.identity(known) != streams.identity(info):
            raise Away("继续 / go on", f"the stream {self._name(shard)} was made anew")
        self._streams[shard] = (turn, info)
        return info

    def _wanted(self, shard: int) -> StreamConfig:
        names = self._name(shard), self._subject(shard)
        return streams.wanted(*names, replicas=self.settings.replicas, most_bytes=self.settings.most_bytes)

    def _name(self, shard: int) -> str:
        return f"{self.settings.prefix.upper()}{shard}"

    def _subject(self, shard: int) -> str:
        return f"{self.settings.prefix}.{shard}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
