"""SL 651-2014: building frames. Answers to uplinks (ACK, NAK, EOT, ESC), and whole frames from their parts.

Link modes: M1 sends and expects nothing; M2 sends and waits for an answer, else sends again; M3 sends several packets
and waits for one answer at the end (NAK names missing packets); M4 answers a centre's query (ENQ).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats import sl651_frames as frames
from anlan.monitoring.formats.decoded import CHINA, Wrong
from anlan.monitoring.formats.sl651_frames import (
    ETB,
    ETX,
    MOST_BODY,
    REPORTS,
    START,
    STX,
    SYN,
    Frame,
    crc16,
    parse_frame,
)

ENDS = {
    "ack": frames.ACK, "nak": frames.NAK, "enq": frames.ENQ, "eot": frames.EOT, "esc": frames.ESC, "etx": ETX, "etb": ETB,
}  # fmt: skip
MOST_PACKETS = 0xFFF


def bcd_of(moment: datetime, *, seconds: bool) -> bytes:
    """Return yyMMddHHmm[ss] in BCD at UTC+8. Raises Invalid outside 2000 to 2099 or without an offset."""
    if moment.tzinfo is None or not 2000 <= moment.astimezone(CHINA).year <= 2099:
        raise _bad("time", moment, "须带时区且在 2000 到 2099 年", "needs an offset and a year of 2000 to 2099")
    return bytes.fromhex(moment.astimezone(CHINA).strftime("%y%m%d%H%M%S" if seconds else "%y%m%d%H%M"))


def pack_frame(frame: Frame) -> bytes:
    """Return the bytes of a frame. Raises Invalid for a body over 4095 bytes or addresses of the wrong length."""
    station, password = _hex("station", frame.station, 5), _hex("password", frame.password, 2)
    body, start = frame.body, STX
    if frame.part is not None:
        number, total = frame.part
        if not 1 <= number <= total <= MOST_PACKETS:
            raise _bad(
                "part", frame.part, "包序号应在 1 到包总数、总数不超过 4095", "must be 1 to the total, at most 4095"
            )
        numbers = (total << 12 | number).to_bytes(3, "big")
        body, start = (numbers.hex().upper().encode() if frame.ascii else numbers) + body, SYN
    if len(body) > MOST_BODY:
        raise _bad(
            "body", f"{len(body)} B", "正文不超过 4095 字节；请分包", "has at most 4095 bytes; send several packets"
        )
    centre = bytes([frame.centre])
    address = station + centre if frame.down else centre + station
    length = (0x8000 if frame.down else 0) | len(body)
    head = address + password + bytes([frame.function]) + length.to_bytes(2, "big")
    if frame.ascii:
        whole = b"\x01" + head.hex().upper().encode() + bytes([start]) + body + bytes([frame.end])
        return whole + b"%04X" % crc16(whole)
    whole = START + head + bytes([start]) + body + bytes([frame.end])
    return whole + crc16(whole).to_bytes(2, "big")


def acknowledge(
    frame: Frame, *, at: datetime, end: str = "eot", missing: Iterable[int] = (), serial: int | None = None
) -> bytes:
    """Return the downlink answer to an uplink: its serial (or the one given) and our time. `end`: "eot" (done, may sleep), "esc" (done,
    stay online), "ack" (go on), "nak" (send again; `missing` packet numbers, two bytes each, none: all)."""
    size = 4 if frame.ascii else 2
    first = frame.body[:size] if frame.part is None or frame.part[0] == 1 else b""
    own = first.rjust(size, b"0" if frame.ascii else b"\0") if serial is None else _number(serial, frame)
    numbers = b"".join(_number(number, frame) for number in list(missing)[:64]) if end == "nak" else b""
    moment = bcd_of(at, seconds=True)
    body = own + (moment.hex().encode() if frame.ascii else moment) + numbers
    return pack_frame(frame._replace(down=True, body=body, end=_end(end), part=None))


def _number(number: int, frame: Frame) -> bytes:
    """Two bytes, or four hex digits in an ASCII frame."""
    return b"%04X" % (number & 0xFFFF) if frame.ascii else (number & 0xFFFF).to_bytes(2, "big")


def reply(
    frame: bytes,
    *,
    at: datetime,
    end: str = "eot",
    missing: Iterable[int] = (),
    complete: bool = False,
    serial: int | None = None,
) -> bytes:
    """Return the answer to a whole uplink frame; b"" when none is wanted: downlinks, damaged frames (the station sends
    them again by itself), keep-alives, answers to a query, packets but the last. "nak" is always sent, and `complete`
    says that a packet sent again has made its message whole, though it isn't the last by number; give the message's
    `serial` then, packets but the first don't carry it."""
    found = parse_frame(frame)
    if isinstance(found, Wrong) or found.down:
        return b""
    if end != "nak" and (found.function not in REPORTS or (found.end == ETB and not complete)):
        return b""
    return acknowledge(found, at=at, end=end, missing=missing, serial=serial)


def _end(name: str) -> int:
    if name not in ENDS:
        raise _bad("end", name, f"只能是 {'、'.join(ENDS)}", f"must be of {', '.join(ENDS)}")
    return ENDS[name]


def _hex(field: str, text: str, size: int) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != size:
        raise _bad(field, text, f"应为 {2 * size} 位十六进制数", f"must be {2 * size} hex digits")
    return raw


def _bad(field: str, value: object, zh: str, en: str) -> Invalid:
    return Invalid(code="monitoring.sl651_build", zh=f"SL 651 报文 {field} 有误：{zh}。", en=f"SL 651 frame, {field}: {en}.",
                   field=field, value=value)  # fmt: skip
