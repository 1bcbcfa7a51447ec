"""Destroying personal data in kept row versions without breaking the chain (redaction).

The journal is append-only and sealed, yet the law wants personal data gone when it is no longer needed. What is destroyed
is the data and the salt it was sealed with; what stays is the digest of the version as it was, so that every seal is still
computed from the tables, and an entry that says who did it, how many versions, and a hash over what they were and are.
`verify` proves both. Without the salt the digest that stays can't be guessed back into a name or a telephone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.journal.record import record
from anlan.kernel.journal.seal import ROW_DIGEST, SEALED_DIGEST
from anlan.kernel.models import Tracked

# What an act's redactions were and are: the digests before, and those of the versions as they stand.
CONTENT = f"""
SELECT r.act, encode(sha256(string_agg(r.before || {ROW_DIGEST}, ''::bytea
    ORDER BY c.tbl COLLATE "C", c.key COLLATE "C", c.id)), 'hex')
FROM kernel_redaction r JOIN kernel_change c ON c.id = r.change_id {{where}} GROUP BY r.act
"""
_MARK = f"""
INSERT INTO kernel_redaction (change_id, act, before)
SELECT c.id, anlan_act(), {SEALED_DIGEST} FROM kernel_change c
WHERE c.tbl = %s AND c.key = ANY(%s) AND c.row IS NOT NULL AND NOT c.row @> %s::jsonb
  AND NOT EXISTS (SELECT 1 FROM kernel_redaction r WHERE r.change_id = c.id)
"""
_BLANK = """
UPDATE kernel_change c SET salt = NULL, row = c.row || (
  SELECT coalesce(jsonb_object_agg(k, v), '{}') FROM jsonb_each(%s::jsonb) x(k, v) WHERE c.row ? k)
FROM kernel_redaction r WHERE r.change_id = c.id AND r.act = anlan_act()
"""


class Redacted(Event, kind="journal.redacted"):
    """Personal data in kept row versions was destroyed (版本脱敏). table: of which table; versions: how many; fields: what
    was destroyed; sha256: over the digests before and after, in order."""

    table: str
    versions: int
    fields: list[str]
    sha256: str


def redact(*, by: Actor, model: type[Tracked], keys: Sequence[str], blanks: Mapping[str, Any], division: str) -> int:
    """Put `blanks` in place of these columns in all kept versions of the rows with these keys; return how many versions.

    At most once in an act, inside its transaction; versions that are blank already are left alone.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("versions are redacted only inside the transaction of the act")
    table, text = model._meta.db_table, json.dumps(dict(blanks))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM kernel_redaction WHERE act = anlan_act() LIMIT 1")
        if cursor.fetchone():
            raise RuntimeError("an act redacts once")
        cursor.execute(_MARK, [table, list(keys), text])
        versions = int(cursor.rowcount)
        if not versions:
            return 0
        cursor.execute(_BLANK, [text])
        cursor.execute(CONTENT.format(where="WHERE r.act = anlan_act()"))
        content = cursor.fetchone()[1]
    event = Redacted(table=table, versions=versions, fields=sorted(blanks), sha256=content)
    record(event, by=by, about="journal:redaction", division=division)
    return versions


def untold() -> Iterator[int]:
    """Yield the acts whose redactions no sealed entry tells of as they stand: tampered with, or done by hand."""
    with connection.cursor() as cursor:
        cursor.execute(CONTENT.format(where=""))
        acts = cursor.fetchall()
        for act, content in acts:
            cursor.execute(
                "SELECT 1 FROM kernel_entry WHERE act = %s AND kind = 'journal.redacted' AND data ->> 'sha256' = %s",
                [act, content],
            )
            if cursor.fetchone() is None:
                yield act
