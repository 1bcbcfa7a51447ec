"""Chaining committed entries: each seal hashes the entry, the row versions of its act, and the seal before it."""

from __future__ import annotations

import hashlib
import json

from django.db import connection, transaction

LOCK = 0x416E6C616E  # "Anlan": one sealer at a time
BATCH = 5000

# What is hashed of an entry and of a row version: the facts, not the place they got in this database.
ENTRY_DIGEST = """sha256(convert_to(concat_ws('|', e.uid, e.node, e.kind, e.version, e.about, e.division,
    extract(epoch from e.at), extract(epoch from e.recorded_at), e.actor::text, e.data::text), 'UTF8'))"""
CHANGE_DIGEST = """sha256(convert_to(string_agg(concat_ws('|', c.tbl, c.op, c.key, c.division, c.reach,
    extract(epoch from c.at), coalesce(c.row::text, '')), E'\\n'
    ORDER BY c.tbl COLLATE "C", c.key COLLATE "C", c.id), 'UTF8'))"""

# Entries not yet sealed, in order; beside the last entry of each act whose row versions are not sealed yet, those.
# An act commits whole, so only a batch border could part its entries; then the first part carries the row versions.
_PENDING = f"""
WITH pending AS (
  SELECT e.id, e.act, {ENTRY_DIGEST} AS content
  FROM kernel_unsealed u JOIN kernel_entry e ON e.id = u.entry ORDER BY e.id LIMIT {BATCH}),
acts AS (
  SELECT act, max(id) AS last FROM pending p WHERE NOT EXISTS (
    SELECT 1 FROM kernel_entry e JOIN kernel_seal s ON s.entry_id = e.id WHERE e.act = p.act AND s.closes_act)
  GROUP BY act),
kept AS (
  SELECT a.last, (SELECT {CHANGE_DIGEST} FROM kernel_change c WHERE c.act = a.act) AS content FROM acts a)
SELECT p.id, p.content, k.content FROM pending p LEFT JOIN kept k ON k.last = p.id ORDER BY p.id
"""
_SEAL = """
WITH fresh AS (
  SELECT (j ->> 0)::bigint AS seq, (j ->> 1)::bigint AS entry, (j ->> 2)::bool AS closes, decode(j ->> 3, 'hex') AS hash
  FROM json_array_elements(%s::json) j),
gone AS (DELETE FROM kernel_unsealed u USING fresh f WHERE u.entry = f.entry)
INSERT INTO kernel_seal (seq, entry_id, closes_act, hash) SELECT seq, entry, closes, hash FROM fresh
"""


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
    """Chain all committed entries not yet sealed; return how many. Safe to call from several processes.

    A trigger on the seals tells the live feed.
    """
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        while True:
            cursor.execute(_PENDING)
            rows = cursor.fetchall()
            if rows:
                cursor.execute(_SEAL, [json.dumps(_chain(rows))])
                done += len(rows)
            if len(rows) < BATCH:
                return done


def _chain(rows: list[tuple[int, bytes, bytes | None]]) -> list[tuple[int, int, bool, str]]:
    """Return the seals of one batch: sequence, entry, whether the act's row versions are sealed here, hash in hex."""
    seq, previous = head()
    seals: list[tuple[int, int, bool, str]] = []
    for entry, content, changes in rows:
        seq += 1
        previous = link(previous, seq, bytes(content), None if changes is None else bytes(changes))
        seals.append((seq, entry, changes is not None, previous.hex()))
    return seals
