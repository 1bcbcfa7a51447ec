"""Writes that may come twice: the answer to the first is committed with what it wrote, and given again.

Keys live by the wall clock, in drills too: what they span is a bad line, not the story.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import connection

from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid

HEADER: Final = "Idempotency-Key"
AGAIN_S: Final = 1


@dataclass(frozen=True)
class Given:
    """An answer as it was given."""

    status: int
    headers: dict[str, str]
    body: bytes


# Held to the end of the transaction; what holds it is doing the write. Nobody waits for it: a caller is told to.
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('anlan.idempotency ' || %s || ' ' || %s, 0))"
_REACH = "array_to_string(anlan_scope(), ',')"
_LAY = f"""
INSERT INTO kernel_idempotencykey (account_id, key, reach, asked, status, headers, body, expires_at)
VALUES (%s, %s, {_REACH}, %s, NULL, '{{}}', '', clock_timestamp() + make_interval(hours => %s))
ON CONFLICT (account_id, key) DO NOTHING RETURNING id
"""
_FIND = f"""
SELECT id, asked, status, headers::text, body, expires_at <= clock_timestamp() FROM kernel_idempotencykey
WHERE account_id = %s AND key = %s AND reach = {_REACH}
"""
_RENEW = """
UPDATE kernel_idempotencykey SET asked = %s, status = NULL, headers = '{}', body = '',
  expires_at = clock_timestamp() + make_interval(hours => %s) WHERE id = %s
"""
_KEEP = "UPDATE kernel_idempotencykey SET status = %s, headers = %s, body = %s WHERE id = %s"
_FORGET = "DELETE FROM kernel_idempotencykey WHERE expires_at <= clock_timestamp()"


def key_claim(*, account: int, key: str, asked: str) -> Given | int:
    """Return the answer kept under an account's key, or the number of the row to keep it in: then the write is the
    caller's to do, in this transaction. `asked`: the digest of the request.

    Raises Conflict (409) while the first is at it, Invalid (422) when the key stands for another request.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(account), key])
        if not cursor.fetchone()[0]:
            raise _running(key)
        cursor.execute(_LAY, [account, key, asked, options.idempotency_keep_h])
        if laid := cursor.fetchone():
            return int(laid[0])
        cursor.execute(_FIND, [account, key])
        found = cursor.fetchone()
        if found is not None and found[5]:  # over, and not swept yet
            cursor.execute(_RENEW, [asked, options.idempotency_keep_h, found[0]])
            return int(found[0])
    if found is None or found[1] != asked or found[2] is None:
        raise _taken(key)
    return Given(found[2], msgspec.json.decode(found[3]), bytes(found[4]))


def key_answer(row: int, given: Given) -> None:
    """Keep the answer under the key that was claimed in this transaction."""
    values: list[Any] = [given.status, msgspec.json.encode(given.headers).decode(), given.body, row]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        if cursor.rowcount != 1:
            raise RuntimeError("the answer can't be kept: the write left another scope than it was asked with")


def keys_forget() -> int:
    """Destroy the answers whose time is over; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        return int(cursor.rowcount)


def _running(key: str) -> Conflict:
    return Conflict(
        code="idempotency.running",
        zh=f"同一 {HEADER} 的请求还在办理；请 {AGAIN_S} 秒后原样重发，即可得到其答复。",
        en=f"A request with this {HEADER} is still being done; send it again in {AGAIN_S} s, unchanged, for its answer.",
        field=HEADER,
        value=key,
        retry_after_s=AGAIN_S,
    )


def _taken(key: str) -> Invalid:
    return Invalid(
        code="idempotency.reused",
        zh=f"此 {HEADER} 已用于另一个请求（方法、地址、内容或管辖范围不同）；重发须与首次完全相同，新的操作请换新键。",
        en=f"This {HEADER} stands for another request (method, address, body or reach differ): send that one unchanged,"
        " or take a new key for a new act.",
        field=HEADER,
        value=key,
    )
