"""JT/T 808 (vehicles, teams): 7E framed, 7D01 = 7D and 7D02 = 7E inside, XOR check. Times are UTC+8.

Header: id 2, attributes 2 (bits 0–9 length, 10–12 encryption, 13 packets, 14 the 2019 form), [2019: version 1], phone
6 BCD (2019: 10), serial 2, [total 2, number 2]. 0x0200 gives a position; 0x0001, 0002, 0100, 0102 are recognised.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import xor
from typing import NamedTuple

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.decoded import Decoded, Element, Wrong, bcd_time, wrong

MARK = 0x7E
MOST_BODY = 0x3FF
MOST_FRAME = 2 + 2 * (1 + 2 + 2 + 10 + 2 + 4 + MOST_BODY + 1)
NAMES = {
    0x0001: ("终端通用应答", "Terminal answer"), 0x0002: ("终端心跳", "Keep-alive"), 0x0100: ("终端注册", "Register"),
    0x0102: ("终端鉴权", "Authenticate"), 0x0200: ("位置信息汇报", "Position"), 0x8001: ("平台通用应答", "Platform answer"),
    0x8100: ("终端注册应答", "Register answer"),
}  # fmt: skip
ANSWERED = frozenset({0x0002, 0x0100, 0x0102, 0x0200})
# Extras of 0x0200: id → bytes, divisor, zh, en, unit, our element.
EXTRAS = {
    0x01: (4, 10, "里程", "Mileage", "km", "mileage_km"), 0x02: (2, 10, "油量", "Fuel", "L", ""),
    0x03: (2, 10, "记录仪速度", "Recorder speed", "km/h", ""), 0x25: (4, 1, "车辆信号状态", "Vehicle signals", "", ""),
    0x30: (1, 1, "无线信号强度", "Signal strength", "", ""), 0x31: (1, 1, "定位卫星数", "Satellites", "", ""),
}  # fmt: skip


class Header(NamedTuple):
    """What stands before the body; `version` None: the 2013 form."""

    message: int
    phone: str
    serial: int
    version: int | None = None
    part: tuple[int, int] | None = None
    encryption: int = 0


class Splitter:
    """Cuts a stream at its 7E marks; pieces that are no frame come out too. Holds at most MOST_FRAME bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.rubbish = 0

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what came and return the pieces that are complete, frames with both their 7E."""
        pieces: list[bytes] = []
        for at in range(0, len(chunk), MOST_FRAME):
            self._buffer += chunk[at : at + MOST_FRAME]
            self._cut(pieces)
        return pieces

    def flush(self) -> list[bytes]:
        """Return all that is left: the line has been idle, the rest of a begun frame won't come."""
        pieces: list[bytes] = []
        self._rubbish(len(self._buffer), pieces)
        return pieces

    def _cut(self, pieces: list[bytes]) -> None:
        buffer = self._buffer
        while buffer:
            first = buffer.find(MARK)
            if first != 0:
                self._rubbish(first if first > 0 else len(buffer), pieces)
                continue
            second = buffer.find(MARK, 1)
            if second == 1:  # two marks beside each other: the first ended something
                del buffer[:1]
            elif second < 0:
                if len(buffer) > MOST_FRAME:
                    self._rubbish(len(buffer), pieces)
                return
            elif _holds(bytes(buffer[1:second])):
                pieces.append(bytes(buffer[: second + 1]))
                del buffer[: second + 1]
            else:
                self._rubbish(second, pieces)  # its end may be the next one's begin

    def _rubbish(self, size: int, pieces: list[bytes]) -> None:
        if size:
            self.rubbish += size
            pieces.append(bytes(self._buffer[:size]))
            del self._buffer[:size]


def _holds(inner: bytes) -> bool:
    plain = unescape(inner)
    return plain is not None and len(plain) >= 13 and reduce(xor, plain) == 0


def unescape(inner: bytes) -> bytes | None:
    """Return the bytes between the marks without escapes; None when a 7D is followed by neither 01 nor 02."""
    if b"\x7d" not in inner:
        return inner
    first, *rest = inner.split(b"\x7d")
    if any(piece[:1] not in (b"\x01", b"\x02") for piece in rest):
        return None
    return first + b"".join((b"\x7d" if piece[0] == 1 else b"\x7e") + piece[1:] for piece in rest)


