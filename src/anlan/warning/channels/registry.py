"""Which kind of gateway is built by what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import Any, Final

from anlan.warning.channels.gateway import Done, Gateway, Parcel, Result, Told
from anlan.warning.formats.channel_settings import settings_of
from anlan.warning.models import ChannelSetting

_BUILT: Final[dict[str, tuple[str, str]]] = {
    "smpp": ("kind_smpp", "SmppGateway"),
    "http_sms": ("kind_http", "HttpGateway"),
    "voice": ("kind_http", "HttpGateway"),
    "webhook": ("kind_http", "HttpGateway"),
    "smtp": ("kind_smtp", "SmtpGateway"),
    "wecom": ("kind_robot", "RobotGateway"),
    "dingtalk": ("kind_robot", "RobotGateway"),
    "feishu": ("kind_robot", "RobotGateway"),
    "web_push": ("kind_web_push", "WebPushGateway"),
    "mqtt": ("kind_mqtt", "MqttGateway"),
    "broadcast_file": ("kind_files", "BroadcastFileGateway"),
    "call_list": ("kind_files", "CallListGateway"),
}
Desk = Callable[..., Awaitable[Any]]


class LoopbackGateway:
    """Takes everything at once; for measuring the queue without a network."""

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing to let go."""

    async def send(self, parcels: Sequence[Parcel], done: Done) -> None:
        """Look at every word, and tell that it is there."""
        for parcel in parcels:
            state: Any = "delivered" if parcel.address and parcel.zh else "failed"
            done(Result(parcel.id, parcel.fence, state, parcel.reference))


def load() -> None:
    """Import every kind now, so that a copy of this process need not."""
    for module, _ in _BUILT.values():
        import_module(f"anlan.warning.channels.{module}")


def gateway_of(setting: ChannelSetting, told: Told, desk: Desk) -> Gateway:
    """Build the gateway of a way out. Raises Invalid when its settings can't be taken or a secret is missing."""
    settings = settings_of(setting.kind, setting.settings)
    if setting.kind == "loopback":
        return LoopbackGateway()
    module, name = _BUILT[setting.kind]
    make: Callable[..., Gateway] = getattr(import_module(f"anlan.warning.channels.{module}"), name)
    needed: dict[str, dict[str, Any]] = {"smpp": {"told": told}, "call_list": {"desk": desk}}
    more = needed.get(setting.kind, {})
    return make(kind=setting.kind, settings=settings, window=setting.window, **more)
