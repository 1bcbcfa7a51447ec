"""Village loudspeakers by MQTT: a message is handed over when the broker has acknowledged it for every division."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from anlan.kernel.options import options
from anlan.warning.channels.gateway import Lost, OneByOne, Parcel, Result
from anlan.warning.channels.kind_http import words
from anlan.warning.formats.channel_settings import BroadcastFile, Mqtt
from anlan.warning.formats.loudspeaker import Spoken, spoken_json


class MqttGateway(OneByOne):
    """One session at a broker; paho's thread speaks, its callbacks hand over to the event loop."""

    def __init__(self, kind: str, settings: Mqtt, window: int) -> None:
        super().__init__(window)
        self.settings = settings
        self._client: Any = None
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._early: set[int] = set()

    async def open(self) -> None:
        """Connect. Raises Lost."""
        await self.close()
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        client = self._client = self._made()
        place = f"{self.settings.host}:{self.settings.port}"
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                await asyncio.to_thread(client.connect, self.settings.host, self.settings.port, 30)
                client.loop_start()
                await self._ready
        except (OSError, TimeoutError, ValueError) as failure:
            await self.close()
            raise Lost(f"{place}: {failure or type(failure).__name__}") from failure

    async def close(self) -> None:
        """Say goodbye."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)
        self._drop("closed")

    async def one(self, parcel: Parcel) -> Result:
        """Publish once for each division of the warning's area, and wait for the broker's word on all."""
        client = self._client
        if client is None:
            raise Lost("not connected")
        said, topic = spoken(parcel, self.settings), self.settings.topic
        places = parcel.area if "{division}" in topic else ("",)
        waiting = []
        for division in places:
            body = spoken_json(said, division or parcel.division)
            info = client.publish(topic.replace("{division}", division), body, qos=self.settings.qos)
            if info.rc != 0:
                raise Lost(f"MQTT code {info.rc}")
            waiting.append(self._acknowledged(info.mid))
        async with asyncio.timeout(self.settings.timeout_s):
            await asyncio.gather(*waiting)
        return Result(parcel.id, parcel.fence, "handed", parcel.reference)

    def _acknowledged(self, mid: int) -> asyncio.Future[None]:
        future: asyncio.Future[None] = self._loop.create_future()
        if mid in self._early:
            self._early.discard(mid)
            future.set_result(None)
        else:
            self._waiting[mid] = future
        return future

    def _made(self) -> Any:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        s = self.settings
        name = s.client or f"anlan-{options.node}-loudspeaker"
        client: Any = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=False)
        if s.user:
            client.username_pw_set(s.user, options.secret(s.secret) if s.secret else None)
        if s.tls:
            client.tls_set(ca_certs=s.ca or None, cert_reqs=ssl.CERT_REQUIRED)
        client.on_connect = lambda _c, _d, _f, reason, _p: self._loop.call_soon_threadsafe(self._connected, reason)
        client.on_publish = lambda _c, _d, mid, _r, _p: self._loop.call_soon_threadsafe(self._published, mid)
        client.on_disconnect = lambda _c, _d, _f, reason, _p: self._loop.call_soon_threadsafe(self._drop, str(reason))
        return client

    # The callbacks above run in paho's thread; from here on the event loop.

    def _connected(self, reason: Any) -> None:
        if self._ready.done():
            return
        if reason.is_failure:
            self._ready.set_exception(OSError(f"refused: {reason}"))
        else:
            self._ready.set_result(None)

    def _published(self, mid: int) -> None:
        future = self._waiting.pop(mid, None)
        if future is None:
            self._early.add(mid)
        elif not future.done():
            future.set_result(None)

    def _drop(self, why: str) -> None:
        waiting, self._waiting = self._waiting, {}
        self._early.clear()
        for future in waiting.values():
            if not future.done():
                future.set_exception(OSError(why))


def spoken(parcel: Parcel, settings: Mqtt | BroadcastFile) -> Spoken:
    """What is to be read out of a parcel."""
    volume = settings.volume if isinstance(settings, Mqtt) else 100
    return Spoken(
        parcel.reference, parcel.number, parcel.hazard, parcel.colour, parcel.area, parcel.issued_at, parcel.expires,
        parcel.headline_zh, words(parcel, settings.language), settings.repeat, volume,
    )  # fmt: skip
