"""From taken messages to parcels: words and warnings are read once and kept while they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from anlan.warning.channels.gateway import Parcel
from anlan.warning.models import ChannelSetting, ContactAddress, OutboxText, Warning
from anlan.warning.services.outbox import Taken

MOST = 2000
NONE: dict[str, Any] = {}


class Parcels:
    """Makes the parcels of one way out."""

    def __init__(self, setting: ChannelSetting, desk: Callable[..., Awaitable[Any]]) -> None:
        self.setting, self.desk = setting, desk
        self._texts: dict[UUID, tuple[str, str]] = {}
        self._warnings: dict[UUID, Warning] = {}

    async def made(self, taken: Sequence[Taken]) -> list[Parcel]:
        """Return the parcels of taken messages, in their order."""
        if len(self._texts) > MOST or len(self._warnings) > MOST:
            self._texts.clear()
            self._warnings.clear()
        texts = {one.text for one in taken} - self._texts.keys()
        warnings = {one.warning for one in taken} - self._warnings.keys()
        people = {one.person for one in taken if one.person} if self.setting.kind == "web_push" else set()
        keys: dict[UUID, dict[str, Any]] = {}
        if texts or warnings or people:
            keys = await self.desk(self._read, texts, warnings, people)
        return [self._parcel(one, keys) for one in taken]

    def _read(self, texts: set[UUID], warnings: set[UUID], people: set[UUID]) -> dict[UUID, dict[str, Any]]:
        for ident, zh, en in OutboxText.objects.filter(id__in=texts).values_list("id", "zh", "en"):
            self._texts[ident] = (zh, en)
        self._warnings |= Warning.objects.defer("cap_xml", "cancel_xml").in_bulk(warnings)
        found = ContactAddress.objects.filter(person__in=people, channel=self.setting.carries)
        return dict(found.values_list("person", "keys"))

    def _parcel(self, one: Taken, keys: dict[UUID, dict[str, Any]]) -> Parcel:
        warning, (zh, en) = self._warnings[one.warning], self._texts[one.text]
        return Parcel(
            id=one.id, fence=one.fence, tries=one.tries, warning=one.warning, number=warning.number,
            colour=warning.colour, hazard=warning.hazard, division=one.division, area=tuple(warning.area),
            issued_at=warning.issued_at, expires=warning.expires, headline_zh=warning.headline_zh,
            headline_en=warning.headline_en, step=one.step, role=one.role, person=one.person, address=one.address,
            text=one.text, zh=zh, en=en, keys=keys.get(one.person, NONE) if one.person else NONE,
            block=one.block,
        )  # fmt: skip
