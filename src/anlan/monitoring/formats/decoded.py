"""What every field protocol decodes to: frames of any maker become the same few values.

A codec never raises on what comes over the wire. It gives a `Decoded` whose `error` says what is wrong, where, and the
remedy in both languages; `crc_ok` says whether the check value held. With `crc_ok` and an error, `elements` hold what
could be read. With `crc_ok` false nothing in the frame is believed: there are no elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

CHINA = timezone(timedelta(hours=8), "+08:00")
NOTHING: Mapping[str, str] = {}


class Wrong(NamedTuple):
    """What is wrong with a frame: a code, the field or place, the value found, and what to do, in zh and en."""

    code: str
    where: str
    value: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.en


def wrong(code: str, where: str, value: object, zh: str, en: str) -> Wrong:
    """Return a Wrong whose words name place and value; `zh` and `en` say what should be and the remedy."""
    text = str(value)[:60]
    found_zh, found_en = (f"（得到 {text}）", f" (found {text})") if text else ("", "")
    return Wrong(code, where, text, f"{_place(where)}{found_zh}：{zh}", f"{where}{found_en}: {en}")


# What the places are called in Chinese; ids and field names stay as they stand in the frame.
_PLACES = {
    "length": "长度", "end": "结束符", "sending time": "发报时间", "time": "时间", "body": "正文", "line": "本行",
    "position": "位置", "head": "报头", "attributes": "消息体属性", "version": "版本",
}  # fmt: skip


def _place(where: str) -> str:
    name, _, place = where.partition(" at byte ")
    if name.startswith("column "):
        return f"第 {name.removeprefix('column ')} 列"
    name = _PLACES.get(name, name)
    for word, words in (("element ", "要素 "), ("extra ", "附加信息 ")):
        name = words + name.removeprefix(word) if name.startswith(word) else name
    return f"{name}（第 {place} 字节）" if place else name


class Element(NamedTuple):
    """One value. `code` is the id as it stands in the frame ("39", "w01018", "FF14"), `element` our own code ("" when
    the table knows none); `value` None means missing; `at` is aware (UTC+8); `flag` is the device's own mark on it:
    "" fine, "missing", "invalid", or what the protocol says ("N", "D", "ac_off,battery_low")."""

    code: str
    name_zh: str
    name_en: str
    value: float | None
    unit: str
    at: datetime | None
    flag: str = ""
    element: str = ""
    quality: int = 0


class Decoded(NamedTuple):
    """One frame. Times are aware (UTC+8). `part` is (number, total) of a message in several packets, `data` its bytes
    or what is no element (settings, pictures), `text` words inside (version, typed message), `more` the rest of the
    header by name."""

    protocol: str
    station: str = ""
    function: str = ""
    at: datetime | None = None
    sent_at: datetime | None = None
    serial: int | None = None
    elements: tuple[Element, ...] = ()
    crc_ok: bool = False
    error: Wrong | None = None
    reply_wanted: bool = False
    part: tuple[int, int] | None = None
    direction: str = "up"
    text: str = ""
    data: bytes = b""
    more: Mapping[str, str] = NOTHING


def bcd_digits(raw: bytes) -> str | None:
    """Return the decimal digits of packed BCD; None when a half byte is over 9."""
    digits = raw.hex()
    return digits if digits.isdecimal() else None


def bcd_time(raw: bytes) -> datetime | None:
    """Return yyMMddHHmm[ss] in BCD as an instant at UTC+8 (years 2000 to 2099); None when it is no time."""
    digits = bcd_digits(raw)
    if digits is None or len(digits) not in (10, 12):
        return None
    parts = [int(digits[index : index + 2]) for index in range(0, len(digits), 2)]
    return clock(2000 + parts[0], *parts[1:])


def clock(year: int, month: int, day: int, hour: int, minute: int, second: int = 0, micro: int = 0) -> datetime | None:
    """Return an instant at UTC+8, or None when there is no such time."""
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=CHINA)
    except ValueError:
        return None
