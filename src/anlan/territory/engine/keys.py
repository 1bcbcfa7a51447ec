"""Row ids of generated rows: they follow from table and code, so that any part refers to any other without looking."""

from __future__ import annotations

import hashlib
from uuid import UUID


def stable_id(table: str, code: str) -> UUID:
    """Return the id (UUID version 8, RFC 9562: own contents) of the row of `table` with the natural key `code`."""
    value = int.from_bytes(hashlib.blake2b(f"{table}|{code}".encode(), digest_size=16).digest())
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
