"""Who sends over HTTP: a key for programs, looked up in the database now and then and kept to its rate in between.

A key that sends every second would else cost a durable write per request. Its rate is counted here exactly; its
validity (revoked, past its end, divisions) is asked again after LOOK_S, and that look counts in the database as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Forbidden, Problem, TooMany, Unavailable, Unknown
from anlan.kernel.tokens import WINDOW_S, Admission, token_admit

LOOK_S = 2.0
MOST_KEYS = 10_000
THREADS = 3  # a look is a durable write: several go into one commit


@dataclass(slots=True)
class _Kept:
    admission: Admission
    looked: float
    used_up: float  # when the requests so far are used up at the key's rate (generic cell rate algorithm)


class Access:
    """Admits requests by their Authorization header."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Kept] = {}
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix="keys") for _ in range(THREADS)]

    async def admit(self, header: str) -> Actor:
        """Return who acts. Raises Unknown (401), Forbidden (403), TooMany (429) and Unavailable (503)."""
        scheme, _, secret = header.strip().partition(" ")
        if scheme.lower() not in ("bearer", "token") or not secret.strip():
            raise Unknown(
                code="token.missing",
                zh="请求须带 Authorization: Bearer 令牌；请用 anlan token add 发放。",
                en="Send Authorization: Bearer with a token; make one with anlan token add.",
                field="Authorization",
                value=scheme,
            )
        key = hashlib.sha256(secret.strip().encode("utf-8", "surrogatepass")).digest()
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept.looked > LOOK_S:
            kept = await self._look(key, secret.strip(), kept)
        self._count(kept)
        actor = kept.admission.actor
        actor.must_have("monitoring.write")
        if not any(actor.may("readings.take", prefix) for prefix in actor.scope.prefixes):
            raise Forbidden(
                code="actor.may_not",
                zh=f"账号“{actor.name}”的岗位无权上报读数；请由管理员授予网关（gateway）角色。",
                en=f"The account “{actor.name}” may not send readings; have an administrator give it the role gateway.",
                field="Authorization",
                value=actor.name,
            )
        return actor

    async def _look(self, key: bytes, secret: str, kept: _Kept | None) -> _Kept:
        loop = asyncio.get_running_loop()
        try:
            admission = await loop.run_in_executor(self._threads[key[0] % THREADS], _admitted, secret)
        except Problem:
            self._kept.pop(key, None)
            raise
        if len(self._kept) >= MOST_KEYS:
            self._kept.clear()
        fresh = _Kept(admission, time.monotonic(), kept.used_up if kept else 0.0)
        self._kept[key] = fresh
        return fresh

    def _count(self, kept: _Kept) -> None:
        now, gap = time.monotonic(), WINDOW_S / kept.admission.limit
        used_up = max(kept.used_up, now) + gap
        if used_up - WINDOW_S > now + 1e-6:
            wait = max(1, int(used_up - WINDOW_S - now) + 1)
            name, rate = kept.admission.actor.token, kept.admission.limit
            raise TooMany(
                code="token.rate",
                zh=f"令牌“{name}”每分钟最多 {rate} 次请求；请 {wait} 秒后再试，或每次多报一些读数。",
                en=f"The token “{name}” has {rate} requests a minute; try again in {wait} s, or send more at once.",
                field="Authorization",
                value=name,
                retry_after_s=wait,
            )
        kept.used_up = used_up

    def close(self) -> None:
        """Let go of the threads and their connections."""
        for thread in self._threads:
            thread.submit(lambda: connection.close())
            thread.shutdown(wait=False)


def _admitted(secret: str) -> Admission:
    try:
        return token_admit(secret)
    except (DatabaseError, InterfaceError) as failure:
        connection.close()
        raise Unavailable(
            code="gateway.database",
            zh="数据库暂不可用，令牌无法核对；请稍候重发。",
            en="The database is away, so the token can't be checked; send again in a moment.",
        ) from failure
