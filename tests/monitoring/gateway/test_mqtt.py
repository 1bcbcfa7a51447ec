"""MQTT with a real broker (amqtt) and paho as the device; acknowledgement proved byte by byte with a scripted broker."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker import broker
from tests.monitoring.gateway.running import (
    Running,
    connected,
    frames,
    free_port,
    logged,
    registered,
    station,
    until,
)  # fmt: skip

AT = "2026-11-22T10:00:00+08:00"
US = 1_795_312_800_000_000


@contextmanager
def device(port: int) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="device")
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def sent(client: paho.Client, topic: str, body: Any) -> None:
    info = client.publish(topic, body if isinstance(body, bytes) else json.dumps(body).encode(), qos=1)
    info.wait_for_publish(20)
    assert info.is_published()


TOPICS = [
    {"topic": "tele/{station}/{element}", "form": "number"},
    {"topic": "site/{station}/all", "each": "points[*]", "element": "name", "value": "v", "at": "t", "time": "ms"},
    {
        "topic": "box/+/up",
        "station": "dev.id",
        "values": {"rain_mm": "data.rain", "temp_c": "data.t"},
        "at": "ts",
        "zone": "+08:00",
    },
    {"topic": "lines/#", "form": "line", "precision": "s"},
]


def test_payloads_of_every_form_arrive_and_a_broker_that_dies_is_dialled_again(running: Running) -> None:
    registered(station("57083", "rain_mm", "temp_c"))
    port = free_port()
    connected("field", "mqtt", {"host": "127.0.0.1", "port": port, "topics": TOPICS}, {"devices": {"dev-9": "57083"}})
    until(lambda: running.state("field") and running.state("field").state == "down", "no broker yet")
    with broker(port):
        running.up("field")
        with device(port) as client:
            sent(client, "tele/57083/rain_mm", 1.5)
            points = [{"name": "rain_mm", "v": 2, "t": US // 1000}, {"name": "temp_c", "v": "20.5", "t": US // 1000}]
            sent(client, "site/57083/all", {"points": points})
            sent(client, "box/a/up", {"dev": {"id": "dev-9"}, "ts": "2026-11-22T10:05:00", "data": {"rain": 3}})
            sent(client, "lines/x/y", f"w,station=57083 rain_mm=4 {US // 1_000_000 + 600}".encode())
            until(lambda: len(logged()) == 5, "five readings")
            assert sorted(row[1:4] for row in logged() if row[3] != 1.5) == [
                ("rain_mm", US, 2.0), ("rain_mm", US + 300_000_000, 3.0), ("rain_mm", US + 600_000_000, 4.0), ("temp_c", US, 20.5),
            ]  # fmt: skip
            sent(client, "tele/57083/rain_mm", b"not a number")
            sent(client, "tele/stranger/rain_mm", 1)
            until(lambda: len(frames(protocol="mqtt")) == 6, "all kept as evidence")
    kept = frames(protocol="mqtt")
    assert [bool(error) for *_, error in kept] == [False, False, False, False, True, True]
    assert kept[4][1] == b"not a number" or kept[4][1] == b'"not a number"'
    assert kept[5][3] == "unknown station: stranger"
    until(lambda: running.state("field").state == "down", "the broker gone")
    with broker(port):
        running.up("field")
        with device(port) as client:
            sent(client, "tele/57083/rain_mm", 9)
            until(lambda: logged()[-1][3] == 9.0, "readings again")


class Scripted:
    """A broker that speaks just enough, of either version, to see exactly what is acknowledged and when."""

    def __init__(self, five: bool) -> None:
        self.five, self.acked, self.connects = five, [], []  # type: ignore[var-annotated]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sock: socket.socket | None = None
        self.ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock, suppress(OSError, IndexError):
                self._serve(sock)
            self.ready.clear()

    def _serve(self, sock: socket.socket) -> None:
        while True:
            kind = sock.recv(1)[0]
            length, shift = 0, 0
            while True:
                byte = sock.recv(1)[0]
                length |= (byte & 127) << shift
                shift += 7
                if not byte & 128:
                    break
            body = b""
            while len(body) < length:
                more = sock.recv(length - len(body))
                if not more:
                    return  # gone in the middle of a frame
                body += more
            if kind >> 4 == 1:
                self.connects.append(body)
                sock.sendall(b"\x20\x03\x01\x00\x00" if self.five else b"\x20\x02\x01\x00")
            elif kind >> 4 == 8:
                sock.sendall(
                    (b"\x90\x04" if self.five else b"\x90\x03") + body[:2] + (b"\x00" if self.five else b"") + b"\x01"
                )
                self._sock = sock
                self.ready.set()
            elif kind >> 4 == 4:
                self.acked.append(struct.unpack(">H", body[:2])[0])
            elif kind >> 4 == 12:
                sock.sendall(b"\xd0\x00")
            elif kind >> 4 == 14:
                raise OSError

    def publish(self, mid: int, topic: str, body: bytes, *, again: bool = False) -> None:
        assert self._sock is not None
        head = struct.pack(">H", len(topic)) + topic.encode() + struct.pack(">H", mid) + (b"\x00" if self.five else b"")
        self._sock.sendall(bytes([0x32 | (8 if again else 0), len(head) + len(body)]) + head + body)

    def cut(self) -> None:
        assert self._sock is not None
        self.ready.clear()
        self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_nothing_is_acknowledged_before_it_is_durable(running: Running, version: str) -> None:
    registered(station("57083", "rain_mm"))
    script = Scripted(version == "5")
    topics = [{"topic": "tele/{station}/{element}", "form": "number"}]
    connected("field", "mqtt", {"host": "127.0.0.1", "port": script.port, "version": version, "topics": topics})
    assert script.ready.wait(20)
    running.up("field")
    clean = script.connects[0][7] & 2
    assert not clean, "the session has to stay at the broker"
    running.log.open.clear()
    for mid in (11, 12):
        script.publish(mid, "tele/57083/rain_mm", b"%d" % mid)
    until(lambda: running.log.tried, "the append")
    time.sleep(0.5)
    assert script.acked == [] and not logged()
    script.cut()
    assert script.ready.wait(20), "dialled again"
    running.log.open.set()
    for mid in (11, 12):
        script.publish(mid, "tele/57083/rain_mm", b"%d" % mid, again=True)
    until(lambda: script.acked == [11, 12], "both acknowledged, in order")
    assert {row[3] for row in logged()} == {11.0, 12.0}
    script.close()
