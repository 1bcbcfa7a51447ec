"""The batcher by itself: many offers in one write, faults that pass and faults that don't, bounds, cancelled senders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DataError

from anlan.monitoring.formats.packed import unpack
from anlan.monitoring.sources import batcher as module
from anlan.monitoring.sources.batcher import Answer, Batcher
from anlan.monitoring.sources.directory import Place
from anlan.monitoring.sources.metrics import Metrics

PLACES = {("a", "rain_mm"): Place(1, 0, "4101"), ("b", "rain_mm"): Place(2, 1, "37")}
ROWS = [("a", "rain_mm", 1_000_000, 1.0, 0), ("b", "rain_mm", 2_000_000, 2.0, 0), ("c", "", 3_000_000, 3.0, 0)]


class FakeLog:
    """Keeps messages; `faults` are raised first, one per append; `poison` refuses messages of that source."""

    name = "fake"

    def __init__(self) -> None:
        self.writes: list[list[tuple[int, bytes]]] = []
        self.faults: list[Exception] = []
        self.poison = ""

    def append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        if self.faults:
            raise self.faults.pop(0)
        if self.poison and any(unpack(body).source == self.poison for _, body in messages):
            raise DataError("out of range")
        self.writes.append(list(messages))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> FakeLog:
    monkeypatch.setattr(module, "directory", lambda codes: PLACES)
    monkeypatch.setattr(module, "connection", type("None_", (), {"close": staticmethod(lambda: None)}))
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    return FakeLog()


def ran(log: FakeLog, play: Any, **more: Any) -> Any:
    async def whole() -> Any:
        found = Batcher(log, Metrics(), **{"gather_s": 0.02, **more})  # type: ignore[arg-type]
        task = asyncio.create_task(found.run())
        try:
            return await asyncio.wait_for(play(found), 20)
        finally:
            task.cancel()
            found.close()

    return asyncio.run(whole())


def test_many_offers_share_one_write_and_one_message_per_shard(log: FakeLog) -> None:
    async def play(b: Batcher) -> list[Answer]:
        return await asyncio.gather(*(b.offer(ROWS, None, source="s") for _ in range(50)))

    answers = ran(log, play)
    assert [answer.taken for answer in answers] == [2] * 50 and answers[0].unknown == {("c", ""): 1}
    assert [[shard for shard, _ in write] for write in log.writes] == [[0, 1]]
    assert len(unpack(log.writes[0][0][1]).columns) == 50


def test_stations_out_of_reach_are_left_out(log: FakeLog) -> None:
    answer = ran(log, lambda b: b.offer(ROWS, None, source="s", reach=("41",)))
    assert (answer.taken, answer.outside) == (1, {"b": 1})


def test_a_fault_that_passes_is_tried_again_with_the_same_bytes(log: FakeLog) -> None:
    log.faults = [OSError("away"), OSError("away")]

    async def play(b: Batcher) -> tuple[int, str]:
        answer = await b.offer(ROWS, None, source="s")
        return answer.taken, b.failing

    assert ran(log, play) == (2, "") and len(log.writes) == 1


def test_an_offer_that_cannot_be_written_is_told_so_and_the_others_are_written(log: FakeLog) -> None:
    log.poison = "bad"

    async def play(b: Batcher) -> list[Any]:
        return await asyncio.gather(
            *(b.offer(ROWS[:1], None, source=source) for source in ("good", "bad", "fine")), return_exceptions=True
        )

    good, bad, fine = ran(log, play)
    assert (good.taken, fine.taken) == (1, 1) and isinstance(bad, DataError)


def test_room_is_given_back(log: FakeLog) -> None:
    async def play(b: Batcher) -> tuple[bool, int, int]:
        waiting = asyncio.ensure_future(b.offer(ROWS, None, source="s"))
        await asyncio.sleep(0)
        full = b.full
        await b.room()
        await waiting
        return full, b.readings, b.bytes

    assert ran(log, play, most_waiting=2) == (True, 0, 0)


def test_an_offer_nobody_waits_for_any_more_is_let_go(log: FakeLog) -> None:
    async def play(b: Batcher) -> int:
        given_up = asyncio.ensure_future(b.offer(ROWS, None, source="s"))
        await asyncio.sleep(0)
        given_up.cancel()
        await b.offer(ROWS[:1], None, source="s")
        return b.readings

    assert ran(log, play) == 0
    assert sum(len(unpack(body).columns) for write in log.writes for _, body in write) == 1
