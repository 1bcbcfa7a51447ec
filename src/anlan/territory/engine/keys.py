"""Row ids of generated rows: they follow from table and code, so that any part refers to any other without looking."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import numpy as np

LONGEST = 64


def stable_id(table: str, code: str) -> UUID:
    """Return the id (UUID version 8, RFC 9562: own contents) of the row of `table` with the natural key `code`."""
    value = int.from_bytes(hashlib.blake2b(f"{table}|{code}".encode(), digest_size=16).digest())
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def stable_ids(table: str, codes: Sequence[str]) -> list[str]:
    """Return `stable_id` of many codes, as hexadecimal text of 32 digits; some ten times as fast."""
    prefix, blake = f"{table}|".encode(), hashlib.blake2b
    raw = b"".join([blake(prefix + code.encode(), digest_size=16).digest() for code in codes])
    matrix = np.frombuffer(raw, np.uint8).reshape(-1, 16).copy()
    matrix[:, 6] = matrix[:, 6] & 0x0F | 0x80
    matrix[:, 8] = matrix[:, 8] & 0x3F | 0x80
    text = matrix.tobytes().hex()
    return [text[start : start + 32] for start in range(0, len(text), 32)]


def licence_code(unit_key: str, kind: str, number: str) -> str:
    """Return the natural key of a licence: "{unit key}|{kind}|{number}", the number's hash where that is too long."""
    code = f"{unit_key}|{kind}|{number}"
    if len(code) <= LONGEST:
        return code
    return f"{unit_key}|{kind}|"[: LONGEST - 17] + "#" + hashlib.blake2b(number.encode(), digest_size=8).hexdigest()
