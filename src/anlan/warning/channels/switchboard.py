"""Which channels there are, and the hand-over of messages to them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from anlan.kernel.drill import drill_state
from anlan.warning.channels.base import Channel, Outgoing
from anlan.warning.channels.loopback import LoopbackChannel
from anlan.warning.channels.outbox import OutboxChannel

_channels: dict[str, Channel] = {}


def plug(channel: Channel) -> None:
    """Make a channel known; called from AppConfig.ready."""
    _channels[channel.name] = channel


def usable() -> list[tuple[Channel, frozenset[str]]]:
    """The channels set up now with the codes they carry; in a drill none that reaches outside (law 7)."""
    drill = drill_state() is not None
    found = [(channel, channel.serves()) for channel in _channels.values() if not (drill and channel.outside)]
    return [(channel, codes) for channel, codes in found if codes]


def available() -> frozenset[str]:
    """Every channel code that can be used now."""
    return frozenset(code for _, codes in usable() for code in codes)


def send(messages: Sequence[Outgoing]) -> None:
    """Hand each message to every channel that carries one of its codes."""
    for channel, codes in usable():
        mine = []
        carries = {chosen: tuple(c for c in chosen if c in codes) for chosen in {m.channels for m in messages}}
        for message in messages:
            if carried := carries[message.channels]:
                mine.append(message if carried == message.channels else replace(message, channels=carried))
        if mine:
            channel.send(mine)


plug(LoopbackChannel())
plug(OutboxChannel())
