"""SL 651 and HJ 212 over real sockets: answered when durable, damaged frames kept, peers bounded."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta

from anlan.monitoring.formats.hj212 import encode
from anlan.monitoring.formats.sl651 import decode
from anlan.monitoring.formats.sl651_frames import ESC, ETX, NAK, Frame, parse_frame
from anlan.monitoring.services.connections import connection_enable
from anlan.monitoring.sources.code_tables import code_table
from tests.monitoring.formats.senders import element, encode_up, packets
from tests.monitoring.gateway.running import (
    BY,
    Running,
    connected,
    frames,
    free_port,
    logged,
    registered,
    station,
    until,
)  # fmt: skip

SAMPLE = bytes.fromhex(
    "7E7E05001122334403E832002B020034170718110016F1F1001122334448F0F01707181100201900004026190000403923000104903812"
    "109903A421"
)
T0 = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ELEMENTS = ("rain_now_mm", "rain_total_mm", "battery_v")


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def answer(sock: socket.socket, least: int = 17) -> bytes:
    found = b""
    while len(found) < least:
        more = sock.recv(4096)
        if not more:
            break
        found += more
    return found


def silent(sock: socket.socket, seconds: float = 0.8) -> bool:
    sock.settimeout(seconds)
    try:
        return sock.recv(1) == b"never"
    except TimeoutError:
        return True
    finally:
        sock.settimeout(20)


def sl651(running: Running, **more: object) -> int:
    port = free_port()
    connected("hydro", "sl651", {"port": port, **more})
    running.up("hydro")
    return port


def test_a_station_is_answered_when_its_report_is_durable(running: Running) -> None:
    registered(station("0011223344", "level_m", *ELEMENTS))
    port = sl651(running)
    running.log.open.clear()
    with dial(port) as sock:
        for byte in (SAMPLE[:20], SAMPLE[20:]):  # in pieces, as modems send it
            sock.sendall(byte)
            time.sleep(0.05)
        until(lambda: running.log.tried, "the append")
        assert silent(sock) and not logged()
        running.log.open.set()
        got = parse_frame(answer(sock))
    assert isinstance(got, Frame) and (got.station, got.end, got.body[:2].hex()) == ("0011223344", ESC, "0034")
    us = int(datetime(2017, 7, 18, 3, tzinfo=UTC).timestamp()) * 1_000_000
    assert sorted(row[1:4] for row in logged()) == [
        ("battery_v", us, 10.99), ("level_m", us, 10.49), ("rain_now_mm", us, 4.0), ("rain_total_mm", us, 4.0),
    ]  # fmt: skip
    assert frames() == [("0011223344", SAMPLE, 4, "")]


def test_damage_is_kept_and_never_answered(running: Running) -> None:
    port = sl651(running)
    bad = SAMPLE[:30] + bytes([SAMPLE[30] ^ 4]) + SAMPLE[31:]
    with dial(port) as sock:
        sock.sendall(bad)
        until(lambda: any("CRC" in error for *_, error in frames()), "the evidence", 20)
        assert silent(sock)
    assert b"".join(body for _, body, _, _ in frames()) == bad and not logged()
    assert running.state("hydro").refused == len(frames())


def test_an_unknown_station_is_answered_kept_and_counted(running: Running) -> None:
    port = sl651(running)
    with dial(port) as sock:
        sock.sendall(SAMPLE)
        assert answer(sock)
    assert frames()[0][3] == "unknown station: 0011223344" and not logged()
    assert [name.split()[0] for name in running.state("hydro").unknown] == ["0011223344"] * 4


def test_packets_are_put_together_and_missing_ones_asked_for(running: Running) -> None:
    registered(station("0011223344", "level_m"))
    port = sl651(running)
    whole = parse_frame(encode_up(
        station="0011223344", function=0x32, serial=7, sent_at=T0,
        groups=[(T0 + timedelta(minutes=m), element("39", 10 + m, 4, 3)) for m in range(6)],
    ))  # fmt: skip
    assert isinstance(whole, Frame)
    parts = packets(whole, size=40)
    assert len(parts) == 3
    with dial(port) as sock:
        sock.sendall(parts[0] + parts[2])
        asked = parse_frame(answer(sock))
        assert isinstance(asked, Frame) and asked.end == NAK and asked.body[-2:] == b"\0\2"
        assert not logged()
        sock.sendall(parts[1])
        done = parse_frame(answer(sock))
        assert isinstance(done, Frame) and (done.end, done.body[:2]) == (ESC, b"\0\7")
        until(lambda: len(logged()) == 6, "six levels")
    assert [row[3] for row in logged()] == [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]


def test_idle_devices_are_hung_up_on_and_rubbish_too(running: Running) -> None:
    port = sl651(running, idle_s=0.5)
    with dial(port) as sock:
        assert sock.recv(10) == b""
    with dial(port) as sock:
        try:
            for _ in range(40):
                sock.sendall(b"GET / HTTP/1.1\r\n" * 512)
            assert sock.recv(10) == b""
        except ConnectionError:
            pass
    assert not logged()
    until(lambda: running.state("hydro").peers == 0, "nobody left")


def test_only_so_many_devices_may_connect(running: Running) -> None:
    port = sl651(running, most_peers=2)
    with dial(port), dial(port):
        until(lambda: running.state("hydro").peers == 2)
        with dial(port) as third:
            assert third.recv(10) == b""
    assert "2" in running.state("hydro").error["en"]


def test_many_stations_at_once_each_get_their_answer(running: Running) -> None:
    codes = [f"{41000000 + n:010d}" for n in range(150)]
    registered(*[station(code, "level_m") for code in codes])
    port = sl651(running)
    socks = [dial(port) for _ in codes]
    for code, sock in zip(codes, socks, strict=True):
        sock.sendall(
            encode_up(station=code, function=0x34, serial=1, sent_at=T0, groups=[(T0, element("39", 3.5, 4, 3))])
        )
    for code, sock in zip(codes, socks, strict=True):
        assert decode(answer(sock), code_table("sl651_elements")).station == code
        sock.close()
    assert len(logged()) == 150


def test_a_connection_is_switched_off_and_changed_within_seconds(running: Running) -> None:
    port = sl651(running)
    connection_enable(by=BY, code="hydro", enabled=False)
    until(lambda: running.state("hydro").state == "off", "off")
    try:
        dial(port).close()
        raise AssertionError("still listening")
    except ConnectionRefusedError:
        pass
    other = free_port()
    connected("hydro", "sl651", {"port": other})
    running.up("hydro")
    dial(other).close()


def test_a_port_that_is_taken_is_said_and_tried_again(running: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        connected("hydro", "sl651", {"port": port})
        until(lambda: running.state("hydro") and running.state("hydro").state == "down", "down")
        assert "in use" in running.state("hydro").error["en"]
    running.up("hydro")


def hj(code: str, flag: int = 5) -> bytes:
    return encode(
        {"QN": "20261122100000000", "ST": "32", "CN": "2011", "PW": "123456", "MN": code, "Flag": flag},
        "DataTime=20261122100000;w01018-Rtd=35.5,w01018-Flag=N;w21003-Rtd=1.25,w21003-Flag=D",
    )


def test_hj212_is_answered_9014_when_durable(running: Running) -> None:
    names = code_table("hj212_factors")
    cod, ammonia = (names[code].element or code for code in ("w01018", "w21003"))
    registered(station("OUTFALL-1", cod, ammonia))
    port = free_port()
    connected("plants", "hj212", {"port": port}, {"devices": {"010000A8900016F000169DC0": "OUTFALL-1"}})
    running.up("plants")
    running.log.open.clear()
    with dial(port) as sock:
        sock.sendall(hj("010000A8900016F000169DC0"))
        until(lambda: running.log.tried, "the append")
        assert silent(sock)
        running.log.open.set()
        got = answer(sock)
        assert b"CN=9014" in got and b"QN=20261122100000000" in got
        sock.sendall(hj("010000A8900016F000169DC0").replace(b"35.5", b"36.5"))
        assert silent(sock, 1.0)
    us = int(T0.timestamp()) * 1_000_000
    assert sorted(logged()) == sorted([("OUTFALL-1", cod, us, 35.5, 0), ("OUTFALL-1", ammonia, us, 1.25, 9)])
    assert any("CRC" in error for *_, error in frames())
    assert ETX == 3
