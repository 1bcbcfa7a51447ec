"""Times and counts as a hand types them during a call: "-15", "1420", "20 14:20"; "?" for what nobody knows."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

UNKNOWN = frozenset({"?", "？", "不详", "未知", "unknown"})
NOW = frozenset({"0", "now", "刚刚", "现在"})
_CLOCK = re.compile(
    r"(?:(?:(?:(\d{4})[-/.年])?(\d{1,2})[-/.月])?(\d{1,2})[日 T]+)?\s*(\d{1,2})[:：时]?(\d{2})分?(?::\d{2})?$"
)


def moment_said(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the moment; None for nothing. "-15": minutes ago; "14:20", "1420": today, or yesterday where that is still to
    come; with a day, month, year before it: that day, the last there was. Raises ValueError for anything else, or a day that isn't.

    >>> from datetime import UTC
    >>> moment_said("1420", datetime(2026, 7, 1, 15, tzinfo=UTC), UTC).hour
    14
    """
    words = text.strip().lower()
    if not words:
        return None
    if words in NOW:
        return now
    ago = re.fullmatch(r"[-－]\s*(\d{1,4})\s*(?:min|分钟?)?", words)
    if ago:
        return now - timedelta(minutes=int(ago.group(1)))
    found = _CLOCK.match(text.strip())
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    here = now.astimezone(zone)
    moment = here.replace(hour=hour or 0, minute=minute or 0, second=0, microsecond=0)
    if day is None:
        return moment - timedelta(days=1) if moment > here else moment
    return _day_said(moment, here, year, month, day)


def _day_said(moment: datetime, here: datetime, year: int | None, month: int | None, day: int) -> datetime:
    """The day that was said: without a month the last such day of a month, without a year the last such day of a year, for
    what is told has happened. At ten past midnight on the first, "30 23:50" was half an hour ago."""
    if month is not None:
        found = moment.replace(year=year or here.year, month=month, day=day)
        return found.replace(year=here.year - 1) if year is None and found > here else found
    for back in range(12):
        months = here.year * 12 + here.month - 1 - back
        with suppress(ValueError):  # no such day in that month
            found = moment.replace(year=months // 12, month=months % 12 + 1, day=day)
            if found <= here:
                return found
    raise ValueError(f"{day}")


def count_said(text: str) -> tuple[bool, float | None]:
    """Return (was anything said, the number): "" nothing, "?" said to be unknown. Raises ValueError for no number."""
    words = text.strip().replace(",", "").replace("，", "")
    if not words:
        return False, None
    if words.lower() in UNKNOWN:
        return True, None
    number = float(words)
    if not 0 <= number < float("inf"):
        raise ValueError(text)
    return True, number
