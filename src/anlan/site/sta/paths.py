"""Addresses: `Things('57083')/Datastreams(2)/Observations`, properties, `$value` and `$ref` at the end.

What an address leads to is looked up step by step, each within the reader's scope: what isn't there, or isn't the
reader's, is not found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from anlan.kernel.problem import NotFound
from anlan.site.sta.asking import Asked, split
from anlan.site.sta.entities import ENTITIES, PAST_LOCATION, SETS, Entity
from anlan.site.sta.errors import unreadable
from anlan.site.sta.ids import observation_key
from anlan.site.sta.pages import Under
from anlan.site.sta.reading import Reader

MOST_STEPS, MOST_CHARS = 12, 2000
_STEP = re.compile(r"([A-Za-z]+)(?:\((.*)\))?", re.DOTALL)
_PAST = re.compile(r".+@\d{1,18}", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where an address leads: an entity or a list of them (`single`), and which part of it (`tail`).

    under: what it hangs on. tail: property and keys inside it. value: bare; ref: links alone.
    """

    entity: Entity
    under: tuple[Under, ...]
    single: bool
    tail: tuple[str, ...] = ()
    value: bool = False
    ref: bool = False


def place_of(reader: Reader, address: str) -> Place:
    """Follow an address. NotFound for what isn't there, Unreadable for what is no address."""
    steps = split(address.strip("/"), "/")
    if len(steps) > MOST_STEPS or len(address) > MOST_CHARS:
        raise unreadable(
            "path", address[:80], f"地址最多 {MOST_STEPS} 段。", f"An address has at most {MOST_STEPS} parts."
        )
    name, key = _step(steps[0])
    if name not in SETS:
        raise _no_such(name, f"可用：{'、'.join(SETS)}", f"take one of: {', '.join(SETS)}")
    place = _keyed(SETS[name], (), True, key)
    for at, step in enumerate(steps[1:], 1):
        last = at == len(steps) - 1
        if last and step == "$ref" and not place.tail:
            return Place(place.entity, place.under, place.single, ref=True)
        if last and step == "$value" and place.tail:
            return Place(place.entity, place.under, True, place.tail, value=True)
        place = _further(reader, place, step)
    return place


def _further(reader: Reader, place: Place, step: str) -> Place:
    entity = place.entity
    if place.tail:
        if entity.fields[place.tail[0]].kind != "json" or not step:
            raise _no_such(step, "这个属性没有下级", "this property has nothing inside")
        return Place(entity, place.under, True, (*place.tail, step))
    if not place.single:
        raise _no_such(step, "请先给出编号，如 Things('57083')", "give an id first, e.g. Things('57083')")
    if step in entity.fields:
        return Place(entity, place.under, True, (step,))
    name, key = _step(step)
    if name not in entity.links:
        known = [*entity.fields, *entity.links]
        raise _no_such(step, f"可用：{'、'.join(known)}", f"take one of: {', '.join(known)}")
    link = entity.links[name]
    row = reader.one(Asked(entity=entity, select=frozenset(["@iot.id"])), place.under)
    if row is None:
        raise nothing()
    under = tuple(Under(theirs, row[own]) for own, theirs in link.pairs)
    return _keyed(ENTITIES[link.to], under, link.many, key)


def _keyed(entity: Entity, under: tuple[Under, ...], many: bool, key: str | None) -> Place:
    """Return the place of one entity by its id, or of the list."""
    if key is None:
        return Place(entity, under, not many)
    if not many:
        raise _no_such(key, "此处只有一个对象，不带编号", "there is one only: leave the id out")
    if entity.many == "Locations" and _PAST.fullmatch(key[1:-1]):
        entity = PAST_LOCATION
    return Place(entity, (*under, *identified(entity, key)), True)


def identified(entity: Entity, key: str) -> tuple[Under, ...]:
    """Return the conditions of an id as it is written, `7` or `'57083'`. NotFound for what can't be one of these."""
    bare = key[1:-1].replace("''", "'") if len(key) >= 2 and key[0] == key[-1] == "'" else key
    if entity.many == "Observations":
        parts = observation_key(bare)
        if parts is None:
            raise nothing()
        return Under("series", parts[0]), Under("at", parts[1])
    if not entity.numbered:
        return (Under("id", bare),)
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 9):
        raise nothing()
    return (Under("id", int(bare)),)


def _step(text: str) -> tuple[str, str | None]:
    match = _STEP.fullmatch(text)
    if match is None or match[2] == "":
        raise _no_such(text, "应写作 Things 或 Things('57083')", "write Things or Things('57083')")
    return match[1], match[2]


def _no_such(name: Any, zh: str, en: str) -> NotFound:
    return NotFound(
        code="sta.no_such_address", zh=f"没有“{str(name)[:60]}”；{zh}。", en=f"There is no “{str(name)[:60]}”; {en}.",
        field="path", value=str(name)[:80],
    )  # fmt: skip


def nothing() -> NotFound:
    """Return the refusal of what isn't there, or isn't the reader's: which of the two is not told."""
    return NotFound(
        code="sta.nothing", zh="没有此对象，或不在您的管辖范围；请核对编号。",
        en="There is no such entity within your scope; check the id.", field="id",
    )  # fmt: skip
