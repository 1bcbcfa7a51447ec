"""One bounded GET of a stranger's address (外部地址读取): size, time, redirects, and where it may lead.

The name is resolved once, the addresses found are checked, and one of them is what is connected to: a name that answers
differently the second time leads nowhere else.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from anlan.kernel.problem import Invalid, Problem, Unavailable

AGENT: Final = "Anlan CAP feed reader"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one GET: bytes, seconds in all (redirects included), redirects; and are inside addresses allowed?"""

    bytes: int = 16 * 1024 * 1024
    seconds: float = 20.0
    redirects: int = 3
    private: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer: status 200 with a body, or 304 without; validators for the next time; where it came from."""

    status: int
    body: bytes
    etag: str
    modified: str
    address: str


def address_check(address: str) -> SplitResult:
    """The parts of an http or https address. Raises Invalid `feed.address` for anything else."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0 and len(address) <= 2000
    except ValueError:
        fine = False
    if not fine or parts.username is not None or parts.password is not None or not address.isprintable():
        raise Invalid(
            code="feed.address",
            zh="地址须为不含口令的 http:// 或 https:// 网址；请改正。",
            en="Give an http:// or https:// address without a password in it.",
            field="url",
            value=address[:200],
        )
    return parts


def fetch(address: str, *, etag: str = "", modified: str = "", limits: Limits | None = None) -> Fetched:
    """GET `address`; with validators of the last time a 304 may come. Blocks at most `limits.seconds`.

    Raises Invalid `feed.address`, `feed.inside` (loopback, private or reserved address), Unavailable `feed.unreachable`,
    `feed.status` (with `retry_after_s`), `feed.too_large`, `feed.too_slow`, `feed.redirects`.
    """
    bounds = limits or Limits()
    sent = {"User-Agent": AGENT, "Accept": "application/cap+xml, application/atom+xml, application/rss+xml, */*;q=0.5",
            "Accept-Encoding": "identity"}  # fmt: skip
    sent |= {"If-None-Match": etag} if etag else {}
    sent |= {"If-Modified-Since": modified} if modified else {}
    watch = _Watch(bounds.seconds)
    try:
        for _ in range(bounds.redirects + 1):
            answer = _get(address_check(address), sent, bounds, watch)
            if isinstance(answer, Fetched):
                return answer
            address = _next(address, answer)
    finally:
        watch.stop()
    raise _away("feed.redirects", address, "转址次数过多", "it redirects too often")


def _next(address: str, target: str) -> str:
    following = urljoin(address, target)
    if urlsplit(address).scheme == "https" and urlsplit(following).scheme != "https":
        raise _away("feed.redirects", address, "由加密地址转向不加密地址", "it redirects from https to http")
    return following


class _Watch:
    """Ends whatever goes on when the time is over, however slowly the other side drips."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def of(self, connected: socket.socket) -> None:
        """Watch this socket."""
        self._socket = connected
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()


def _get(parts: SplitResult, sent: dict[str, str], bounds: Limits, watch: _Watch) -> Fetched | str:
    """The answer, or where it redirects to."""
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port, timeout=bounds.seconds)
    try:
        plain = _connect(host, port, bounds)
        watch.of(plain)
        connection.sock = _secured(plain, host) if parts.scheme == "https" else plain
        watch.of(connection.sock)
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
        connection.request("GET", path + query, headers=sent)
        found = _answer(connection.getresponse(), parts.geturl(), bounds)
    except (OSError, http.client.HTTPException, UnicodeError, Unavailable) as failure:
        if watch.over:
            raise _too_slow(host, bounds) from failure
        if isinstance(failure, Problem):
            raise
        raise _away(
            "feed.unreachable", host, f"无法连接（{type(failure).__name__}）", f"it can't be reached ({failure})"
        ) from failure
    finally:
        connection.close()
    if watch.over:
        raise _too_slow(host, bounds)
    return found


def _connect(host: str, port: int, bounds: Limits) -> socket.socket:
    """Connect to the first address of the name that may be connected to."""
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    allowed = [str(address) for address in found if bounds.private or is_outside(str(address))]
    if not allowed:
        raise Invalid(
            code="feed.inside",
            zh=f"{host} 指向本机或内网地址，不予读取；确需读取内网源时请打开选项 feeds_private。",
            en=f"{host} is a loopback, private or reserved address; to read feeds inside, set the option feeds_private.",
            field="url",
            value=host,
        )
    return socket.create_connection((allowed[0], port), timeout=bounds.seconds)


def is_outside(address: str) -> bool:
    """Is this IP address one of the public internet, also when IPv6 wraps an IPv4 one?"""
    try:
        found: Any = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is None and found.version == 6 and found in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(found) & 0xFFFFFFFF)
    return bool((inner or found).is_global and not (inner or found).is_multicast and found.is_global)


def _secured(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _answer(answer: http.client.HTTPResponse, address: str, bounds: Limits) -> Fetched | str:
    if answer.status in _REDIRECTS and answer.getheader("Location"):
        return str(answer.getheader("Location"))
    if answer.status not in (200, 304):
        wait = answer.getheader("Retry-After") or ""
        problem = _away(
            "feed.status", address, f"对方答复状态码{answer.status}", f"it answers with status {answer.status}"
        )
        problem.extra["retry_after_s"] = min(int(wait), 86_400) if wait.isdecimal() and len(wait) < 9 else 0
        raise problem
    if int(answer.length or 0) > bounds.bytes:
        raise _too_large(address, bounds)
    body = answer.read(bounds.bytes + 1) if answer.status == 200 else b""
    if len(body) > bounds.bytes:
        raise _too_large(address, bounds)
    if answer.status == 200 and answer.length:
        raise _away("feed.unreachable", address, "内容未传完", "the answer was cut short")
    etag, modified = answer.getheader("ETag") or "", answer.getheader("Last-Modified") or ""
    return Fetched(answer.status, body, etag[:200], modified[:64], address)


def _too_slow(host: str, bounds: Limits) -> Problem:
    return _away("feed.too_slow", host, f"超过{bounds.seconds:g}秒未答完", f"no whole answer in {bounds.seconds:g} s")


def _too_large(address: str, bounds: Limits) -> Problem:
    return _away("feed.too_large", address, f"内容超过{bounds.bytes}字节", f"it is larger than {bounds.bytes} bytes")


def _away(code: str, where: str, zh: str, en: str) -> Problem:
    return Unavailable(
        code=code,
        zh=f"预警源 {where[:200]} 读取失败：{zh}；将自动重试，请核对地址或联系对方。",
        en=f"{where[:200]} can't be read: {en}. It is tried again; check the address or ask who runs it.",
        field="url",
        value=where[:200],
    )
