"""A gateway that runs in a thread beside the test, with a log that can be held shut, and what to ask of it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import uvicorn

from anlan.kernel.actor import Actor
from anlan.monitoring.formats.connection_file import ConnectionSpec
from anlan.monitoring.formats.packed import unpack
from anlan.monitoring.models import Frame, LogEntry, Series
from anlan.monitoring.services.connections import connection_save
from anlan.monitoring.services.frames import frame_body
from anlan.monitoring.services.stations import SeriesSpec, StationSpec, stations_register
from anlan.monitoring.sources.gateway import Gateway
from anlan.monitoring.sources.log_postgres import PostgresLog

BY = Actor.system("test")
T = TypeVar("T")


class HeldLog(PostgresLog):
    """The real log; `open` cleared holds every append, `broken` makes it fail as if the database were away."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.broken, self.tried = threading.Event(), False, 0
        self.open.set()

    def append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        self.tried += 1
        if not self.open.wait(60):
            raise OSError("held too long")
        if self.broken:
            raise OSError("the database is away")
        super().append(messages)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(found: Callable[[], T], what: str = "", seconds: float = 30.0) -> T:
    """Wait until `found` gives something true, and return it."""
    end = time.monotonic() + seconds
    while True:
        got = found()
        if got:
            return got
        assert time.monotonic() < end, f"never came: {what or found}"
        time.sleep(0.02)


class Running:
    """The gateway in its own thread and event loop."""

    def __init__(self, log: HeldLog) -> None:
        self.log, self.port, self.loop = log, free_port(), asyncio.new_event_loop()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._begun.wait(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self.gateway, self._stop = Gateway(self.log), asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.gateway.http(scope, receive, send)

        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        self.gateway.start()
        serving = asyncio.create_task(server._serve())
        while not server.started:
            await asyncio.sleep(0.01)
        self._begun.set()
        await self._stop.wait()
        server.should_exit = True
        await serving
        await self.gateway.stop(2.0)

    def stop(self) -> None:
        self.log.open.set()
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def up(self, code: str) -> None:
        """Wait until a connection works."""
        until(lambda: code in self.gateway.health and self.gateway.health[code].state == "up", f"{code} up")

    def state(self, code: str) -> Any:
        return self.gateway.health.get(code)


def station(code: str, metric: str = "rain_mm", *more: str, division: str = "410183108") -> StationSpec:
    kind = "rain" if metric == "rain_mm" else "level" if metric.endswith("_m") else "other"
    return StationSpec(
        code=code, name_zh=code, name_en=code, kind=kind, metric=metric, lon=113.5, lat=34.6, division=division,
        series=tuple(SeriesSpec(element) for element in more),
    )  # fmt: skip


def registered(*stations: StationSpec) -> None:
    stations_register(by=BY, stations=stations)


def connected(code: str, protocol: str, settings: dict[str, Any], mapping: dict[str, Any] | None = None,
              division: str = "41") -> None:  # fmt: skip
    spec = ConnectionSpec(code, protocol, division, code, code, True, settings, mapping or {})
    connection_save(by=BY, spec=spec)


def logged() -> list[tuple[str, str, int, float, int]]:
    """What is durable in the log: (station, element, µs, value, quality), in the log's order."""
    names = {s.number: (s.station.code, s.element) for s in Series.objects.select_related("station")}
    rows = []
    for entry in LogEntry.objects.order_by("shard", "number"):
        c = unpack(bytes(entry.body)).columns
        for number, at, value, quality in zip(*(column.tolist() for column in c), strict=True):
            rows.append((*names[number], at, value, quality))
    return rows


def frames(**which: Any) -> list[tuple[str, bytes, int, str]]:
    """Kept evidence: (station, body, readings, error)."""
    found = Frame.objects.filter(**which).order_by("number")
    return [(f.station, frame_body(bytes(f.body), f.packed), f.readings, f.error) for f in found]
