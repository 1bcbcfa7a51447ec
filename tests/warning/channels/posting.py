"""Senders in a thread beside the test, gateways that speak the real protocols, and messages to send."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.warning.channels import switchboard
from anlan.warning.channels.base import Outgoing
from anlan.warning.channels.post_room import PostRoom
from anlan.warning.models import OutboxMessage, Warning
from anlan.warning.services import WaySpec, way_save

BY = Actor.system("test")
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(found: Callable[[], T], what: str = "", seconds: float = 20.0) -> T:
    """Wait until `found` gives something true, and return it."""
    end = time.monotonic() + seconds
    while True:
        got = found()
        if got:
            return got
        assert time.monotonic() < end, f"never came: {what or found}; {_seen()}"
        time.sleep(0.02)


def _seen() -> str:
    """What the queue holds, for whoever reads why a test failed."""
    rows = OutboxMessage.objects.order_by("id").values_list("channel", "state", "tries", "reference", "error")
    return f"{OutboxMessage.objects.count()} messages, {list(rows[:12])}"


class Post:
    """The post room in a thread and event loop of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._begun.wait(20)

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.room = PostRoom(self.folder)
        self._begun.set()
        await self.room.run()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.room.stop.set)
        self._thread.join(30)
        assert not self._thread.is_alive()


class WebGateway:
    """An HTTP gateway: keeps every request; knows a repeat by its Idempotency-Key; `answer` says what it replies."""

    def __init__(self, port: int = 0) -> None:
        gateway = self
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.accepted: dict[str, Any] = {}
        self.repeats = 0
        self.answer: Callable[[str, dict[str, str], bytes], tuple[int, dict[str, Any]] | None] = lambda *_: None
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, told = gateway.take(self.command, self.path, headers, body)
                raw = json.dumps(told).encode()
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append((method, path, headers, body))
            own = self.answer(path, headers, body)
            if own is not None:
                return own
            key = headers.get("idempotency-key", "")
            if key in self.accepted:
                self.repeats += 1
                return 409, {"code": 0, "data": {"id": self.accepted[key]}}
            self.accepted[key or str(len(self.accepted))] = f"g{len(self.accepted)}"
            return 200, {"code": 0, "data": {"id": f"g{len(self.accepted) - 1}"}}

    def url(self, path: str = "/send") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, _, body in self.requests]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def way(code: str, carries: str, kind: str, settings: dict[str, Any] | None = None, **more: Any) -> Any:
    """Set a way out up, quick to retry."""
    given = {"rate_per_s": 2000.0, "window": 16, "backoff_s": 0.1, **more}
    return way_save(by=BY, spec=WaySpec(code, carries, kind, code, code, "", settings=settings or {}, **given))


def warning_row(
    number: str = "41018141600000_20210720060000_0", *, drill: bool = False, area: Sequence[str] = ("410181",)
) -> Warning:
    at = clock.now()
    return Warning.objects.create(
        division=area[0], number=number, hazard="11B03", colour="red", issuer_kind="weather", sender="41018141600000",
        headline_zh="巩义市气象台发布暴雨红色预警", headline_en="Red rainstorm warning", description_zh="雨", description_en="rain",
        instruction_zh="立即转移。", instruction_en="Leave now.", area=list(area), issued_at=at, effective=at,
        expires=datetime(2099, 1, 1, tzinfo=at.tzinfo), state_at=at, drill=drill, cap_xml="<alert/>", ladder="x",
        ladder_version="1",
    )  # fmt: skip


def outgoing(warning: Warning, channels: Sequence[str], person: UUID | None = None, **more: Any) -> Outgoing:
    given: dict[str, Any] = {
        "text_zh": "巩义市气象台发布暴雨红色预警。立即转移。请立即回复：1收到 2正在处置 3需要支援 4无法执行。",
        "text_en": "Red rainstorm warning. Leave now.", "role": "village_officer", **more,
    }  # fmt: skip
    return Outgoing(warning=warning.id, number=warning.number, colour="red", channels=tuple(channels), drill=warning.drill,
                    at=clock.now(), person=person, **given)  # fmt: skip


def sent(*messages: Outgoing) -> None:
    from django.db import transaction

    with transaction.atomic():
        switchboard.send(messages)


def states(**which: Any) -> list[str]:
    return list(OutboxMessage.objects.filter(**which).order_by("id").values_list("state", flat=True))


def all_in(*wanted: str, **which: Any) -> Callable[[], bool]:
    def held() -> bool:
        found = states(**which)
        return bool(found) and set(found) <= set(wanted)

    return held
