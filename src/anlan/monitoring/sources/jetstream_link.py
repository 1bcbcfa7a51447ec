"""A connection to NATS on an event loop of its own, in a thread; plain functions call through it."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from typing import Any, TypeVar

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from anlan.kernel.problem import Unavailable

log = structlog.get_logger()
T = TypeVar("T")
CONNECT_S, OPEN_S, API_S = 2, 5.0, 3.0
TELL_EVERY_S = 30.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
PASSING = (
    nats.js.errors.NoStreamResponseError,  # 503 at once while no leader is elected
    nats.js.errors.APIError,
    nats.errors.Error,
    OSError,
    TimeoutError,
    asyncio.TimeoutError,
)


class Away(Unavailable):
    """JetStream did not do what was asked within the patience given; `last` is the last thing it said."""

    def __init__(self, what: str, last: BaseException | str) -> None:
        said = str(last) or type(last).__name__
        super().__init__(
            code="log.away",
            zh=f"JetStream 未能{what}：{said}；请用 anlan doctor 查看 NATS 服务器与磁盘，稍后原样重发。",
            en=f"JetStream failed ({what}): {said}. See its servers and their disks with anlan doctor; send the same again.",
            field="log",
            value="jetstream",
        )


class Link:
    """One connection, made when first needed and again whenever it breaks. `turns` counts the connections made."""

    def __init__(self, urls: Sequence[str], *, stubborn: bool = True) -> None:
        self.urls, self.stubborn, self.turns = list(urls), stubborn, 0
        self._client: Client | None = None
        self._opening: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._start = threading.Lock()
        self._told = -TELL_EVERY_S

    def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Do asynchronous work to its end from a plain thread; Away when it takes longer than `seconds` or the link is
        closed meanwhile."""
        with self._start:  # what is handed over under the lock, close() finds and breaks off
            future = asyncio.run_coroutine_threadsafe(work, self._looping())
        try:
            return future.result(seconds)
        except (Late, TimeoutError):
            future.cancel()
            raise Away("应答 / answer", "timeout") from None
        except CancelledError:
            raise Away("应答 / answer", "closed meanwhile") from None

    def _looping(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="jetstream", daemon=True).start()
        return self._loop

    async def client(self) -> Client:
        """Return the connection; raises what connecting raises."""
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            if self._client is None or self._client.is_closed:
                client = Client()
                opening = client.connect(
                    self.urls, name="anlan", connect_timeout=CONNECT_S, allow_reconnect=self.stubborn,
                    max_reconnect_attempts=-1 if self.stubborn else 1, reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it only sleeps so long
                    ping_interval=3,
                    max_outstanding_pings=2, error_cb=self._failed, reconnected_cb=self._again,
                )  # fmt: skip
                await asyncio.wait_for(opening, OPEN_S)  # by itself it would try for ever
                self._client, self.turns = client, self.turns + 1
            return self._client

    async def jetstream(self) -> JetStreamContext:
        """Return JetStream on the connection."""
        return (await self.client()).jetstream(timeout=API_S)

    async def _again(self) -> None:
        self.turns += 1

    async def _failed(self, failure: Exception) -> None:
        """Tell of a lost connection; of the tries to get it back only now and then."""
        now = asyncio.get_running_loop().time()
        if self.stubborn and now - self._told > TELL_EVERY_S:
            self._told = now
            log.warning("jetstream.connection", error=f"{type(failure).__name__}: {failure}")

    def close(self) -> None:
        """Leave the servers and end the thread; work that still waits is broken off."""
        with self._start:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        with suppress(Exception):
            asyncio.run_coroutine_threadsafe(self._leave(), loop).result(API_S)
        loop.call_soon_threadsafe(loop.stop)

    async def _leave(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if self._client is not None and not self._client.is_closed:
            with suppress(*PASSING):
                await self._client.close()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def again(
    work: Callable[[], Awaitable[T]], what: str, end: float, *, final: tuple[type[Exception], ...] = ()
) -> T:
    """Do work until it succeeds, backing off; Away when the loop's time `end` is passed. final: errors to let through."""
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except final:
            raise
        except PASSING as failure:
            if loop.time() + pause > end:
                raise Away(what, failure) from failure
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads those who wait
        pause = min(pause * 2, LONGEST_PAUSE_S)
