"""The feature interface described in OpenAPI 3.0: every address, parameter and answer."""

from __future__ import annotations

from typing import Any

from anlan import __version__
from anlan.kernel.crs import CRS84, SYSTEMS
from anlan.site.ogc.asking import LIMIT, MOST
from anlan.site.ogc.collections import LAYERS, Layer

PROBLEM = "application/problem+json"
REFUSALS = {
    "400": "A parameter that is none, or a value that can't be read.",
    "401": "Nobody is signed in, or the token opens nothing.",
    "403": "The token has no right to read the registers.",
    "404": "There is no such thing, or not in your area.",
    "422": "The address holds a NUL character, or a token, which belongs in the Authorization header.",
    "429": "The token's requests of this minute are used up.",
}


def document(root: str) -> dict[str, Any]:
    """Return the description; `root` is the address of the interface."""
    paths: dict[str, Any] = {
        "/": _get("landing", "Landing page", "application/json", {"type": "object"}),
        "/conformance": _get("conformance", "Conformance", "application/json", {"type": "object"}),
        "/api": _get("api", "This description", "application/vnd.oai.openapi+json;version=3.0", {"type": "object"}),
        "/collections": _get("collections", "All layers", "application/json", {"type": "object"}),
    }
    for layer in LAYERS.values():
        paths |= _paths(layer)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Anlan features",
            "version": __version__,
            "description": "OGC API – Features, Parts 1 and 2.",
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": {"Refusal": _refusal()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{"bearer": []}, {"basic": []}],
    }


def _paths(layer: Layer) -> dict[str, Any]:
    own, kind = f"/collections/{layer.name}", "application/geo+json"
    filters = [
        _query(name, {"type": "string"}, f"Only {name} of these values, commas between.") for name in layer.fields
    ]
    fid = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    one = _get(f"{layer.name}_item", f"One of: {layer.en}", kind, {"type": "object"}, [_crs("crs")])
    one["get"]["parameters"].append(fid)
    return {
        own: _get(layer.name, layer.en, "application/json", {"type": "object"}),
        f"{own}/queryables": _get(f"{layer.name}_queryables", "Filters", "application/schema+json", {"type": "object"}),
        f"{own}/items": _get(f"{layer.name}_items", layer.about_en, kind, _collection(), [*_PARAMETERS, *filters]),
        f"{own}/items/{{featureId}}": one,
    }


def _get(name: str, words: str, kind: str, schema: dict[str, Any], parameters: Any = ()) -> dict[str, Any]:
    form = _query("f", {"type": "string", "enum": ["json"]}, "Form of the answer.")
    answers: dict[str, Any] = {"200": {"description": words, "content": {kind: {"schema": schema}}}}
    for code, why in REFUSALS.items():
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Refusal"}}}
        answers[code] = {"description": why, "content": content}
    operation = {"operationId": name, "summary": words, "parameters": [form, *parameters], "responses": answers}
    return {"get": operation}


def _query(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


def _crs(name: str) -> dict[str, Any]:
    return _query(name, {"type": "string", "enum": list(SYSTEMS), "default": CRS84.uri}, "Reference system.")


_BOX = {
    "type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"},
}  # fmt: skip
_PARAMETERS = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, "Features per page."),
    {**_query("bbox", _BOX, "Only what meets this box: lower and upper corner."), "style": "form", "explode": False},
    _crs("bbox-crs"),
    _crs("crs"),
    _query("datetime", {"type": "string"}, "A moment, or an interval open at an end with `..`."),
    _query("q", {"type": "string"}, "Only what holds these words."),
    _query("after", {"type": "string"}, "Where the page goes on; take it from the link `next`."),
]


def _collection() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"type": "object"}},
            "links": {"type": "array", "items": {"type": "object"}},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    }


def _refusal() -> dict[str, Any]:
    texts = ("type", "title", "code", "zh", "en")
    return {
        "type": "object",
        "required": [*texts, "status"],
        "properties": {**{name: {"type": "string"} for name in texts}, "status": {"type": "integer"}},
    }
