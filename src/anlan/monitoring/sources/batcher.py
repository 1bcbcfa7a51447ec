"""Group commit: readings of all sources, some milliseconds of them at a time, written durably by one thread.

A source offers what it has and waits; its future is done when the readings are in the log and the frame is kept, and
only then may the source acknowledge. While the database is away everything waits and is tried again; how much may
wait is bounded, and beyond it the sources hold their senders back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import psycopg
import structlog
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, connection, transaction

from anlan.kernel import clock
from anlan.kernel.problem import Unavailable
from anlan.monitoring.engine.columns import Columns, concatenated, microseconds
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.services.frames import FrameIn, frames_store
from anlan.monitoring.sources.directory import Place, directory
from anlan.monitoring.sources.log import Log
from anlan.monitoring.sources.metrics import Metrics
from anlan.monitoring.sources.sorting import Placed, messages, place

GATHER_S = 0.02  # how long the first of a batch waits for others
MOST_READINGS, MOST_BYTES = 100_000, 16_000_000  # of one write
WAITING_BYTES = 64_000_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
PASSING = (DatabaseError, InterfaceError, psycopg.Error, OSError, Unavailable)
"""Faults that pass by themselves: the database or NATS is away, read-only, full, being migrated."""
OF_THE_OFFER = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError)
"""Faults of the database that what was offered is to blame for, as for every fault that is none of PASSING."""


class Answer(NamedTuple):
    """What became of an offer, durably: readings taken; rows of unknown series; rows of stations out of reach."""

    taken: int
    unknown: Mapping[tuple[str, str], int]
    outside: Mapping[str, int]


@dataclass(slots=True)
class Offer:
    """Readings that came together, with the frame they came in (its division and error are completed on writing).

    source: told in the journal; reach: prefixes of divisions it may feed.
    """

    rows: Sequence[Row]
    frame: FrameIn | None
    source: str
    reach: tuple[str, ...]
    done: asyncio.Future[Answer]
    received: datetime = field(default_factory=clock.now)

    @property
    def size(self) -> int:
        """Bytes it holds, about."""
        return 100 * len(self.rows) + (len(self.frame.body) if self.frame else 0)


class Batcher:
    """Takes offers on the event loop, writes them in a thread of its own, and says when they are durable."""

    def __init__(self, log: Log, metrics: Metrics, *, most_waiting: int = 400_000, gather_s: float = GATHER_S) -> None:
        self.log, self.metrics, self.most_waiting, self.gather_s = log, metrics, most_waiting, gather_s
        self.readings = self.bytes = 0  # waiting, those being written included
        self.failing: str = ""  # why the last write failed; '' when it went well
        self._offers: list[Offer] = []
        self._some, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._room.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="append")

    @property
    def full(self) -> bool:
        """Does as much wait as may?"""
        return self.readings >= self.most_waiting or self.bytes >= WAITING_BYTES

    async def room(self) -> None:
        """Wait until there is room for more: what a source does before it reads on."""
        while self.full:
            self._room.clear()
            await self._room.wait()

    async def offer(
        self, rows: Sequence[Row], frame: FrameIn | None, *, source: str, reach: tuple[str, ...] = ("",)
    ) -> Answer:
        """Return when the readings and the frame are durable. Raises what is wrong with the offer itself.

        A caller that stops waiting knows nothing of what became of it; offering it again is harmless.
        """
        offer = Offer(rows, frame, source, reach, asyncio.get_running_loop().create_future())
        self._offers.append(offer)
        self.readings += len(rows)
        self.bytes += offer.size
        self.metrics.waiting.set(self.readings)
        self._some.set()
        if self.readings >= MOST_READINGS:
            self._enough.set()
        return await offer.done

    async def run(self) -> None:
        """Write what is offered, for ever."""
        while True:
            await self._some.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), self.gather_s)
            batch = self._next()
            await self._keep_trying(batch)

    async def drain(self, seconds: float) -> None:
        """Wait until nothing waits any more, at most so long."""
        end = time.monotonic() + seconds
        while (self._offers or self.readings or self.bytes) and time.monotonic() < end:
            await asyncio.sleep(0.02)

    def close(self) -> None:
        """Let go of the writing thread and its connection (of that thread, so it must be looked up there)."""
        self._thread.submit(lambda: connection.close())
        self._thread.shutdown(wait=False, cancel_futures=False)

    def _next(self) -> list[Offer]:
        """Take as many offers as one write should have. Offers nobody waits for are let go: nothing was claimed."""
        batch: list[Offer] = []
        readings = size = taken = 0
        for offer in self._offers:
            if batch and (readings + len(offer.rows) > MOST_READINGS or size + offer.size > MOST_BYTES):
                break
            taken += 1
            if offer.done.cancelled():
                self._leave(offer)
                continue
            batch.append(offer)
            readings, size = readings + len(offer.rows), size + offer.size
        del self._offers[:taken]
        if not self._offers:
            self._some.clear()
        self._enough.clear()
        return batch

    def _leave(self, offer: Offer) -> None:
        self.readings -= len(offer.rows)
        self.bytes -= offer.size
        self.metrics.waiting.set(self.readings)
        if not self.full:
            self._room.set()

    async def _keep_trying(self, batch: list[Offer]) -> None:
        """Write a batch however long it takes; an offer that can't be written is told so, the others are written."""
        pause, loop = FIRST_PAUSE_S, asyncio.get_running_loop()
        while batch:
            started = time.monotonic()
            try:
                answers = await loop.run_in_executor(self._thread, self._write, batch)
            except Exception as failure:
                if isinstance(failure, PASSING) and not isinstance(failure, OF_THE_OFFER):
                    self._failed(failure)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_S)
                    continue
                await self._singled_out(batch, failure)
                return
            else:
                self.failing = ""
                self.metrics.commits.inc()
                self.metrics.commit_seconds.observe(time.monotonic() - started)
                for offer, answer in zip(batch, answers, strict=True):
                    self._finish(offer, answer)
                return

    def _failed(self, failure: Exception) -> None:
        if not self.failing:
            structlog.get_logger().warning("gateway.write_failed", error=str(failure)[:300])
        self.failing = str(failure)[:300] or type(failure).__name__
        self.metrics.failures.inc()

    async def _singled_out(self, batch: list[Offer], failure: Exception) -> None:
        """Write each offer of a batch that can't be written by itself; the one to blame is told so."""
        if len(batch) > 1:
            for offer in batch:
                await self._keep_trying([offer])
            return
        structlog.get_logger().error("gateway.offer_refused", source=batch[0].source, error=repr(failure)[:300])
        self._finish(batch[0], failure)

    def _finish(self, offer: Offer, outcome: Answer | BaseException) -> None:
        self._leave(offer)
        if isinstance(outcome, Answer):
            self.metrics.readings.labels(offer.source).inc(outcome.taken)
        if offer.done.done():
            return
        if isinstance(outcome, Answer):
            offer.done.set_result(outcome)
        else:
            offer.done.set_exception(outcome)

    def _write(self, batch: list[Offer]) -> list[Answer]:
        """Place, pack and append a batch, with its frames, in one transaction; runs in the writing thread."""
        try:
            places = directory({row[0] for offer in batch for row in offer.rows})
            placed = [place(offer.rows, places, offer.reach) for offer in batch]
            packed = list(_packed(batch, placed))
            frames = [
                completed(offer.frame, result, places)
                for offer, result in zip(batch, placed, strict=True)
                if offer.frame is not None
            ]
            if frames:
                with transaction.atomic():
                    frames_store(frames)
                    self.log.append(packed)
            elif packed:
                self.log.append(packed)
        except (DatabaseError, InterfaceError, psycopg.Error):
            connection.close()  # a connection that failed may be broken; the next try gets a new one
            raise
        return [Answer(result.taken, result.unknown, result.outside) for result in placed]


