"""Modbus registers and values: which to ask for together, and what their bytes mean. Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import NamedTuple

from anlan.monitoring.formats.connection_settings import Register

MOST_WORDS = 120  # of one request; the protocol allows 125
MOST_BITS = 1_900
GAP = 8  # unused words between two registers that are still asked for together
_FORMS = {
    "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f",
    "float64": "d",
}  # fmt: skip


class Ask(NamedTuple):
    """One request: unit, table, first address and how many, and the registers in it."""

    unit: int
    table: str
    address: int
    many: int
    registers: tuple[Register, ...]


def words_of(register: Register) -> int:
    """Return how many words (or bits) a register takes."""
    return 1 if register.table in ("coil", "discrete") else struct.calcsize(_FORMS[register.type]) // 2


def asks(registers: Sequence[Register], unit: int) -> list[Ask]:
    """Return the requests that read all registers: near ones together."""
    found: list[Ask] = []
    ordered = sorted(registers, key=lambda r: (r.unit if r.unit is not None else unit, r.table, r.address))
    for register in ordered:
        own, end = register.unit if register.unit is not None else unit, register.address + words_of(register)
        most = MOST_BITS if register.table in ("coil", "discrete") else MOST_WORDS
        last = found[-1] if found else None
        if (
            last is not None
            and (last.unit, last.table) == (own, register.table)
            and register.address <= last.address + last.many + GAP
            and end - last.address <= most
        ):
            many = max(last.many, end - last.address)
            found[-1] = last._replace(many=many, registers=(*last.registers, register))
        else:
            found.append(Ask(own, register.table, register.address, end - register.address, (register,)))
    return found


def value_of(register: Register, words: Sequence[int]) -> float | None:
    """Return the reading in a register's words (big-endian as they came); None when missing or no number."""
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    if register.order in ("CDAB", "DCBA"):
        raw = b"".join(reversed([raw[at : at + 2] for at in range(0, len(raw), 2)]))
    if register.order in ("BADC", "DCBA"):
        raw = b"".join(raw[at : at + 2][::-1] for at in range(0, len(raw), 2))
    found = float(struct.unpack(">" + _FORMS[register.type], raw)[0])
    if not math.isfinite(found) or found == register.missing:
        return None
    return found * register.scale + register.offset
