"""Chaining committed entries: each seal hashes the entry, the row versions of its act, and the seal before it."""

from __future__ import annotations

import hashlib
import json

from django.db import connection, transaction

LOCK = 0x416E6C616E  # "Anlan": one sealer at a time

# What is hashed of an entry and of a row version: the facts, not the place they got in this database.
ENTRY_DIGEST = """sha256(convert_to(concat_ws('|', e.uid, e.node, e.kind, e.version, e.about, e.division,
    extract(epoch from e.at), extract(epoch from e.recorded_at), e.actor::text, e.data::text), 'UTF8'))"""
ROW_DIGEST = """sha256(convert_to(concat_ws('|', c.tbl, c.op, c.key, c.division, c.reach, extract(epoch from c.at),
    coalesce(c.row::text, ''), c.salt::text), 'UTF8'))"""
# Of a version whose personal data was destroyed, the digest it was sealed with (`journal.redact`).
SEALED_DIGEST = f"""coalesce((SELECT r.before FROM kernel_redaction r WHERE r.change_id = c.id), {ROW_DIGEST})"""
CHANGE_DIGEST = f"""sha256(string_agg({SEALED_DIGEST}, ''::bytea
    ORDER BY c.tbl COLLATE "C", c.key COLLATE "C", c.id))"""

# All entries not yet sealed, in order; beside the last one of each act, the digest of the act's row versions. An act
# commits whole, so its entries are always here together. The laterals keep to the indexes whatever the planner believes
# about tables that grow as fast as these.
_PENDING = f"""
SELECT id, content, (SELECT seq FROM kernel_seal ORDER BY seq DESC LIMIT 1),
  (SELECT hash FROM kernel_seal ORDER BY seq DESC LIMIT 1),
  CASE WHEN id = last THEN (SELECT {CHANGE_DIGEST} FROM kernel_change c WHERE c.act = p.act) END
FROM (
  SELECT e.id, e.act, e.content, max(e.id) OVER (PARTITION BY e.act) AS last
  FROM kernel_unsealed u CROSS JOIN LATERAL (
    SELECT e.id, e.act, {ENTRY_DIGEST} AS content FROM kernel_entry e WHERE e.id = u.entry OFFSET 0) e) p
ORDER BY id
"""
_SEAL = """
WITH fresh AS (
  SELECT (j ->> 0)::bigint AS seq, (j ->> 1)::bigint AS entry, (j ->> 2)::bool AS closes, decode(j ->> 3, 'hex') AS hash
  FROM json_array_elements(%s::json) j),
gone AS (DELETE FROM kernel_unsealed WHERE entry = ANY (ARRAY(SELECT entry FROM fresh)))
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_PENDING)
        rows = cursor.fetchall()
        if rows:
            cursor.execute(_SEAL, [json.dumps(_chain(rows))])
    return len(rows)


def _chain(rows: list[tuple[int, bytes, int | None, bytes | None, bytes | None]]) -> list[tuple[int, int, bool, str]]:
    """Return the seals: sequence, entry, whether the act's row versions are sealed here, hash in hex."""
    seq, previous = rows[0][2] or 0, bytes(rows[0][3] or bytes(32))
    seals: list[tuple[int, int, bool, str]] = []
    for entry, content, _, _, changes in rows:
        seq += 1
        previous = link(previous, seq, bytes(content), None if changes is None else bytes(changes))
        seals.append((seq, entry, changes is not None, previous.hex()))
    return seals
