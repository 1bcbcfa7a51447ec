"""Proving the chain: every seal is computed again from what the tables hold now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from anlan.kernel.journal.redact import untold
from anlan.kernel.journal.seal import CHANGE_DIGEST, ENTRY_DIGEST, link

STEP = 5000

_SEALS = f"""
SELECT s.seq, s.hash, s.closes_act, e.id, e.uid, e.kind, e.act, {ENTRY_DIGEST}
FROM kernel_seal s LEFT JOIN kernel_entry e ON e.id = s.entry_id
WHERE s.seq > %s ORDER BY s.seq LIMIT {STEP}
"""
_CHANGES = f"SELECT c.act, {CHANGE_DIGEST} FROM kernel_change c WHERE c.act = ANY(%s) GROUP BY c.act"


@dataclass(frozen=True)
class Broken:
    """The first place where the chain does not hold: the sequence, the entry, and why, in both languages."""

    seq: int
    entry: int | None
    uid: str
    kind: str
    zh: str
    en: str


def verify() -> Broken | None:
    """Walk the whole chain; return the first broken row, or None when all holds."""
    previous = bytes(32)
    for expected, row in enumerate(_walk(), start=1):
        seq, stored, closes, entry, uid, kind, content, changes = row
        if seq != expected:
            return Broken(seq, entry, uid, kind, f"序号 {expected} 的日志封存缺失", f"The seal {expected} is missing")
        if entry is None:
            return Broken(seq, None, "", "", f"序号 {seq} 的日志条目被删除", f"The entry sealed as {seq} is gone")
        previous = link(previous, seq, content, changes if closes else None)
        if previous != stored:
            zh = f"序号 {seq}（条目 {entry}，{kind}）或其数据版本在封存后被改动"
            en = f"Row {seq} (entry {entry}, {kind}) or a row version of its act was changed after sealing"
            return Broken(seq, entry, uid, kind, zh, en)
    return _stray() or _untold()


def _untold() -> Broken | None:
    """Find personal data destroyed in a way no entry tells of, or a redacted version changed since."""
    act = next(untold(), None)
    if act is None:
        return None
    zh = f"事务 {act} 的版本脱敏没有相符的日志条目：脱敏后又被改动，或不是经服务进行的"
    en = f"No entry tells of the redactions of act {act} as they stand: changed since, or not done by the service"
    return Broken(0, None, "", "journal.redacted", zh, en)


def _stray() -> Broken | None:
    """Find a row version that no sealed entry tells of: it was written behind the services' back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.tbl, c.key, c.act FROM kernel_change c WHERE NOT EXISTS"
            " (SELECT 1 FROM kernel_entry e WHERE e.act = c.act) ORDER BY c.id LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    change, table, key, act = row
    zh = f"数据版本 {change}（表 {table}，行 {key}，事务 {act}）没有对应的日志条目，不是经服务写入的"
    en = f"Row version {change} (table {table}, row {key}, act {act}) has no journal entry: it bypassed the services"
    return Broken(0, None, "", table, zh, en)


def _walk() -> Iterator[tuple[int, bytes, bool, int | None, str, str, bytes, bytes | None]]:
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_SEALS, [after])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.execute(_CHANGES, [[row[6] for row in rows if row[2]]])
            changes = {act: bytes(value) for act, value in cursor.fetchall()}
            for seq, stored, closes, entry, uid, kind, act, content in rows:
                yield (
                    seq,
                    bytes(stored),
                    closes,
                    entry,
                    str(uid or ""),
                    kind or "",
                    bytes(content or b""),
                    changes.get(act),
                )
            after = rows[-1][0]
