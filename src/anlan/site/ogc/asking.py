"""What a request for features asks for. What can't be read is refused with 400, as the standard wants it.

Source: OGC 17-069r4 (Features, Part 1: Core), OGC 18-058r1 (Part 2: CRS).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict

from anlan.kernel.crs import CRS84, SYSTEMS, Crs, box_back
from anlan.kernel.problem import Problem

LIMIT, MOST = 100, 1000
MOST_VALUES, MOST_CHARS = 40, 200
OWN = ("limit", "bbox", "bbox-crs", "crs", "datetime", "f", "after", "q")
Span = tuple[datetime | None, datetime | None]


class Unreadable(Problem):
    """A parameter that is none, or whose value can't be read."""

    http = 400


@dataclass(frozen=True)
class Asked:
    """One reading of a request for features. `span`: first and last moment, inclusive, None where open."""

    limit: int = LIMIT
    bbox: tuple[float, float, float, float] | None = None
    span: Span | None = None
    crs: Crs = CRS84
    after: str = ""
    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def asked(params: QueryDict, properties: Iterable[str]) -> Asked:
    """Read the parameters of a request for features; `properties` are the names that can be filtered by."""
    known = list(properties)
    only(params, [*OWN, *known])
    return Asked(
        limit=_limit(params.get("limit")),
        bbox=_bbox(params.get("bbox"), _crs(params, "bbox-crs")),
        span=span_read(text) if (text := params.get("datetime", "")) else None,
        crs=_crs(params, "crs"),
        after=params.get("after", "")[:800],
        q=params.get("q", "")[:MOST_CHARS],
        filters={name: _values(name, params.getlist(name)) for name in known if name in params},
    )


def only(params: QueryDict, known: Iterable[str]) -> None:
    """Refuse a parameter that is none, and a form that is not JSON."""
    known = list(known)
    for name in params:
        if name not in known:
            raise Unreadable(
                code="ogc.no_parameter",
                zh=f"没有参数“{name[:64]}”；可用：{'、'.join(known)}。",
                en=f"There is no parameter “{name[:64]}”; take one of: {', '.join(known)}.",
                field=name[:64],
                value=params.get(name),
            )
    if params.get("f", "json") not in ("json", "geojson"):
        raise _refused("f", params["f"], "只提供 f=json。", "Only f=json is given.")


def one_crs(params: QueryDict) -> Crs:
    """Return the system a single feature is asked in."""
    return _crs(params, "crs")


def span_read(text: str) -> Span:
    """Return the first and last moment of an instant, a day, or an interval open at an end (`..` or nothing).

    >>> span_read("../2026-05-01")[0] is None
    True
    """
    parts = text.split("/")
    if len(parts) > 2 or text in ("/", "../..", "../", "/.."):
        raise _moment(text)
    if len(parts) == 1:
        return _ends(text, parts[0])
    first = None if parts[0] in ("", "..") else _ends(text, parts[0])[0]
    last = None if parts[1] in ("", "..") else _ends(text, parts[1])[1]
    if first is not None and last is not None and first > last:
        raise _moment(text)
    return first, last


def _ends(text: str, part: str) -> tuple[datetime, datetime]:
    """Return the first and last moment of an instant (the same) or of a day."""
    try:
        if len(part) == 10:
            start = datetime.combine(date.fromisoformat(part), time(), UTC)
            return start, start + timedelta(days=1) - timedelta(microseconds=1)
        # A plus sign in an address is a space unless it was written as %2B: the offset of a moment shows which.
        moment = datetime.fromisoformat(part.replace(" ", "+") if "T" in part else part)
    except (ValueError, OverflowError):
        raise _moment(text) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise _moment(text) from None
    return moment, moment


def _moment(text: str) -> Unreadable:
    return _refused(
        "datetime",
        text,
        "时间写作 2026-05-01T08:00:00Z，或区间 2026-05-01/2026-06-01、../2026-06-01。",
        "Write a moment as 2026-05-01T08:00:00Z, or an interval as 2026-05-01/2026-06-01, ../2026-06-01.",
    )


def _limit(text: str | None) -> int:
    """Return how many; more than the most is cut to the most, as the standard says."""
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise _refused("limit", text, f"应为1至{MOST}的整数。", f"Give a whole number from 1 to {MOST}.")
    return MOST if len(text) > 9 else min(int(text), MOST)


def _bbox(text: str | None, system: Crs) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    words = "应为4个（或6个）数：左下角与右上角的坐标。", "Give four (or six) numbers: the lower and the upper corner."
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise _refused("bbox", text, *words) from None
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) and abs(number) < 1e9 for number in numbers):
        raise _refused("bbox", text, *words)
    box = box_back((numbers[0], numbers[1], numbers[2], numbers[3]), system)
    if box[1] > box[3]:
        raise _refused("bbox", text, *words)
    return box


def _crs(params: QueryDict, name: str) -> Crs:
    text = params.get(name)
    if not text:
        return CRS84
    if text not in SYSTEMS:
        raise _refused(name, text, f"可用：{'、'.join(SYSTEMS)}。", f"Take one of: {', '.join(SYSTEMS)}.")
    return SYSTEMS[text]


def _values(name: str, given: list[str]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))
    if not values or len(values) > MOST_VALUES or any(len(value) > MOST_CHARS for value in values):
        raise _refused(
            name, ",".join(given), f"请给出1至{MOST_VALUES}个值，用逗号分隔。",
            f"Give 1 to {MOST_VALUES} values with commas between.",
        )  # fmt: skip
    return values


def _refused(name: str, value: Any, zh: str, en: str) -> Unreadable:
    return Unreadable(
        code=f"ogc.{name}", zh=f"参数 {name}：{zh}", en=f"Parameter {name}: {en}", field=name, value=value
    )
