"""What a client says of a series: its element, unit and sensor, linked or described in place."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from typing import NamedTuple

from anlan.kernel.actor import Actor
from anlan.monitoring.choices import SeriesKind
from anlan.monitoring.services.stations import SeriesSpec
from anlan.site.sta import given, words
from anlan.site.sta.asking import Asked
from anlan.site.sta.entities import OBSERVED, SENSOR
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.pages import Under
from anlan.site.sta.reading import Reader

MOST_NAME, MOST_WORDS, MOST_UNIT = 200, 2000, 16
OWN = frozenset({"element", "kind", "state", "main", "interval_s"})
_ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}")


class Part(NamedTuple):
    """A sensor or an element: its code, and the words that came with it (None: it is known already)."""

    code: str
    words: Given | None


class Measured(NamedTuple):
    """One series as a client gave it."""

    spec: SeriesSpec
    words: Given
    sensor: Part | None
    element: Part


def measured(reader: Reader, body: Given, field: str) -> Measured:
    """Read a Datastream: ObservedProperty and unit are wanted; name, description and Sensor may be missing."""
    element = element_given(reader, given.thing(body.get("ObservedProperty"), f"{field}ObservedProperty"),
                            f"{field}ObservedProperty.")  # fmt: skip
    sensor = sensor_given(reader, body["Sensor"], f"{field}Sensor") if body.get("Sensor") is not None else None
    kind = body.get("observationType", words.MEASUREMENT)
    if kind != words.MEASUREMENT:
        raise unreadable(f"{field}observationType", str(kind)[:80], f"读数都是数值，应为 {words.MEASUREMENT}。",
                         f"Readings are numbers: give {words.MEASUREMENT}.")  # fmt: skip
    unit = given.thing(body.get("unitOfMeasurement") or {}, f"{field}unitOfMeasurement")
    symbol = given.text(unit, "symbol", f"{field}unitOfMeasurement.", most=MOST_UNIT, wanted=False)
    said = given.thing(body.get("properties") or {}, f"{field}properties")
    told = said.get("kind") or ""
    if told not in ("", *SeriesKind.values):
        raise unreadable(f"{field}properties.kind", str(told)[:40], f"可用：{'、'.join(SeriesKind.values)}。",
                         f"Take one of: {', '.join(SeriesKind.values)}.")  # fmt: skip
    interval = given.whole(said.get("interval_s"), f"{field}properties.interval_s", 31 * 86_400)
    kept: Given = {"properties": given.properties(body, field, OWN)}
    for name, most in (("name", MOST_NAME), ("description", MOST_WORDS)):
        if found := given.text(body, name, field, most=most, wanted=False):
            kept[name] = found
    if unit:
        kept["unitOfMeasurement"] = {name: unit.get(name) for name in ("name", "symbol", "definition")}
    if sensor is not None:
        kept["sensor"] = sensor.code
    return Measured(SeriesSpec(element.code, symbol, told, interval), kept, sensor, element)


def element_given(reader: Reader, body: Given, field: str, *, anew: bool = False) -> Part:
    """Return an element that is linked, known by its definition or name, or described here. `anew`: describe a known one."""
    key = given.linked(body)
    if key is not None and not anew:
        if reader.one(Asked(entity=OBSERVED, select=frozenset(["@iot.id"])), (Under("id", str(key)),)) is None:
            raise unreadable(f"{field}@iot.id", str(key)[:80], "没有此观测属性。", "There is no such ObservedProperty.")
        return Part(str(key), None)
    name = given.text(body, "name", field, most=MOST_NAME)
    definition = given.text(body, "definition", field, most=MOST_WORDS, wanted=False)
    said = given.thing(body.get("properties") or {}, f"{field}properties")
    code = str(body["@iot.id"]) if anew else _code(name, definition, said.get("code"), field)
    if code in words.ELEMENTS and not anew:
        return Part(code, None)
    kept = {"name": name, "definition": definition or words.ELEMENT_URN + code,
            "description": given.text(body, "description", field, most=MOST_WORDS, wanted=False),
            "properties": given.properties(body, field, frozenset({"code"}))}  # fmt: skip
    return Part(code, kept)


def sensor_given(reader: Reader, value: object, field: str) -> Part:
    """Return a sensor that is linked, or described here: then its id follows from its words."""
    body = given.thing(value, field or "body")
    field = f"{field}." if field else ""
    key = given.linked(body)
    if key is not None:
        if reader.one(Asked(entity=SENSOR, select=frozenset(["@iot.id"])), (Under("id", str(key)),)) is None:
            raise unreadable(f"{field}@iot.id", str(key)[:80], "没有此传感器。", "There is no such Sensor.")
        return Part(str(key), None)
    kept = {"name": given.text(body, "name", field, most=MOST_NAME),
            "description": given.text(body, "description", field, most=MOST_WORDS, wanted=False),
            "encodingType": given.text(body, "encodingType", field, most=MOST_NAME, wanted=False) or "text/plain",
            "properties": given.properties(body, field), "metadata": body.get("metadata", "")}  # fmt: skip
    packed = json.dumps(kept, sort_keys=True, ensure_ascii=True)
    if len(packed) > given.MOST_PROPERTIES or "\\u0000" in packed:
        raise unreadable(f"{field}metadata", "…", f"最多 {given.MOST_PROPERTIES} 字节，且不含空字符。",
                         f"At most {given.MOST_PROPERTIES} bytes, without NUL.")  # fmt: skip
    return Part("s-" + hashlib.sha256(packed.encode()).hexdigest()[:16], kept)


def own_division(who: Actor, inside: str = "") -> str:
    """Return the division that words about sensors and elements belong to: the actor's own, round `inside`."""
    around = [prefix for prefix in who.scope.prefixes if inside.startswith(prefix)]
    return (around or [*who.scope.prefixes, ""])[0]


def _code(name: str, definition: str, told: object, field: str) -> str:
    """Return an element's code: as told, that of the known element of this definition or name, or made of the name."""
    if told is not None:
        if not isinstance(told, str) or not _ELEMENT.fullmatch(told):
            raise unreadable(f"{field}properties.code", str(told)[:40], "要素代码为1至24个字母、数字或下划线，字母开头。",
                             "A code has 1 to 24 letters, digits or underscores, a letter first.")  # fmt: skip
        return told
    if definition.startswith(words.ELEMENT_URN):
        code = definition.removeprefix(words.ELEMENT_URN)
        if _ELEMENT.fullmatch(code):
            return code
    for code, known in words.ELEMENTS.items():
        if name.lower() in (code, known[0], known[1].lower()):
            return code
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if _ELEMENT.fullmatch(slug[:16]):
        return slug[:16].rstrip("_")
    return f"e_{zlib.crc32(name.encode()):08x}"