def parse(frame: bytes) -> tuple[Header, bytes] | Wrong:
    """Return header and body of one frame with its marks; Wrong (code "frame", "crc") when it is none."""
    if len(frame) < 2 or frame[0] != MARK or frame[-1] != MARK or MARK in frame[1:-1]:
        return wrong(
            "frame", "7E", frame[:4].hex(), "报文应以 7E 起止且中间无 7E", "a frame stands between two 7E, none inside"
        )
    plain = unescape(frame[1:-1])
    if plain is None:
        return wrong("frame", "7D", "", "转义只能是 7D01 或 7D02，报文已损坏", "an escape is 7D01 or 7D02: damaged")
    if len(plain) < 13:
        return wrong(
            "frame", "length", len(plain), "短于消息头加校验码 13 字节", "shorter than header and check, 13 bytes"
        )
    counted = reduce(xor, plain[:-1])
    if counted != plain[-1]:
        return wrong("crc", "XOR", f"{plain[-1]:02X}", f"应为 {counted:02X}，报文已损坏，不予采信；等终端重发",
                     f"should be {counted:02X}: damaged, not believed; wait until it is sent again")  # fmt: skip
    attributes, newer = plain[2] << 8 | plain[3], bool(plain[2] & 0x40)
    phone_at, phone_end = (5, 15) if newer else (4, 10)
    begin = phone_end + 2 + (4 if attributes & 0x2000 else 0)
    body = plain[begin:-1]
    if len(plain) < begin + 1 or len(body) != attributes & MOST_BODY:
        return wrong("frame", "length", len(body), f"消息体应有 {attributes & MOST_BODY} 字节；请核对是否截断",
                     f"the body should have {attributes & MOST_BODY} bytes; check that it is whole")  # fmt: skip
    serial, part = plain[phone_end] << 8 | plain[phone_end + 1], None
    if attributes & 0x2000:
        part = (int.from_bytes(plain[begin - 2 : begin], "big"), int.from_bytes(plain[begin - 4 : begin - 2], "big"))
    return Header(plain[0] << 8 | plain[1], plain[phone_at:phone_end].hex().upper(), serial,
                  plain[4] if newer else None, part, attributes >> 10 & 7), body  # fmt: skip


def decode(frame: bytes) -> Decoded:
    """Return what one frame says. Never raises."""
    found = parse(frame)
    if isinstance(found, Wrong):
        return Decoded("jt808", error=found)
    header, body = found
    down = header.message >= 0x8000
    base = Decoded(
        "jt808", header.phone, f"0x{header.message:04X}", serial=header.serial, crc_ok=True, part=header.part,
        direction="down" if down else "up", reply_wanted=header.message in ANSWERED, data=body,
        more={"version": "2013" if header.version is None else "2019"},
    )  # fmt: skip
    if header.encryption:
        return base._replace(error=wrong("encrypted", "attributes", header.encryption, "消息体已加密，无法解析",
                                         "the body is encrypted and can't be read"))  # fmt: skip
    if header.message == 0x0102 and header.version is None:
        return base._replace(text=body.decode("gb18030", "replace"))
    if header.message == 0x0200 and header.part is None:
        return _position(body, base)
    return base


