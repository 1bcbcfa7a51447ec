"""The queue: one message a person and channel, sent once, retried, taken back, moved when a way is down; drills never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from anlan.kernel import clock, ids
from anlan.kernel.drill import drill_create
from anlan.kernel.models import Entry
from anlan.warning.channels import outbox, switchboard
from anlan.warning.models import ChannelHealth, OutboxMessage
from anlan.warning.services.outbox import Outcome, outbox_claim, outbox_trim, outbox_write
from tests.warning.channels.posting import (
    BY,
    Post,
    WebGateway,
    all_in,
    free_port,
    outgoing,
    sent,
    states,
    until,
    warning_row,
    way,
)

People = Callable[[int], list[UUID]]


def test_a_message_is_sent_once_and_told_in_the_journal(post: Post, web: WebGateway, persons: People) -> None:
    way("sms-a", "sms", "http_sms", {"url": web.url(), "taken": "data.id"}, cost_fen=4.5)
    warning, people = warning_row(), persons(20)
    messages = [outgoing(warning, ["sms", "voice"], person) for person in people]
    sent(*messages)
    sent(*messages)  # the same version again: nobody is called twice
    until(all_in("handed"), "handed")
    assert len(web.accepted) == 20 and web.repeats == 0
    assert sorted(body["address"] for body in web.bodies()) == [f"139{n:08d}" for n in range(20)]
    assert {body["reference"] for body in web.bodies()} == set(web.accepted)
    rows = OutboxMessage.objects.all()
    assert {row.reference for row in rows} == set(web.accepted.values())
    told = list(Entry.objects.filter(kind="messages.queued").values_list("data", flat=True))
    assert [(one["channel"], one["count"], one["without_address"]) for one in told] == [("sms", 20, 0)]
    counted = list(Entry.objects.filter(kind="messages.sent").values_list("data", flat=True))
    assert sum(one["handed"] for one in counted) == 20
    assert sum(one["cost_fen"] for one in counted) == pytest.approx(20 * 4.5 * rows[0].parts)


def test_what_the_gateway_refuses_for_now_is_tried_again_and_never_doubled(
    post: Post, web: WebGateway, persons: People
) -> None:
    refused: set[str] = set()

    def answer(path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]] | None:
        key = headers["idempotency-key"]
        if key in refused:
            return None
        refused.add(key)
        return 503, {}

    web.answer = answer
    way("sms-a", "sms", "http_sms", {"url": web.url()}, window=2, rate_per_s=20.0)
    warning = warning_row()
    sent(*[outgoing(warning, ["sms"], person) for person in persons(4)])
    until(all_in("handed"), "handed after a second try")
    assert len(web.accepted) == 4 and len(web.requests) == 8
    assert set(OutboxMessage.objects.values_list("tries", flat=True)) == {2}


def test_what_never_goes_is_given_up_and_what_is_refused_is_failed(
    post: Post, web: WebGateway, persons: People
) -> None:
    first, second = persons(2)

    def answer(path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]] | None:
        return (400, {"m": "number"}) if b"13900000000" in body else (503, {})

    web.answer = answer
    way("sms-a", "sms", "http_sms", {"url": web.url()}, tries=2)
    warning = warning_row()
    sent(*[outgoing(warning, ["sms"], person) for person in (first, second)])
    until(all_in("failed", "given_up"), "an end")
    found = {row.person: (row.state, row.error) for row in OutboxMessage.objects.all()}
    assert found[first][0] == "failed" and "HTTP 400" in found[first][1]
    assert found[second] == ("given_up", "HTTP 503")


def test_a_way_that_is_down_is_left_at_once_for_the_next_of_the_list(
    post: Post, web: WebGateway, persons: People
) -> None:
    way("voice-a", "voice", "voice", {"url": f"http://127.0.0.1:{free_port()}/call"}, instead=["sms"])
    way("sms-a", "sms", "http_sms", {"url": web.url()})
    people = persons(30)
    warning = warning_row()
    sent(*[outgoing(warning, ["voice"], person) for person in people])
    until(all_in("handed", channel="sms"), "sent by text message", seconds=5)
    assert set(states(channel="voice")) == {"moved"}
    assert len(web.accepted) == 30
    assert ChannelHealth.objects.get(setting__code="voice-a").state == "down"
    kinds = list(Entry.objects.filter(kind__in=("channel.down", "messages.moved")).values_list("kind", flat=True))
    assert "channel.down" in kinds and "messages.moved" in kinds
    later = warning_row("41018141600000_20210720060000_1")
    sent(outgoing(later, ["voice"], people[0]))
    until(all_in("handed", "moved", warning=later.id), "the next one too", seconds=5)
    assert OutboxMessage.objects.filter(warning=later.id, channel="sms", state="handed").count() == 1


def test_another_gateway_of_the_same_channel_takes_over(post: Post, web: WebGateway, persons: People) -> None:
    way("sms-a", "sms", "http_sms", {"url": f"http://127.0.0.1:{free_port()}/"}, rank=0)
    way("sms-b", "sms", "http_sms", {"url": web.url()}, rank=1)
    warning = warning_row()
    sent(*[outgoing(warning, ["sms"], person) for person in persons(5)])
    until(all_in("handed"), "handed by the second", seconds=5)
    assert len(web.accepted) == 5 and OutboxMessage.objects.count() == 5


def test_a_person_without_an_address_is_told_as_not_reached(persons: People, transactional_db: None) -> None:
    way("mail", "email", "smtp", {"host": "127.0.0.1", "sender": "a@b.c"})
    sent(outgoing(warning_row(), ["email"], persons(1)[0]))
    row = OutboxMessage.objects.get()
    assert (row.state, row.error) == ("failed", "no_address")
    assert Entry.objects.get(kind="messages.queued").data["without_address"] == 1


def test_a_taking_that_is_over_writes_nothing(persons: People, transactional_db: None) -> None:
    setting = way("sms-a", "sms", "http_sms", {"url": "http://127.0.0.1:1/"})
    sent(outgoing(warning_row(), ["sms"], persons(1)[0]))
    old, new = ids.new_id(), ids.new_id()
    first = outbox_claim(setting=setting.id, worker=old, most=10)
    back = Outcome(first[0].id, first[0].fence, "queued", due=clock.now(), untried=True)
    assert outbox_write(setting=setting, worker=old, outcomes=[back]) == 1
    second = outbox_claim(setting=setting.id, worker=new, most=10)
    assert second[0].fence == first[0].fence + 1 and second[0].tries == 1
    done = Outcome(first[0].id, first[0].fence, "delivered")
    assert outbox_write(setting=setting, worker=old, outcomes=[done]) == 0
    assert states() == ["taken"]
    assert outbox_write(setting=setting, worker=new, outcomes=[Outcome(second[0].id, second[0].fence, "handed")]) == 1


def test_nothing_of_a_drill_leaves_the_house(persons: People, transactional_db: None) -> None:
    way("sms-a", "sms", "http_sms", {"url": "http://127.0.0.1:1/"})
    person = persons(1)[0]
    exercise = warning_row(drill=True)
    sent(outgoing(exercise, ["sms"], person))
    assert OutboxMessage.objects.count() == 0, "a message of an exercise is not queued"
    ways = outbox.ways_best()
    message = outgoing(exercise, ["sms"], person)
    with pytest.raises(IntegrityError, match="drill"), transaction.atomic():
        outbox.put([message], ways)  # past the switchboard: the database refuses
    real = warning_row("41018141600000_20210720060000_1")
    drill_create(by=BY, scenario="x", seed=1, profile="tiny", starts_at=clock.now(), ends_at=clock.now() + timedelta(1),
                 tick_s=30, settings={})  # fmt: skip
    assert all(not channel.outside for channel, _ in switchboard.usable())
    with pytest.raises(IntegrityError, match="drill"), transaction.atomic():
        outbox.put([outgoing(real, ["sms"], person)], ways)
    assert outbox_claim(setting=ways["sms"][0].id, worker=ids.new_id(), most=9) == []


def test_old_messages_are_trimmed_with_their_words(persons: People, transactional_db: None) -> None:
    way("loop", "sms", "loopback")
    sent(outgoing(warning_row(), ["sms"], persons(1)[0]))
    past, future = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    assert outbox_trim(before=past, oldest=past) == 0
    OutboxMessage.objects.update(state="delivered", done_at=clock.now())
    assert outbox_trim(before=future, oldest=past) == 1
    assert OutboxMessage.objects.count() == 0
