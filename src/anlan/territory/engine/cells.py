"""One cell at a time: the many ways a date, number, degree or list of flags is written, into one value.

Each parser takes stripped half-width text and returns `Parsed(value, fault code, detail)`. Columns call these on
their distinct or doubtful values only (`engine.columns`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from anlan.territory.choices import Choice


class Parsed(NamedTuple):
    """What a cell says: `value` None where it says nothing or is at fault."""

    value: Any
    fault: str = ""
    detail: Mapping[str, Any] = {}


_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{4,5}(?:\.\d+)?")
EXCEL_EPOCH = date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1900, 2200
_ENDLESS = frozenset({"长期", "长期有效", "永久", "无固定期限"})
_DMS = re.compile(
    r"([NSEW东西南北]经?纬?)?\s*(\d{1,3})\s*[°度:]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'分:]?)?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[″\"秒]|''|′′)?)?\s*([NSEW])?",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"([NSEW东西南北]经?纬?)?\s*(-?\d{1,3}(?:\.\d+)?)\s*[°度]?\s*([NSEW])?", re.IGNORECASE)
_NEGATIVE = ("S", "W", "西", "南")
NO_FLAGS = ("无", "none", "0")
_SPLIT = re.compile(r"\s*[;；、,，/|]\s*")


def date_of(text: str, *, serials: bool = True) -> Parsed:
    """Return the date of 2024-01-05, 2024/1/5, 2024.1.5, 20240105, 2024年1月5日, an ISO moment, or an Excel serial.

    >>> date_of("2024年1月5日").value == date_of("45296").value == date(2024, 1, 5)
    True
    """
    if text in _ENDLESS:
        return Parsed(None)
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return _day(*(int(part) for part in found.groups()))
    if serials and _SERIAL.fullmatch(text):
        day = EXCEL_EPOCH + timedelta(days=int(float(text)))
        return Parsed(day) if FIRST_YEAR < day.year < LAST_YEAR else Parsed(None, "date.range")
    return Parsed(None, "date.form")


def _day(year: int, month: int, day: int) -> Parsed:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Parsed(None, "date.range")
    try:
        return Parsed(date(year, month, day))
    except ValueError:
        return Parsed(None, "date.real")


def number_of(text: str, *, least: float | None, most: float | None, whole: bool) -> Parsed:
    """Return the number of 1,234 or 1 234 or 12人, checked against its limits; "35.0" is the whole number 35.

    >>> number_of("1,234", least=0, most=None, whole=True).value
    1234
    """
    plain = re.sub(r"(?<=\d)[,\s](?=\d{3})", "", text).rstrip("人名个户家")
    try:
        value = float(plain)
    except ValueError:
        return Parsed(None, "number.form")
    if value != value or value in (float("inf"), float("-inf")):
        return Parsed(None, "number.form")
    if whole and value != int(value):
        return Parsed(None, "number.whole")
    if (least is not None and value < least) or (most is not None and value > most):
        return Parsed(None, "number.range", {"least": _short(least), "most": _short(most)})
    return Parsed(int(value) if whole else value)


def _short(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}" if abs(limit) < 1e6 else f"{limit:.0f}"


def degrees_of(text: str) -> Parsed:
    """Return decimal degrees of 115.48, E115.48, 115°28′50″, 115度28分50秒E, 115:28:50. West and south are negative.

    >>> round(degrees_of("115°28′50″").value, 5)
    115.48056
    """
    plain = _DEGREES.fullmatch(text)
    if plain:
        return Parsed(_signed(float(plain[2]), plain[1] or plain[3] or ""))
    found = _DMS.fullmatch(text)
    if not found:
        return Parsed(None, "degrees.form")
    minutes, seconds = float(found[3] or 0), float(found[4] or 0)
    if minutes >= 60 or seconds >= 60:
        return Parsed(None, "degrees.form")
    return Parsed(_signed(int(found[2]) + minutes / 60 + seconds / 3600, found[1] or found[5] or ""))


def _signed(value: float, side: str) -> float:
    return -value if side[:1].upper() in _NEGATIVE and side else value


def labels(table: Mapping[str, Choice]) -> dict[str, str]:
    """Return every spelling of a list's entries (code, Chinese, English; any case) → code."""
    found: dict[str, str] = {}
    for spelling in ("en", "zh", "code"):
        found |= {fold(getattr(choice, spelling)): choice.code for choice in table.values()}
    return found


def fold(text: str) -> str:
    """Return a label as labels are compared: no spaces, no case."""
    return "".join(text.split()).casefold()


def choice_of(text: str, table: Mapping[str, Choice], known: Mapping[str, str]) -> Parsed:
    """Return the code that a code or label stands for; `known` is `labels(table)`."""
    code = known.get(fold(text)) or known.get(fold(text.removesuffix(".0")))
    return Parsed(code) if code is not None else Parsed(None, "choice.unknown", _all(table))


def flags_of(text: str, table: Mapping[str, Choice], known: Mapping[str, str]) -> Parsed:
    """Return the bit mask of several labels with ；;、, between them; a bit's place is the entry's place in `table`."""
    order = {code: place for place, code in enumerate(table)}
    mask = 0
    if fold(text) in NO_FLAGS:
        return Parsed(0)
    for part in _parts(text, known):
        code = known.get(fold(part))
        if code is None:
            return Parsed(None, "flags.unknown", {"part": part[:40], **_all(table)})
        mask |= 1 << order[code]
    return Parsed(mask)


def _parts(text: str, known: Mapping[str, str]) -> list[str]:
    """Return the labels of a cell; spaces part them only where they are not part of a label themselves."""
    if fold(text) in known:
        return [text]
    parts = [part for part in _SPLIT.split(text) if part]
    return [word for part in parts for word in ([part] if fold(part) in known else part.split())]


def _all(table: Mapping[str, Choice]) -> dict[str, str]:
    return {
        "choices": "、".join(choice.zh for choice in table.values()),
        "choices_en": ", ".join(choice.en for choice in table.values()),
    }
