"""SL 651-2014 elements: id, definition byte (high 5 bits bytes, low 3 bits decimals), BCD value; series and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.code_table import Meaning, Table, check_meaning
from anlan.monitoring.formats.decoded import Element, Wrong, bcd_digits, wrong

FIVE = timedelta(minutes=5)
UNKNOWN = Meaning(zh="未知要素", en="Unknown element")
SERIES_TIMES = ("auto", "first", "last")


class Dialect(NamedTuple):
    """How a maker's or a province's frames differ: meanings that go before the table; whether the time before a series
    is its first or its last value's ("auto": the first, unless values would then lie after the sending time); whether
    the station is the header's (and the body must agree) or the body's."""

    elements: Mapping[str, Meaning] = {}
    series_time: str = "auto"
    station_from: str = "header"


STANDARD = Dialect()


def dialect_of(data: Mapping[str, Any]) -> Dialect:
    """Return the dialect written as data: {elements: {"20": {zh, en, unit, element}}, series_time, station_from}.
    Raises Invalid naming the field."""
    try:
        elements = msgspec.convert(data.get("elements", {}), dict[str, Meaning])
    except msgspec.ValidationError as error:
        raise _bad("elements", "", f"内容不合要求：{error}", str(error)) from error
    for code, meaning in elements.items():
        check_meaning(code, meaning, "dialect")
    times, source = data.get("series_time", "auto"), data.get("station_from", "header")
    if times not in SERIES_TIMES:
        raise _bad("series_time", times, f"只能是 {SERIES_TIMES}", f"must be of {SERIES_TIMES}")
    if source not in ("header", "body"):
        raise _bad("station_from", source, "只能是 header 或 body", "must be header or body")
    return Dialect({code.upper(): meaning for code, meaning in elements.items()}, times, source)


def _bad(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(code="monitoring.dialect", zh=f"规约方言 {field} 有误：{zh}。", en=f"Dialect, {field}: {en}.",
                   field=field, value=value)  # fmt: skip


class Reader:
    """Reads the elements of one body. `elements` grows; `wrong` is the first thing that couldn't be read."""

    def __init__(self, table: Table, dialect: Dialect, sent_at: datetime | None) -> None:
        self.table, self.dialect, self._sent = table, dialect, sent_at
        self.elements: list[Element] = []
        self.wrong: Wrong | None = None
        self._step: timedelta | None = None

    def meaning(self, code: str) -> Meaning:
        """Return what an id means here: the dialect goes before the table."""
        return self.dialect.elements.get(code) or self.table.get(code) or UNKNOWN

    def group(self) -> None:
        """A new observation time begins: a time step holds within its group only."""
        self._step = None

    def read(self, body: bytes, at: int, when: datetime | None) -> int:
        """Read the element at `at`; return where the next begins, -1 when the rest can't be read."""
        width = 2 if body[at] == 0xFF else 1  # FF xx: extended ids
        code = body[at : at + width].hex().upper()
        if at + width >= len(body):
            return self._stop(code, at, "要素缺少数据定义字节", "the element lacks its definition byte")
        definition, begin = body[at + width], at + width + 1
        meaning, size, decimals = self.meaning(code), definition >> 3, definition & 7
        if meaning.form in ("rain12", "level12"):
            return self._twelve(code, meaning, body, begin, when)
        if begin + size > len(body):
            return self._stop(
                code, at, f"数据应有 {size} 字节，报文不足", f"should have {size} bytes, the frame ends before"
            )
        if meaning.form == "step":
            self._step = _step(body[begin : begin + size])
            if self._step is None:
                return self._stop(
                    code, at, "时间步长应为 3 字节 BCD 日时分", "a time step is 3 bytes BCD: days, hours, minutes"
                )
            return begin + size
        if self._step is not None and size:
            return self._series(code, meaning, body, begin, size, decimals, when)
        self._add(code, meaning, body[begin : begin + size], decimals, when)
        return begin + size

    def _add(self, code: str, meaning: Meaning, raw: bytes, decimals: int, when: datetime | None) -> None:
        value, flag = _whole(raw, decimals) if meaning.form in ("hex", "bits") else bcd_value(raw, decimals)
        if meaning.form == "bits" and value is not None:
            flag = ",".join(name for bit, name in enumerate(meaning.names) if int(value) >> bit & 1)
        if flag == "invalid" and self.wrong is None:
            self.wrong = wrong("element", f"element {code}", raw.hex().upper(), "不是 BCD 数，此值不予采信；请核对要素定义",
                               "is no BCD number, the value is left out; check the element's definition")  # fmt: skip
        self.elements.append(Element(code, meaning.zh, meaning.en, value, meaning.unit, when, flag, meaning.element))

    def _series(self, code: str, meaning: Meaning, body: bytes, at: int, size: int, decimals: int,
                when: datetime | None) -> int:  # fmt: skip
        """Values at the time step of the group, until its end: one id and definition, then value after value."""
        end = body.find(b"\xf0\xf0", at)
        while end >= 0 and (end - at) % size:  # F0F0 inside a value can't be: values are BCD or FF
            end = body.find(b"\xf0\xf0", end + 1)
        end = len(body) if end < 0 else end
        count = (end - at) // size
        step = self._step or timedelta(0)
        for index in range(count):
            moment = when + index * step if when is not None and (step or index == 0) else None
            self._add(code, meaning, body[at + index * size : at + (index + 1) * size], decimals, moment)
        if (end - at) % size:
            return self._stop(
                code, at, f"时段数据不是 {size} 字节的整倍数", f"the series is no multiple of {size} bytes"
            )
        return end

    def _twelve(self, code: str, meaning: Meaning, body: bytes, at: int, when: datetime | None) -> int:
        """Twelve five-minute values in HEX: rain 1 byte of 0.1 mm, level 2 bytes of 0.01 m; FF, FFFF missing. The
        definition byte is not looked at: real stations write F5C0 and F55C for the same 24 bytes."""
        size, scale = (1, 10) if meaning.form == "rain12" else (2, 100)
        end = at + 12 * size
        if end > len(body):
            return self._stop(code, at, f"应有 12 组共 {12 * size} 字节", f"should have 12 values, {12 * size} bytes")
        first = self.first_of(when)
        for index in range(12):
            whole = int.from_bytes(body[at + index * size : at + (index + 1) * size], "big")
            missing = whole == (0xFF, 0xFFFF)[size - 1]
            moment = first + index * FIVE if first is not None else None
            self.elements.append(Element(code, meaning.zh, meaning.en, None if missing else whole / scale, meaning.unit,
                                         moment, "missing" if missing else "", meaning.element))  # fmt: skip
        return end

    def first_of(self, when: datetime | None) -> datetime | None:
        """Return the time of the first of twelve five-minute values with `when` written before them."""
        if when is None:
            return None
        last = self.dialect.series_time == "last"
        if self.dialect.series_time == "auto":
            last = self._sent is not None and when + 10 * FIVE > self._sent
        return when - 11 * FIVE if last else when

    def _stop(self, code: str, at: int, zh: str, en: str) -> int:
        if self.wrong is None:
            self.wrong = wrong("element", f"element {code} at byte {at}", "", f"{zh}；其后内容未解析，请核对设备的要素定义",
                               f"{en}; the rest was not read, check the device's element definition")  # fmt: skip
        return -1


def bcd_value(raw: bytes, decimals: int) -> tuple[float | None, str]:
    """Return value and flag of BCD digits: all FF missing; leading FF byte(s) a minus sign."""
    digits = raw.lstrip(b"\xff")
    if not digits:
        return None, "missing" if raw else "empty"
    text = bcd_digits(digits)
    if text is None:
        return None, "invalid"
    value = int(text) / 10**decimals
    return (-value if len(digits) < len(raw) else value), ""


def _whole(raw: bytes, decimals: int) -> tuple[float | None, str]:
    return (int.from_bytes(raw, "big") / 10**decimals, "") if raw else (None, "empty")


def _step(raw: bytes) -> timedelta | None:
    digits = bcd_digits(raw)
    if len(raw) != 3 or digits is None:
        return None
    return timedelta(days=int(digits[:2]), hours=int(digits[2:4]), minutes=int(digits[4:]))
