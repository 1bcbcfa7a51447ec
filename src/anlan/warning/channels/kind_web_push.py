"""Web push to the browsers of officers (RFC 8030). The Topic is ours, so that a repeat takes the place of the first."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.warning import choices
from anlan.warning.channels.gateway import OneByOne, Parcel, Result
from anlan.warning.channels.http_client import HttpClient
from anlan.warning.channels.kind_http import words
from anlan.warning.formats.channel_settings import WebPush
from anlan.warning.formats.web_push import encrypted, unb64, vapid
from anlan.warning.services.pushing import answer_token
from anlan.warning.sources.vapid_key import vapid_key

TOKEN_S = 12 * 3600


class WebPushGateway(OneByOne):
    """Speaks to whatever push service a browser named; `hosts` in the settings bounds which."""

    def __init__(self, kind: str, settings: WebPush, window: int) -> None:
        super().__init__(window)
        self.settings = settings
        self._client = HttpClient(settings.timeout_s, settings.ca)
        try:
            self._key = vapid_key(settings.secret)
        except ValueError as error:
            raise Invalid(
                code="channel.vapid",
                zh="网页推送的 VAPID 私钥须为 base64url 编码的 32 字节；请更换密钥。",
                en="The VAPID key must be 32 octets in base64url; replace the secret.",
                field="secret",
                value=settings.secret,
            ) from error

    async def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    async def one(self, parcel: Parcel) -> Result:
        """Push one message; a subscription that is gone (404, 410) is a failure for good."""
        host = urlsplit(parcel.address).hostname or ""
        if self.settings.hosts and not any(host == end or host.endswith(f".{end}") for end in self.settings.hosts):
            return Result(parcel.id, parcel.fence, "failed", error=f"push service {host} is not allowed")
        try:
            body = self._sealed(parcel)
        except (ValueError, KeyError, TypeError) as error:
            return Result(parcel.id, parcel.fence, "failed", error=f"subscription keys: {error}"[:180])
        until = int(clock.now().timestamp()) + TOKEN_S
        headers = {
            "Authorization": vapid(parcel.address, self.settings.subject, self._key, until),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(self.settings.ttl_s),
            "Urgency": "high" if parcel.colour in ("red", "orange") else "normal",
            "Topic": parcel.reference[-32:],
        }
        answered = await self._client.ask("POST", parcel.address, body, headers)
        if 200 <= answered.status < 300:
            return Result(parcel.id, parcel.fence, "handed", answered.headers.get("location", "")[-96:])
        later = answered.status == 429 or answered.status >= 500
        said = f"HTTP {answered.status}" + (" subscription gone" if answered.status in (404, 410) else "")
        return Result(parcel.id, parcel.fence, "retry" if later else "failed", error=said)

    def _sealed(self, parcel: Parcel) -> bytes:
        asks = parcel.id != 0  # a test message asks for no answer
        english = self.settings.language == "en"
        buttons = {code: found.en if english else found.zh for code, found in choices.ANSWERS.items()} if asks else {}
        said = {"title": parcel.headline_en if english else parcel.headline_zh,
                "body": words(parcel, self.settings.language)[:1000], "warning": str(parcel.warning),
                "reference": parcel.reference, "colour": parcel.colour, "buttons": buttons,
                "answer": answer_token(parcel.reference) if asks else ""}  # fmt: skip
        receiver, auth = unb64(parcel.keys["p256dh"]), unb64(parcel.keys["auth"])
        own, salt = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        return encrypted(json.dumps(said, ensure_ascii=False).encode(), receiver, auth, own, salt)
