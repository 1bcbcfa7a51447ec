"""MQTT: topics of a broker, each message acknowledged only when its readings are durable.

The client acknowledges by hand (paho's manual_ack). Its session stays at the broker while we are away, so what was not
acknowledged comes again. With too many messages waiting nothing more is acknowledged, and the broker holds the rest.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.monitoring.formats.connection_settings import Mqtt
from anlan.monitoring.formats.payload_rows import payload_rows, topic_filter, topic_of
from anlan.monitoring.sources.line import Line

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

CONNECT_S = 15.0
SESSION_S = 7 * 24 * 3600  # how long a version 5 broker keeps our session


class Subscriber:
    """One session at a broker. paho's thread reads; everything else happens on the event loop."""

    def __init__(self, line: Line, settings: Mqtt) -> None:
        self.line, self.settings, self._loop = line, settings, asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._connected = asyncio.Event()
        self._taking: set[asyncio.Task[None]] = set()
        self._client = self._made()

    async def run(self) -> None:
        """Stay connected; raises Unavailable when the broker can't be reached or ends the connection."""
        client, place = self._client, f"{self.settings.host}:{self.settings.port}"
        try:
            await asyncio.to_thread(self._connect)
            client.loop_start()
            done, _ = await asyncio.wait([self._ended], timeout=CONNECT_S)
            if not done and not self._connected.is_set():
                raise _away(place, "no answer")
            raise _away(place, await self._ended)
        except (OSError, ValueError) as failure:
            raise _away(place, str(failure)) from failure
        finally:
            for task in self._taking:
                task.cancel()
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def _made(self) -> Client:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        settings, five = self.settings, self.settings.version == "5"
        name = settings.client or f"anlan-{options.node}-{self.line.code}"
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, manual_ack=True, reconnect_on_failure=False,
            protocol=paho.MQTTv5 if five else paho.MQTTv311, clean_session=None if five else False,
        )  # fmt: skip
        if settings.user:
            client.username_pw_set(settings.user, options.secret(settings.secret) if settings.secret else None)
        if settings.tls:
            client.tls_set(ca_certs=settings.ca or None, cert_reqs=ssl.CERT_REQUIRED)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe, client.on_message = self._on_subscribe, self._on_message
        return client

    def _connect(self) -> None:
        settings = self.settings
        if settings.version == "5":
            from paho.mqtt.packettypes import PacketTypes
            from paho.mqtt.properties import Properties

            asked: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            asked.SessionExpiryInterval, asked.ReceiveMaximum = SESSION_S, settings.most_waiting
            self._client.connect(
                settings.host, settings.port, settings.keep_alive_s, clean_start=False, properties=asked
            )
        else:
            self._client.connect(settings.host, settings.port, settings.keep_alive_s)

    # The callbacks run in paho's thread.

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self._loop.call_soon_threadsafe(self._end, f"refused: {reason}")
            return
        wanted: list[tuple[str, int]] = [(topic_filter(topic.topic), topic.qos) for topic in self.settings.topics]
        client.subscribe(wanted)

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: Any, _more: Any) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._loop.call_soon_threadsafe(self._end, f"subscription refused: {refused[0]}")
        else:
            self._loop.call_soon_threadsafe(self._up)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        self._loop.call_soon_threadsafe(self._end, str(reason))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._came, message)

    # From here on the event loop.

    def _up(self) -> None:
        self._connected.set()
        self.line.health.works()

    def _end(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)

    def _came(self, message: MQTTMessage) -> None:
        if len(self._taking) >= 2 * self.settings.most_waiting:
            # a broker that doesn't hold back: start the session anew, what is unacknowledged comes again
            self._end("the broker sends more than may wait")
            return
        task = self._loop.create_task(self._take(message))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _take(self, message: MQTTMessage) -> None:
        """Take one message in; acknowledge it when it is durable, or kept as evidence of what was wrong."""
        topic, body = topic_of(self.settings.topics, message.topic), bytes(message.payload)
        if topic is not None:
            taken = payload_rows(topic, message.topic, body, self.line.mapping, clock.now())
            error = taken.errors[0].en if taken.errors else ""
            try:
                await self.line.take(taken.rows, body, peer=message.topic, error=error)
            except Exception as failure:
                self.line.health.wrong(f"主题 {message.topic}：{failure}", f"topic {message.topic}: {failure}")
                return
        if message.qos:
            self._client.ack(message.mid, message.qos)


def _away(place: str, why: str) -> Unavailable:
    return Unavailable(
        code="mqtt.away",
        zh=f"MQTT 服务器 {place} 未连通：{why}；请检查地址、账号与网络。",
        en=f"The MQTT broker {place} isn't there: {why}; check address, account and network.",
        field="host",
        value=place,
    )


async def run(line: Line) -> None:
    """Keep one session with the broker of a connection."""
    assert isinstance(line.settings, Mqtt)  # noqa: S101 – for the types
    await Subscriber(line, line.settings).run()
