"""Text messages as a telephone network counts and carries them: alphabet, parts, headers of parts. Pure.

GSM 03.38 (3GPP TS 23.038 §6.2.1): 160 septets alone, 153 a part; a character of the extension table counts twice and is
never split. Anything else goes as UCS-2: 70 characters alone, 67 a part; a character outside the first plane counts
twice and is never split. Parts carry the concatenation header of TS 23.040 §9.2.3.24.1 (six octets).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

GSM: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E,
                    "|": 0x40, "€": 0x65}  # fmt: skip
_CODE: Final = {char: place for place, char in enumerate(GSM) if char != "\x1b"}
GSM_ALONE, GSM_PART, UCS_ALONE, UCS_PART = 160, 153, 70, 67


@dataclass(frozen=True, slots=True)
class Sms:
    """A text ready to carry: its alphabet ("gsm" or "ucs2"), and the parts as octets without header (GSM unpacked, one
    septet an octet, as SMPP takes it)."""

    alphabet: str
    parts: tuple[bytes, ...]


@lru_cache(maxsize=4096)
def sms(text: str, most: int = 255) -> Sms:
    """Divide a text into parts; one that needs more than `most` is cut there with an ellipsis."""
    gsm = all(char in _CODE or char in EXTENSION for char in text)
    units = [_gsm(char) if gsm else char.encode("utf-16-be", "replace") for char in text]
    alone, part = (GSM_ALONE, GSM_PART) if gsm else (UCS_ALONE * 2, UCS_PART * 2)
    if sum(map(len, units)) <= alone:
        return Sms("gsm" if gsm else "ucs2", (b"".join(units),))
    parts = _filled(units, part)
    if len(parts) > most:
        parts = _cut(units, alone if most == 1 else part, most, [b"."] * 3 if gsm else ["…".encode("utf-16-be")])
    return Sms("gsm" if gsm else "ucs2", tuple(parts))


def parts_of(text: str) -> int:
    """How many parts a text takes."""
    return len(sms(text).parts)


def part_header(reference: int, total: int, number: int) -> bytes:
    """The user data header of one part: information element 00, reference 0-255, total, number from 1."""
    return bytes((5, 0, 3, reference & 0xFF, total, number))


def _gsm(char: str) -> bytes:
    return bytes((_CODE[char],)) if char in _CODE else bytes((0x1B, EXTENSION[char]))


def _cut(units: list[bytes], room: int, most: int, ending: list[bytes]) -> list[bytes]:
    size, kept = 0, 0
    while kept < len(units) and size + len(units[kept]) <= most * room:
        size += len(units[kept])
        kept += 1
    while len(parts := _filled([*units[:kept], *ending], room)) > most:
        kept -= 1
    return parts


def _filled(units: list[bytes], room: int) -> list[bytes]:
    parts: list[bytes] = []
    held: list[bytes] = []
    size = 0
    for unit in units:
        if size + len(unit) > room:
            parts.append(b"".join(held))
            held, size = [], 0
        held.append(unit)
        size += len(unit)
    return [*parts, b"".join(held)] if held else parts
