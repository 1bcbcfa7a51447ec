"""HJ 212 messages on the wire: check value, and cutting a byte stream by the four-digit length."""

from __future__ import annotations

from functools import cache

from anlan.monitoring.formats.decoded import Wrong, wrong
from anlan.monitoring.formats.sl651_frames import Cutter

START = b"##"
HEAD, TAIL = 6, 4
MOST_FRAME = HEAD + 9999 + TAIL
_HEX = frozenset(b"0123456789abcdefABCDEF")


@cache
def _steps() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


def crc(data: bytes) -> int:
    """Return the CRC of HJ 212 annex A over the data: `(crc >> 8) ^ byte`, then eight shifts with A001, from FFFF."""
    steps, register = _steps(), 0xFFFF
    for byte in data:
        register = steps[(register >> 8) ^ byte]
    return register


def length_at(data: bytes | bytearray, at: int) -> int:
    """Return the whole length (without CR LF) of the message whose ## stands at `at`; 0 when none stands there, -1 when
    too few bytes have come to tell."""
    digits = bytes(data[at + 2 : at + HEAD])
    if digits and not digits.isdigit():
        return 0
    return HEAD + int(digits) + TAIL if len(digits) == HEAD - 2 else -1


def check(frame: bytes) -> bytes | Wrong:
    """Return the data of one whole message; Wrong (code "frame" or "crc") when it is none."""
    if frame.endswith(b"\r\n"):
        frame = frame[:-2]
    whole = length_at(frame, 0) if frame.startswith(START) else 0
    if whole <= 0:
        return wrong("frame", "##", frame[:6].decode("ascii", "replace"), "消息应以 ## 加四位长度开头",
                     "a message begins with ## and a length of four digits")  # fmt: skip
    if whole != len(frame):
        return wrong("frame", "length", frame[2:6].decode("ascii", "replace"),
                     f"数据段实为 {len(frame) - HEAD - TAIL} 字节；请核对是否截断或多余",
                     f"the data has {len(frame) - HEAD - TAIL} bytes; check for missing or extra bytes")  # fmt: skip
    data, found = frame[HEAD:-TAIL], frame[-TAIL:]
    counted = f"{crc(data):04X}"
    if not holds(frame):
        return wrong("crc", "CRC", found.decode("ascii", "replace"), f"应为 {counted}，消息已损坏，不予采信；等设备重发",
                     f"should be {counted}: damaged, not believed; wait until the device sends it again")  # fmt: skip
    return data


def holds(frame: bytes) -> bool:
    """Say whether the CRC of a message (without CR LF) holds; case-blind, but of one case."""
    found = frame[-TAIL:]
    if not _HEX.issuperset(found) or (found.upper() != found and found.lower() != found):
        return False
    return int(found, 16) == crc(frame[HEAD:-TAIL])


class Splitter(Cutter):
    """Cuts a stream of HJ 212 messages; CR, LF and blanks between them are no rubbish."""

    def __init__(self) -> None:
        super().__init__(START, length_at, holds, MOST_FRAME)

    def _rubbish(self, piece: bytearray, pieces: list[bytes]) -> None:
        if piece.strip():
            super()._rubbish(piece, pieces)
