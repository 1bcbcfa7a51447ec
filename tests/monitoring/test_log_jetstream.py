"""The log in JetStream: in order, without gaps, confirmed only by servers that sync first, never silently another one."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("nats")

from nats.js.api import StorageType

from anlan.kernel.problem import Conflict
from anlan.monitoring.sources import jetstream_servers as servers
from anlan.monitoring.sources.jetstream_link import Away, Link
from anlan.monitoring.sources.jetstream_servers import NotDurable
from anlan.monitoring.sources.log import LogGap
from anlan.monitoring.sources.log_jetstream import JetStreamLog
from tests.faults.nats_nodes import Nodes


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture
def log(nodes: Nodes, request: pytest.FixtureRequest) -> Iterator[JetStreamLog]:
    opened = nodes.log(request.node.name.replace("_", "-"), 10_000_000)
    yield opened
    opened.close()


def bodies(count: int, seed: str = "") -> list[tuple[int, bytes]]:
    return [(0, f"{seed}{number}".encode()) for number in range(count)]


def read_all(log: JetStreamLog, after: int = 0, most: int = 77) -> list[bytes]:
    found: list[bytes] = []
    while entries := log.read(0, after, most=most, wait_s=0.0):
        assert [e.number for e in entries] == list(range(after + 1, after + len(entries) + 1))
        after = entries[-1].number
        found += [e.body for e in entries]
    return found


def test_what_was_appended_is_read_once_and_in_order_of_its_numbers(log: JetStreamLog) -> None:
    assert log.head(0) == 0 and log.read(0, 0, most=10, wait_s=0.0) == []
    log.append(bodies(1500))
    assert log.head(0) == 1500
    found = read_all(log)
    assert len(found) == 1500 and set(found) == {body for _, body in bodies(1500)}
    assert read_all(log, after=1490, most=3) == found[1490:]


def test_shards_are_counted_each_by_itself(log: JetStreamLog) -> None:
    log.append([(0, b"a"), (1, b"a"), (1, b"b")])
    assert (log.head(0), log.head(1), log.head(2)) == (1, 2, 0)
    assert log.identity(0) != log.identity(1) and len(log.identity(0)) <= 12


def test_a_message_sent_again_is_stored_once(log: JetStreamLog) -> None:
    log.append(bodies(20))
    log.append(bodies(20))
    assert log.head(0) == 20


def test_a_reader_that_waits_is_woken_by_the_next_message(log: JetStreamLog) -> None:
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.extend(e.body for e in log.read(0, 0, most=5, wait_s=20.0)))
    reader.start()
    time.sleep(0.3)
    log.append([(0, b"late")])
    reader.join(10)
    assert found == [b"late"]


def test_what_was_let_go_is_a_gap_to_one_who_still_needs_it(log: JetStreamLog) -> None:
    log.append(bodies(10))
    log.trim(0, 6)
    assert (log.first(0), log.head(0)) == (7, 10)
    assert len(read_all(log, after=6)) == 4
    with pytest.raises(LogGap) as gap:
        log.read(0, 3, most=10, wait_s=0.0)
    assert (gap.value.wanted, gap.value.found) == (4, 7)
    log.trim(0, 10)
    assert log.head(0) == 10 and log.read(0, 10, most=1, wait_s=0.0) == []


def test_a_log_shorter_than_what_was_judged_is_refused(log: JetStreamLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.monitoring.sources.jetstream_reader.REPLACED_S", 0.5)
    log.append(bodies(5))
    with pytest.raises(LogGap):
        log.read(0, 6, most=1, wait_s=0.0)


def test_a_stream_made_anew_under_the_same_name_is_told_apart(log: JetStreamLog, nodes: Nodes) -> None:
    log.append(bodies(3))
    was = log.identity(0)

    async def delete() -> None:
        await (await log.link.jetstream()).delete_stream(log._name(0))

    log.link.run(delete(), 5)
    other = nodes.log(log.settings.prefix, 10_000_000)
    other.append(bodies(9))
    assert other.identity(0) != was
    other.close()


def test_nothing_is_dropped_when_the_disk_bound_is_reached(log: JetStreamLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.monitoring.sources.log_jetstream.PATIENCE_S", 1.0)
    log.settings = log.settings._replace(most_bytes=200_000)
    log.append([(0, os.urandom(10_000)) for _ in range(10)])
    with pytest.raises(Away):
        log.append([(0, os.urandom(10_000)) for _ in range(20)])
    kept = log.head(0)
    assert log.first(0) == 1 and 10 < kept < 30
    log.trim(0, kept)
    log.append([(0, b"goes on")])


@pytest.mark.parametrize(
    "config",
    [{"max_msgs": 10}, {"max_age": 60}, {"storage": StorageType.MEMORY}, {"no_ack": True}],
    ids=lambda config: next(iter(config)),
)
def test_a_stream_that_may_drop_readings_is_refused(log: JetStreamLog, config: dict[str, object]) -> None:
    async def make() -> None:
        name, subject = log._name(0), log._subject(0)
        await (await log.link.jetstream()).add_stream(name=name, subjects=[subject], **config)

    log.link.run(make(), 5)
    with pytest.raises(Conflict) as refused:
        log.append(bodies(1))
    assert "nats stream edit" in refused.value.en and "nats stream edit" in refused.value.zh


def test_the_probe_is_a_write(log: JetStreamLog) -> None:
    assert log.probe() > 0
    assert log.probe() > 0


@pytest.mark.parametrize("jetstream", [{"sync_interval": '"2m"'}, {"sync_interval": '"1ms"'}])
def test_servers_that_confirm_before_they_sync_are_refused(tmp_path: Path, jetstream: dict[str, str]) -> None:
    with Nodes(tmp_path, jetstream=jetstream) as nodes, pytest.raises(NotDurable) as refused:
        nodes.log()
    assert refused.value.code == "log.not_durable"
    assert "sync_interval: always" in refused.value.en and "sync_interval: always" in refused.value.zh


def test_servers_that_cannot_be_asked_are_refused(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(servers, "_memory", lambda: tmp_path / "memory.json")
    for monitors in ((), ("http://127.0.0.1:9",), ("file:///etc/passwd",)):
        with pytest.raises(NotDurable) as refused:
            JetStreamLog(nodes.settings()._replace(monitors=monitors))
        assert refused.value.code == "log.not_asked" and refused.value.field == "nats_monitor"


def test_a_server_of_the_stream_that_was_not_asked_is_refused() -> None:
    with pytest.raises(NotDurable) as refused:
        servers.cover("READ0", {"n1", "n2", "n3"}, {"n1", "n2"})
    assert refused.value.value == "n3"
    servers.cover("READ0", {"n1", "n2"}, {"n1", "n2", "n3"})


def test_a_server_found_durable_is_known_while_it_is_down(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(servers, "_memory", lambda: tmp_path / "memory.json")
    up = nodes.nats.servers[0].monitor_url
    (tmp_path / "memory.json").write_text(f'{{"n2": {time.time()}, "n3": 1.0}}')
    assert servers.verify([up, "http://127.0.0.1:9"]) == {nodes.nats.servers[0].name, "n2"}


@pytest.mark.parametrize("version", ["2.9.10", "2.10.22", "", "x"])
def test_versions_known_to_lose_streams_are_refused(version: str) -> None:
    with pytest.raises(NotDurable) as refused:
        servers.refuse(servers.Told("n1", "http://h:1", version, jetstream=True, sync_always=True))
    assert refused.value.code == "log.nats_old"


def test_work_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        log, name = nodes.log(), nodes.nats.servers[0].name
        log.append(bodies(100))
        assert len(read_all(log)) == 100
        nodes.kill(name)
        sent = threading.Thread(target=log.append, args=(bodies(100, "b"),))
        sent.start()
        time.sleep(0.5)
        nodes.again(name)
        sent.join(30)
        assert log.head(0) == 200
        assert len(read_all(log, after=60)) == 140
        log.close()


def test_an_away_server_is_said_so_and_the_same_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.monitoring.sources.log_jetstream.PATIENCE_S", 0.5)
    with Nodes(tmp_path) as nodes:
        log, name = nodes.log(), nodes.nats.servers[0].name
        log.append(bodies(1))
        nodes.kill(name)
        with pytest.raises(Away):
            log.append(bodies(10))
        nodes.again(name)
        nodes.wait()
        monkeypatch.undo()
        log.append(bodies(10))
        assert log.head(0) == 10
        log.close()


def test_who_waits_while_the_link_is_closed_is_told_so() -> None:
    link, begun, told = Link([]), threading.Event(), list[Away]()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            link.run(wait(), 60.0)
        except Away as away:
            told.append(away)

    waiting = threading.Thread(target=call, daemon=True)
    waiting.start()
    assert begun.wait(20)
    link.close()
    waiting.join(20)
    assert [away.code for away in told] == ["log.away"]


def test_several_appenders_get_numbers_without_gaps(log: JetStreamLog) -> None:
    threads = [threading.Thread(target=log.append, args=(bodies(200, f"{n}-"),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.head(0) == 800 and len(set(read_all(log))) == 800


def test_asyncio_is_left_alone(log: JetStreamLog) -> None:
    async def inside() -> int:
        await asyncio.to_thread(log.append, bodies(3))
        return await asyncio.to_thread(log.head, 0)

    assert asyncio.run(inside()) == 3
