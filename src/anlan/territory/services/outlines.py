"""Outlines somebody sends: read, and made into rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import Invalid
from anlan.territory import codes


def outlines_read(file: bytes) -> dict[str, BaseGeometry]:
    """Return code → outline of a GeoJSON FeatureCollection whose features name their division in the property `code`
    (prefix or official form). Degrees WGS-84. Invalid, with the feature's number, for anything else."""
    try:
        body: Any = json.loads(file)
        features = list(body["features"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _bad("", 0, "不是GeoJSON要素集合", "it is no GeoJSON FeatureCollection") from None
    found: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(features, start=1):
        code, outline = _feature(feature, number)
        if code in found:
            raise _bad(code, number, f"代码{code}出现两次", f"the code {code} is there twice")
        found[code] = outline
    if not found:
        raise _bad("", 0, "没有任何要素", "it has no features")
    return found


def geojson_of(outline: BaseGeometry) -> dict[str, Any]:
    """Return an outline as a GeoJSON geometry, coordinates to the sixth decimal (a decimetre)."""
    body: dict[str, Any] = _rounded(json.loads(json.dumps(mapping(outline))))
    return body


def boundary_values(outline: BaseGeometry, source: str) -> Mapping[str, Any]:
    """Return the columns of a Boundary row."""
    west, south, east, north = outline.bounds
    return {"geojson": geojson_of(outline), "west": west, "south": south, "east": east, "north": north,
            "source": source[:96]}  # fmt: skip


def _feature(feature: Any, number: int) -> tuple[str, BaseGeometry]:
    try:
        code = codes.any_form(str(feature["properties"]["code"]))
    except (KeyError, TypeError, Invalid):
        raise _bad("", number, "属性code不是区划代码", "its property “code” is no division code") from None
    try:
        outline = shape(feature["geometry"])
    except Exception:
        outline = shapely.Point()
    if outline.is_empty or outline.geom_type not in ("Polygon", "MultiPolygon"):
        raise _bad(code, number, "几何不是面", "its geometry is no polygon")
    west, south, east, north = outline.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad(code, number, "坐标不是WGS-84度数", "its coordinates are no degrees WGS-84")
    return code, outline


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def _bad(code: str, number: int, zh: str, en: str) -> Invalid:
    where_zh, where_en = (f"第{number}个要素：", f"Feature {number}: ") if number else ("", "")
    return Invalid(
        code="division.bad_outlines",
        zh=f"{where_zh}{zh}；请改正边界文件。",
        en=f"{where_en}{en}; mend the file of outlines.",
        field="file",
        value=code or number,
        feature=number,
    )
