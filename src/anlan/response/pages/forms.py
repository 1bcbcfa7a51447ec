"""What hands type into forms and what addresses carry, read into values; a slip is refused with field, value and remedy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.problem import Invalid

YEARS = range(1900, 2201)  # a slip of a digit in a year is a slip, not a moment
FAR = 10**6  # no list is walked further than this


def key_of(field: str, text: str | None) -> UUID:
    """The id a form names; Invalid when it is none."""
    try:
        return UUID(text or "")
    except ValueError as error:
        raise Invalid(code="form.key", field=field, value=(text or "")[:40], zh="请先从列表中选择一项。",
                      en="Choose one from the list first.") from error  # fmt: skip


def key_given(field: str, text: str | None) -> UUID | None:
    """The id a form names, None where it names nothing; Invalid when it is none."""
    return key_of(field, text) if text else None


def keys_of(field: str, texts: Iterable[str]) -> list[UUID]:
    """The ids ticked in a list; Invalid when one is none."""
    return [key_of(field, text) for text in texts]


def key_or_none(text: str | None) -> UUID | None:
    """An id in an address; None where there is none, for an address half copied should still open a page."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def moment_given(field: str, text: str) -> datetime | None:
    """A moment typed in local time, None for no words; Invalid when it is no time."""
    words = text.strip()
    if not words:
        return None
    try:
        at = datetime.fromisoformat(words)
        if at.year not in YEARS:
            raise ValueError(words)
    except ValueError as error:
        raise Invalid(code="form.time", field=field, value=words[:40], zh="时间格式有误，请写成 2026-11-23 08:30。",
                      en="That is no time; write it like 2026-11-23 08:30.") from error  # fmt: skip
    return at if at.tzinfo else at.replace(tzinfo=clock.BEIJING)


def moment_of(field: str, text: str) -> datetime:
    """A moment that must be given; Invalid when it is missing or no time."""
    at = moment_given(field, text)
    if at is None:
        raise Invalid(code="form.time", field=field, value="", zh="请填写时间，如 2026-11-23 08:30。",
                      en="Give the time, like 2026-11-23 08:30.")  # fmt: skip
    return at


def day_of(field: str, text: str) -> date:
    """A day of a form; Invalid when it is none."""
    try:
        day = date.fromisoformat(text.strip())
        if day.year not in YEARS:
            raise ValueError(text)
    except ValueError as error:
        raise Invalid(code="form.day", field=field, value=text[:40], zh="日期格式有误，请写成 2026-10-01。",
                      en="That is no day; write it like 2026-10-01.") from error  # fmt: skip
    return day


def whole_given(field: str, text: str, *, least: int = 0, most: int = 999_999) -> int | None:
    """A whole number of a form, None for no words; Invalid when it is none or outside its bounds."""
    words = text.strip()
    if not words:
        return None
    number = int(words) if words.removeprefix("-").isdecimal() and words.isascii() and len(words) < 10 else None
    if number is None or not least <= number <= most:
        raise Invalid(code="form.number", field=field, value=words[:20], zh=f"请填 {least} 至 {most} 之间的整数。",
                      en=f"Give a whole number from {least} to {most}.")  # fmt: skip
    return number


def number_given(field: str, text: str, *, least: float, most: float) -> float | None:
    """A number of a form, None for no words; Invalid when it is none or outside its bounds."""
    words = text.strip()
    if not words:
        return None
    try:
        number = float(words)
    except ValueError:
        number = math.nan
    if not least <= number <= most:  # what is no number lies in no bounds
        raise Invalid(code="form.number", field=field, value=words[:20], zh=f"请填 {least:g} 至 {most:g} 之间的数字。",
                      en=f"Give a number from {least:g} to {most:g}.")  # fmt: skip
    return number


def place_of(text: str, otherwise: int = 0) -> int:
    """How far a list is walked, as an address says it; what is no number counts as `otherwise`."""
    return min(int(text), FAR) if text.isascii() and text.isdecimal() and len(text) < 12 else otherwise
