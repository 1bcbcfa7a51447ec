"""The SQL every list of stations is made of: its joins, filters, orders and the place in its pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from anlan.kernel.problem import Invalid
from anlan.monitoring.selectors.grades import COLOURS, JOIN_GRADES, RANK

STATES = ("normal", "isolated", "suspect", "silent")  # what needs a person last: it comes first when sorted down

SIGNALS = f"""
LEFT JOIN (SELECT g.station_id, max({RANK}) AS rank FROM monitoring_signal g {JOIN_GRADES}
  WHERE g.state = 'firing' AND g.station_id IS NOT NULL GROUP BY g.station_id) g ON g.station_id = t.id
"""
PULSE = "LEFT JOIN monitoring_pulse p ON p.station_id = t.id AND p.main"
RAIN = """
LEFT JOIN (SELECT station_id, max(sum_1h) AS sum_1h, max(sum_3h) AS sum_3h, max(sum_24h) AS sum_24h
  FROM monitoring_pulse WHERE sum_24h IS NOT NULL GROUP BY station_id) r ON r.station_id = t.id
"""
_STATE = "CASE t.state " + " ".join(f"WHEN '{code}' THEN {at}" for at, code in enumerate(STATES)) + " ELSE 0 END"

#: Order → (expression that is never null, what it needs joined). Age grows with silence; a station never heard is oldest.
ORDERS: dict[str, tuple[str, str]] = {
    "code": ("", ""),
    "state": (f"({_STATE})::float8", ""),
    "age": ("coalesce(-extract(epoch FROM p.last_at)::float8, 1e12)", PULSE),
    "since": ("-extract(epoch FROM t.state_at)::float8", ""),
    "rain_1h": ("coalesce(r.sum_1h, -1)", RAIN),
    "rain_3h": ("coalesce(r.sum_3h, -1)", RAIN),
    "rain_24h": ("coalesce(r.sum_24h, -1)", RAIN),
    "signal": ("coalesce(g.rank, 0)::float8", SIGNALS),
}


@dataclass(frozen=True)
class StationQuery:
    """What a list of stations is asked: words, filters (empty: all), and the order ("-" before it: downwards)."""

    q: str = ""
    division: str = ""
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    sort: str = ""
    codes: Sequence[str] | None = field(default=None, compare=False)


class Place(NamedTuple):
    """Where a page begins: after (or before, for the page back) the station with this value and code."""

    back: bool
    value: float
    code: str


def place_read(text: str) -> Place | None:
    """Read a place in the pages, "" for the first page; Invalid when it is none."""
    if not text:
        return None
    try:
        back, value, code = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Place(bool(back), float(value), str(code))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(
            code="page.place",
            zh="页码标记无效；请从第一页重新翻起。",
            en="This place in the pages means nothing; begin at the first page again.",
            field="after",
            value=text[:60],
        ) from error


def place_text(back: bool, value: float, code: str) -> str:
    """Return a place in the pages as it stands in an address."""
    return base64.urlsafe_b64encode(json.dumps([back, value, code]).encode()).decode().rstrip("=")


def order_of(sort: str) -> tuple[str, bool]:
    """Return the order's name and whether it runs down; an order nobody knows is that of the codes."""
    name = sort.lstrip("-")
    return (name, sort.startswith("-")) if name in ORDERS else ("code", False)


def paged(expr: str, down: bool, place: Place | None) -> tuple[str, list[Any], str]:
    """Return the condition that begins a page, its parameters, and the ORDER BY (codes decide between equals)."""
    back = place is not None and place.back
    later = "<" if down != back else ">"
    code = f"t.code {'DESC' if back else 'ASC'}"
    ordered = f"{expr} {'DESC' if down != back else 'ASC'}, {code}" if expr else code
    if place is None:
        return "", [], ordered
    after = f"t.code {'<' if back else '>'} %s"
    if not expr:
        return f"AND {after}", [place.code], ordered
    return f"AND ({expr} {later} %s OR ({expr} = %s AND {after}))", [place.value, place.value, place.code], ordered


def ranks_of(colours: Sequence[str]) -> list[int]:
    """Return the ranks of signal colours; "none" is the rank of no signal."""
    return [
        0 if colour == "none" else COLOURS.index(colour)
        for colour in colours
        if colour == "none" or colour in COLOURS[1:]
    ]
