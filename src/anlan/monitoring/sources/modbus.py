"""Modbus TCP: registers of a device, asked at even intervals; the time of a reading is when it was asked."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime
from typing import TYPE_CHECKING

from anlan.kernel import clock
from anlan.kernel.problem import Unavailable
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.connection_settings import Modbus
from anlan.monitoring.formats.modbus_values import Ask, asks, value_of, words_of
from anlan.monitoring.formats.readings_batch import Row
from anlan.monitoring.sources.line import Line

if TYPE_CHECKING:
    from pymodbus.client import AsyncModbusTcpClient


async def run(line: Line) -> None:
    """Poll until the device is away: that is raised, and the connection made again."""
    from pymodbus.client import AsyncModbusTcpClient

    settings = line.settings
    assert isinstance(settings, Modbus)  # noqa: S101 – for the types
    client = AsyncModbusTcpClient(
        settings.host, port=settings.port, timeout=settings.timeout_s, retries=1, reconnect_delay=0
    )
    try:
        if not await client.connect():
            raise _away(settings, "no connection")
        line.health.joined(1)
        try:
            await _poll(line, settings, client)
        finally:
            line.health.joined(-1)
    finally:
        client.close()


async def _poll(line: Line, settings: Modbus, client: AsyncModbusTcpClient) -> None:
    """Ask at whole multiples of the interval, so that readings of several devices fall on the same times."""
    wanted = asks(settings.registers, settings.unit)
    while True:
        at = clock.now()
        rows: list[Row] = []
        refused = 0
        for ask in wanted:
            found = await _asked(client, ask, settings)
            if isinstance(found, str):
                refused += 1
                where = f"unit {ask.unit} {ask.table} {ask.address}+{ask.many}"
                line.health.wrong(
                    f"{where}：{found}；请核对地址与寄存器类型", f"{where}: {found}; check address and table"
                )
                continue
            rows += _rows(ask, found, at)
        if refused == len(wanted):
            line.health.failed(line.health.error["zh"], line.health.error["en"])
        else:
            line.health.works()
        if rows:
            await line.take_polled(_named(line, rows))
        now = clock.now().timestamp()
        await asyncio.sleep((math.floor(now / settings.every_s) + 1) * settings.every_s - now)


async def _asked(client: AsyncModbusTcpClient, ask: Ask, settings: Modbus) -> list[int] | str:
    """Return the words or bits of a request, or what the device says is wrong. Unavailable when it is away."""
    from pymodbus.exceptions import ModbusException

    read = {
        "holding": client.read_holding_registers, "input": client.read_input_registers, "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }[ask.table]  # fmt: skip
    try:
        answer = await read(ask.address, count=ask.many, device_id=ask.unit)
    except (ModbusException, OSError, TimeoutError) as failure:
        raise _away(settings, str(failure)) from failure
    if answer.isError():
        return str(answer)
    values = [int(bit) for bit in answer.bits] if ask.table in ("coil", "discrete") else list(answer.registers)
    return values if len(values) >= ask.many else f"{len(values)} of {ask.many} came"


def _rows(ask: Ask, found: list[int], at: datetime) -> list[Row]:
    rows: list[Row] = []
    for register in ask.registers:
        start = register.address - ask.address
        words = found[start : start + words_of(register)]
        bit = ask.table in ("coil", "discrete")
        value = words[0] * register.scale + register.offset if bit else value_of(register, words)
        if value is not None:
            rows.append((register.station, register.element, microseconds(at), value, 0))
    return rows


def _named(line: Line, rows: list[Row]) -> list[Row]:
    return [(line.mapping.station(row[0]), *row[1:]) for row in rows]


def _away(settings: Modbus, why: str) -> Unavailable:
    place = f"{settings.host}:{settings.port}"
    return Unavailable(
        code="modbus.away",
        zh=f"Modbus 设备 {place} 未连通：{why}；请检查地址、端口与网络。",
        en=f"The Modbus device {place} isn't there: {why}; check address, port and network.",
        field="host",
        value=place,
    )
