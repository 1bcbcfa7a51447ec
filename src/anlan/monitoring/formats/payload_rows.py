"""What an MQTT topic and payload say, by the pattern and paths of a connection's topic. Pure and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import msgspec

from anlan.kernel.problem import Invalid, Problem
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.connection_settings import Mapping, Topic
from anlan.monitoring.formats.json_path import each, first, json_path
from anlan.monitoring.formats.line_readings import read_lines
from anlan.monitoring.formats.readings_batch import FIRST_US, LAST_US, Row, Taken, number_of, read_csv
from anlan.monitoring.formats.readings_csv import MOST_ERRORS, RowError

MOST_BODY = 4_000_000
_UNITS = {"s": 1_000_000.0, "ms": 1_000.0, "us": 1.0}


def topic_filter(pattern: str) -> str:
    """Return what to subscribe to: names in braces become one-level wildcards.

    >>> topic_filter("tele/{station}/{element}/#")
    'tele/+/+/#'
    """
    return re.sub(r"\{[^}]*\}", "+", pattern)


@lru_cache(maxsize=1024)
def topic_pattern(pattern: str) -> re.Pattern[str]:
    """Return an expression that fits the topics of a pattern and names its parts."""
    parts: list[str] = []
    for level in pattern.split("/"):
        name = level[1:-1] if level.startswith("{") else ""
        parts.append(
            f"(?P<{name}>[^/]*)" if name else "[^/]*" if level == "+" else ".*" if level == "#" else re.escape(level)
        )
    joined = "/".join(parts)
    if joined.endswith("/.*"):
        joined = joined[:-3] + "(?:/.*)?"
    return re.compile(joined + r"\Z", re.DOTALL)


def topic_of(topics: Iterable[Topic], name: str) -> Topic | None:
    """Return the first of the topics whose pattern a topic's name fits."""
    return next((topic for topic in topics if topic_pattern(topic.topic).match(name)), None)


def payload_rows(topic: Topic, name: str, body: bytes, mapping: Mapping, now: datetime) -> Taken:
    """Return the readings of a payload that came under topic `name`. Never raises: what is wrong is in `errors`."""
    found = topic_pattern(topic.topic).match(name)
    if found is None:
        return _nothing("topic", name, "与主题样式不符", "doesn't fit the pattern")
    if len(body) > MOST_BODY:
        return _nothing("payload", f"{len(body)} B", f"不超过 {MOST_BODY} 字节", f"may have {MOST_BODY} bytes")
    named = found.groupdict()
    device, element = named.get("station") or "", named.get("element") or ""
    if topic.form == "line":
        return mapped(read_lines(body, topic.precision, now), mapping)
    if topic.form == "csv":
        return mapped(read_csv(body), mapping)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _nothing("payload", str(error), "不是合法的 JSON", "is no valid JSON")
    if topic.form == "number":
        return mapped(_readings([({}, device, element, value)], topic, now), mapping)
    return mapped(_readings(_items(topic, value, device, element), topic, now), mapping)


def mapped(taken: Taken, mapping: Mapping) -> Taken:
    """Return the rows under our names."""
    rows: list[Row] = []
    for device, came, at, value, quality in taken.rows:
        element = mapping.element(came)
        if element is not None:
            rows.append((mapping.station(device), element, at, value, quality))
    return taken._replace(rows=rows)


Item = tuple[Any, str, str, Any]


def _items(topic: Topic, value: Any, device: str, element: str) -> Iterator[Item]:
    """Give (the part that tells the time, device, element, raw value) of each reading in a payload."""
    for part in each(value, json_path(topic.each)):
        station = device
        if topic.station:
            named = first(part, json_path(topic.station))
            station = str(named if named is not None else first(value, json_path(topic.station)) or "")
        if topic.values:
            for name, path in topic.values.items():
                raw = first(part, json_path(path))
                if raw is not None:
                    yield part, station, name, raw
        else:
            named = first(part, json_path(topic.element)) if topic.element else element
            yield part, station, str(named if named is not None else ""), first(part, json_path(topic.value))


def _readings(items: Iterator[Item] | list[Item], topic: Topic, now: datetime) -> Taken:
    rows: list[Row] = []
    errors: list[RowError] = []
    wrong = number = 0
    for number, (part, station, element, raw) in enumerate(items, start=1):
        try:
            rows.append(_reading(part, station, element, raw, topic, now))
        except Problem as problem:
            wrong += 1
            if len(errors) < MOST_ERRORS:
                errors.append(RowError(number, problem.field or "", str(problem.value)[:80], problem.zh, problem.en))
    if number == 0:
        return _nothing(topic.each or topic.value, "", "载荷中没有读数", "there is no reading in the payload")
    return Taken(rows, errors, wrong)


def _reading(part: Any, station: str, element: str, raw: Any, topic: Topic, now: datetime) -> Row:
    value = number_of(int(raw) if isinstance(raw, bool) else raw)
    if not 0 < len(station) <= 32 or not station.isprintable():
        raise _wrong("station", station, "站码为 1 至 32 个可见字符", "a station code has 1 to 32 printable characters")
    if len(element) > 24:
        raise _wrong("element", element, "要素代码最多 24 个字符", "an element code has up to 24 characters")
    if value is None:
        raise _wrong(topic.value, raw, "应为数字", "must be a number")
    at = microseconds(now)
    if topic.at:
        at = _time(first(part, json_path(topic.at)), topic)
    return station, element, at, value, 0


def _time(raw: Any, topic: Topic) -> int:
    """Return microseconds since 1970 of a time as the payload writes it."""
    try:
        if topic.time == "iso":
            at = datetime.fromisoformat(str(raw))
            zone = topic.zone
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
            found = microseconds((at if at.tzinfo else at.replace(tzinfo=timezone(offset))).astimezone(UTC))
        else:
            found = round(float(raw) * _UNITS[topic.time])
    except (TypeError, ValueError, OverflowError) as error:
        raise _wrong(topic.at, raw, f"不是 {topic.time} 形式的时间", f"is no time written as {topic.time}") from error
    if not FIRST_US <= found < LAST_US:
        raise _wrong(topic.at, raw, "年份应在 1900 至 2200 之间", "the year must lie in 1900 to 2200")
    return found


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(code="payload.value", zh=f"{field}：{zh}。", en=f"{field}: {en}.", field=field, value=value)


def _nothing(field: str, value: str, zh: str, en: str) -> Taken:
    return Taken([], [RowError(0, field, value[:80], f"{field}：{zh}。", f"{field}: {en}.")], 1)
