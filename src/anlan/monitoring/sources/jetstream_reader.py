"""Reads one stream in order from a number on, without gaps: an ephemeral pull consumer that acknowledges nothing.

The database's offset is the only truth about how far was read, so the server keeps none. What was lost on the way to us
(a broken connection, a new leader) shows in the consumer's own numbers and is fetched again; a number that is missing
in the stream itself is a LogGap.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from anlan.monitoring.sources.jetstream_link import PASSING, Away, Link, again
from anlan.monitoring.sources.log import Entry, LogGap

BATCH, BATCH_BYTES = 512, 8_000_000
EXPIRES_S, BEAT_S, SILENT_S = 5.0, 1.0, 4.0
IDLE_S = 60.0
PATIENCE_S, REPLACED_S, NEAR_S = 10.0, 6.0, 0.2
_NANO = 1_000_000_000
_HEARTBEAT = "100"


class Reader:
    """The reading end of one stream. `position`: number of the entry given out last."""

    def __init__(self, link: Link, stream: str, shard: int) -> None:
        self.link, self.stream, self.shard = link, stream, shard
        self.position = -1
        self._queue: deque[Entry] = deque()
        self._news = asyncio.Event()
        self._inbox: Subscription | None = None
        self._consumer = ""
        self._delivered = 0  # the consumer's own count of what it sent
        self._open_requests = 0
        self._heard = 0.0
        self._broken = True

    async def read(self, after: int, *, most: int, wait_s: float) -> list[Entry]:
        """Return the next entries after `after`, waiting for the first up to `wait_s`; Away, LogGap as the Log says."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s
        patience = loop.time() + max(wait_s, PATIENCE_S)
        if after != self.position:
            self._broken = True
            self._queue.clear()
            self.position = after
        while not self._queue:
            if self._broken or loop.time() - self._heard > SILENT_S:
                await again(self._begin, "打开读取 / open for reading", patience, final=(LogGap, Away))
            await self._pull()
            left = end - loop.time()
            if left <= 0:
                if await again(self._end, "查询 / tell", patience, final=(LogGap, Away)) == self.position:
                    return []
                if loop.time() > patience:
                    raise Away("读取 / read", "it tells of more than it sends")
                left = NEAR_S
            await self._listen(min(left, BEAT_S))
        return self._take(most)

    async def _listen(self, seconds: float) -> None:
        """Wait for something to come in."""
        if not self._queue:
            self._news.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)

    def _take(self, most: int) -> list[Entry]:
        taken = [self._queue.popleft() for _ in range(min(most, len(self._queue)))]
        for wanted, entry in enumerate(taken, start=self.position + 1):
            if entry.number != wanted:
                self._broken = True
                self._queue.clear()
                raise LogGap(self.shard, wanted, entry.number)
        self.position = taken[-1].number
        return taken

    async def _begin(self) -> None:
        """Make a new consumer that starts right after `position`."""
        await self.close()
        js = await self.link.jetstream()
        await self._end()
        client = await self.link.client()
        self._inbox = await client.subscribe(client.new_inbox(), cb=self._hear)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self.position + 1, ack_policy=AckPolicy.NONE,
            mem_storage=True, num_replicas=1, inactive_threshold=IDLE_S, max_waiting=4,
        )  # fmt: skip
        made = await js.add_consumer(self.stream, config)
        self._consumer, self._delivered, self._open_requests = made.name or "", 0, 0
        self._heard, self._broken = asyncio.get_running_loop().time(), False

    async def _end(self) -> int:
        """Return the stream's last number; one before what was judged is refused, when the leader had time to catch up."""
        loop = asyncio.get_running_loop()
        end = loop.time() + REPLACED_S
        js = await self.link.jetstream()
        while (last := (await js.stream_info(self.stream)).state.last_seq) < self.position:
            if loop.time() > end:
                raise LogGap(self.shard, self.position + 1, last)
            await asyncio.sleep(0.5)
        return last

    async def _pull(self) -> None:
        """Keep one request for more open at the server."""
        if self._open_requests > 0 or self._inbox is None:
            return
        request = {
            "batch": BATCH, "max_bytes": BATCH_BYTES, "expires": int(EXPIRES_S * _NANO),
            "idle_heartbeat": int(BEAT_S * _NANO),
        }  # fmt: skip
        self._open_requests = BATCH
        client = await self.link.client()
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self._consumer}"
        try:
            await client.publish(subject, json.dumps(request).encode(), reply=self._inbox.subject)
        except PASSING:
            self._broken = True

    async def _hear(self, message: Msg) -> None:
        """Take one message or status of the open request."""
        self._heard = asyncio.get_running_loop().time()
        status = (message.headers or {}).get("Status") if not message.reply else None
        if status == _HEARTBEAT:
            return
        if status is not None:
            said = (message.headers or {}).get("Description", "")
            self._open_requests = 0
            if not (status == "408" or (status == "409" and "MaxBytes" in said) or status == "404"):
                self._broken = True  # the consumer is gone, or its leader: a new one begins where we are
        elif not self._broken:
            numbers = message.metadata.sequence
            if numbers.consumer != self._delivered + 1:
                self._broken = True
            else:
                self._delivered += 1
                self._open_requests -= 1
                self._queue.append(Entry(numbers.stream, message.data))
        self._news.set()

    async def close(self) -> None:
        """Let go of the consumer; the server forgets it by itself if it can't be told."""
        inbox, self._inbox, self._broken = self._inbox, None, True
        if inbox is not None:
            with suppress(*PASSING, Exception):
                await inbox.unsubscribe()
            with suppress(*PASSING):
                js = await self.link.jetstream()
                await asyncio.wait_for(js.delete_consumer(self.stream, self._consumer), 0.5)
