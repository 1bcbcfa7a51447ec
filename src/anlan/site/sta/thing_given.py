"""What a client says of a station: code, division, kind, and where it stands."""

from __future__ import annotations

import re

from anlan.kernel import ids
from anlan.kernel.actor import Actor
from anlan.monitoring.choices import StationKind
from anlan.monitoring.services.elements import METRICS
from anlan.site.sta import given
from anlan.site.sta.asking import Asked
from anlan.site.sta.entities import LOCATION
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.pages import Row, Under
from anlan.site.sta.reading import Reader

OWN_PROPERTIES = frozenset({"code", "kind", "division", "state", "place", "interval_s", "max_silence_s", "metric"})
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_KINDS = {
    "rain_mm": "rain", "rain_total_mm": "rain", "flow_m3s": "flow", "gas_pct": "gas", "pressure_kpa": "pressure",
    "temp_c": "temp", "wind_ms": "wind", "moisture_pct": "soil", "tilt_deg": "slide", "shift_mm": "slide",
    **dict.fromkeys(METRICS["level"], "level"),
}  # fmt: skip


def code_of(body: Given, said: Given) -> str:
    """Return the station code that was given, or a new one."""
    code = said.get("code", body.get("@iot.id"))
    if code is None:
        return f"STA-{ids.new_id().hex[-12:].upper()}"
    if not isinstance(code, str | int) or not _CODE.fullmatch(str(code)):
        raise unreadable("properties.code", str(code)[:80], "站码为1至32个字母、数字、点、横线或下划线。",
                         "A code has 1 to 32 letters, digits, dots, dashes or underscores.")  # fmt: skip
    return str(code)


def division_of(who: Actor, said: Given) -> str:
    """Return the division a station belongs to: as told, or the only one the actor has."""
    told = said.get("division")
    if told is None and len(who.scope.prefixes) == 1 and who.scope.prefixes[0]:
        return who.scope.prefixes[0]
    if not isinstance(told, str) or not (told.isascii() and told.isdigit() and 2 <= len(told) <= 12):
        raise unreadable("properties.division", str(told)[:80], "请在 properties.division 给出行政区划代码（2至12位数字）。",
                         "Give the division's code (2 to 12 digits) in properties.division.")  # fmt: skip
    return told


def kind_of(said: Given, main: str) -> str:
    """Return what kind of station it is: as told, or after what it chiefly measures."""
    told = said.get("kind")
    if told is None:
        return _KINDS.get(main, "other")
    if told not in StationKind.values:
        kinds = "、".join(StationKind.values)
        raise unreadable(
            "properties.kind", str(told)[:40], f"可用：{kinds}。", f"Take one of: {kinds.replace('、', ', ')}."
        )
    return str(told)


def spot(body: Given, field: str) -> tuple[float, float]:
    """Return the point of a location."""
    kind = body.get("encodingType", "application/geo+json")
    if kind not in ("application/geo+json", "application/vnd.geo+json"):
        raise unreadable(
            f"{field}encodingType", str(kind)[:80], "只接受 application/geo+json。", "Only application/geo+json."
        )
    return given.point(body.get("location"), f"{field}location")


def location_given(reader: Reader, body: Given, parent: Row | None) -> tuple[float, float, Given]:
    """Return longitude and latitude of a new station, and the words that came with the point."""
    if parent is not None and parent["_of"] == "Locations":
        return parent["lon"], parent["lat"], {}
    places = given.things(body.get("Locations"), "Locations")
    if len(places) != 1:
        raise unreadable("Locations", len(places), "测站须有且只有一个位置：请嵌入一个含 GeoJSON Point 的 Location。",
                         "A station stands at one place: nest one Location with a GeoJSON Point.")  # fmt: skip
    if (key := given.linked(places[0])) is not None:
        row = reader.one(Asked(entity=LOCATION), (Under("id", str(key)),))
        if row is None:
            raise unreadable("Locations[0]", str(key)[:80], "没有此位置。", "There is no such Location.")
        return row["lon"], row["lat"], {}
    lon, lat = spot(places[0], "Locations[0].")
    most = {"name": 96, "description": 2000}
    words = {name: given.text(places[0], name, "Locations[0].", most=most[name]) for name in most if name in places[0]}
    return lon, lat, words
