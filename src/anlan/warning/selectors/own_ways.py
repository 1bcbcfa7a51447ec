"""How the signed-in person is reached."""

from __future__ import annotations

from uuid import UUID

from anlan.warning.models import ChannelSetting, ContactAddress


def push_way() -> ChannelSetting | None:
    """The way out by web push, if one is set up. One query."""
    found: ChannelSetting | None = ChannelSetting.objects.filter(kind="web_push", enabled=True).order_by("rank").first()
    return found


def own_address(person: UUID, channel: str) -> ContactAddress | None:
    """Where this person is reached on a channel. One query."""
    found: ContactAddress | None = ContactAddress.objects.filter(person=person, channel=channel).first()
    return found