def _position(body: bytes, base: Decoded) -> Decoded:
    """Alarm 4, status 4, latitude 4, longitude 4 (degrees x 1e6), height 2 m, speed 2 (0.1 km/h), direction 2, time 6."""
    if len(body) < 28:
        return base._replace(
            error=wrong("body", "0x0200", len(body), "位置信息至少 28 字节", "a position has at least 28 bytes")
        )
    at, status = bcd_time(body[22:28]), int.from_bytes(body[4:8], "big")
    located = bool(status & 2)
    north, east = -1 if status & 4 else 1, -1 if status & 8 else 1
    latitude, longitude = int.from_bytes(body[8:12], "big") / 1e6, int.from_bytes(body[12:16], "big") / 1e6
    believed = located and latitude <= 90 and longitude <= 180
    fault = None
    if at is None:
        fault = wrong(
            "time",
            "time",
            body[22:28].hex(),
            "不是合法时间；请校准终端时钟",
            "is no valid time; set the terminal's clock",
        )
    elif located and not believed:
        fault = wrong(
            "position", "lat,lon", f"{latitude},{longitude}", "经纬度超出范围，不予采信", "out of range, not believed"
        )
    flag = "" if believed else "missing"
    rows = [
        ("lat", "纬度", "Latitude", north * latitude if believed else None, "°", flag, "lat"),
        ("lon", "经度", "Longitude", east * longitude if believed else None, "°", flag, "lon"),
        ("altitude", "高程", "Height", float(body[16] << 8 | body[17]), "m", "", "altitude_m"),
        ("speed", "速度", "Speed", (body[18] << 8 | body[19]) / 10, "km/h", "", "speed_kmh"),
        ("direction", "方向", "Direction", float(body[20] << 8 | body[21]), "°", "", "direction_deg"),
        ("alarm", "报警标志", "Alarm bits", float(int.from_bytes(body[:4], "big")), "", "", ""),
        ("status", "状态位", "Status bits", float(status), "", "", ""),
    ]
    elements = [Element(code, zh, en, value, unit, at, mark, ours) for code, zh, en, value, unit, mark, ours in rows]
    fault = _extras(body[28:], at, elements) or fault
    return base._replace(at=at, sent_at=at, elements=tuple(elements), error=fault, data=b"")


def _extras(raw: bytes, at: datetime | None, elements: list[Element]) -> Wrong | None:
    """Add the extras that are known; skip the others by their length."""
    place = 0
    while place < len(raw):
        code, size = raw[place], raw[place + 1] if place + 1 < len(raw) else 256
        value = raw[place + 2 : place + 2 + size]
        if len(value) < size:
            return wrong(
                "extra",
                f"extra {code:02X}",
                len(value),
                "附加信息长度不足，其后未解析",
                "is cut short; the rest was not read",
            )
        known = EXTRAS.get(code)
        if known and known[0] == size:
            _, divisor, zh, en, unit, ours = known
            elements.append(Element(f"{code:02X}", zh, en, int.from_bytes(value, "big") / divisor, unit, at, "", ours))
        place += 2 + size
    return None


def encode(header: Header, body: bytes) -> bytes:
    """Return one frame. Raises Invalid for a body over 1023 bytes or a phone that doesn't fit."""
    size = 6 if header.version is None else 10
    if (
        len(body) > MOST_BODY
        or len(header.phone) > 2 * size
        or not (header.phone.isascii() and header.phone.isdecimal())
    ):
        raise Invalid(code="monitoring.jt808_build", field="body", value=len(body),
                      zh=f"消息体不超过 1023 字节（得到 {len(body)}），终端号为不超过 {2 * size} 位数字。",
                      en=f"A body has at most 1023 bytes (found {len(body)}), a phone at most {2 * size} digits.")  # fmt: skip
    attributes = len(body) | header.encryption << 10
    attributes |= (0x2000 if header.part else 0) | (0 if header.version is None else 0x4000)
    plain = header.message.to_bytes(2, "big") + attributes.to_bytes(2, "big")
    plain += b"" if header.version is None else bytes([header.version])
    plain += bytes.fromhex(header.phone.zfill(2 * size)) + header.serial.to_bytes(2, "big")
    if header.part:
        plain += header.part[1].to_bytes(2, "big") + header.part[0].to_bytes(2, "big")
    plain += body
    plain += bytes([reduce(xor, plain)])
    return b"\x7e" + plain.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def reply(frame: bytes, *, serial: int, result: int = 0) -> bytes:
    """Return the platform's general answer 0x8001 to a whole frame; b"" when none is wanted or it was damaged."""
    found = parse(frame)
    if isinstance(found, Wrong) or found[0].message not in ANSWERED:
        return b""
    header = found[0]
    body = header.serial.to_bytes(2, "big") + header.message.to_bytes(2, "big") + bytes([result])
    return encode(Header(0x8001, header.phone, serial & 0xFFFF, header.version), body)
