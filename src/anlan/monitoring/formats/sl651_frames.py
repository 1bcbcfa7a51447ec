"""SL 651-2014 frames: check value, header, and cutting a byte stream into frames by length.

    7E7E | centre 1 | station 5 | password 2 | function 1 | direction+length 2 | STX 02 or SYN 16 | body | end 1 | CRC 2

Downlink has the station before the centre. The top half byte of the length is 0 up, 8 down; the low 12 bits count the
body (with SYN also its 3 bytes of packet numbers). CRC-16/MODBUS over all before it, high byte first. Bodies are not
escaped and may hold 7E7E: only the length tells where a frame ends.

ASCII frames (general knowledge, no published sample seen) begin with SOH 01 and write the same header and the CRC as
upper-case hex digits, packet total and number as three each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from anlan.monitoring.formats.decoded import Wrong, wrong

START = b"\x7e\x7e"
STX, ETX, EOT, ENQ, ACK, NAK, SYN, ETB, ESC = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x16, 0x17, 0x1B
UP_ENDS, DOWN_ENDS = (ETX, ETB), (ETX, ETB, EOT, ENQ, ACK, NAK, ESC)
SOH = 0x01
HEAD, TAIL = 14, 3
ASCII_HEAD, ASCII_TAIL = 24, 5
MOST_BODY = 0xFFF
MOST_FRAME = ASCII_HEAD + MOST_BODY + ASCII_TAIL
_HEX = frozenset(b"0123456789ABCDEF")
_STARTS = re.compile(rb"\x7e\x7e|\x01[0-9A-F]")
REPORTS = range(0x30, 0x37)  # what a station sends by itself and may wait for an answer to; 37 and up answer a query


class Frame(NamedTuple):
    """One frame taken apart. `station`, `password`: hex digits; `body` is without packet numbers; `part` (number,
    total) of a message in several packets."""

    down: bool
    centre: int
    station: str
    password: str
    function: int
    body: bytes
    end: int
    part: tuple[int, int] | None = None
    ascii: bool = False


@cache
def _steps() -> tuple[int, ...]:
    """CRC state after 16 more bits, by state: two bytes a look-up. The CRC is linear, so doubling fills the table."""
    table = [0]
    for bit in range(16):
        crc = 1 << bit
        for _ in range(16):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        table += [crc ^ other for other in table]
    return tuple(table)


def crc16(data: bytes) -> int:
    """Return CRC-16/MODBUS (A001 reflected, from FFFF); "123456789" gives 4B37."""
    steps, crc = _steps(), 0xFFFF
    even = len(data) & ~1
    for low, high in zip(data[0:even:2], data[1:even:2], strict=True):
        crc = steps[crc ^ (low | high << 8)]
    if len(data) & 1:
        crc ^= data[-1]
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def length_at(data: bytes | bytearray, at: int) -> int:
    """Return the whole length of the frame whose 7E7E (or SOH) stands at `at`; 0 when no header stands there, -1 when
    too few bytes have come to tell."""
    if data[at] == SOH:
        return _ascii_length(bytes(data[at : at + ASCII_HEAD]))
    have = len(data) - at
    if have >= 12 and data[at + 11] & 0x70:
        return 0
    if have < HEAD:
        return -1
    if data[at + 13] not in (STX, SYN):
        return 0
    return HEAD + ((data[at + 11] & 0x0F) << 8 | data[at + 12]) + TAIL


def _ascii_length(head: bytes) -> int:
    if not _HEX.issuperset(head[1:23]) or head[19:20] not in (b"", b"0", b"8"):
        return 0
    if len(head) < ASCII_HEAD:
        return -1
    return ASCII_HEAD + int(head[20:23], 16) + ASCII_TAIL if head[23] in (STX, SYN) else 0


def parse_frame(frame: bytes) -> Frame | Wrong:
    """Take one frame apart; Wrong (code "frame", "crc" or "packet") when it is none."""
    text = frame[:1] == b"\x01"
    if not text and (len(frame) < HEAD + TAIL or not frame.startswith(START)):
        return wrong("frame", "7E7E", frame[:8].hex(), "报文应以 7E7E 起始且不短于 17 字节；请核对报文是否完整",
                     "a frame begins with 7E7E and has at least 17 bytes; check that it is whole")  # fmt: skip
    whole = length_at(frame, 0)
    if whole != len(frame):
        return wrong("frame", "length", f"{len(frame)} B", f"长度字段要求共 {max(whole, 0)} 字节；请核对报文是否截断或多余",
                     f"the length field asks for {max(whole, 0)} bytes; check for missing or extra bytes")  # fmt: skip
    found, counted = (
        (frame[-4:].decode("latin-1"), crc16(frame[:-4])) if text else (frame[-2:].hex().upper(), crc16(frame[:-2]))
    )
    if found != f"{counted:04X}":
        return wrong("crc", "CRC", found, f"应为 {counted:04X}，报文已损坏，不予采信；等测站重发",
                     f"should be {counted:04X}: damaged, not believed; wait until the station sends it again")  # fmt: skip
    if text:  # the same fields as digits: as if they were bytes
        head, body, end, start = b"\x7e\x7e" + bytes.fromhex(frame[1:23].decode()), frame[24:-5], frame[-5], frame[23]
    else:
        head, body, end, start = frame[:13], frame[HEAD:-3], frame[-3], frame[13]
    down = bool(head[11] & 0x80)
    if end not in (DOWN_ENDS if down else UP_ENDS):
        return wrong("frame", "end", f"{end:02X}", "结束符不在规约之内；请核对设备的规约版本",
                     "is no end character of the protocol; check the device's protocol version")  # fmt: skip
    part = None
    if start == SYN:
        size = 6 if text else 3
        numbers = body[:size].decode("latin-1") if text else body[:size].hex()
        if len(numbers) < 6 or not _HEX.issuperset(numbers.upper().encode("latin-1")):
            return wrong("packet", "SYN", numbers, "多包报文缺少包总数与序号", "lacks the packet total and number")
        part, body = (int(numbers[3:], 16), int(numbers[:3], 16)), body[size:]
        if not 1 <= part[0] <= part[1]:
            return wrong("packet", "SYN", f"{part[0]}/{part[1]}", "包序号应在 1 到包总数之间",
                         "the packet number must lie in 1 to the total")  # fmt: skip
    station, centre = (head[2:7], head[7]) if down else (head[3:8], head[2])
    return Frame(down, centre, station.hex().upper(), head[8:10].hex().upper(), head[10], body, end, part, text)


class Cutter:
    """Cuts a byte stream into frames; what is no frame comes out as pieces too, in order, so nothing vanishes unseen.

    `length_at(buffer, at)` gives whole length, 0 (no header) or -1 (wait); `good(frame)` says whether to believe it:
    a damaged length would swallow what follows, so after a bad frame the next start inside it is tried. The buffer
    never holds more than `most` bytes. `rubbish` counts bytes that were no frame: hang up over your own limit.
    Looking inside bad frames has a price (a stream made of starts would cost its length for every byte), so it is paid
    from a purse that good frames fill again; with it empty a bad frame is left as a whole.
    """

    PURSE = 65_536

    def __init__(self, start: bytes, length: Callable[[bytearray, int], int], good: Callable[[bytes], bool],
                 most: int) -> None:  # fmt: skip
        self._start, self._length, self._good, self._most = start, length, good, most
        self._halves: tuple[bytes, ...] = (start[:1],)
        self._buffer = bytearray()
        self._purse = self.PURSE
        self.rubbish = 0

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what came and return the pieces that are complete."""
        pieces: list[bytes] = []
        for at in range(0, len(chunk), self._most):
            self._buffer += chunk[at : at + self._most]
            pieces += self._cut(last=False)
        return pieces

    def flush(self) -> list[bytes]:
        """Return all that is left: the line has been idle, the rest of a begun frame won't come."""
        return self._cut(last=True)

    def _cut(self, *, last: bool) -> list[bytes]:
        buffer, done, at = self._buffer, 0, 0
        pieces: list[bytes] = []  # buffer[done:at] is rubbish not yet given out
        while at < len(buffer):
            found = self._find(buffer, at)
            if found < 0:
                at = len(buffer)
                if not last and buffer[-1:] in self._halves:
                    at -= 1  # may be the first half of a start
                break
            length = self._length(buffer, found)
            short = length < 0 or len(buffer) - found < length
            if short and not last and length <= self._most:
                at = found
                break
            frame = b"" if short or length == 0 else bytes(buffer[found : found + length])
            if frame and self._good(frame):
                self._rubbish(buffer[done:found], pieces)
                pieces.append(frame)
                done = at = found + length
                self._purse = min(self.PURSE, self._purse + 4 * length)
            else:
                self._purse = max(0, self._purse - len(frame))
                at = found + (1 if self._purse else max(1, len(frame)))
        self._rubbish(buffer[done:at], pieces)
        del buffer[:at]
        return pieces

    def _find(self, buffer: bytearray, at: int) -> int:
        return buffer.find(self._start, at)

    def _rubbish(self, piece: bytearray, pieces: list[bytes]) -> None:
        if piece:
            self.rubbish += len(piece)
            pieces.append(bytes(piece))


class Splitter(Cutter):
    """Cuts a stream of SL 651 frames, HEX/BCD and ASCII."""

    def __init__(self) -> None:
        super().__init__(START, length_at, _holds, MOST_FRAME)
        self._halves = (b"\x7e", b"\x01")

    def _find(self, buffer: bytearray, at: int) -> int:
        found = _STARTS.search(buffer, at)
        return found.start() if found else -1


def _holds(frame: bytes) -> bool:
    if frame[0] == SOH:
        return frame[-5] in DOWN_ENDS and frame[-4:] == b"%04X" % crc16(frame[:-4])
    return frame[-3] in DOWN_ENDS and frame[-2] << 8 | frame[-1] == crc16(frame[:-2])
