"""Modbus and OPC UA against real servers of pymodbus and asyncua, and files dropped into a folder."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

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
from tests.serving import Serve, served


def modbus_device(port: int, words: list[int]) -> Serve:
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    async def serve(stop: asyncio.Event, begun: threading.Event) -> None:
        device = SimDevice(id=1, simdata=[SimData(0, values=words, datatype=DataType.REGISTERS)])
        server = ModbusTcpServer([device], address=("127.0.0.1", port))
        await server.serve_forever(background=True)
        begun.set()
        await stop.wait()
        await server.shutdown()

    return serve


REGISTERS = [
    {"station": "tank", "element": "pressure_kpa", "address": 0, "type": "float32", "order": "CDAB"},
    {"station": "tank", "element": "temp_c", "address": 2, "type": "int16", "scale": 0.1},
    {"station": "tank", "element": "level_m", "address": 3, "type": "uint16", "scale": 0.001, "missing": 65535},
    {"station": "nobody", "element": "gas_pct", "address": 4, "type": "uint16"},
]  # fmt: skip
WORDS = [0x0000, 0x42F6, 0xFFCE, 0xFFFF, 12, 0, 0, 0]  # 123.0 with its words swapped, -5.0 °C, no level, gas


def test_modbus_registers_become_readings_and_a_dead_device_is_dialled_again(running: Running) -> None:
    registered(station("tank", "pressure_kpa", "temp_c", "level_m"))
    port = free_port()
    connected(
        "plant", "modbus", {"host": "127.0.0.1", "port": port, "every_s": 0.2, "timeout_s": 1, "registers": REGISTERS}
    )
    until(lambda: running.state("plant") and running.state("plant").state == "down", "the missing device")
    assert str(port) in running.state("plant").error["en"]
    with served(modbus_device(port, WORDS)):
        running.up("plant")
        until(lambda: len(logged()) >= 4, "two rounds")
    assert {row[1:2] + row[3:] for row in logged()} == {("pressure_kpa", 123.0, 0), ("temp_c", -5.0, 0)}
    assert list(running.state("plant").unknown) == ["nobody gas_pct"]
    until(lambda: running.state("plant").state == "down", "the device gone")
    before = len(logged())
    with served(modbus_device(port, WORDS)):
        until(lambda: len(logged()) > before, "readings again")


def test_an_address_the_device_lacks_is_said(running: Running) -> None:
    registered(station("tank", "temp_c"))
    port = free_port()
    with served(modbus_device(port, WORDS)):
        wrong = {"station": "tank", "element": "temp_c", "address": 500}
        connected(
            "plant", "modbus", {"host": "127.0.0.1", "port": port, "every_s": 0.2, "registers": [REGISTERS[1], wrong]}
        )
        until(lambda: logged(), "the other register")
        until(lambda: "500" in running.state("plant").error.get("en", ""), "the wrong address")
        assert running.state("plant").state == "up"


def opcua_server(port: int, made: dict[str, Any]) -> Serve:
    from asyncua import Server

    async def serve(stop: asyncio.Event, begun: threading.Event) -> None:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
        index = await server.register_namespace("urn:test")
        node = await server.nodes.objects.add_variable(f"ns={index};s=Tank.Level", "Level", 1.5)
        made["node"], made["id"] = node, f"ns={index};s=Tank.Level"
        async with server:
            begun.set()
            await stop.wait()

    return serve


def test_opcua_subscription_follows_changes_over_a_restart(running: Running) -> None:
    registered(station("tank", "level_m"))
    port = free_port()
    made: dict[str, Any] = {}
    node = {"node": "ns=2;s=Tank.Level", "station": "tank", "element": "level_m", "scale": 2.0}
    settings = {"url": f"opc.tcp://127.0.0.1:{port}/", "sampling_ms": 50, "timeout_s": 2, "nodes": [node]}
    with served(opcua_server(port, made)) as loop:
        connected("scada", "opcua", settings)
        running.up("scada")
        until(lambda: logged(), "the value at the beginning")
        asyncio.run_coroutine_threadsafe(made["node"].write_value(4.25), loop).result(10)
        until(lambda: len(logged()) == 2, "the change")
        assert made["id"] == node["node"]
    assert [row[3] for row in logged()] == [3.0, 8.5]
    until(lambda: running.state("scada").state == "down", "the server gone")
    with served(opcua_server(port, made)):
        until(lambda: len(logged()) == 3, "readings again", 60)


def test_opcua_polling(running: Running) -> None:
    registered(station("tank", "level_m"))
    port = free_port()
    node = {"node": "ns=2;s=Tank.Level", "station": "tank", "element": "level_m"}
    with served(opcua_server(port, {})):
        connected(
            "scada", "opcua", {"url": f"opc.tcp://127.0.0.1:{port}/", "every_s": 0.2, "clock": "here", "nodes": [node]}
        )
        until(lambda: len(logged()) >= 2, "two rounds")
    times = [row[2] for row in logged()]
    assert {row[3] for row in logged()} == {1.5} and len(set(times)) == len(times)


AT = "2026-11-22T10:00:00+08:00"


def test_files_are_read_and_put_away(running: Running, tmp_path: Path) -> None:
    registered(station("57083", "rain_mm"))
    connected("drop", "file", {"folder": str(tmp_path), "every_s": 0.1, "settle_s": 0.2})
    running.up("drop")
    (tmp_path / "a.csv").write_text(f"station,at,value\n57083,{AT},1.5\n")
    (tmp_path / "b.json").write_text(
        json.dumps({"readings": [{"station": "57083", "at": "2026-11-22T10:05:00+08:00", "value": 2}]})
    )
    (tmp_path / "c.line").write_text("rain_mm,station=57083 value=3 1795313400000000000\n")
    (tmp_path / "d.csv").write_text(
        f"station,at,value\n57083,{AT},x\n57083,2026-11-22T10:15:00+08:00,4\nnobody,{AT},1\n"
    )
    (tmp_path / "e.json").write_bytes(b"\xff\xfe")
    until(
        lambda: len(list((tmp_path / "wrong").glob("*"))) == 4 and len(list((tmp_path / "done").glob("*"))) == 3,
        "all away",
    )
    assert sorted(row[3] for row in logged()) == [1.5, 2.0, 3.0, 4.0]
    told = (tmp_path / "wrong" / "d.csv.txt").read_text()
    assert "Row 1, value" in told and "第 1 行" in told and "nobody" in told
    assert {body for _, body, _, error in frames() if error} >= {b"\xff\xfe"}
    (tmp_path / "a.csv").write_text(f"station,at,value\n57083,{AT},9\n")
    until(lambda: len(list((tmp_path / "done").glob("a*.csv"))) == 2, "a name that was there before")


def test_a_file_stays_while_the_log_is_held(running: Running, tmp_path: Path) -> None:
    registered(station("57083", "rain_mm"))
    connected("drop", "file", {"folder": str(tmp_path), "every_s": 0.1, "settle_s": 0.0})
    running.up("drop")
    running.log.open.clear()
    (tmp_path / "a.csv").write_text(f"station,at,value\n57083,{AT},1.5\n")
    until(lambda: running.log.tried, "the append")
    assert (tmp_path / "a.csv").exists()
    running.log.open.set()
    until(lambda: (tmp_path / "done" / "a.csv").exists(), "done")
    assert len(logged()) == 1


def test_a_folder_that_is_not_there_is_said(running: Running, tmp_path: Path) -> None:
    connected("drop", "file", {"folder": str(tmp_path / "none")})
    until(lambda: running.state("drop") and running.state("drop").state == "down", "down")
    assert "none" in running.state("drop").error["zh"]
    (tmp_path / "none").mkdir()
    running.up("drop")
