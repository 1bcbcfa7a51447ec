"""Text messages by SMPP against an independent server (smpp34): parts, receipts, replies, throttling, lost connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import smpp34

from anlan.kernel.models import Entry
from anlan.warning.formats.smpp import decoded
from anlan.warning.models import Call, ChannelHealth, OutboxMessage
from tests.serving import served
from tests.warning.channels.posting import (
    Post,
    all_in,
    free_port,
    outgoing,
    sent,
    until,
    warning_row,
    way,
)

People = Callable[[int], list[UUID]]


class Centre:
    """A message centre: keeps what is submitted, sends receipts and replies, can throttle."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.submitted: list[Any] = []
        self.sessions: list[Any] = []
        self.throttle = 0
        self.receipts = True
        self.closed = False

    async def serve(self, stop: asyncio.Event, begun: threading.Event) -> None:
        server = smpp34.Server("127.0.0.1", self.port, system_id="centre")
        await server.start()
        self.loop = asyncio.get_running_loop()
        begun.set()
        taking = asyncio.create_task(self._take(server))
        await stop.wait()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        stopped = server.stop()
        if stopped is not None:
            await stopped

    async def _take(self, server: Any) -> None:
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.sessions.append(event)
            elif isinstance(event, smpp34.SubmitSmEvent):
                if self.throttle:
                    self.throttle -= 1
                    event.reject(smpp34.ESME_RTHROTTLED)
                    continue
                self.submitted.append(event)
                name = f"m{len(self.submitted)}"
                event.accept(message_id=name)
                if self.receipts and event.registered_delivery & 1:
                    text = f"id:{name} sub:001 dlvrd:001 submit date:2107200600 done date:2107200600 stat:DELIVRD err:000 text:"
                    await self.sessions[-1].deliver_sm(
                        source_addr=event.destination_addr, destination_addr=event.source_addr, esm_class=4,
                        short_message=text.encode(),
                    )  # fmt: skip

    def reply(self, address: str, words: str) -> None:
        async def send() -> None:
            await self.sessions[-1].deliver_sm(source_addr=address, destination_addr="10639", esm_class=0, data_coding=8,
                                               short_message=words.encode("utf-16-be"))  # fmt: skip

        asyncio.run_coroutine_threadsafe(send(), self.loop).result(20)


@pytest.fixture
def centre() -> Iterator[Centre]:
    found = Centre(free_port())
    with served(found.serve):
        yield found


def settings(centre: Centre, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": centre.port, "system_id": "anlan", "source": "10639", "timeout_s": 5.0, **more}


def test_a_text_goes_in_parts_and_its_receipt_comes_back(post: Post, centre: Centre, persons: People) -> None:
    way("sms-a", "sms", "smpp", settings(centre))
    warning, people = warning_row(), persons(10)
    long = "请立即转移。" * 20  # 120 characters: two parts of 67
    sent(*[outgoing(warning, ["sms"], person, text_zh=long) for person in people[:9]],
         outgoing(warning, ["sms"], people[9], text_zh="GSM only: leave now [1]", text_en="x"))  # fmt: skip
    until(all_in("delivered"), "delivered by receipts")
    assert len(centre.submitted) == 9 * 2 + 1
    by_number: dict[str, list[Any]] = {}
    for one in centre.submitted:
        by_number.setdefault(one.destination_addr, []).append(one)
    assert sorted(by_number) == [f"86139{n:08d}" for n in range(10)]
    parts = by_number["8613900000000"]
    bodies = sorted(bytes(one.short_message) for one in parts)  # the server tells of them in any order
    assert [body[:3] for body in bodies] == [b"\5\0\3"] * 2 and [body[4:6] for body in bodies] == [b"\2\1", b"\2\2"]
    assert {one.esm_class for one in parts} == {0x40} and {one.data_coding for one in parts} == {8}
    assert "".join(body[6:].decode("utf-16-be") for body in bodies) == long
    alone = by_number["8613900000009"][0]
    assert alone.data_coding == 0 and decoded(bytes(alone.short_message), 0) == "GSM only: leave now [1]"
    assert sorted(OutboxMessage.objects.values_list("parts", flat=True)) == [1] + [2] * 9
    assert not Entry.objects.filter(kind="call.answered").exists(), "a receipt is never an answer"
    assert ChannelHealth.objects.get().delivered == 10


def test_throttling_is_waited_out_and_nothing_is_lost_or_doubled(post: Post, centre: Centre, persons: People) -> None:
    centre.throttle = 3
    way("sms-a", "sms", "smpp", settings(centre), window=4)
    warning = warning_row()
    sent(*[outgoing(warning, ["sms"], person, text_zh="转移") for person in persons(12)])
    until(all_in("delivered"), "all delivered")
    assert len(centre.submitted) == 12
    assert len({one.destination_addr for one in centre.submitted}) == 12


def test_a_reply_code_answers_the_call_and_other_words_go_to_the_desk(
    post: Post, centre: Centre, transactional_db: None
) -> None:
    from anlan.territory.services import generate
    from anlan.warning.services import warning_issue
    from tests.warning.conftest import SCENARIO

    generate("tiny", 7)
    centre.receipts = False
    way("sms-a", "sms", "smpp", settings(centre), rate_per_s=5000.0, window=200)
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"], channels=["sms"])
    until(all_in("handed", "failed"), "handed over")
    row = OutboxMessage.objects.filter(state="handed").exclude(calls=[]).order_by("id").first()
    assert row is not None
    called = row.address
    centre.reply(f"86{called}", " １ 收到")
    until(lambda: Call.objects.filter(id__in=row.calls, state="answered").count() == len(row.calls), "answered")
    assert set(Call.objects.filter(id__in=row.calls).values_list("answer", flat=True)) == {"received"}
    count = Entry.objects.filter(kind="call.answered").count()
    centre.reply(f"86{called}", "1")  # the centre repeats itself
    centre.reply(f"86{called}", "你们是谁？")
    centre.reply("8618600000000", "1")
    until(lambda: Entry.objects.filter(kind="reply.unread").count() == 2, "for the duty desk")
    reasons = set(Entry.objects.filter(kind="reply.unread").values_list("data__reason", flat=True))
    assert reasons == {"unknown_words", "unknown_sender"}
    assert Entry.objects.filter(kind="call.answered").count() == count


def test_a_centre_that_is_away_is_found_down_and_up_again(post: Post, persons: People) -> None:
    port = free_port()
    centre = Centre(port)
    way("sms-a", "sms", "smpp", settings(centre))
    warning = warning_row()
    sent(*[outgoing(warning, ["sms"], person, text_zh="转移") for person in persons(3)])
    until(lambda: ChannelHealth.objects.filter(state="down").exists(), "seen in seconds", seconds=5)
    with served(centre.serve):
        until(all_in("delivered"), "sent when the centre is back")
        assert ChannelHealth.objects.get().state == "up"
        assert len(centre.submitted) == 3
        assert set(OutboxMessage.objects.values_list("tries", flat=True)) == {1}, "waiting is no try"
