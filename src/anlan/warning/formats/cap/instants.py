"""CAP date-times: text ⇄ aware datetime (CAP 1.2 §3.3.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

# What the text of the standard allows: whole seconds, numeric offset, never Z. The published pattern's comma is a slip.
STRICT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")
_LENGTH: Final = 25


def instant(text: str) -> datetime:
    """The moment a CAP dateTime names, aware. Raises ValueError when it names none, or has no offset.

    Takes what is met besides the standard's form: Z, fractions of a second, a blank for the T.

    >>> instant("2021-07-19T21:59:00+08:00").isoformat()
    '2021-07-19T21:59:00+08:00'
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment


def strict(text: str) -> datetime | None:
    """The moment of a text in the standard's own form, in UTC; None when it has another form or names no moment.

    >>> strict("2021-07-19T21:59:00+08:00").isoformat()
    '2021-07-19T13:59:00+00:00'
    >>> strict("2021-07-19T13:59:00Z")
    """
    return _strict(text) if len(text) == _LENGTH else None


@lru_cache(maxsize=4096)  # the same few moments stand in every info of a message, and in every message of an hour
def _strict(text: str) -> datetime | None:
    if not STRICT.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC)  # moments of one zone are compared ten times as fast
    except OverflowError:  # the first and the last day there are
        return moment


def instant_text(moment: datetime) -> str:
    """A CAP dateTime: whole seconds, numeric offset, UTC as -00:00, never Z. Raises ValueError without a time zone."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("has no time zone")
    if offset == timedelta(0):
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + "-00:00"
    return moment.replace(microsecond=0).isoformat()
