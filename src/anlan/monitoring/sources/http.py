"""Readings over HTTP: a small ASGI application on the gateway's own port. 200 and 204 mean: durable in the log.

POST /v1/readings   application/json (objects or columns) or text/csv, maybe gzip
POST /v1/write      InfluxDB line protocol (also /write and /api/v2/write, as InfluxDB's own clients send it)
GET  /metrics, /healthz
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs

import msgspec
import structlog

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, NotFound, Problem, TooLarge, Unavailable
from anlan.monitoring.choices import Protocol
from anlan.monitoring.formats.inflated import inflated
from anlan.monitoring.formats.line_readings import read_lines
from anlan.monitoring.formats.readings_batch import Row, Taken, read_csv, read_json
from anlan.monitoring.formats.readings_csv import RowError
from anlan.monitoring.services.frames import FrameIn
from anlan.monitoring.sources.batcher import Answer, Batcher
from anlan.monitoring.sources.health import Health
from anlan.monitoring.sources.http_access import Access

T = TypeVar("T")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
PATIENCE_S = 20.0  # how long a sender waits for the durable write before it is asked to come again
DECODE_BESIDE = 100_000  # bytes: larger bodies are decoded in a thread, so that devices don't wait meanwhile
RETRY_S = 5
CODE = "http"


class Received(NamedTuple):
    """A request as far as this port needs it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[bytes, bytes]
    peer: str

    def header(self, name: bytes) -> str:
        """Return a header's text, '' when it wasn't sent."""
        return self.headers.get(name, b"").decode("latin-1")


