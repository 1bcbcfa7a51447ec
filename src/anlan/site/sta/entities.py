"""What SensorThings knows: entities, their properties and how they hang together, over the columns of `sources`.

Thing = station, Location and FeatureOfInterest = its point, Datastream = series, Sensor = kind of sensor,
ObservedProperty = element, Observation = reading (id `<series>-<microseconds>`), HistoricalLocation = kept versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anlan.site.sta import sources
from anlan.site.sta.sources import Make


@dataclass(frozen=True)
class Field:
    """A property: its kind and the columns it is made of.

    kind: text, number, json, time, period (two columns, first and last), geo (lon, lat), quality, none (always null).
    """

    kind: Literal["text", "number", "json", "time", "period", "geo", "quality", "none"]
    columns: tuple[str, ...]
    nullable: bool = True


@dataclass(frozen=True)
class Link:
    """A relation: the entity it leads to, whether to many, and which columns are equal (own, theirs)."""

    to: str
    many: bool
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entity:
    """One kind of entity. keys: the columns that tell one from another, in the order lists have without `$orderby`."""

    one: str
    many: str
    make: Make
    fields: dict[str, Field]
    links: dict[str, Link]
    keys: tuple[str, ...] = ("id",)
    numbered: bool = False
    most: int = 1000


def _text(column: str, nullable: bool = True) -> Field:
    return Field("text", (column,), nullable)


_NAMED = {"name": _text("name", False), "description": _text("description")}
_PROPERTIES = {"properties": Field("json", ("properties",))}
_ENCODED = {"encodingType": _text("encoding")}
_POINT = Field("geo", ("lon", "lat"))


def _same(*columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((column, column) for column in columns)


THING = Entity(
    "Thing", "Things", sources.things, {**_NAMED, **_PROPERTIES},
    {
        "Locations": Link("Location", True, _same("station")),
        "HistoricalLocations": Link("HistoricalLocation", True, _same("key")),
        "Datastreams": Link("Datastream", True, _same("station")),
    },
)  # fmt: skip
LOCATION = Entity(
    "Location", "Locations", sources.spots, {**_NAMED, **_ENCODED, "location": _POINT, **_PROPERTIES},
    {
        "Things": Link("Thing", True, _same("station")),
        "HistoricalLocations": Link("HistoricalLocation", True, _same("key")),
    },
)  # fmt: skip
PAST_LOCATION = Entity(
    "Location", "Locations", sources.past_spots, LOCATION.fields,
    {
        "Things": Link("Thing", True, _same("station")),
        "HistoricalLocations": Link("HistoricalLocation", True, _same("key", "id")),
    },
)  # fmt: skip
HISTORICAL = Entity(
    "HistoricalLocation", "HistoricalLocations", sources.moves, {"time": Field("time", ("time",), False)},
    {
        "Thing": Link("Thing", False, _same("station")),
        "Locations": Link("PastLocation", True, _same("key", "id")),
    },
)  # fmt: skip
DATASTREAM = Entity(
    "Datastream", "Datastreams", sources.datastreams,
    {
        **_NAMED, "unitOfMeasurement": Field("json", ("unit",)), "observationType": _text("type", False),
        "observedArea": _POINT, "phenomenonTime": Field("period", ("first_at", "last_at")),
        "resultTime": Field("period", ("first_at", "last_at")), **_PROPERTIES,
    },
    {
        "Thing": Link("Thing", False, _same("station")),
        "Sensor": Link("Sensor", False, (("sensor", "id"),)),
        "ObservedProperty": Link("ObservedProperty", False, (("element", "id"),)),
        "Observations": Link("Observation", True, _same("series")),
    },
    numbered=True,
)  # fmt: skip
SENSOR = Entity(
    "Sensor", "Sensors", sources.sensors,
    {**_NAMED, **_ENCODED, "metadata": Field("json", ("metadata",)), **_PROPERTIES},
    {"Datastreams": Link("Datastream", True, (("id", "sensor"),))},
)  # fmt: skip
OBSERVED = Entity(
    "ObservedProperty", "ObservedProperties", sources.elements,
    {"name": _text("name", False), "definition": _text("definition"), "description": _text("description"), **_PROPERTIES},
    {"Datastreams": Link("Datastream", True, (("id", "element"),))},
)  # fmt: skip
OBSERVATION = Entity(
    "Observation", "Observations", sources.observations,
    {
        "phenomenonTime": Field("time", ("at",), False), "resultTime": Field("time", ("at",), False),
        "result": Field("number", ("result",), False), "resultQuality": Field("quality", ("quality",), False),
        "validTime": Field("none", ()), "parameters": Field("none", ()),
    },
    {
        "Datastream": Link("Datastream", False, _same("series")),
        "FeatureOfInterest": Link("FeatureOfInterest", False, _same("station")),
    },
    keys=("series", "at"), most=10_000,
)  # fmt: skip
FEATURE = Entity(
    "FeatureOfInterest", "FeaturesOfInterest", sources.spots,
    {**_NAMED, **_ENCODED, "feature": _POINT, **_PROPERTIES},
    {"Observations": Link("Observation", True, _same("station"))},
)  # fmt: skip

ENTITIES = {
    "Thing": THING, "Location": LOCATION, "PastLocation": PAST_LOCATION, "HistoricalLocation": HISTORICAL,
    "Datastream": DATASTREAM, "Sensor": SENSOR, "ObservedProperty": OBSERVED, "Observation": OBSERVATION,
    "FeatureOfInterest": FEATURE,
}  # fmt: skip
SETS = {entity.many: entity for name, entity in ENTITIES.items() if name != "PastLocation"}
