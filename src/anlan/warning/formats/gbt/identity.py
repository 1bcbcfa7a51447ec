"""Identity and times of the national message (GB/T 35965.1-2018 annex A): text ⇄ parts. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from anlan.warning.formats.cap import instants

BEIJING: Final = timezone(timedelta(hours=8))
# 14 digits of issuer, 14 of entry time, serial 0-9: 31 characters. Older messages have no serial (29 characters).
_IDENTITY: Final = re.compile(r"([0-9]{14})_([0-9]{14})(?:_([0-9]))?")
EXTENDED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00")
ISSUER: Final = re.compile(r"[0-9]{14}")


class Identity(NamedTuple):
    """The parts of an identity: issuer code (14 digits), time of entry, serial ("" in the older form)."""

    issuer: str
    entered: datetime
    serial: str


def identity(text: str) -> Identity | None:
    """The parts of `text`, None when it is no identity.

    >>> identity("41018141600000_20210719215900_0").entered.isoformat()
    '2021-07-19T21:59:00+08:00'
    """
    found = _IDENTITY.fullmatch(text)
    if found is None:
        return None
    digits = found[2]
    parts = (digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12], digits[12:])
    try:
        return Identity(found[1], datetime(*map(int, parts), tzinfo=BEIJING), found[3] or "")  # type: ignore[arg-type,misc]
    except ValueError:
        return None


def identity_text(issuer: str, entered: datetime, serial: int) -> str:
    """The identity of a message of `issuer` entered then: Beijing time, serial 0 to 9."""
    local = entered.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
    return f"{issuer}_{re.sub('[^0-9]', '', local.isoformat())}_{serial}"


def moment(text: str) -> datetime | None:
    """The moment a CAP or national time names; one without offset is Beijing time; None when it names none."""
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=BEIJING)
        found.astimezone(BEIJING)
    except (ValueError, OverflowError):
        return None
    return found


def extended(text: str | None) -> str:
    """A CAP time in the extended form "YYYY-MM-DD hh:mm:ss+08:00"; what names no moment stays as it is.

    >>> extended("2021-07-19T13:59:00-00:00")
    '2021-07-19 21:59:00+08:00'
    """
    found = moment(text or "")
    return (text or "") if found is None else found.astimezone(BEIJING).isoformat(" ", "seconds")


def cap_time(text: str) -> str | None:
    """A national time as CAP writes it, with its offset; what names no moment stays as it is, "" is None.

    >>> cap_time("2021-07-19 21:59:00+08:00")
    '2021-07-19T21:59:00+08:00'
    """
    found = moment(text)
    return (text or None) if found is None else instants.instant_text(found)
