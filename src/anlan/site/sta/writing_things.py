"""Stations from SensorThings clients: a thing with its location and datastreams, more datastreams, new words.

What our columns have goes to them (`stations_register`); the rest of the words is kept as descriptions.
"""

from __future__ import annotations

from typing import Any

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict
from anlan.monitoring.services.descriptions import Described, descriptions_save
from anlan.monitoring.services.stations import StationSpec, stations_register
from anlan.site.sta import given, patching
from anlan.site.sta.entities import DATASTREAM, LOCATION, OBSERVED, SENSOR, THING
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.pages import Row
from anlan.site.sta.reading import Reader
from anlan.site.sta.stations_known import main_of, must_be_new, spec_of, station_of
from anlan.site.sta.streams_given import OWN, Measured, element_given, measured, own_division, sensor_given
from anlan.site.sta.thing_given import OWN_PROPERTIES, code_of, division_of, kind_of, location_given, spot

SOURCE = "sta"
MOST_NAME, MOST_WORDS = 96, 2000


def thing_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Register a station with its point and series; return its key."""
    name = given.text(body, "name", "", most=MOST_NAME)
    said = given.thing(body.get("properties") or {}, "properties")
    code, division = code_of(body, said), division_of(who, said)
    must_be_new(code)
    lon, lat, place = location_given(reader, body, parent)
    streams = [measured(reader, one, f"Datastreams[{at}].") for at, one in
               enumerate(given.things(body.get("Datastreams"), "Datastreams"))]  # fmt: skip
    main = main_of(said, streams)
    stations_register(by=who, stations=[
        StationSpec(
            code=code, name_zh=name, name_en=name, kind=kind_of(said, main), metric=main, lon=lon, lat=lat,
            division=division, interval_s=given.whole(said.get("interval_s"), "properties.interval_s", 31 * 86_400),
            max_silence_s=given.whole(said.get("max_silence_s"), "properties.max_silence_s", 366 * 86_400),
            coord_src=SOURCE, series=tuple(one.spec for one in streams),
        )
    ])  # fmt: skip
    words: Given = {"properties": given.properties(body, "", OWN_PROPERTIES)}
    words |= {"description": text} if (text := _words(body)) else {}
    words |= {"location": place} if place else {}
    _describe(who, code, division, words, streams)
    return {"id": code}


def datastream_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Add a series to a station; return its key."""
    above = parent is not None and parent["_of"] == "Things"
    thing = {"@iot.id": parent["id"]} if parent is not None and above else given.thing(body.get("Thing"), "Thing")
    station = station_of(who.scope, thing.get("@iot.id"), "Thing")
    one = measured(reader, body, "")
    if one.spec.element in {series.element for series in station.series.all()}:
        raise Conflict(
            code="sta.datastream_there", zh=f"测站 {station.code} 已有要素“{one.spec.element}”的数据流；请直接使用它。",
            en=f"Station {station.code} has a Datastream of “{one.spec.element}” already; use that one.",
            field="ObservedProperty", value=one.spec.element,
        )  # fmt: skip
    stations_register(by=who, stations=[spec_of(station, one.spec)])
    _describe(who, station.code, station.division, None, [one])
    number = station_of(who.scope, station.code, "Thing").series.get(element=one.spec.element).number
    return {"id": number, "series": number}


