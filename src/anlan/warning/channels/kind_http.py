"""Gateways spoken to by HTTP: text messages, voice calls, plain webhooks."""

from __future__ import annotations

from typing import Any

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.warning.channels.gateway import OneByOne, Parcel, Result
from anlan.warning.channels.http_client import HttpClient
from anlan.warning.formats.channel_settings import Http, Robot, Voice
from anlan.warning.formats.http_message import request, understood
from anlan.warning.formats.sms_text import parts_of


class AtUrl(OneByOne):
    """A gateway at one address, spoken to by HTTP: knocked at when opened, its connections let go when closed."""

    def __init__(self, settings: Http | Robot, window: int) -> None:
        super().__init__(window)
        self._url, self._client = settings.url, HttpClient(settings.timeout_s, settings.ca)
        self._sign = options.secret(settings.sign) if settings.sign else ""

    async def open(self) -> None:
        """Knock at the address."""
        await self._client.reach(self._url)

    async def close(self) -> None:
        """Let the connections go."""
        self._client.close()


class HttpGateway(AtUrl):
    """Hands every message over as one request made from the way's template; our reference goes with each try."""

    def __init__(self, kind: str, settings: Http, window: int) -> None:
        super().__init__(settings, window)
        self.kind, self.settings = kind, settings
        self._secret = options.secret(settings.secret) if settings.secret else ""

    async def one(self, parcel: Parcel) -> Result:
        """Ask once; an answer that can't be read as success is never taken for it."""
        at = int(clock.now().timestamp())
        asked = request(self.settings, self._values(parcel), secret=self._secret, sign=self._sign, at=at)
        answered = await self._client.ask(*asked)
        state, reference, error = understood(self.settings, answered.status, answered.body)
        after = answered.headers.get("retry-after", "")
        wait = float(after) if after.isdigit() and len(after) < 6 else 0.0
        parts = parts_of(words(parcel, self.settings.language)) if self.kind == "http_sms" else 1
        final = "delivered" if state == "handed" and self.kind == "webhook" else state
        return Result(parcel.id, parcel.fence, final, reference or parcel.reference, parts, error[:180], wait)  # type: ignore[arg-type]

    def _values(self, parcel: Parcel) -> dict[str, str]:
        values: dict[str, Any] = {
            "reference": parcel.reference,
            "warning": parcel.warning,
            "number": parcel.number,
            "colour": parcel.colour,
            "hazard": parcel.hazard,
            "division": parcel.division,
            "area": ",".join(parcel.area),
            "expires": parcel.expires.isoformat(),
            "headline": parcel.headline_zh,
            "headline_en": parcel.headline_en,
            "role": parcel.role,
            "address": parcel.address,
            "text": words(parcel, self.settings.language),
            "text_en": parcel.en,
            "callback": self.settings.callback,
        }
        if isinstance(self.settings, Voice):
            values["repeat"] = self.settings.repeat
        return {name: str(value) for name, value in values.items()}


def words(parcel: Parcel, language: str) -> str:
    """The words of a message in the way's language."""
    return {"zh": parcel.zh, "en": parcel.en}.get(language) or f"{parcel.zh}\n{parcel.en}"
