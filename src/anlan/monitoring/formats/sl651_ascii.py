"""SL 651-2014 ASCII bodies (general knowledge, no published sample seen): `serial time ST station class TT time ID value`.

Serial 4 hex digits and sending time 12 digits stand together; then words between blanks. `M` is a missing value; `DRN05`
(D days, H hours, N minutes) a time step, after which an id has value after value; DRP and DRZ1 twelve hex values.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from anlan.monitoring.formats.code_table import Meaning
from anlan.monitoring.formats.decoded import Element, Wrong, bcd_time, wrong
from anlan.monitoring.formats.sl651_elements import FIVE, UNKNOWN, Reader

_STEP = re.compile(r"DR([DHN])(\d\d)\Z", re.ASCII)
_VALUE = re.compile(r"[+-]?\d{1,15}(\.\d{0,9})?\Z", re.ASCII)
_STEPS = {"D": timedelta(days=1), "H": timedelta(hours=1), "N": timedelta(minutes=1)}


def digits_time(text: str) -> datetime | None:
    """Return yyMMddHHmm[ss] at UTC+8, or None."""
    return bcd_time(bytes.fromhex(text)) if text.isascii() and text.isdecimal() and len(text) in (10, 12) else None


def ascii_head(body: bytes) -> tuple[int, datetime | None] | None:
    """Return serial and sending time of an ASCII body; None when they aren't there."""
    text = body[:16].decode("latin-1")
    if len(text) < 16 or not re.match(r"[0-9A-F]{4}", text):
        return None
    return int(text[:4], 16), digits_time(text[4:])


class Words:
    """Goes once through the words of a body. `station`, `category`, `first`, `elements`, `text`, `data`: what they say."""

    def __init__(self, body: bytes, reader: Reader) -> None:
        body, _, self.data = body.partition(b"\xf3\xf3")
        body, typed, message = body.partition(b"\xf2\xf2")
        self.text = message.decode("gb18030", "replace") if typed else ""
        self._words = body[16:].decode("latin-1").split(" ")
        self._reader = reader
        self._meanings = {meaning.symbol: meaning for meaning in reader.table.values() if meaning.symbol}
        self.station = self.category = ""
        self.first: datetime | None = None
        self._now: datetime | None = None
        self._step: timedelta | None = None
        self.wrong: Wrong | None = None

    def run(self) -> None:
        """Read all words."""
        words = [word for word in self._words if word]
        at = 0
        while at < len(words):
            at = self._one(words, at)
        self.wrong = self.wrong or self._reader.wrong

    def _one(self, words: list[str], at: int) -> int:
        code, value = words[at].upper(), words[at + 1] if at + 1 < len(words) else ""
        if code == "ST":
            self.station = value[:10]
            known = at + 2 < len(words) and len(words[at + 2]) == 1
            self.category = f"{ord(words[at + 2]):02X}" if known else ""
            return at + (3 if known else 2)
        if code == "TT":
            self._now = digits_time(value)
            self.first, self._step = self.first or self._now, None
            if self._now is None:
                self._stop(
                    code, value, "观测时间应为 10 位数字 年月日时分", "an observation time is ten digits, yyMMddHHmm"
                )
            return at + 2
        step = _STEP.match(code)
        if step is not None:
            self._step = int(step[2]) * _STEPS[step[1]]
            return at + 1
        return self._element(code, words, at + 1)

    def _element(self, code: str, words: list[str], at: int) -> int:
        """An id and its value; with a time step, its values one after another."""
        meaning = self._reader.dialect.elements.get(code) or self._meanings.get(code) or UNKNOWN
        if meaning.form in ("rain12", "level12") and at < len(words):
            self._twelve(code, meaning, words[at])
            return at + 1
        index = 0
        while at + index < len(words) and (index == 0 or self._step is not None):
            word = words[at + index]
            missing = word.upper() == "M"
            if not missing and not _VALUE.match(word):
                break
            moment = self._now + index * self._step if self._now is not None and self._step is not None else self._now
            self._add(code, meaning, None if missing else float(word), moment, "missing" if missing else "")
            index += 1
        if index == 0:
            self._stop(code, words[at] if at < len(words) else "", "应有数值或 M", "should have a value or M")
            return at + (1 if at < len(words) else 0)
        return at + index

    def _twelve(self, code: str, meaning: Meaning, word: str) -> None:
        size, scale = (2, 10) if meaning.form == "rain12" else (4, 100)
        if len(word) != 12 * size or not re.fullmatch(r"[0-9A-F]+", word):
            self._stop(code, word, f"应为 {12 * size} 位十六进制数", f"should be {12 * size} hex digits")
            return
        first = self._reader.first_of(self._now)
        for index in range(12):
            digits = word[index * size : (index + 1) * size]
            missing = digits == "F" * size
            moment = None if first is None else first + index * FIVE
            self._add(code, meaning, None if missing else int(digits, 16) / scale, moment, "missing" if missing else "")

    def _add(self, code: str, meaning: Meaning, value: float | None, at: datetime | None, flag: str) -> None:
        self._reader.elements.append(
            Element(code, meaning.zh, meaning.en, value, meaning.unit, at, flag, meaning.element)
        )

    def _stop(self, code: str, value: str, zh: str, en: str) -> None:
        self.wrong = self.wrong or wrong("element", f"element {code[:8]}", value, f"{zh}；请核对设备的要素定义",
                                         f"{en}; check the device's element definition")  # fmt: skip