def location_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Move a station: its location is the point it stands at."""
    links = given.things(body.get("Things"), "Things")
    code = parent["id"] if parent and parent["_of"] == "Things" else links[0].get("@iot.id") if links else None
    if code is None:
        raise unreadable("Things", "", "位置须属于某个测站：请写到 Things('站码')/Locations，或给出 Things。",
                         "A location belongs to a station: post to Things('code')/Locations, or give Things.")  # fmt: skip
    station = station_of(who.scope, code, "Things")
    _move(who, station.code, spot(body, ""), body)
    return {"id": station.code}


def location_change(who: Actor, reader: Reader, row: Row, body: Any, whole: bool) -> None:
    """Move a station to another point."""
    new = patching.changes(
        LOCATION, row, body, whole, ("name", "description", "encodingType", "location", "properties")
    )
    if "@" in str(row["id"]):
        raise unreadable("id", row["id"], "历史位置不能改动；请改测站现在的位置。",
                         "A past location never changes; change the station's present one.")  # fmt: skip
    _move(who, str(row["id"]), spot(new, "") if "location" in new else None, new)


def thing_change(who: Actor, reader: Reader, row: Row, body: Any, whole: bool) -> None:
    """Give a station another name, description or further properties."""
    new = patching.changes(THING, row, body, whole, ("name", "description", "properties"))
    patching.refuse_own(THING, row, new, OWN_PROPERTIES)
    station = station_of(who.scope, row["id"], "id")
    if "name" in new:
        name = given.text(new, "name", "", most=MOST_NAME)
        stations_register(by=who, stations=[spec_of(station, name=name)])
    words = patching.kept("station", station.code, station.division)
    words |= {"properties": given.properties(new, "", OWN_PROPERTIES)} if "properties" in new else {}
    words |= {"description": _words(new)} if "description" in new else {}
    descriptions_save(by=who, rows=[Described("station", station.code, station.division, words)])


def datastream_change(who: Actor, reader: Reader, row: Row, body: Any, whole: bool) -> None:
    """Give a series another name, description, sensor or further properties; what it measures stays."""
    names = ("name", "description", "properties", "unitOfMeasurement", "Sensor")
    new = patching.changes(DATASTREAM, row, body, whole, names)
    patching.refuse_own(DATASTREAM, row, new, OWN)
    station = station_of(who.scope, row["station"], "id")
    words = patching.kept("series", str(row["id"]), station.division)
    if "name" in new:
        words["name"] = given.text(new, "name", "", most=MOST_NAME)
    if "description" in new:
        words["description"] = _words(new)
    if "properties" in new:
        words["properties"] = given.properties(new, "", OWN)
    if "unitOfMeasurement" in new:
        words["unitOfMeasurement"] = patching.same_unit(row, new["unitOfMeasurement"])
    if "Sensor" in new:
        words["sensor"] = sensor_given(reader, new["Sensor"], "Sensor").code
    descriptions_save(by=who, rows=[Described("series", str(row["id"]), station.division, words)])


def sensor_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Describe a sensor; return its key. The same words give the same sensor."""
    found = sensor_given(reader, body, "")
    descriptions_save(by=who, rows=[Described("sensor", found.code, own_division(who), found.words or {})])
    return {"id": found.code}


def sensor_change(who: Actor, reader: Reader, row: Row, body: Any, whole: bool) -> None:
    """Describe a sensor anew."""
    names = ("name", "description", "encodingType", "metadata", "properties")
    old = patching.shown(SENSOR, row)
    new = {**({} if whole else old), **patching.changes(SENSOR, row, body, whole, names)}
    found = sensor_given(reader, new, "")
    descriptions_save(by=who, rows=[Described("sensor", str(row["id"]), own_division(who), found.words or {})])


def element_make(who: Actor, reader: Reader, body: Given, parent: Row | None) -> Row:
    """Describe an element; return its key."""
    found = element_given(reader, body, "")
    if found.words is not None:
        descriptions_save(by=who, rows=[Described("element", found.code, own_division(who), found.words)])
    return {"id": found.code}


def element_change(who: Actor, reader: Reader, row: Row, body: Any, whole: bool) -> None:
    """Describe an element anew."""
    names = ("name", "definition", "description", "properties")
    old = patching.shown(OBSERVED, row)
    new = {**({} if whole else old), **patching.changes(OBSERVED, row, body, whole, names)}
    words = element_given(reader, {**new, "@iot.id": row["id"]}, "", anew=True).words or {}
    descriptions_save(by=who, rows=[Described("element", str(row["id"]), own_division(who), words)])


def _describe(who: Actor, code: str, division: str, words: Given | None, streams: list[Measured]) -> None:
    """Keep the words of a station, its series, and the sensors and elements that came with them."""
    rows = [] if words is None else [Described("station", code, division, words)]
    area = own_division(who, division)
    numbers = {series.element: series.number for series in station_of(who.scope, code, "id").series.all()}
    for one in streams:
        rows.append(Described("series", str(numbers[one.spec.element]), division, one.words))
        for kind, part in (("sensor", one.sensor), ("element", one.element)):
            if part is not None and part.words is not None:
                rows.append(Described(kind, part.code, area, part.words))
    descriptions_save(by=who, rows=list({row[:3]: row for row in rows}.values()))


def _move(who: Actor, code: str, to: tuple[float, float] | None, body: Given) -> None:
    station = station_of(who.scope, code, "id")
    if to is not None:
        stations_register(by=who, stations=[spec_of(station, point=to)])
    words = patching.kept("station", station.code, station.division)
    place = {name: given.text(body, name, "", most=MOST_WORDS) for name in ("name", "description") if name in body}
    if place:
        words["location"] = {**words.get("location", {}), **place}
        descriptions_save(by=who, rows=[Described("station", station.code, station.division, words)])


def _words(body: Given) -> str:
    return given.text(body, "description", "", most=MOST_WORDS, wanted=False)
