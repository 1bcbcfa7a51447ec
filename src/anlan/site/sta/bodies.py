"""Rows as SensorThings JSON: ids and links, properties, what was expanded, and readings as a data array."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from anlan.site.sta import words
from anlan.site.sta.asking import Asked
from anlan.site.sta.entities import Entity, Field
from anlan.site.sta.ids import in_address, observation_id
from anlan.site.sta.pages import Page, Row

COMPONENTS = ("id", "phenomenonTime", "resultTime", "result", "resultQuality")


@dataclass(frozen=True)
class Writer:
    """Writes the answers to one request. `root`: the address of the interface as the caller reaches it."""

    root: str

    def link(self, entity: Entity, row: Row) -> str:
        """Return the address of an entity."""
        return f"{self.root}/{entity.many}({in_address(id_of(entity, row))})"

    def one(self, asked: Asked, row: Row) -> dict[str, Any]:
        """Return an entity with its properties, links and what was expanded."""
        entity, own = asked.entity, self.link(asked.entity, row)
        body: dict[str, Any] = {}
        if asked.shows("@iot.id"):
            body["@iot.id"] = id_of(entity, row)
        if asked.shows("@iot.selfLink"):
            body["@iot.selfLink"] = own
        for name, found in entity.fields.items():
            if asked.shows(name) and (value := value_of(found, row)) is not None:
                body[name] = value
        for name in entity.links:
            if name in asked.expand:
                body |= self._expanded(name, asked.expand[name], row[name], own)
            elif asked.shows(name):
                body[f"{name}@iot.navigationLink"] = f"{own}/{name}"
        return body

    def many(self, asked: Asked, page: Page, address: str) -> dict[str, Any]:
        """Return a list; `address` is its own, without options."""
        body: dict[str, Any] = {}
        if page.count is not None:
            body["@iot.count"] = page.count
        if following := next_link(address, asked.said, page):
            body["@iot.nextLink"] = following
        body["value"] = self._arrays(asked, page) if asked.array else [self.one(asked, row) for row in page.rows]
        return body

    def refs(self, asked: Asked, page: Page, address: str) -> dict[str, Any]:
        """Return the links of a list alone."""
        body: dict[str, Any] = {} if page.count is None else {"@iot.count": page.count}
        if following := next_link(address, asked.said, page):
            body["@iot.nextLink"] = following
        return {**body, "value": [{"@iot.selfLink": self.link(asked.entity, row)} for row in page.rows]}

    def _expanded(self, name: str, asked: Asked, found: Page | Row | None, own: str) -> dict[str, Any]:
        if not isinstance(found, Page):
            return {name: None if found is None else self.one(asked, found)}
        body: dict[str, Any] = {name: [self.one(asked, row) for row in found.rows]}
        if asked.count:
            body[f"{name}@iot.count"] = found.count or 0
        if following := next_link(f"{own}/{name}", asked.said, found, _expansion(asked)):
            body[f"{name}@iot.nextLink"] = following
        return body

    def _arrays(self, asked: Asked, page: Page) -> list[dict[str, Any]]:
        """Return readings grouped by their series, in the order in which series first come."""
        names = [name for name in COMPONENTS if asked.shows("@iot.id" if name == "id" else name)]
        fields = asked.entity.fields
        groups: dict[int, list[list[Any]]] = {}
        for row in page.rows:
            values = [id_of(asked.entity, row) if name == "id" else value_of(fields[name], row) for name in names]
            groups.setdefault(row["series"], []).append(values)
        return [
            {
                "Datastream@iot.navigationLink": f"{self.root}/Datastreams({series})",
                "components": names,
                "dataArray@iot.count": len(values),
                "dataArray": values,
            }
            for series, values in groups.items()
        ]


def id_of(entity: Entity, row: Row) -> Any:
    """Return the id of a row's entity."""
    return observation_id(row["series"], row["at"]) if entity.many == "Observations" else row["id"]


def value_of(found: Field, row: Row) -> Any:
    """Return a property of a row as JSON has it; None where there is no value."""
    if found.kind == "none":
        return None
    values = [row[column] for column in found.columns]
    if any(value is None for value in values):
        return None
    if found.kind == "json":
        return json.loads(values[0]) if isinstance(values[0], str) else values[0]
    if found.kind == "time":
        return iso(values[0])
    if found.kind == "period":
        return f"{iso(values[0])}/{iso(values[1])}"
    if found.kind == "geo":
        return {"type": "Point", "coordinates": values}
    return words.quality(values[0]) if found.kind == "quality" else values[0]


def iso(moment: datetime) -> str:
    """Return a moment in UTC, to the second where it is whole, else to the millisecond or microsecond.

    >>> iso(datetime(2021, 7, 20, 9, tzinfo=UTC))
    '2021-07-20T09:00:00Z'
    """
    moment = moment.astimezone(UTC)
    fine = "seconds" if not moment.microsecond else "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=fine).replace("+00:00", "Z")


def next_link(address: str, said: Mapping[str, str], page: Page, expansion: str = "") -> str:
    """Return the address of the next page; '' on the last."""
    if not page.next and not page.skip:
        return ""
    options = {name: value for name, value in said.items() if name not in ("$skip", "$skiptoken")}
    if expansion:
        options["$expand"] = expansion
    options |= {"$skiptoken": page.next} if page.next else {"$skip": str(page.skip)}
    return f"{address}?{urlencode(options, safe='$,()')}"


def _expansion(asked: Asked) -> str:
    """Return an `$expand` as it would be written for this level."""
    parts = []
    for name, inner in asked.expand.items():
        options = [f"{word}={value}" for word, value in inner.said.items()]
        if deeper := _expansion(inner):
            options.append(f"$expand={deeper}")
        parts.append(name + (f"({';'.join(options)})" if options else ""))
    return ",".join(parts)
