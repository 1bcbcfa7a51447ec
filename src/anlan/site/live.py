"""The live feed: one small ASGI process that holds the listeners and sends frames of sealed events.

Listeners of the same scope share one frame. A listener that comes back with Last-Event-ID gets what it missed; when
that is too much it is told to refetch, which is the same path as opening the page.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django

from anlan.site.starting import loading

with loading():
    django.setup()

import orjson
import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from anlan.kernel import live, scope
from anlan.kernel.journal import head
from anlan.kernel.journal.reactor import entries_between
from anlan.kernel.models import Account
from anlan.kernel.options import options

Prefixes = tuple[str, ...]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
log = structlog.get_logger()
GATHER_S, HEARTBEAT_S, CLOCK_S = 0.15, 15.0, 1.0


class Feed:
    """The listeners by scope, and the sequence each scope's group has been sent."""

    def __init__(self) -> None:
        self.groups: dict[Prefixes, set[asyncio.Queue[bytes]]] = {}
        self.seq = 0
        self.quiet_at = 0.0
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Follow the sealed journal for ever; a lost database is waited out."""
        while True:
            try:
                self.seq = max(self.seq, (await _head())[0])
                address = await _address()
                async with await psycopg.AsyncConnection.connect(**address, autocommit=True) as listener:
                    await listener.execute("LISTEN anlan_sealed")
                    await self._follow(listener)
            except (psycopg.Error, OSError, django.db.Error) as failure:
                log.warning("live.database_lost", error=str(failure))
                await _close()
                await asyncio.sleep(0.5)

    async def _follow(self, listener: psycopg.AsyncConnection[Any]) -> None:
        while True:
            await _heard(listener)
            upto = (await _head())[0]
            if upto > self.seq:
                await self._send(self.seq, upto)
                self.seq = upto

    async def _send(self, after: int, upto: int) -> None:
        groups = [prefixes for prefixes, queues in self.groups.items() if queues]
        if not groups:
            return
        frames, quiet = await _frames(groups, after, upto)
        # Those with no news hear now and then how far the journal is; that they must refetch, at once.
        told = monotonic() - self.quiet_at > CLOCK_S or upto - after > live.MAX_FRAME
        self.quiet_at = monotonic() if told else self.quiet_at
        for prefixes in groups:
            message = frames.get(prefixes, quiet if told else b"")
            if not message:
                continue
            queues = self.groups.get(prefixes, set())
            for queue in list(queues):
                if queue.full():
                    queues.discard(queue)
                else:
                    queue.put_nowait(message)


async def _heard(listener: psycopg.AsyncConnection[Any]) -> None:
    """Wait until something was sealed, then a moment for what comes with it: once, however many notices one packet brings."""
    if [notice async for notice in listener.notifies(timeout=CLOCK_S, stop_after=1)]:
        await asyncio.sleep(GATHER_S)


feed: Feed | None = None


async def app(scope_: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application: `GET /live` streams, `GET /healthz` answers."""
    global feed
    if scope_["type"] == "lifespan":
        await receive()
        feed = Feed()
        task = asyncio.create_task(feed.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        task.cancel()
        await _close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope_["path"] == "/healthz":
        await _answer(send, 200, b"ok")
        return
    account = await _account(scope_)
    if scope_["path"] != "/live" or feed is None or account is None:
        await _answer(send, 404 if scope_["path"] != "/live" else 403, b"")
        return
    await _stream(feed, account, scope_, receive, send)


async def _stream(feed: Feed, account: Account, scope_: dict[str, Any], receive: Receive, send: Send) -> None:
    prefixes = tuple(account.divisions)
    queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=256)
    group = feed.groups.setdefault(prefixes, set())
    group.add(queue)
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), *_cors(scope_)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    try:
        since = _since(scope_)
        upto = feed.seq
        if since is not None and since > (await _head())[0]:
            await _chunk(send, b"event: refetch\ndata: {}\n\n")  # the database is another one, or an older copy
        elif since is not None and since < upto:
            await _chunk(send, await _frame(prefixes, since, upto))
        await _chunk(send, b": hello\n\n")
        gone = asyncio.create_task(_gone(receive))
        while not gone.done() and queue in group:
            try:
                await _chunk(send, await asyncio.wait_for(queue.get(), HEARTBEAT_S))
            except TimeoutError:
                await _chunk(send, b"event: beat\ndata: {}\n\n")
        gone.cancel()
    finally:
        group.discard(queue)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _chunk(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


def _header(scope_: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope_["headers"] if key == name), "")


def _cors(scope_: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """Let pages of the same host on the web port read the feed with their cookie, and nobody else."""
    origin, host = _header(scope_, b"origin"), _header(scope_, b"host").rsplit(":", 1)[0]
    if origin and origin.partition("://")[2].rsplit(":", 1)[0] == host:
        return [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    return []


def _since(scope_: dict[str, Any]) -> int | None:
    query = parse_qs(scope_["query_string"].decode())
    value = _header(scope_, b"last-event-id") or (query.get("since") or [""])[0]
    return int(value) if value.isdigit() else None


@sync_to_async
def _address() -> dict[str, Any]:
    """Return where the database is, as Django knows it."""
    known = ("dbname", "user", "password", "host", "port", "application_name")
    return {key: value for key, value in connection.get_connection_params().items() if key in known}


@sync_to_async
def _head() -> tuple[int, bytes]:
    return head()


@sync_to_async
def _close() -> None:
    connection.close()


@sync_to_async
def _frames(groups: list[Prefixes], after: int, upto: int) -> tuple[dict[Prefixes, bytes], bytes]:
    """Return the event of each scope the new entries concern, read as the web's role, and the one for all others.

    The entries, the clock and the projections are read once for all scopes."""
    if upto - after > live.MAX_FRAME:
        return {}, _message(None, upto)
    with transaction.atomic(), scope.lent(scope.Scope.whole(), options.secret_key):
        entries, now, known = entries_between(after, upto), live.clock_state(), live.projections()
    frames: dict[Prefixes, bytes] = {}
    for prefixes in groups:
        reader = scope.Scope(prefixes)
        if not (mine := live.concerning(reader, entries, known)):
            continue
        stale = live.touched(mine, known)
        if stale:
            with transaction.atomic():
                scope.activate(reader, options.secret_key)
                frame = live.frame_of(reader, mine, stale, upto, now, known)
        else:
            frame = live.frame_of(reader, mine, {}, upto, now, known)
        frames[prefixes] = _message(frame, upto)
    return frames, _message(live.frame_of(scope.Scope(), [], {}, upto, now, known), upto)


@sync_to_async
def _frame(prefixes: Prefixes, after: int, upto: int) -> bytes:
    """Return what a listener of a scope missed, as one event."""
    reader = scope.Scope(prefixes)
    with transaction.atomic():
        scope.activate(reader, options.secret_key)
        return _message(live.frame(reader, after, upto), upto)


def _message(frame: dict[str, Any] | None, upto: int) -> bytes:
    if frame is None:
        return f"id: {upto}\nevent: refetch\ndata: {{}}\n\n".encode()
    return b"id: %d\ndata: %s\n\n" % (upto, orjson.dumps(frame, default=str, option=orjson.OPT_PASSTHROUGH_DATETIME))


@sync_to_async
def _account(scope_: dict[str, Any]) -> Account | None:
    """Return the account of the session cookie."""
    from http.cookies import SimpleCookie

    cookie = SimpleCookie(_header(scope_, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    if cookie is None:
        return None
    key = SessionStore(cookie.value).get("_auth_user_id")
    return Account.objects.filter(pk=key, is_active=True).first() if key else None
