"""Short texts of a rule: durations "90s", "10m", "3h", "2d"; seasons "06-15..08-31"; hours "20:00-06:00".

Each function raises ValueError with the remedy in `.args` as (Chinese, English).
"""

from __future__ import annotations

import re
from datetime import date

from anlan.monitoring.engine.rules import Season

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_S = 7 * 86400  # what a window may reach back: all of it is held in memory for every series


def duration(text: str) -> int:
    """Return seconds of "10m" or "1h30m"."""
    parts = re.findall(r"(\d+)([smhd])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError('时长写作 "10m"、"3h"、"1h30m" 或 "2d"', 'write a duration as "10m", "3h", "1h30m" or "2d"')
    seconds = sum(int(number[:9]) * _UNITS[unit] for number, unit in parts)
    if seconds > LONGEST_S:
        raise ValueError("最长 7 天", "seven days at most")
    return seconds


def season(text: str) -> Season:
    """Return the days of "06-15..08-31", both included; it may run over the new year."""
    found = re.fullmatch(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)", text.strip())
    remedy = ('季节写作 "06-15..08-31"（月-日..月-日）', 'write a season as "06-15..08-31" (month-day..month-day)')
    if found is None:
        raise ValueError(*remedy)
    first_month, first_day, last_month, last_day = (int(part) for part in found.groups())
    try:  # a leap year has every day there is
        date(2000, first_month, first_day), date(2000, last_month, last_day)
    except ValueError as error:
        raise ValueError(*remedy) from error
    return Season((first_month, first_day), (last_month, last_day))


def hours(text: str) -> tuple[int, int]:
    """Return the minutes of the day of "20:00-06:00"; it may run over midnight. "24:00" is the end of the day."""
    found = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text.strip())
    remedy = ('时段写作 "20:00-06:00"', 'write hours as "20:00-06:00"')
    if found is None:
        raise ValueError(*remedy)
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or start >= 1440 or end > 1440 or start == end:
        raise ValueError(*remedy)
    return start, end
