"""OPC UA: nodes of a server, subscribed to or read at intervals. Bad status is kept with quality DEVICE."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC
from typing import TYPE_CHECKING, Any

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.monitoring.choices import Quality
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.connection_settings import Node, Opcua
from anlan.monitoring.formats.readings_batch import Row, number_of
from anlan.monitoring.sources.line import Line

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from asyncua.ua import DataValue

WATCH_S = 5.0  # how often a subscription's server is asked whether it is still there
MOST_HELD = 100_000


async def run(line: Line) -> None:
    """Read or subscribe until the server is away: that is raised, and the connection made again."""
    from asyncua.client.client import Client
    from asyncua.ua.uaerrors import UaError

    settings = line.settings
    assert isinstance(settings, Opcua)  # noqa: S101 – for the types
    client = Client(settings.url, timeout=settings.timeout_s, watchdog_intervall=WATCH_S)
    if settings.user:
        client.set_user(settings.user)
        client.set_password(options.secret(settings.secret) if settings.secret else "")
    try:
        if settings.policy:
            await client.set_security_string(settings.policy)
        async with client:
            line.health.joined(1)
            try:
                await (
                    _subscribed(line, settings, client) if settings.every_s == 0 else _polled(line, settings, client)
                )
            finally:
                line.health.joined(-1)
    except (UaError, OSError, TimeoutError, ValueError) as failure:
        raise Unavailable(
            code="opcua.away",
            zh=f"OPC UA 服务器 {settings.url} 未连通或拒绝：{_text(failure)}；请检查地址、节点与账号。",
            en=f"The OPC UA server {settings.url} is away or refuses: {_text(failure)}; check address, nodes and account.",
            field="url",
            value=settings.url,
        ) from failure


async def _polled(line: Line, settings: Opcua, client: Client) -> None:
    """Read all nodes at once, every so often."""
    nodes = [client.get_node(node.node) for node in settings.nodes]
    while True:
        values = await client.read_attributes(nodes)
        line.health.works()
        rows = [
            row
            for node, value in zip(settings.nodes, values, strict=True)
            if (row := _row(line, settings, node, value))
        ]
        if rows:
            await line.take_polled(rows)
        await asyncio.sleep(settings.every_s)


class _Changes:
    """What a subscription tells, held until it is taken."""

    def __init__(self, line: Line, settings: Opcua, nodes: dict[Any, list[Node]]) -> None:
        self._line, self._settings, self._nodes = line, settings, nodes
        self.held: asyncio.Queue[Row] = asyncio.Queue(MOST_HELD)

    def datachange_notification(self, node: Any, _value: Any, data: Any) -> None:
        """Take one change (asyncua's name for it)."""
        for each in self._nodes.get(node.nodeid, []):
            row = _row(self._line, self._settings, each, data.monitored_item.Value)
            if row is not None:
                with contextlib.suppress(asyncio.QueueFull):
                    self.held.put_nowait(row)


async def _subscribed(line: Line, settings: Opcua, client: Client) -> None:
    """Take changes as they are told; the newest values come at once when it begins."""
    nodes: dict[Any, list[Node]] = {}
    for node in settings.nodes:
        nodes.setdefault(client.get_node(node.node).nodeid, []).append(node)
    changes = _Changes(line, settings, nodes)
    subscription = await client.create_subscription(settings.sampling_ms, changes)
    handles = await subscription.subscribe_data_change([client.get_node(key) for key in nodes])
    refused = [str(handle) for handle in handles if not isinstance(handle, int)] if isinstance(handles, list) else []
    if refused:
        line.health.wrong(f"节点被拒绝：{refused[0]}", f"a node was refused: {refused[0]}")
    line.health.works()
    while True:
        with contextlib.suppress(TimeoutError):
            rows = [await asyncio.wait_for(changes.held.get(), WATCH_S)]
            while not changes.held.empty():
                rows.append(changes.held.get_nowait())
            await line.take_polled(rows)
        await client.check_connection()


def _row(line: Line, settings: Opcua, node: Node, value: DataValue) -> Row | None:
    """Return the reading of a value; None when it is no number."""
    raw: Any = value.Value.Value if value.Value is not None else None
    number = number_of(int(raw) if isinstance(raw, bool) else raw) if not isinstance(raw, str) else None
    status = value.StatusCode
    if number is None:
        if status is not None and not status.is_good():
            line.health.wrong(f"节点 {node.node}：{status.name}", f"node {node.node}: {status.name}")
        return None
    at = clock.now()
    if settings.clock == "source" and value.SourceTimestamp is not None:
        told = value.SourceTimestamp
        at = told if told.tzinfo else told.replace(tzinfo=UTC)
    quality = int(Quality.GOOD if status is None or status.is_good() else Quality.DEVICE)
    return (
        line.mapping.station(node.station),
        node.element,
        microseconds(at),
        number * node.scale + node.offset,
        quality,
    )


def _text(failure: BaseException) -> str:
    return str(failure) or type(failure).__name__
