"""Values as they are written in an expression, an address or a body: numbers, texts, moments, periods, spans, shapes."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import shapely

from anlan.site.sta.errors import unreadable

MOST_POINTS = 5000
_SPAN = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
_TYPED = {
    "geography": "geo", "geometry": "geo", "duration": "duration", "time": "clock", "date": "date",
    "datetime": "time", "datetimeoffset": "time",
}  # fmt: skip


def literal(kind: str, text: str, field: str) -> tuple[str, Any]:
    """Return the kind and the value of a token of `tree`. Raises Unreadable for a value nobody can mean."""
    if kind == "typed":
        word, _, rest = text.partition("'")
        kind, text = _TYPED[word], rest[:-1].replace("''", "'")
    elif kind == "text":
        return "text", text[1:-1].replace("''", "'")
    try:
        return kind, _READERS[kind](text)
    except (ValueError, OverflowError, shapely.errors.ShapelyError):
        raise unreadable(field, text[:80], f"“{text[:40]}”不是有效的值。", f"“{text[:40]}” is no value.") from None


def moment(text: str) -> datetime:
    """Return a moment in UTC; without an offset it is UTC. A space stands for a plus that an address swallowed."""
    found = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()))
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def period(text: str) -> tuple[datetime, datetime]:
    """Return first and last moment of `a/b`; ValueError when b is before a."""
    first, _, last = text.partition("/")
    start, end = moment(first), moment(last)
    if start > end:
        raise ValueError(text)
    return start, end


def _number(text: str) -> int | float:
    if text.isdigit() and len(text) <= 18:
        return int(text)
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None or not any(match[name] for name in ("days", "hours", "minutes", "seconds")):
        raise ValueError(text)
    parts = {name: float(match[name] or 0) for name in ("days", "hours", "minutes", "seconds")}
    return timedelta(**parts) * (-1 if match["sign"] else 1)


def _shape(text: str) -> Any:
    """Return the shape of a WKT text, with an SRID perhaps (only WGS 84 is taken)."""
    srid, _, rest = text.rpartition(";")
    if srid.upper() not in ("", "SRID=4326"):
        raise ValueError(text)
    shape = shapely.from_wkt(rest)
    if shape is None or shape.is_empty or shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise ValueError(text)
    if not all(math.isfinite(bound) and abs(bound) <= 1e6 for bound in shape.bounds):
        raise ValueError(text)
    return shape if shape.is_valid else shapely.make_valid(shape)


def _clock(text: str) -> time:
    return time.fromisoformat(text)


_READERS: dict[str, Any] = {
    "number": _number, "time": moment, "date": date.fromisoformat, "clock": _clock, "period": period,
    "duration": _span, "geo": _shape,
}  # fmt: skip