class Reply(NamedTuple):
    """What is answered."""

    status: int
    body: bytes = b""
    kind: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class HttpPort:
    """The ASGI application. ready: says what doesn't work ('' when all does), for /healthz."""

    def __init__(self, batcher: Batcher, health: Health, ready: Callable[[], str]) -> None:
        self.batcher, self.health, self.ready, self.access = batcher, health, ready, Access()
        self.most_bytes = options.gateway_body_mb * 1_000_000

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        client = scope.get("client") or ("", 0)
        request = Received(
            scope["method"], scope["path"], parse_qs(scope["query_string"].decode("latin-1")), dict(scope["headers"]),
            f"{client[0]}:{client[1]}",
        )  # fmt: skip
        try:
            reply = await self._answered(request, receive)
        except Problem as problem:
            reply = _refusal(problem)
        except Exception as failure:
            structlog.get_logger().exception("gateway.http_failed", error=repr(failure)[:300])
            reply = _refusal(_broken())
        headers = [(b"content-type", reply.kind), (b"content-length", str(len(reply.body)).encode()), *reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answered(self, request: Received, receive: Receive) -> Reply:
        if request.method in ("GET", "HEAD"):
            return self._told(request.path)
        takes = {"/v1/readings": self._batch, "/v1/write": self._lines, "/write": self._lines,
                 "/api/v2/write": self._lines}.get(request.path)  # fmt: skip
        if takes is None or request.method != "POST":
            raise _no_page(request.path)
        actor = await self.access.admit(request.header(b"authorization"))
        if self.batcher.full:
            raise self._busy()
        body = await self._body(request, receive)
        return await takes(request, body, actor.scope.prefixes)

    def _told(self, path: str) -> Reply:
        if path == "/metrics":
            return Reply(200, self.batcher.metrics.text(), b"text/plain; version=0.0.4; charset=utf-8")
        if path == "/healthz":
            wrong = self.ready()
            return Reply(503 if wrong else 200, (wrong or "ok").encode(), b"text/plain; charset=utf-8")
        raise _no_page(path)

    async def _body(self, request: Received, receive: Receive) -> bytes:
        """Return the body as it came, bounded."""
        length = request.header(b"content-length")
        if length.isdigit() and int(length) > self.most_bytes:
            raise self._too_large()
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Invalid(
                    code="http.broken_off", zh="请求未发完；请重发。", en="The request broke off; send it again."
                )
            parts.append(message.get("body", b""))
            size, more = size + len(parts[-1]), message.get("more_body", False)
            if size > self.most_bytes:
                raise self._too_large()
        return b"".join(parts)

    async def _batch(self, request: Received, body: bytes, reach: tuple[str, ...]) -> Reply:
        kind = request.header(b"content-type").partition(";")[0].strip().lower()
        reader = read_csv if kind in ("text/csv", "application/csv") else read_json
        taken, answer = await self._take(request, body, reach, reader, "csv" if reader is read_csv else "json")
        errors = [error._asdict() for error in (*taken.errors, *_outside(answer))]
        told = {
            "count": answer.taken, "unknown": sorted({code for code, _ in answer.unknown}),
            "unknown_rows": sum(answer.unknown.values()), "wrong": taken.wrong + sum(answer.outside.values()),
            "errors": errors,
        }  # fmt: skip
        return Reply(200, msgspec.json.encode(told))

    async def _lines(self, request: Received, body: bytes, reach: tuple[str, ...]) -> Reply:
        precision = (request.query.get("precision") or ["ns"])[0]
        now = clock.now()
        taken, answer = await self._take(request, body, reach, lambda b: read_lines(b, precision, now), "influx")
        errors = [*taken.errors, *_outside(answer)]
        if not errors and not answer.unknown:
            return Reply(204)
        for code, element in list(answer.unknown)[:50]:
            zh, en = (
                f"没有测项 {code} {element}；请先登记。",
                f"There is no series {code} {element}; register it first.",
            )
            errors.append(RowError(0, "station", code, zh, en))
        told = [error._asdict() for error in errors]
        problem = Invalid(
            code="readings.partly", zh=f"部分行未收：{errors[0].zh}", en=f"Partial write: {errors[0].en}",
            field=errors[0].field, value=errors[0].value, count=answer.taken, errors=told,
        )  # fmt: skip
        body_ = problem.as_dict("en") | {"status": 400, "error": problem.en, "message": problem.en}
        return Reply(400, msgspec.json.encode(body_), b"application/problem+json")

    async def _take(
        self, request: Received, body: bytes, reach: tuple[str, ...], reader: Callable[[bytes], Taken], form: str
    ) -> tuple[Taken, Answer]:
        """Decode, offer and wait until it is durable. What can't be read at all is kept as evidence and refused."""
        refusal: Problem | None = None
        packed = request.header(b"content-encoding")
        try:
            plain = await _beside(lambda: inflated(body, packed, self.most_bytes), len(body))
            taken = await _beside(lambda: reader(plain), len(plain))
        except Problem as problem:
            plain, taken, refusal = body, Taken([], [], 1), problem
        if refusal is None and taken.errors and not taken.rows:
            refusal = _none_good(taken)
        error = refusal.en if refusal else (taken.errors[0].en if taken.errors else "")
        station = _only_station(taken.rows)
        frame = FrameIn(clock.now(), Protocol.HTTP, request.peer, station, "", plain, 0, error)
        answer = await self._durable(taken.rows, frame, reach, form)
        self.health.took(request.peer, answer, understood=refusal is None)
        if refusal is not None:
            raise refusal
        return taken, answer

    async def _durable(self, rows: list[Row], frame: FrameIn, reach: tuple[str, ...], form: str) -> Answer:
        offered = asyncio.ensure_future(self.batcher.offer(rows, frame, source=f"{CODE}:{form}", reach=reach))
        done, _ = await asyncio.wait([offered], timeout=PATIENCE_S)
        if not done:
            offered.cancel()
            raise self._busy()
        return offered.result()

    def _busy(self) -> Unavailable:
        self.batcher.metrics.busy.inc()
        return Unavailable(
            code="gateway.busy",
            zh=f"读数暂时无法落盘，本批未确认；请 {RETRY_S} 秒后重发（重发无害）。",
            en=f"Readings can't be made durable just now, this batch is not confirmed; send it again in {RETRY_S} s"
            " (repeating is harmless).",
            retry_after_s=RETRY_S,
        )

    def _too_large(self) -> TooLarge:
        most = self.most_bytes // 1_000_000
        return TooLarge(
            code="http.too_large", zh=f"一批最多 {most} MB；请分批发送。", en=f"A batch has at most {most} MB; split it.",
            field="body",
        )  # fmt: skip


async def _beside(work: Callable[[], T], size: int) -> T:
    return work() if size < DECODE_BESIDE else await asyncio.to_thread(work)


def _outside(answer: Answer) -> list[RowError]:
    return [
        RowError(
            0, "station", code, f"测站 {code} 不在令牌的行政区划内；请换用有权的令牌。",
            f"Station {code} lies outside the token's divisions; use a token that reaches it.",
        )
        for code in list(answer.outside)[:50]
    ]  # fmt: skip


def _only_station(rows: list[Row]) -> str:
    first = rows[0][0] if rows else ""
    return first if all(row[0] == first for row in rows) else ""


def _none_good(taken: Taken) -> Invalid:
    first = taken.errors[0]
    return Invalid(
        code="readings.none_good", zh=first.zh, en=first.en, field=first.field, value=first.value,
        errors=[error._asdict() for error in taken.errors],
    )  # fmt: skip


def _no_page(path: str) -> NotFound:
    return NotFound(
        code="http.no_page",
        zh="没有此地址；请向 /v1/readings 或 /v1/write 发送 POST。",
        en="There is nothing here; POST to /v1/readings or /v1/write.",
        field="path",
        value=path,
    )


def _broken() -> Problem:
    return Problem(code="gateway.fault", zh="网关出错，本批未确认；请重发。", en="The gateway failed; send it again.")


def _refusal(problem: Problem) -> Reply:
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if "retry_after_s" in problem.extra:
        headers = ((b"retry-after", str(problem.extra["retry_after_s"]).encode()),)
    body = msgspec.json.encode(problem.as_dict("en"))
    return Reply(problem.http, body, b"application/problem+json", headers)
