"""Frames that came before their station was registered are taken again: once, as if at the time they came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.models import Reading
from anlan.monitoring.services import memory
from anlan.monitoring.services.frames import FrameIn, frames_store
from anlan.monitoring.services.retaking import PAGE, frames_retake
from anlan.monitoring.services.stepping import shard_step
from anlan.monitoring.sources import directory
from tests.monitoring.formats.senders import element, encode_up, packets
from tests.monitoring.gateway.running import BY, Running, connected, frames, logged, registered, station
from tests.monitoring.gateway.test_tcp import ELEMENTS, SAMPLE, answer, dial, sl651

T0 = datetime(2021, 7, 20, 8, tzinfo=UTC)
CODE = "0011223344"


@pytest.fixture
def kept(db: None) -> Iterator[None]:
    directory.forget()
    memory.forget()
    with clock.at(T0 + timedelta(days=1)):
        yield
    directory.forget()
    memory.forget()


def keep(body: bytes, at: datetime = T0, *, protocol: str = "sl651", peer: str = "10.0.0.1:5", code: str = CODE,
         error: str = f"unknown station: {CODE}") -> None:  # fmt: skip
    frames_store([FrameIn(at, protocol, peer, code, "", body, 0, error)])


def level(value: float, at: datetime = T0, code: str = CODE, **more: int) -> bytes:
    return encode_up(
        station=code, function=0x32, serial=more.get("serial", 1), sent_at=at, groups=[(at, element("39", value, 4, 3))]
    )


def values() -> list[float]:
    return [row[3] for row in logged()]


def test_what_a_stranger_sent_is_judged_once_it_is_registered(running: Running) -> None:
    port = sl651(running)
    with dial(port) as sock:
        sock.sendall(SAMPLE)
        assert answer(sock)
    registered(station(CODE, "level_m", *ELEMENTS))
    assert not logged()
    assert frames_retake(by=BY, station=CODE) == (1, 4)
    assert frames() == [(CODE, SAMPLE, 4, "")]
    assert frames_retake(by=BY, station=CODE) == (0, 0)
    directory.forget()  # the gateway looks once a second
    with dial(port) as sock:
        sock.sendall(SAMPLE)  # the device itself sends it again
        assert answer(sock)
    rows = logged()
    assert len(rows) == 8 and rows[:4] == rows[4:]


def test_a_device_that_was_mapped_later_is_the_station(kept: None) -> None:
    keep(level(12.5))
    connected("hydro", "sl651", {"port": 5651}, {"devices": {CODE: "41001234"}})
    registered(station("41001234", "level_m"))
    assert frames_retake(by=BY, station="41001234") == (1, 1)
    assert values() == [12.5]
    with connection.cursor() as cursor:
        cursor.execute("SELECT station, division, readings, error FROM monitoring_frame")
        assert cursor.fetchall() == [("41001234", "410183108", 1, "")]


def test_what_was_taken_again_and_comes_again_is_stored_once(kept: None) -> None:
    keep(level(12.5))
    connected("hydro", "sl651", {"port": 5651})
    registered(station(CODE, "level_m"))
    assert frames_retake(by=BY, station=CODE) == (1, 1)
    keep(level(12.5), T0 + timedelta(minutes=1))
    assert frames_retake(by=BY, station=CODE) == (1, 1)
    assert values() == [12.5, 12.5]
    judge()
    assert [(row.value, row.quality) for row in Reading.objects.all()] == [(12.5, 0)]


def judge() -> None:
    while shard_step(0, now=microseconds(clock.now())).entries:
        pass


def test_only_since_and_page_by_page(kept: None) -> None:
    for n in range(PAGE + 30):
        keep(level(10 + n / 100, T0 + timedelta(minutes=n)), T0 + timedelta(minutes=n))
    connected("hydro", "sl651", {"port": 5651})
    registered(station(CODE, "level_m"))
    assert frames_retake(by=BY, station=CODE, since=T0 + timedelta(minutes=PAGE + 20)) == (10, 10)
    assert frames_retake(by=BY, station=CODE) == (PAGE + 20, PAGE + 20)
    assert len(set(values())) == PAGE + 30


def test_packets_and_a_clock_that_ran_ahead(kept: None) -> None:
    whole = level(10.0, T0 + timedelta(hours=20))
    for part in packets(_frame(whole), size=12):
        keep(part, error="")
    connected("hydro", "sl651", {"port": 5651})
    registered(station(CODE, "level_m"))
    assert frames_retake(by=BY, station=CODE) == (1, 1)
    judge()
    reading = Reading.objects.get()
    assert (reading.value, reading.quality) != (10.0, 0)  # 20 hours ahead when it came, though not any more


def _frame(raw: bytes):
    from anlan.monitoring.formats.sl651_frames import Frame, parse_frame

    found = parse_frame(raw)
    assert isinstance(found, Frame)
    return found


def test_mqtt_payloads_with_several_stations(kept: None) -> None:
    body = json.dumps([{"s": "m1", "v": 3.5}, {"s": "m2", "v": 4.5}]).encode()
    topic = {"topic": "in/all", "form": "json", "each": "$[*]", "station": "$.s", "element": "", "value": "$.v"}
    connected("bus", "mqtt", {"host": "127.0.0.1", "topics": [topic]})
    keep(body, protocol="mqtt", peer="in/all", code="", error="unknown station: m1, m2")
    registered(station("m2", "level_m"))
    assert frames_retake(by=BY, station="m2") == (1, 1)
    assert values() == [4.5]
    assert frames()[0][2:] == (1, "unknown station: m1")
    registered(station("m1", "level_m"))
    assert frames_retake(by=BY, station="m1") == (1, 1)
    assert frames()[0][2:] == (2, "")


def test_connections_that_disagree_are_asked_about(kept: None) -> None:
    keep(level(10.0))
    registered(station(CODE, "level_m", "gate_m"))
    connected("one", "sl651", {"port": 5651})
    connected("two", "sl651", {"port": 5652}, {"elements": {"level_m": "gate_m"}})
    with pytest.raises(Conflict) as refused:
        frames_retake(by=BY, station=CODE)
    assert (refused.value.field, refused.value.value) == ("connection", "one, two")
    assert not logged() and frames()[0][2:] == (0, f"unknown station: {CODE}")
    assert frames_retake(by=BY, station=CODE, through="two") == (1, 1)
    assert logged()[0][:2] == (CODE, "gate_m")


def test_strangers_and_those_out_of_reach(kept: None) -> None:
    keep(level(10.0))
    connected("hydro", "sl651", {"port": 5651}, division="4102")  # may not feed this station
    with pytest.raises(NotFound) as refused:
        frames_retake(by=BY, station=CODE)
    assert refused.value.field == "station"
    registered(station(CODE, "level_m"))
    with pytest.raises(NotFound):
        frames_retake(by=Actor("person", "x", Scope(("4102",)), roles=frozenset({"duty"})), station=CODE)
    with pytest.raises(NotFound) as unknown:
        frames_retake(by=BY, station=CODE, through="nobody")
    assert (unknown.value.field, unknown.value.value) == ("connection", "nobody")
    assert frames_retake(by=BY, station=CODE) == (1, 0)
    assert not logged()
    assert frames()[0][3] == f"outside the sender's divisions: {CODE}"
