"""Ids as they stand in addresses: numbers bare, texts in quotes; a reading's is `<series>-<microseconds since 1970>`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from anlan.monitoring.engine.columns import microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def observation_key(text: str) -> tuple[int, datetime] | None:
    """Return series number and time of a reading's id; None for what can't be one.

    >>> observation_key("7-1500000")
    (7, datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc))
    """
    series, _, rest = text.partition("-")
    sign = -1 if rest.startswith("-") else 1
    digits = rest.removeprefix("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (series, digits)):
        return None
    if int(series) > 2**31 - 1:
        return None
    try:
        return int(series), _EPOCH + timedelta(microseconds=sign * int(digits))
    except OverflowError:
        return None


def observation_id(series: int, at: datetime) -> str:
    """Return the id of a reading."""
    return f"{series}-{microseconds(at)}"


def in_address(key: Any) -> str:
    """Return an id as it stands between the parentheses of an address.

    >>> in_address("it's")
    "'it%27%27s'"
    """
    if isinstance(key, int):
        return str(key)
    escaped = str(key).replace("'", "''")
    return f"'{quote(escaped, safe='@:')}'"
