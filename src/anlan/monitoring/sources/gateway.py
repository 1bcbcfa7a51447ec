"""The gateway: one event loop that keeps the HTTP port and all connections up, and follows their changes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import structlog
from django.db import connection

from anlan.kernel.options import options
from anlan.kernel.problem import Problem
from anlan.monitoring.choices import Protocol
from anlan.monitoring.formats.connection_file import ConnectionSpec, check
from anlan.monitoring.sources.batcher import PASSING, Batcher
from anlan.monitoring.sources.health import Health, health_made, health_read, health_write
from anlan.monitoring.sources.http import CODE as HTTP
from anlan.monitoring.sources.http import HttpPort
from anlan.monitoring.sources.line import Line, keep
from anlan.monitoring.sources.log import Log
from anlan.monitoring.sources.metrics import Metrics

LOOK_S, WRITE_S = 1.0, 3.0
TURNS = 3  # every so many writes all rows are written, changed or not
LONGEST_LOOK_S = 30.0  # /healthz complains when connections were not looked at for so long

_ROWS = """
SELECT code, protocol, division, enabled, settings::text, mapping::text FROM monitoring_connection ORDER BY code
"""


class _Set(NamedTuple):
    """A connection as it is set now; equal means: nothing changed."""

    code: str
    protocol: str
    division: str
    enabled: bool
    settings: str
    mapping: str


class Gateway:
    """Takes readings in until `stop`. `http` is the ASGI application of its port."""

    def __init__(self, log: Log, *, gather_s: float | None = None) -> None:
        self.metrics = Metrics()
        more = {} if gather_s is None else {"gather_s": gather_s}
        self.batcher = Batcher(log, self.metrics, most_waiting=options.gateway_waiting, **more)
        self.health: dict[str, Health] = {}
        self._kept: Mapping[str, Mapping[str, Any]] = {}
        self._http_health = Health(HTTP, Protocol.HTTP, "", self.metrics)
        self.http = HttpPort(self.batcher, self._http_health, self.trouble)
        self._set: dict[str, _Set] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="connections")
        self._looked = time.monotonic()

    def start(self) -> None:
        """Begin on the running event loop."""
        self._tasks = [asyncio.create_task(self.batcher.run()), asyncio.create_task(self._follow())]

    async def stop(self, seconds: float = 5.0) -> None:
        """Stop listening and asking, make durable what was taken in, and end."""
        await asyncio.gather(*(self._end(code) for code in list(self._running)))
        await self.batcher.drain(seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._http_health.off()
        with suppress(*PASSING):
            await self._beside(health_write, self.health.values(), self.health)
        self.batcher.close()
        self.http.access.close()
        self._thread.submit(lambda: connection.close())
        self._thread.shutdown(wait=False)

    def trouble(self) -> str:
        """Return what doesn't work as a whole; '' when all does. A device's fault is not the gateway's."""
        if any(task.done() for task in self._tasks):
            return "a part of the gateway has ended"
        if self.batcher.failing:
            return f"readings can't be made durable: {self.batcher.failing}"
        if time.monotonic() - self._looked > LONGEST_LOOK_S:
            return "the connections can't be read"
        return ""

    async def look(self) -> None:
        """Bring what runs in line with what is set."""
        rows = await self._beside(_read)
        if not self.health:
            self._kept = await self._beside(health_read)
            http = health_made(HTTP, Protocol.HTTP, "", self.metrics, self._kept)
            self.health[HTTP] = self.http.health = self._http_health = http
            http.works()
        self._looked = time.monotonic()
        wanted = {row.code: row for row in rows}
        for code in [code for code in self._set if wanted.get(code) != self._set[code]]:
            await self._end(code)
            self._set.pop(code)
            if code not in wanted:
                self.health.pop(code, None)
        for code, row in wanted.items():
            if code not in self._set:
                self._set[code] = row
                self._begin(row)

    def _begin(self, row: _Set) -> None:
        known = self.health.get(row.code)
        counted = {row.code: {name: getattr(known, name) for name in _GOES_ON}} if known else self._kept
        health = self.health[row.code] = health_made(row.code, row.protocol, row.division, self.metrics, counted)
        if not row.enabled:
            health.off()
            return
        try:
            spec = ConnectionSpec(
                row.code, row.protocol, row.division, "-", "-", True, json.loads(row.settings), json.loads(row.mapping)
            )
            settings, mapping = check(spec)
        except Problem as problem:
            health.failed(problem.zh, problem.en)
            return
        line = Line(row.code, row.protocol, row.division, settings, mapping, self.batcher, health)
        self._running[row.code] = asyncio.create_task(keep(line), name=row.code)
        structlog.get_logger().info("gateway.connection_started", connection=row.code, protocol=row.protocol)

    async def _end(self, code: str) -> None:
        task = self._running.pop(code, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        """Look for changes and write health, for ever; a database that is away is waited for."""
        written, turn = 0.0, 0
        while True:
            try:
                await self.look()
                if time.monotonic() - written > WRITE_S:
                    written, turn = time.monotonic(), turn + 1
                    for health in self.health.values() if turn % TURNS == 0 else ():
                        health.changed = True  # rows that aren't written any more say that the gateway is gone
                    await self._beside(health_write, list(self.health.values()), list(self.health))
            except Exception as failure:
                structlog.get_logger().warning("gateway.look_failed", error=repr(failure)[:300])
                await self._beside(lambda: connection.close())
            await asyncio.sleep(LOOK_S)

    async def _beside(self, work: Any, *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)


_GOES_ON = ("error", "error_at", "heard_at", "frames", "readings", "refused", "unknown")


def _read() -> list[_Set]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        return [_Set(*row) for row in cursor.fetchall()]
