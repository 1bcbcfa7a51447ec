"""E-mail by SMTP, over one kept connection. The Message-ID is ours and the same at every try."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from anlan.kernel.options import options
from anlan.warning.channels.gateway import Lost, OneByOne, Parcel, Result
from anlan.warning.channels.kind_http import words
from anlan.warning.formats.channel_settings import Smtp


class SmtpGateway(OneByOne):
    """One mail server, spoken to in a thread; mails go one after another."""

    def __init__(self, kind: str, settings: Smtp, window: int) -> None:
        super().__init__(1)
        self.settings = settings
        self._password = options.secret(settings.secret) if settings.secret else ""
        self._server: smtplib.SMTP | None = None

    async def open(self) -> None:
        """Connect and sign in. Raises Lost."""
        await self.close()
        try:
            self._server = await asyncio.to_thread(self._connected)
        except (OSError, smtplib.SMTPException) as failure:
            raise Lost(f"{self.settings.host}:{self.settings.port}: {failure}") from failure

    async def close(self) -> None:
        """Say goodbye."""
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(_quit, server)

    async def one(self, parcel: Parcel) -> Result:
        """Send one mail: 4xx means later, 5xx never (RFC 5321 §4.2.1)."""
        server = self._server
        if server is None:
            raise Lost("not connected")
        try:
            await asyncio.to_thread(server.send_message, self._mail(parcel), self.settings.sender, [parcel.address])
        except smtplib.SMTPServerDisconnected as failure:
            self._server = None
            raise Lost(str(failure)) from failure
        except smtplib.SMTPRecipientsRefused as failure:
            code, said = next(iter(failure.recipients.values()))
            return _refused(parcel, code, said)
        except smtplib.SMTPResponseException as failure:
            return _refused(parcel, failure.smtp_code, failure.smtp_error)
        return Result(parcel.id, parcel.fence, "handed", parcel.reference)

    def _connected(self) -> smtplib.SMTP:
        s = self.settings
        context = ssl.create_default_context(cafile=s.ca or None) if s.security != "plain" else None
        server: smtplib.SMTP
        if s.security == "tls":
            server = smtplib.SMTP_SSL(s.host, s.port, timeout=s.timeout_s, context=context)
        else:
            server = smtplib.SMTP(s.host, s.port, timeout=s.timeout_s)
        if s.security == "starttls":
            server.starttls(context=context)
        if s.user:
            server.login(s.user, self._password)
        return server

    def _mail(self, parcel: Parcel) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.settings.sender, parcel.address
        mail["Subject"] = parcel.headline_en if self.settings.language == "en" else parcel.headline_zh
        mail["Date"] = format_datetime(parcel.issued_at)
        mail["Message-ID"] = f"<{parcel.reference}@{self.settings.sender.rpartition('@')[2].strip('> ') or 'anlan'}>"
        mail["Importance"] = "high"
        mail["Auto-Submitted"] = "auto-generated"
        if self.settings.reply_to:
            mail["Reply-To"] = self.settings.reply_to
        mail.set_content(words(parcel, self.settings.language))
        return mail


def _quit(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _refused(parcel: Parcel, code: int, said: bytes | str) -> Result:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Result(parcel.id, parcel.fence, "retry" if code < 500 else "failed", error=f"SMTP {code} {words}"[:180])
