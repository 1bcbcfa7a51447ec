"""A small HTTP/1.1 client for gateways: kept-alive connections, one time limit for the whole exchange, no redirects."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import h11

from anlan.warning.channels.gateway import Lost

MOST_BODY = 1_000_000
IDLE_MOST = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: status, headers with small names, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class _Link:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    machine: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    used: bool = False


class HttpClient:
    """Speaks to any number of hosts. ca: a file of certificates to trust instead of the system's."""

    def __init__(self, timeout_s: float, ca: str = "") -> None:
        self.timeout_s, self._ca = timeout_s, ca
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, str, int], list[_Link]] = {}

    async def ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send a request and return the answer. Raises Lost when the host can't be reached or breaks off.

        A request on a kept connection that turns out closed before a byte of the answer came goes once more on a new
        one; whoever must not be asked twice knows the repeat by the headers.
        """
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        place = (parts.scheme, parts.hostname or "", port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.netloc.rpartition("@")[2]
        asked = h11.Request(
            method=method, target=path,
            headers=[("Host", host), ("Content-Length", str(len(body))), ("User-Agent", "anlan"), *headers.items()],
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.timeout_s):
                while True:
                    link = await self._link(place)
                    try:
                        answered = await _exchange(link, asked, body)
                    except (OSError, h11.RemoteProtocolError, EOFError):
                        link.writer.close()
                        if link.used:
                            continue
                        raise
                    self._keep(place, link)
                    return answered
        except TimeoutError:
            raise Lost(f"{place[1]}:{port} gave no answer within {self.timeout_s:g} s") from None
        except (OSError, h11.ProtocolError, EOFError) as failure:
            raise Lost(f"{place[1]}:{port}: {failure or type(failure).__name__}") from failure

    async def reach(self, url: str) -> None:
        """Is there anybody at this address? Raises Lost."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        place = (parts.scheme, parts.hostname or "", port)
        try:
            async with asyncio.timeout(self.timeout_s):
                self._keep(place, await self._link(place))
        except (OSError, TimeoutError) as failure:
            raise Lost(f"{place[1]}:{port}: {failure or type(failure).__name__}") from failure

    def close(self) -> None:
        """Let all connections go."""
        for links in self._idle.values():
            for link in links:
                link.writer.close()
        self._idle.clear()

    async def _link(self, place: tuple[str, str, int]) -> _Link:
        links = self._idle.get(place, [])
        while links:
            link = links.pop()
            if not link.reader.at_eof() and not link.writer.is_closing():
                return link
            link.writer.close()
        scheme, host, port = place
        reader, writer = await asyncio.open_connection(host, port, ssl=self._context() if scheme == "https" else None)
        return _Link(reader, writer)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca or None)
        return self._tls

    def _keep(self, place: tuple[str, str, int], link: _Link) -> None:
        links = self._idle.setdefault(place, [])
        if link.machine.our_state is h11.DONE and link.machine.their_state is h11.DONE:
            link.machine.start_next_cycle()
        if link.machine.our_state is h11.IDLE and len(links) < IDLE_MOST:
            link.used = True
            links.append(link)
        else:
            link.writer.close()


async def _exchange(link: _Link, asked: h11.Request, body: bytes) -> Answered:
    machine = link.machine
    events: list[Any] = [asked, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
    link.writer.write(b"".join(machine.send(event) or b"" for event in events))
    await link.writer.drain()
    status, headers, found, size = 0, {}, [], 0
    while True:
        event = machine.next_event()
        if event is h11.NEED_DATA:
            read = await link.reader.read(65_536)
            if not read and machine.their_state is h11.SEND_RESPONSE:
                raise EOFError("closed before it answered")
            machine.receive_data(read)
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size > MOST_BODY:
                raise OSError("the answer is too long")
            found.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return Answered(status, headers, b"".join(found))
