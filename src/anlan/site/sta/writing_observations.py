"""Readings from SensorThings clients: single, nested, or as data arrays. Durable when they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem, TooLarge
from anlan.monitoring.choices import Quality
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.services.intake import intake_append
from anlan.site.sta import given, sources
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.ids import in_address, observation_id
from anlan.site.sta.literals import moment, period
from anlan.site.sta.pages import Row
from anlan.site.sta.reading import Reader

MOST, SOURCE = 100_000, "sta"
COMPONENTS = ("id", "phenomenonTime", "resultTime", "result", "resultQuality", "validTime", "parameters",
              "FeatureOfInterest/id")  # fmt: skip


class Stream(NamedTuple):
    """Where readings go: series number, station code, element."""

    number: int
    code: str
    element: str


class Seen(NamedTuple):
    """One reading: its series, when it was taken, its value, the quality its sender gave it."""

    stream: Stream
    at: datetime
    value: float
    quality: int


def observation_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Take one reading; return its key."""
    number = _number(body, parent)
    seen = _seen(streams(reader, [number]).get(number), body, "")
    _append(who, [seen])
    return {"series": seen.stream.number, "at": seen.at}


def arrays_take(who: Actor, reader: Reader, arrays: list[Given], root: str) -> list[str]:
    """Take data arrays; return the address of each reading in order, or why it isn't taken."""
    if sum(len(array.get("dataArray") or ()) for array in arrays if isinstance(array.get("dataArray"), list)) > MOST:
        raise TooLarge(code="sta.too_many", zh=f"一次最多 {MOST} 个读数；请分批发送。",
                       en=f"At most {MOST} readings at once; send them in parts.", field="dataArray", value=MOST)  # fmt: skip
    numbers = [_number(array, None, f"[{at}].") for at, array in enumerate(arrays)]
    known = streams(reader, numbers)
    told: list[str] = []
    good: list[Seen] = []
    for at, (array, number) in enumerate(zip(arrays, numbers, strict=True)):
        for body in _rows(array, f"[{at}]."):
            try:
                seen = _seen(known.get(number), body, f"[{at}].")
            except Problem as problem:
                told.append(f"error: {problem.text()}")
                continue
            good.append(seen)
            told.append(f"{root}/Observations({in_address(observation_id(number, seen.at))})")
    _append(who, good)
    return told


def streams(reader: Reader, numbers: list[int]) -> dict[int, Stream]:
    """Return the series of these numbers within the reader's scope. One query."""
    if not numbers:
        return {}
    source = sources.datastreams(reader.scope)
    things = sources.things(reader.scope)
    sql = (
        f"SELECT x.series, t.id AS code, x.element FROM ({source.sql}) x JOIN ({things.sql}) t USING (station)"
        " WHERE x.series = ANY(%s::int[])"
    )
    rows = reader.fetch(sql, [*source.params, *things.params, sorted(set(numbers))])
    return {row["series"]: Stream(row["series"], row["code"], row["element"]) for row in rows}


def _append(who: Actor, seen: list[Seen]) -> None:
    rows = [(one.stream.code, one.stream.element, microseconds(one.at), one.value, one.quality) for one in seen]
    if rows:
        intake_append(by=who, rows=rows, source=SOURCE)


def _number(body: Given, parent: Row | None, field: str = "") -> int:
    """Return the number of the series a reading belongs to."""
    link = body.get("Datastream")
    if link is None and parent is not None and parent["_of"] == "Datastreams":
        return int(parent["series"])
    found = given.thing(link, f"{field}Datastream").get("@iot.id") if link is not None else None
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= 9:
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**31:
        raise unreadable(f"{field}Datastream", str(link)[:80], '应为 {"@iot.id": 编号}。', 'Give {"@iot.id": number}.')
    return found


def _rows(array: Given, field: str) -> list[Given]:
    """Return the rows of a data array as bodies of observations."""
    names, rows = array.get("components"), array.get("dataArray")
    if not isinstance(names, list) or not all(name in COMPONENTS for name in names) or "result" not in names:
        raise unreadable(f"{field}components", str(names)[:80], f"应为 {'、'.join(COMPONENTS)} 中的若干项，且含 result。",
                         f"Give some of {', '.join(COMPONENTS)}, result among them.")  # fmt: skip
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        raise unreadable(f"{field}dataArray", str(rows)[:80], "每行的值应与 components 一一对应。",
                         "Each row has one value for each of the components.")  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def _seen(stream: Stream | None, body: Given, field: str) -> Seen:
    if stream is None:
        raise unreadable(f"{field}Datastream", "", "没有此数据流，或不在您的管辖范围。",
                         "There is no such Datastream within your scope.")  # fmt: skip
    feature = body.get("FeatureOfInterest")
    at_station = (None, {"@iot.id": stream.code})
    if feature not in at_station or body.get("FeatureOfInterest/id", stream.code) not in (None, stream.code):
        raise unreadable(f"{field}FeatureOfInterest", str(feature)[:80], "观测对象就是测站所在的点；请省去此项。",
                         "The feature of interest is the station's point: leave this out.")  # fmt: skip
    return Seen(stream, _at(body, field), given.number(body.get("result"), f"{field}result"), _quality(body, field))


def _at(body: Given, field: str) -> datetime:
    """Return when a reading was taken: of a period its end, as an amount over an interval is told at its end."""
    said = body.get("phenomenonTime")
    said = body.get("resultTime") if said is None else said
    if said is None:
        return clock.now()
    try:
        return period(said)[1] if "/" in said else moment(said)
    except (ValueError, OverflowError, TypeError, AttributeError):
        raise unreadable(f"{field}phenomenonTime", str(said)[:80], "应写作 2026-05-01T08:00:00Z，或区间 起/止。",
                         "Write 2026-05-01T08:00:00Z, or a period as start/end.") from None  # fmt: skip


def _quality(body: Given, field: str) -> int:
    value: Any = body.get("resultQuality")
    value = value.get("code") if isinstance(value, dict) else value
    if value is None:
        return int(Quality.GOOD)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value not in Quality.values:
        raise unreadable(f"{field}resultQuality", str(value)[:80], f"质量码为 0 至 {max(Quality.values)}，0 为正常。",
                         f"Quality codes are 0 to {max(Quality.values)}; 0 is good.")  # fmt: skip
    return value
