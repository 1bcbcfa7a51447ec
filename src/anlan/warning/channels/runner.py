"""One way out at work: takes its messages from the queue, hands them over at its rate, writes what became of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from anlan.kernel import ids
from anlan.kernel.problem import Problem
from anlan.warning.channels.flight import Flight
from anlan.warning.channels.gateway import UNSENT, Gateway, Lost, Parcel, Receipt, Reply, Result
from anlan.warning.channels.outcomes import outcome, untried
from anlan.warning.channels.parcels import Parcels
from anlan.warning.channels.registry import gateway_of
from anlan.warning.engine import channel_health as health
from anlan.warning.models import ChannelSetting
from anlan.warning.services.inbox import receipts_put, reply_take
from anlan.warning.services.outbox import Outcome, outbox_blocks_clear, outbox_claim, outbox_taken, outbox_write
from anlan.warning.services.ways import way_stands

log = structlog.get_logger()
CLAIM, CLAIM_S, FLUSH, FLUSH_S, IDLE_S, DOWN_S = 4000, 1.0, 1000, 0.2, 1.0, 1.0
SLICE_S, FIRST = 0.05, 200
Desk = Callable[..., Awaitable[Any]]
"""Runs a service in a thread that has a database connection."""


@dataclass
class Runner:
    """A way out. `desk` runs services; `wake` is set when something was queued; `stop` ends it after what is in the
    air has landed."""

    setting: ChannelSetting
    desk: Desk
    folder: Path
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    worker: UUID = field(default_factory=ids.new_id)
    standing: health.Standing = field(default_factory=health.Standing)
    probe_s: float = 10.0

    def __post_init__(self) -> None:
        self.parcels = Parcels(self.setting, self.desk)
        self.gateway: Gateway | None = None
        self.open = self.unsure = False
        self.appetite = FIRST  # the first are taken few at a time, so that they are out at once
        self.air: dict[tuple[int, int], Parcel] = {}  # taken, and not yet written what became of them
        self.handed: set[tuple[int, int]] = set()  # of these, the ones the gateway has said nothing of
        self.blocks: Counter[int] = Counter()  # how many of each block we took are in the air
        self.results: list[Result] = []
        self._unwritten: list[Result] = []
        self.landed = asyncio.Event()
        self.free_at = time.monotonic()

    async def run(self) -> None:
        """Work until told to stop; a lost database or gateway is waited out."""
        self.flight = Flight(self.folder / f"{self.setting.code}.flight", self.worker)
        await self._patiently(self._adopt)
        self.flight.start()
        writer = asyncio.create_task(self._writing())
        try:
            while not self.stop.is_set():
                await self._patiently(self._round)
        finally:
            self.stop.set()
            self.landed.set()
            await writer
            if self.gateway is not None:
                await self.gateway.close()
            self.flight.close()

    async def _patiently(self, act: Callable[[], Awaitable[None]]) -> None:
        pause = 0.2
        while True:
            try:
                return await act()
            except (OperationalError, InterfaceError, Problem, OSError) as failure:
                log.warning("sender.waiting", channel=self.setting.code, error=f"{type(failure).__name__}: {failure}")
                self.unsure = True
                await _within(self.stop, pause)
                pause = min(pause * 2, 5.0)
                if self.stop.is_set():
                    return None

    async def _round(self) -> None:
        if self.unsure:  # the database went away in the middle: what we took may not be what we know of
            await self._adopt()
        if not self.open and not await self._open():
            return
        if self.standing.state == "down" and await self._tried_again():
            return
        self.wake.clear()
        most = max(1, min(CLAIM, int(self.setting.rate_per_s * CLAIM_S), self.appetite))
        most = 1 if self.standing.state == "trying" else most
        taken = await self.desk(outbox_claim, setting=self.setting.id, worker=self.worker, most=most)
        self.blocks.update(one.block for one in taken)
        first = self.appetite == FIRST
        self.appetite = min(CLAIM, 4 * self.appetite) if taken else FIRST
        if taken:
            await self._send(await self.parcels.made(taken))
            if first:
                self.landed.set()  # after a silence, what became of the first is written at once
        else:
            await _within(self.wake, IDLE_S)

    async def _open(self) -> bool:
        """Connect; when that fails often enough the way is down and its messages go another way."""
        try:
            if self.gateway is None:
                self.gateway = gateway_of(self.setting, self._told, self.desk)
            await self.gateway.open()
        except (Lost, OSError, TimeoutError, Problem) as failure:
            self.standing = health.after_loss(self.standing)
            if self.standing.state == "down":
                await self._tell(str(failure))
            await _within(self.stop, health.reconnect_after(self.standing))
            return False
        self.open = True
        before, self.standing = self.standing, health.after_open(self.standing)
        if before.state != self.standing.state:
            await self._tell("")
        return True

    async def _tried_again(self) -> bool:
        """A way that lets us in but takes nothing is left alone for a while; its messages go another way."""
        until = time.monotonic() + self.probe_s
        while time.monotonic() < until and not self.stop.is_set():
            await self._tell("")
            await _within(self.stop, DOWN_S)
        self.probe_s = min(self.probe_s * 2, health.LONGEST_S)
        self.standing = health.Standing("trying", bad=health.BAD_MOST - 1)
        return self.stop.is_set()

    async def _tell(self, error: str) -> None:
        """Write how the way stands; a way that is down lets go of what waits for it, every time it is told."""
        state = "down" if self.standing.state == "down" else "up"
        await self.desk(way_stands, setting=self.setting, state=state, error=error[:200])

    async def _send(self, parcels: Sequence[Parcel]) -> None:
        """Hand parcels over, no faster than the rate allows and no more in the air than two windows."""
        assert self.gateway is not None  # noqa: S101 - for the types
        step = max(1, min(self.setting.window, int(self.setting.rate_per_s * SLICE_S) or 1, len(parcels)))
        step = len(parcels) if self.setting.kind == "loopback" else step
        tasks: set[asyncio.Task[None]] = set()
        for first in range(0, len(parcels), step):
            part = parcels[first : first + step]
            await self._paced(len(part))
            while len(self.air) + len(part) > 2 * self.setting.window and tasks and self.open:
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not self.open or self.stop.is_set():
                self._up(part)
                for parcel in part:
                    self._done(Result(parcel.id, parcel.fence, "retry", error=UNSENT), sent=False)
                continue
            self.flight.begun(part)
            self._up(part)
            tasks.add(asyncio.create_task(self._hand(part)))
        if tasks:
            await asyncio.wait(tasks)

    def _up(self, part: Sequence[Parcel]) -> None:
        keys = [(parcel.id, parcel.fence) for parcel in part]
        self.air.update(zip(keys, part, strict=True))
        self.handed.update(keys)

    async def _hand(self, part: Sequence[Parcel]) -> None:
        assert self.gateway is not None  # noqa: S101 - for the types
        why = "the gateway did not answer"
        try:
            await self.gateway.send(part, self._done)
        except (Lost, OSError, TimeoutError) as failure:
            why = str(failure)
            await self._lost(why)
        except Exception as failure:
            why = f"{type(failure).__name__}: {failure}"
            log.exception("sender.failed", channel=self.setting.code)
        for parcel in part:
            if (parcel.id, parcel.fence) in self.handed:
                self._done(Result(parcel.id, parcel.fence, "gone", error=why[:180]))

    async def _lost(self, why: str) -> None:
        if self.open:
            self.open = False
            log.warning("sender.lost", channel=self.setting.code, error=why)

    async def _paced(self, count: int) -> None:
        """Wait until the rate allows `count` more."""
        now = time.monotonic()
        self.free_at = max(self.free_at, now)
        if self.free_at > now + 0.001:
            await asyncio.sleep(self.free_at - now)
        self.free_at += count / self.setting.rate_per_s

    def _done(self, result: Result, *, sent: bool = True) -> None:
        """Take what became of a parcel. The flight file hears of it at once, so that little is ever in doubt; of the
        loop-back, which sends nothing, with the batch."""
        key = (result.id, result.fence)
        if key not in self.handed:
            return  # it was said already
        self.handed.discard(key)
        self.results.append(result)
        if sent and self.setting.kind == "loopback":
            self._unwritten.append(result)
        elif sent:
            self.flight.answered([result])
        if len(self.results) >= FLUSH:
            self.landed.set()

    async def _writing(self) -> None:
        """Write results in batches until the end; the flight file is cleared when nothing is in the air."""
        while not (self.stop.is_set() and not self.air):
            await _within(self.landed, FLUSH_S)
            self.landed.clear()
            if self.results:
                await self._patiently(self._write)

    async def _write(self) -> None:
        batch = self.results[:]
        if self._unwritten:
            self.flight.answered(self._unwritten)
            self._unwritten.clear()
        outcomes = [self._outcome(result) for result in batch]
        counted = Counter(self.air[result.id, result.fence].block for result in batch)
        landed = [block for block, count in counted.items() if self.blocks[block] <= count]
        await self.desk(outbox_write, setting=self.setting, worker=self.worker, outcomes=outcomes, landed=landed)
        del self.results[: len(batch)]
        for result in batch:
            del self.air[result.id, result.fence]
        self.blocks -= counted
        if not self.air:
            self.flight.clear()
        await self._judge(batch)

    async def _judge(self, batch: Sequence[Result]) -> None:
        good = sum(result.state in ("handed", "delivered", "failed") for result in batch)
        bad = [result for result in batch if result.state in ("retry", "gone") and result.error != UNSENT]
        before, self.standing = self.standing, health.after_results(self.standing, good=good, bad=len(bad))
        if good:
            self.probe_s = 10.0
        if before.state != self.standing.state:
            await self._tell(bad[-1].error if bad else "")

    def _outcome(self, result: Result) -> Outcome:
        parcel = self.air.get((result.id, result.fence))
        return outcome(self.setting, result, parcel.tries if parcel is not None else 1)

    async def _adopt(self) -> None:
        """Deal with what forerunners had taken: what they never handed over goes back, what was answered is written,
        what is in doubt goes by the setting."""
        left = self.flight.left
        by_worker: dict[UUID | None, list[Outcome]] = {}
        for ident, fence, worker in await self.desk(outbox_taken, setting=self.setting.id):
            key = (ident, fence)
            if worker == self.worker:
                if key not in self.air:
                    by_worker.setdefault(worker, []).append(untried(ident, fence))
                continue
            ours = left.worker == worker
            if ours and key in left.answered:
                found = outcome(self.setting, left.answered[key], 1)
            elif (ours and key not in left.begun) or self.setting.in_doubt == "repeat":
                found = untried(ident, fence)
            else:
                found = Outcome(ident, fence, "given_up", error="in doubt after a crash")
            by_worker.setdefault(worker, []).append(found)
        for worker, outcomes in by_worker.items():
            await self.desk(outbox_write, setting=self.setting, worker=worker, outcomes=outcomes)
            log.info("sender.adopted", channel=self.setting.code, count=len(outcomes))
        await self.desk(outbox_blocks_clear, setting=self.setting.id, ours=list(self.blocks))
        self.unsure = False

    def _told(self, word: Receipt | Reply) -> asyncio.Future[None]:
        return asyncio.ensure_future(self._keep(word))

    async def _keep(self, word: Receipt | Reply) -> None:
        if isinstance(word, Receipt):
            await self.desk(receipts_put, setting=self.setting.id, receipts=[word])
        else:
            await self.desk(reply_take, setting=self.setting, reply=word)


async def _within(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, so long."""
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
