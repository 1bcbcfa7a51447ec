"""Circles: CAP's radius in kilometres ⇄ the national message's in metres, exact. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_CIRCLE: Final = re.compile(r"(\S+) +([0-9]{1,9}(?:\.[0-9]{1,9})?)")


def metres(circle: str) -> str | None:
    """ "lat,lon km" as "lat,lon metres"; None when it isn't of that form: an unknown unit must not be passed on.

    >>> metres("32.9525,-115.5527 1.5")
    '32.9525,-115.5527 1500'
    """
    return _scaled(circle, 3)


def kilometres(circle: str) -> str | None:
    """ "lat,lon metres" as "lat,lon km"; None when it isn't of that form.

    >>> kilometres("34.7,113.6 50")
    '34.7,113.6 0.05'
    """
    return _scaled(circle, -3)


def _scaled(circle: str, places: int) -> str | None:
    found = _CIRCLE.fullmatch(circle)
    if found is None:
        return None
    plain = format(Decimal(found[2]).scaleb(places), "f")
    return f"{found[1]} {plain.rstrip('0').rstrip('.') if '.' in plain else plain}"
