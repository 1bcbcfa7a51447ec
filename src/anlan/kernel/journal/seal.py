"""Chaining committed entries: each seal hashes the entry, the row versions of its act, and the seal before it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction

LOCK = 0x416E6C616E  # "Anlan": one sealer at a time
BATCH = 5000

# What is hashed of an entry and of a row version: the facts, not the place they got in this database.
ENTRY_DIGEST = """sha256(convert_to(concat_ws('|', e.uid, e.node, e.kind, e.version, e.about, e.division,
    extract(epoch from e.at), extract(epoch from e.recorded_at), e.actor::text, e.data::text), 'UTF8'))"""
CHANGE_DIGEST = """sha256(convert_to(string_agg(concat_ws('|', c.tbl, c.op, c.key, c.division, c.reach,
    extract(epoch from c.at), coalesce(c.row::text, '')), E'\\n'
    ORDER BY c.tbl COLLATE "C", c.key COLLATE "C", c.id), 'UTF8'))"""

_PENDING = f"""
SELECT e.id, e.act, {ENTRY_DIGEST}
FROM kernel_unsealed u JOIN kernel_entry e ON e.id = u.entry ORDER BY e.id LIMIT {BATCH}
"""
_CHANGES = f"SELECT c.act, {CHANGE_DIGEST} FROM kernel_change c WHERE c.act = ANY(%s) GROUP BY c.act"


def link(previous: bytes, seq: int, entry: bytes, changes: bytes | None) -> bytes:
    """Return the hash of one seal (SHA-256 over the seal before, the order, the entry and its row versions)."""
    return hashlib.sha256(previous + seq.to_bytes(8) + entry + (changes or b"")).digest()


def head() -> tuple[int, bytes]:
    """Return sequence and hash of the last seal; (0, 32 zero bytes) for an empty chain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM kernel_seal ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, bytes(32))


def digest() -> str:
    """Return the head of the chain as `seq:hex`: equal digests mean equal journals."""
    seq, value = head()
    return f"{seq}:{value.hex()}"


@transaction.atomic(savepoint=False)
def seal() -> int:
    """Chain all committed entries not yet sealed; return how many. Safe to call from several processes."""
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        while rows := _pending(cursor):
            _chain(cursor, rows)
            done += len(rows)
            if len(rows) < BATCH:
                break
        if done:
            cursor.execute("SELECT pg_notify('anlan_sealed', '')")
    return done


def _pending(cursor: Any) -> list[tuple[int, int, bytes]]:
    cursor.execute(_PENDING)
    return [(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]


def _chain(cursor: Any, rows: list[tuple[int, int, bytes]]) -> None:
    """Write the seals of one batch. An act's row versions go under its last entry in the batch.

    An act commits whole, so its entries are pending together; only a batch border could part them, and then the
    row versions are sealed once, with the entries of the act that came first.
    """
    last = {act: entry for entry, act, _ in rows}
    cursor.execute(
        "SELECT e.act FROM kernel_entry e JOIN kernel_seal s ON s.entry_id = e.id"
        " WHERE e.act = ANY(%s) AND s.closes_act",
        [list(last)],
    )
    closed = {row[0] for row in cursor.fetchall()}
    cursor.execute(_CHANGES, [[act for act in last if act not in closed]])
    changes = {row[0]: bytes(row[1]) for row in cursor.fetchall()}
    seq, previous = head()
    seals: list[tuple[int, int, bool, str]] = []
    for entry, act, content in rows:
        seq += 1
        closes = last[act] == entry and act in changes
        previous = link(previous, seq, content, changes[act] if closes else None)
        seals.append((seq, entry, closes, previous.hex()))
    cursor.execute(
        "INSERT INTO kernel_seal (seq, entry_id, closes_act, hash) SELECT (j ->> 0)::bigint, (j ->> 1)::bigint,"
        " (j ->> 2)::bool, decode(j ->> 3, 'hex') FROM json_array_elements(%s::json) j",
        [json.dumps(seals)],
    )
    cursor.execute("DELETE FROM kernel_unsealed WHERE entry = ANY(%s)", [[row[0] for row in rows]])
