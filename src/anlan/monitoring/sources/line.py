"""One connection at work: what every source is given, and how it hands over what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.monitoring.formats.connection_settings import Mapping, Settings
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.services.frames import FrameIn
from anlan.monitoring.sources.batcher import Answer, Batcher
from anlan.monitoring.sources.health import Health

FIRST_PAUSE_S, LONGEST_PAUSE_S, WELL_S = 0.5, 30.0, 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """A connection: its settings and mapping, where its readings go, and its health. reach: prefix of the divisions
    whose stations it may feed."""

    code: str
    protocol: str
    reach: str
    settings: Settings
    mapping: Mapping
    batcher: Batcher
    health: Health

    async def take(self, rows: Sequence[Row], body: bytes, *, peer: str, station: str = "", error: str = "") -> Answer:
        """Return when readings and frame are durable; counts them. `error`: why the frame was not understood."""
        code = station or (rows[0][0] if rows and all(row[0] == rows[0][0] for row in rows) else "")
        frame = FrameIn(clock.now(), self.protocol, peer, code, "", body, 0, error)
        source = f"{self.protocol}:{self.code}"
        answer = await self.batcher.offer(rows, frame, source=source, reach=(self.reach,))
        self.health.took(peer, answer, understood=not error)
        return answer

    async def take_polled(self, rows: Sequence[Row]) -> Answer:
        """Return when readings that we asked for are durable: there is no frame to keep."""
        answer = await self.batcher.offer(rows, None, source=f"{self.protocol}:{self.code}", reach=(self.reach,))
        self.health.took(self.code, answer)
        return answer


Run = Callable[[Line], Awaitable[None]]
_RUNS = {
    "sl651": "sl651_port", "hj212": "hj212_port", "mqtt": "mqtt", "modbus": "modbus", "opcua": "opcua", "file": "folder",
}  # fmt: skip


async def keep(line: Line) -> None:
    """Keep a connection up until cancelled: a fault is noted and tried again, later and later."""
    pause, tick = FIRST_PAUSE_S, asyncio.get_running_loop().time
    while True:
        started = tick()
        try:
            run: Run = import_module(f"anlan.monitoring.sources.{_RUNS[line.protocol]}").run
            await run(line)
            line.health.failed("连接已断开，正在重连", "the connection ended; connecting again")
        except Problem as problem:
            line.health.failed(problem.zh, problem.en)
        except Exception as failure:
            text = str(failure) or type(failure).__name__
            line.health.failed(f"{text}；正在重试", f"{text}; trying again")
        pause = FIRST_PAUSE_S if tick() - started > WELL_S else pause
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
