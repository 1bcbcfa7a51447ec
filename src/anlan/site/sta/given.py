"""What a client sends: JSON bodies read field by field, and refused by name where a value can't be taken."""

from __future__ import annotations

import math
from typing import Any

import orjson
from django.http import HttpRequest

from anlan.site.sta.errors import unreadable

Given = dict[str, Any]
MOST_PROPERTIES = 20_000  # bytes of JSON


def read(request: HttpRequest) -> Any:
    """Return the body. Raises Unreadable for what isn't JSON, and for NUL in texts, which no table takes."""
    if b"\\u0000" in request.body:
        raise unreadable("body", "\\u0000", "文字中不能有空字符。", "No text may hold a NUL character.")
    try:
        return orjson.loads(request.body or b"null")
    except orjson.JSONDecodeError as failure:
        raise unreadable("body", str(failure)[:80], "请求体应为 JSON。", "Send JSON.") from None


def thing(value: Any, field: str) -> Given:
    """Return an object."""
    if not isinstance(value, dict):
        raise unreadable(field, str(value)[:80], "应为 JSON 对象。", "Give a JSON object.")
    return value


def things(value: Any, field: str) -> list[Given]:
    """Return a list of objects; one object counts as a list of it, nothing as an empty one."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise unreadable(field, str(value)[:80], "应为数组。", "Give an array.")
    return [thing(one, f"{field}[{at}]") for at, one in enumerate(value)]


def text(body: Given, name: str, field: str, *, most: int, wanted: bool = True) -> str:
    """Return a text; '' where it may be missing and is."""
    value = body.get(name)
    if value is None and not wanted:
        return ""
    if not isinstance(value, str) or (not value.strip() and wanted) or len(value) > most or "\0" in value:
        raise unreadable(f"{field}{name}", str(value)[:80], f"应为1至{most}个字的文字。",
                         f"Give a text of 1 to {most} characters.")  # fmt: skip
    return value.strip()


def properties(body: Given, field: str, own: frozenset[str] = frozenset()) -> Given:
    """Return the client's own properties, without those (`own`) that our columns say."""
    value = thing(body.get("properties") or {}, f"{field}properties")
    kept = {name: inner for name, inner in value.items() if name not in own}
    packed = orjson.dumps(kept)
    if len(packed) > MOST_PROPERTIES or b"\\u0000" in packed:
        raise unreadable(f"{field}properties", "…", f"最多 {MOST_PROPERTIES} 字节，且不含空字符。",
                         f"At most {MOST_PROPERTIES} bytes, without NUL.")  # fmt: skip
    return kept


def point(value: Any, field: str) -> tuple[float, float]:
    """Return longitude and latitude of a GeoJSON Point, or of a Feature that holds one."""
    shape = thing(value, field)
    if shape.get("type") == "Feature":
        shape = thing(shape.get("geometry"), f"{field}.geometry")
    spot = shape.get("coordinates")
    if shape.get("type") != "Point" or not isinstance(spot, list) or len(spot) not in (2, 3):
        raise unreadable(field, str(value)[:80], "测站的位置应为 GeoJSON Point（经度、纬度）。",
                         "A station stands at a GeoJSON Point (longitude, latitude).")  # fmt: skip
    lon, lat = (number(part, f"{field}.coordinates") for part in spot[:2])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise unreadable(f"{field}.coordinates", spot, "应为 WGS-84 经纬度。", "Give WGS-84 degrees.")
    return lon, lat


def number(value: Any, field: str) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise unreadable(field, str(value)[:80], "应为数值。", "Give a number.")
    return float(value)


def whole(value: Any, field: str, most: int) -> int:
    """Return a whole number from 0 to `most`; nothing is 0."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise unreadable(field, str(value)[:80], f"应为0至{most}的整数。", f"Give a whole number from 0 to {most}.")
    return value


def linked(body: Given) -> Any:
    """Return the id where a body only points to an entity (`{"@iot.id": 7}`), else None."""
    return body.get("@iot.id") if "@iot.id" in body and len(body) <= 2 else None