def _packed(batch: list[Offer], placed: list[Placed]) -> list[tuple[int, bytes]]:
    """Return the messages: offers of one source share them."""
    shards: dict[str, dict[int, list[Columns]]] = {}
    received: dict[str, datetime] = {}
    for offer, result in zip(batch, placed, strict=True):
        received[offer.source] = max(offer.received, received.get(offer.source, offer.received))
        for shard, readings in result.shards.items():
            shards.setdefault(offer.source, {}).setdefault(shard, []).append(readings)
    return [
        message
        for source, parts in shards.items()
        for message in messages(
            {shard: concatenated(several) for shard, several in parts.items()},
            received_us=microseconds(received[source]),
            source=source,
        )
    ]


def completed(frame: FrameIn, result: Placed, places: Mapping[tuple[str, str], Place]) -> FrameIn:
    """Return the frame with division, count of readings, and an error when nobody registered what it speaks of."""
    home = places.get((frame.station, ""))
    error = frame.error
    if not error and result.unknown:
        strangers = [code for code, _ in result.unknown if (code, "") not in places]
        what = "station" if strangers else "series"
        codes = strangers or [f"{code} {element}".strip() for code, element in result.unknown]
        error = f"unknown {what}: " + ", ".join(list(dict.fromkeys(codes))[:8])
    elif not error and result.outside:
        error = "outside the sender's divisions: " + ", ".join(list(result.outside)[:8])
    return frame._replace(division=home.division if home else "", readings=result.taken, error=error)
