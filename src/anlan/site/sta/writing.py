"""What may be written where: stations with all that hangs on them, series, points, sensors, elements, and readings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from anlan.kernel.actor import Actor
from anlan.kernel.answers import json_answer
from anlan.kernel.problem import Conflict
from anlan.site.sta import given, writing_observations, writing_things
from anlan.site.sta.asking import Asked
from anlan.site.sta.bodies import Writer
from anlan.site.sta.entities import Entity
from anlan.site.sta.errors import NotAllowed
from anlan.site.sta.pages import Row, Under
from anlan.site.sta.paths import Place, nothing, place_of
from anlan.site.sta.reading import Reader

Create = Callable[[Actor, Reader, given.Given, Row | None], Row]
CREATES: dict[str, Create] = {
    "Things": writing_things.thing_make, "Datastreams": writing_things.datastream_make,
    "Locations": writing_things.location_make, "Sensors": writing_things.sensor_make,
    "ObservedProperties": writing_things.element_make, "Observations": writing_observations.observation_make,
}  # fmt: skip
CHANGES = {
    "Things": writing_things.thing_change, "Datastreams": writing_things.datastream_change,
    "Locations": writing_things.location_change, "Sensors": writing_things.sensor_change,
    "ObservedProperties": writing_things.element_change,
}  # fmt: skip


def written(request: HttpRequest, who: Actor, address: str, writer: Writer) -> HttpResponse:
    """Create at an address (POST) or change what is there (PATCH, PUT)."""
    body = given.read(request)
    if request.method == "POST" and (address == "CreateObservations" or _is_array(address, body)):
        return _arrays(request, who, body, writer)
    try:
        with transaction.atomic():
            if request.method == "POST":
                return _created(request, who, address, given.thing(body, "body"), writer)
            return _changed(who, address, body, request)
    except IntegrityError as failure:
        raise Conflict(
            code="sta.taken", zh="编号已被占用；请换一个 properties.code。",
            en="This id is taken; choose another properties.code.", field="properties.code",
        ) from failure  # fmt: skip


def _is_array(address: str, body: Any) -> bool:
    first = body[0] if isinstance(body, list) and body else body
    return address == "Observations" and isinstance(first, dict) and "dataArray" in first


def _arrays(request: HttpRequest, who: Actor, body: Any, writer: Writer) -> HttpResponse:
    """Take readings as data arrays; each is answered by its address, or by "error" and why."""
    told = writing_observations.arrays_take(who, Reader(who.scope), given.things(body, "body"), writer.root)
    response = json_answer(request, told)
    response.status_code = 201
    return response


def _created(request: HttpRequest, who: Actor, address: str, body: given.Given, writer: Writer) -> HttpResponse:
    reader = Reader(who.scope)
    place = place_of(reader, address)
    if place.single or place.tail or place.ref or place.entity.many not in CREATES:
        raise _not_here(
            place, "GET, HEAD, PATCH, PUT" if place.entity.many in CHANGES and place.single else "GET, HEAD"
        )
    row = CREATES[place.entity.many](who, reader, body, _parent(reader, address))
    link = writer.link(place.entity, row)
    response = json_answer(request, {"@iot.id": link.partition("(")[2][:-1].strip("'"), "@iot.selfLink": link})
    if place.entity.numbered:
        response = json_answer(request, {"@iot.id": row["id"], "@iot.selfLink": link})
    response.status_code = 201
    response["Location"] = link
    return response


def _parent(reader: Reader, address: str) -> Row | None:
    """Return the entity whose list is posted to: `Things('x')` of `Things('x')/Datastreams`."""
    above, _, _ = address.rpartition("/")
    if not above:
        return None
    place = place_of(reader, above)
    row = reader.one(Asked(entity=place.entity), place.under)
    if row is None:
        raise nothing()
    return {**row, "_of": place.entity.many}


def _changed(who: Actor, address: str, body: Any, request: HttpRequest) -> HttpResponse:
    reader = Reader(who.scope)
    place = place_of(reader, address)
    if not place.single or place.tail or place.ref or place.entity.many not in CHANGES:
        raise _not_here(place, "GET, HEAD" if place.single or place.entity.many not in CREATES else "GET, HEAD, POST")
    row = _row(reader, place.entity, place.under)
    CHANGES[place.entity.many](who, reader, row, body, request.method == "PUT")
    return HttpResponse(status=200)


def _row(reader: Reader, entity: Entity, under: tuple[Under, ...]) -> Row:
    row = reader.one(Asked(entity=entity), under)
    if row is None:
        raise nothing()
    return row


def _not_here(place: Place, allow: str) -> NotAllowed:
    """Return the refusal of writing where nothing is written, with what to do instead."""
    name = place.entity.many
    why = {
        "Observations": ("读数一经收到不再改动；更正请另报一个时刻的读数。",
                         "A reading never changes; a correction is another reading."),
        "FeaturesOfInterest": ("观测对象就是测站所在的点；请改 Locations。",
                               "Features of interest are the points of stations; change Locations."),
        "HistoricalLocations": ("历史位置随测站移动自动生成。", "These come by themselves when a station is moved."),
    }.get(name, ("此处不能写入；请写入集合，或改动单个对象。", "Nothing is written here; post to a set, or change one entity."))  # fmt: skip
    return NotAllowed(code="sta.not_here", zh=why[0], en=why[1], field="path", value=name, allow=allow)
