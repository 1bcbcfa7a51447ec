"""From taken messages to parcels: words and warnings are read once and kept while they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from anlan.warning.channels.gateway import Parcel
from anlan.warning.models import ChannelSetting, ContactAddress, OutboxText, Ringing, Warning
from anlan.warning.services.outbox import Taken

MOST = 2000
NONE: dict[str, Any] = {}


class Subject(NamedTuple):
    """What a parcel says of the warning or the ringing it is of. A ringing has no colour and no hazard."""

    number: str
    colour: str
    hazard: str
    area: tuple[str, ...]
    issued_at: datetime
    expires: datetime
    headline_zh: str
    headline_en: str


class Parcels:
    """Makes the parcels of one way out."""

    def __init__(self, setting: ChannelSetting, desk: Callable[..., Awaitable[Any]]) -> None:
        self.setting, self.desk = setting, desk
        self._texts: dict[UUID, tuple[str, str]] = {}
        self._subjects: dict[UUID, Subject] = {}

    async def made(self, taken: Sequence[Taken]) -> list[Parcel]:
        """Return the parcels of taken messages, in their order."""
        if len(self._texts) > MOST or len(self._subjects) > MOST:
            self._texts.clear()
            self._subjects.clear()
        texts = {one.text for one in taken} - self._texts.keys()
        subjects = {one.warning for one in taken} - self._subjects.keys()
        people = {one.person for one in taken if one.person} if self.setting.kind == "web_push" else set()
        keys: dict[UUID, dict[str, Any]] = {}
        if texts or subjects or people:
            keys = await self.desk(self._read, texts, subjects, people)
        return [self._parcel(one, keys) for one in taken]

    def _read(self, texts: set[UUID], subjects: set[UUID], people: set[UUID]) -> dict[UUID, dict[str, Any]]:
        for ident, zh, en in OutboxText.objects.filter(id__in=texts).values_list("id", "zh", "en"):
            self._texts[ident] = (zh, en)
        warnings = Warning.objects.defer("cap_xml", "cancel_xml").in_bulk(subjects)
        self._subjects |= {key: _of_warning(row) for key, row in warnings.items()}
        if rung := subjects - warnings.keys():
            self._subjects |= {key: _of_ringing(row) for key, row in Ringing.objects.in_bulk(rung).items()}
        found = ContactAddress.objects.filter(person__in=people, channel=self.setting.carries)
        return dict(found.values_list("person", "keys"))

    def _parcel(self, one: Taken, keys: dict[UUID, dict[str, Any]]) -> Parcel:
        subject, (zh, en) = self._subjects[one.warning], self._texts[one.text]
        return Parcel(
            id=one.id, fence=one.fence, tries=one.tries, warning=one.warning, number=subject.number,
            colour=subject.colour, hazard=subject.hazard, division=one.division, area=subject.area,
            issued_at=subject.issued_at, expires=subject.expires, headline_zh=subject.headline_zh,
            headline_en=subject.headline_en, step=one.step, role=one.role, person=one.person, address=one.address,
            text=one.text, zh=zh, en=en, keys=keys.get(one.person, NONE) if one.person else NONE,
            block=one.block,
        )  # fmt: skip


def _of_warning(row: Warning) -> Subject:
    return Subject(row.number, row.colour, row.hazard, tuple(row.area), row.issued_at, row.expires, row.headline_zh,
                   row.headline_en)  # fmt: skip


def _of_ringing(row: Ringing) -> Subject:
    return Subject(row.about, "", "", (row.division,), row.rung_at, row.ends_at, row.title["zh"], row.title["en"])
