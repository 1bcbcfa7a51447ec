"""Text messages by SMPP 3.4: one transceiver bind, a window of unanswered submissions, receipts and replies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.warning.channels.gateway import UNSENT, Done, Lost, Parcel, Receipt, Reply, Result, Told
from anlan.warning.channels.kind_http import words
from anlan.warning.formats import smpp
from anlan.warning.formats.channel_settings import Smpp
from anlan.warning.formats.sms_text import part_header, sms

log = structlog.get_logger()
THROTTLED_S = 1.0


@dataclass(slots=True)
class _Job:
    """A message whose parts are not all answered yet."""

    parcel: Parcel
    done: Done
    left: int
    parts: int
    reference: str = ""
    status: int = 0


class SmppGateway:
    """One bind at a message centre. The reference that a receipt names is that of a message's last part."""

    def __init__(self, kind: str, settings: Smpp, window: int, told: Told) -> None:
        self.settings, self.window, self.told = settings, window, told
        self._password = options.secret(settings.secret) if settings.secret else ""
        self._source = smpp.Address(settings.source, settings.source_ton, settings.source_npi)
        self._pending: dict[int, tuple[_Job, bool]] = {}  # and whether it is the last part
        self._sequence = 0
        self._changed = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault = "not connected"
        self._hold_until = 0.0
        self._heard = 0.0

    async def open(self) -> None:
        """Connect and bind (§4.1). Raises Lost."""
        await self.close()
        s = self.settings
        try:
            async with asyncio.timeout(s.timeout_s):
                context = ssl.create_default_context() if s.tls else None
                reader, writer = await asyncio.open_connection(s.host, s.port, ssl=context)
                units = smpp.Units()
                self._sequence = 1
                body = smpp.bind(s.system_id, self._password, s.system_type)
                writer.write(smpp.Pdu(smpp.BIND_TRANSCEIVER, 0, 1, body).packed())
                answered: list[smpp.Pdu] = []
                while not answered:
                    data = await reader.read(4096)
                    if not data:
                        raise Lost(f"{s.host}:{s.port} hung up on the bind")
                    answered = list(units.fed(data))
        except (OSError, TimeoutError, ValueError) as failure:
            raise Lost(f"{s.host}:{s.port}: {failure or type(failure).__name__}") from failure
        if answered[0].status != smpp.OK:
            writer.close()
            raise Lost(f"{s.host}:{s.port} refused the bind with status 0x{answered[0].status:08X}")
        self._writer, self._fault = writer, ""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        for unit in answered[1:]:
            self._came(unit)
        self._start(self._read(reader, units))
        self._start(self._keep_alive())

    async def close(self) -> None:
        """Unbind (§4.2) and hang up."""
        if self._writer is not None:
            with suppress(OSError):
                self._put(smpp.UNBIND, 0, self._next())
                await self._writer.drain()
        self._lose("closed")
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, parcels: Sequence[Parcel], done: Done) -> None:
        """Submit the messages, no more than a window unanswered. Raises Lost; what was never written is given back."""
        jobs: list[_Job] = []
        for place, parcel in enumerate(parcels):
            bodies = self._bodies(parcel)
            job = _Job(parcel, done, len(bodies), len(bodies))
            await self._room()
            if self._writer is None:
                for unsent in parcels[place:]:
                    done(Result(unsent.id, unsent.fence, "retry", error=UNSENT))
                raise Lost(self._fault)
            jobs.append(job)
            for number, body in enumerate(bodies, 1):
                sequence = self._next()
                self._pending[sequence] = (job, number == job.parts)
                self._put(smpp.SUBMIT_SM, 0, sequence, body)
            if place % 32 == 31:
                await self._writer.drain()
        await self._answered(jobs)

    async def _room(self) -> None:
        """Wait until the window has room and no throttling holds us back."""
        loop = asyncio.get_running_loop()
        while self._writer is not None:
            if self._hold_until > loop.time():
                await asyncio.sleep(self._hold_until - loop.time())
            elif len(self._pending) < self.window:
                return
            else:
                await self._change()

    async def _answered(self, jobs: Sequence[_Job]) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while any(job.left for job in jobs):
            if self._writer is None:
                raise Lost(self._fault)
            if loop.time() - max(begun, self._heard) > self.settings.timeout_s:
                self._lose(f"no answer within {self.settings.timeout_s:g} s")
                raise Lost(self._fault)
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self._changed.wait()

    def _bodies(self, parcel: Parcel) -> list[bytes]:
        s = self.settings
        ready = sms(words(parcel, s.language), s.most_parts)
        total = len(ready.parts)
        target = smpp.Address(_called(parcel.address, s), s.ton, s.npi)
        return [
            smpp.submit(
                self._source, target,
                (part_header(parcel.id, total, number) if total > 1 else b"") + part,
                ucs2=ready.alphabet == "ucs2", header=total > 1, service=s.service_type,
                priority=3 if parcel.colour == "red" else 1, receipt=s.receipts and number == total,
                reference=parcel.id,
            )
            for number, part in enumerate(ready.parts, 1)
        ]  # fmt: skip

    async def _read(self, reader: asyncio.StreamReader, units: smpp.Units) -> None:
        try:
            while data := await reader.read(65_536):
                self._heard = asyncio.get_running_loop().time()
                for unit in units.fed(data):
                    self._came(unit)
                self._changed.set()
            self._lose("the message centre hung up")
        except (OSError, ValueError) as failure:
            self._lose(str(failure))

    def _came(self, unit: smpp.Pdu) -> None:
        if unit.command == smpp.SUBMIT_SM | smpp.RESP:
            self._submitted(unit)
        elif unit.command == smpp.DELIVER_SM:
            self._start(self._delivered(unit))
        elif unit.command == smpp.ENQUIRE_LINK:
            self._put(smpp.ENQUIRE_LINK | smpp.RESP, 0, unit.sequence)
        elif unit.command == smpp.UNBIND:
            self._put(smpp.UNBIND | smpp.RESP, 0, unit.sequence)
            self._lose("the message centre unbound us")
        elif unit.command == smpp.GENERIC_NACK and unit.sequence in self._pending:
            self._submitted(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, unit.status or 0xFF, unit.sequence))
        elif not unit.command & smpp.RESP:
            self._put(smpp.GENERIC_NACK, 0x3, unit.sequence)

    def _submitted(self, unit: smpp.Pdu) -> None:
        found = self._pending.pop(unit.sequence, None)
        if found is None:
            return
        job, last = found
        job.left -= 1
        job.status = job.status or unit.status
        if last:  # answers may overtake one another; the receipt is asked for with the last part
            job.reference = smpp.message_id(unit.body)
        if unit.status in (smpp.RTHROTTLED, smpp.RMSGQFUL):
            self._hold_until = asyncio.get_running_loop().time() + THROTTLED_S
        if job.left:
            return
        ident, fence = job.parcel.id, job.parcel.fence
        if job.status == smpp.OK:
            job.done(Result(ident, fence, "handed", job.reference, job.parts))
        else:
            state, error = "retry" if job.status in smpp.FOR_NOW else "failed", f"SMPP status 0x{job.status:08X}"
            job.done(Result(ident, fence, state, error=error, parts=0))  # type: ignore[arg-type]

    async def _delivered(self, unit: smpp.Pdu) -> None:
        """Keep a receipt or a reply, and only then thank for it (§4.6.2): what isn't thanked for comes again."""
        try:
            found = smpp.deliver(unit.body)
        except ValueError as error:
            log.warning("smpp.unread", error=str(error))
            self._put(smpp.DELIVER_SM | smpp.RESP, smpp.RINVCMDLEN, unit.sequence, b"\0")
            return
        now = clock.now()
        if not found.receipt:
            await self.told(Reply(found.words, now, "", address=_caller(found.source, self.settings)))
        elif found.state and found.message_id:
            await self.told(Receipt(found.message_id, found.state, found.detail, now))
        self._put(smpp.DELIVER_SM | smpp.RESP, smpp.OK, unit.sequence, b"\0")

    async def _keep_alive(self) -> None:
        """Ask for a sign of life now and then (§4.11); two silences in a row are a lost connection."""
        loop = asyncio.get_running_loop()
        while self._writer is not None:
            await asyncio.sleep(self.settings.enquire_s)
            if loop.time() - self._heard > 2.5 * self.settings.enquire_s:
                self._lose("no sign of life")
            elif self._writer is not None:
                self._put(smpp.ENQUIRE_LINK, 0, self._next())

    def _put(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(smpp.Pdu(command, status, sequence, body).packed())

    def _next(self) -> int:
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        return self._sequence

    def _lose(self, why: str) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            self._fault = f"{self.settings.host}:{self.settings.port}: {why}"
            writer.close()
        self._pending.clear()
        self._changed.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _called(address: str, settings: Smpp) -> str:
    """The number as the centre takes it: with the country's code where the type of number is international."""
    bare = address.removeprefix("+").replace(" ", "").replace("-", "")
    return bare if settings.ton != 1 or address.startswith("+") else settings.country + bare


def _caller(address: str, settings: Smpp) -> str:
    """The number as the registers hold it."""
    return address.removeprefix("+").removeprefix(settings.country)
