"""All ways out of a node at work: follows their settings, wakes them when something is queued, matches receipts, trims.

One sender a way out, in the whole system: who holds the database's advisory lock of a way runs it. The lock goes with the
connection, so a killed sender's ways are free at once; who loses the connection stops.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.options import options
from anlan.warning.channels.outbox import NOTICE
from anlan.warning.channels.runner import Runner
from anlan.warning.models import ChannelSetting, InboxItem
from anlan.warning.services.inbox import receipts_match
from anlan.warning.services.outbox import outbox_trim

log = structlog.get_logger()
THREADS, LOOK_S, MATCH_S, TRIM_S = 3, 2.0, 0.3, 600.0
HELD_S = 0.25  # a way that a dead sender still holds is free as soon as the database hears of the death
STOP_S = 6.0


@dataclass
class PostRoom:
    """Runs every enabled way out until `stop`. `alive`: when it last came round (monotonic)."""

    folder: Path
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    alive: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sender")
        self._runners: dict[UUID, tuple[Runner, asyncio.Task[None], tuple[Any, ...]]] = {}
        self._notice = asyncio.Event()

    async def desk(self, act: Any, *values: Any, **words: Any) -> Any:
        """Run a service in a thread of ours."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: _act(act, values, words))

    async def run(self) -> None:
        """Work until told to stop; a lost database is waited out."""
        pause = 0.2
        while not self.stop.is_set():
            try:
                async with (
                    await psycopg.AsyncConnection.connect(**address(), autocommit=True) as ear,
                    await psycopg.AsyncConnection.connect(**address(), autocommit=True) as locks,
                ):
                    await ear.execute(f"LISTEN {NOTICE}")
                    pause = 0.2
                    await self._work(ear, locks)
            except (psycopg.Error, OperationalError, InterfaceError) as failure:
                log.warning("senders.waiting", error=f"{type(failure).__name__}: {failure}")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), pause)
                pause, self.alive = min(pause * 2, 5.0), time.monotonic()
            finally:
                await self._stop_all()
        gate = threading.Barrier(THREADS)
        await asyncio.gather(*(self.desk(_close, gate) for _ in range(THREADS)))
        self._threads.shutdown(wait=True)

    async def _work(self, ear: psycopg.AsyncConnection[Any], locks: psycopg.AsyncConnection[Any]) -> None:
        looked = matched = trimmed = 0.0
        pause = LOOK_S
        listening = asyncio.create_task(self._listen(ear))
        try:
            while not self.stop.is_set():
                now = self.alive = time.monotonic()
                if listening.done():
                    listening.result()
                    return
                if now - looked >= pause or self._notice.is_set():
                    looked = now
                    self._notice.clear()
                    pause = LOOK_S if await self._follow(locks) else HELD_S
                if now - matched >= MATCH_S:
                    matched = now
                    await self.desk(_match)
                if now - trimmed >= TRIM_S:
                    trimmed = now
                    await self.desk(_trim)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._notice.wait(), MATCH_S)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, psycopg.Error):
                await listening

    async def _listen(self, ear: psycopg.AsyncConnection[Any]) -> None:
        """Wake everybody at a notice."""
        async for _ in ear.notifies():
            for runner, _task, _key in self._runners.values():
                runner.wake.set()
            self._notice.set()

    async def _follow(self, locks: psycopg.AsyncConnection[Any]) -> bool:
        """Start the ways that are new or changed and free, end those that are no more; tell whether all are ours."""
        wanted = {row.id: row for row in await self.desk(_ways)}
        for ident in list(self._runners):
            _runner, task, key = self._runners[ident]
            if ident not in wanted or key != _key(wanted[ident]) or task.done():
                await self._end(ident)
                await locks.execute("SELECT pg_advisory_unlock(%s)", [_lock(ident)])
        for ident, row in wanted.items():
            if ident in self._runners:
                continue
            got = await (await locks.execute("SELECT pg_try_advisory_lock(%s)", [_lock(ident)])).fetchone()
            if got is not None and got[0]:
                runner = Runner(row, self.desk, self.folder)
                self._runners[ident] = (runner, asyncio.create_task(runner.run()), _key(row))
                log.info("sender.started", channel=row.code, kind=row.kind)
        await locks.execute("SELECT 1")  # who holds no locks any more must not go on
        return wanted.keys() == self._runners.keys()

    async def _end(self, ident: UUID) -> None:
        runner, task, _ = self._runners.pop(ident)
        runner.stop.set()
        runner.wake.set()
        done, _ = await asyncio.wait([task], timeout=STOP_S)
        if not done:
            task.cancel()
        elif task.exception() is not None:
            log.error("sender.ended", channel=runner.setting.code, error=repr(task.exception()))

    async def _stop_all(self) -> None:
        for runner, _task, _key in self._runners.values():
            runner.stop.set()
            runner.wake.set()
        for ident in list(self._runners):
            await self._end(ident)


def _key(row: ChannelSetting) -> tuple[Any, ...]:
    return (row.code, row.kind, repr(row.settings), row.rate_per_s, row.window, row.tries, row.backoff_s,
            row.in_doubt, repr(row.instead), row.cost_fen, row.carries)  # fmt: skip


def _lock(way: UUID) -> int:
    return int.from_bytes(way.bytes[8:], signed=True)


def _act(act: Any, values: Any, words: Any) -> Any:
    try:
        return act(*values, **words)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    finally:
        close_old_connections()


def _close(gate: threading.Barrier) -> None:
    """Close the connection of one thread; nobody goes before all are here, so that it is each one's own."""
    gate.wait(STOP_S)
    connection.close()


def _ways() -> list[ChannelSetting]:
    """The ways out to run; in a drill none (law 7)."""
    if drill_state() is not None or options.drill:
        return []
    return list(ChannelSetting.objects.filter(enabled=True).order_by("code"))


def _match() -> None:
    if InboxItem.objects.exists():
        receipts_match()


def _trim() -> None:
    now = clock.now()
    while outbox_trim(before=now - timedelta(days=30), oldest=now - timedelta(days=60)):
        pass


def address() -> dict[str, Any]:
    """How psycopg reaches the database."""
    params = dict(connection.get_connection_params())
    return {name: value for name, value in params.items() if name in ("host", "port", "dbname", "user", "password")}
