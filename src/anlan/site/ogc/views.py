"""The pages of the feature interface: landing, conformance, collections, their features. Signed in or by token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.answers import json_answer
from anlan.kernel.crs import CRS84, SYSTEMS, geometry_turned
from anlan.kernel.language import chinese
from anlan.kernel.options import options
from anlan.site.ogc import asking, document
from anlan.site.ogc.collections import LAYERS, Layer, layer, words
from anlan.site.programs import for_programs
from anlan.territory.selectors.features import outline_box

GEOJSON, JSON = "application/geo+json", "application/json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
interface = for_programs("territory.read", invalid=400)  # as the standard wants it
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
CLASSES = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)


def base(request: HttpRequest) -> str:
    """Return the address of the interface as this caller reaches it."""
    return f"{'https' if options.https else request.scheme}://{request.get_host()}/ogc"


def _link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind} | ({"title": title} if title else {})


@interface
def landing(request: HttpRequest, who: Actor) -> HttpResponse:
    """Where to go from here."""
    asking.only(request.GET, ["f"])
    root, zh = base(request), chinese()
    body = {
        "title": "安澜地理要素服务" if zh else "Anlan features",
        "description": "名册作为图层：生产经营单位、重点部位、行政区划、岗位。"
        if zh
        else "The registers as layers: production units, places, divisions, posts.",
        "links": [
            _link(root, "self", JSON),
            _link(f"{root}/api", "service-desc", OPENAPI),
            _link(f"{root}/conformance", "conformance", JSON),
            _link(f"{root}/collections", "data", JSON),
        ],
    }
    return json_answer(request, body)


@interface
def conformance(request: HttpRequest, who: Actor) -> HttpResponse:
    """Which parts of the standard hold."""
    asking.only(request.GET, ["f"])
    return json_answer(request, {"conformsTo": CLASSES})


@interface
def api(request: HttpRequest, who: Actor) -> HttpResponse:
    """The interface described in OpenAPI 3.0."""
    asking.only(request.GET, ["f"])
    return json_answer(request, document.document(base(request)), kind=OPENAPI)


@interface
def collections(request: HttpRequest, who: Actor) -> HttpResponse:
    """All layers."""
    asking.only(request.GET, ["f"])
    root, box = base(request), outline_box(who.scope.prefixes)
    body = {
        "links": [_link(f"{root}/collections", "self", JSON)],
        "collections": [_described(found, root, box) for found in LAYERS.values()],
        "crs": list(SYSTEMS),
    }
    return json_answer(request, body)


@interface
def collection(request: HttpRequest, who: Actor, name: str) -> HttpResponse:
    """One layer."""
    found = layer(name)
    asking.only(request.GET, ["f"])
    return json_answer(request, _described(found, base(request), outline_box(who.scope.prefixes)))


def _described(found: Layer, root: str, box: tuple[float, ...] | None) -> dict[str, Any]:
    own = f"{root}/collections/{found.name}"
    extent: dict[str, Any] = {"spatial": {"bbox": [box or (-180.0, -90.0, 180.0, 90.0)], "crs": CRS84.uri}}
    if found.moment:
        extent["temporal"] = {"interval": [[None, None]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
    return {
        "id": found.name,
        **words(found, chinese()),
        "itemType": "feature",
        "extent": extent,
        "crs": list(SYSTEMS),
        "storageCrs": CRS84.uri,
        "links": [
            _link(own, "self", JSON),
            _link(f"{own}/items", "items", GEOJSON),
            _link(f"{own}/queryables", QUERYABLES, SCHEMA),
        ],
    }


@interface
def queryables(request: HttpRequest, who: Actor, name: str) -> HttpResponse:
    """The properties a layer's features can be filtered by, as JSON Schema."""
    found = layer(name)
    asking.only(request.GET, ["f"])
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base(request)}/collections/{found.name}/queryables",
        "type": "object",
        **words(found, chinese()),
        "properties": {field: {"title": field, "type": kind} for field, kind in found.fields.items()},
        "additionalProperties": False,
    }
    return json_answer(request, body, kind=SCHEMA)


@interface
def items(request: HttpRequest, who: Actor, name: str) -> HttpResponse:
    """Features of a layer, page by page."""
    found = layer(name)
    asked = asking.asked(request.GET, found.fields)
    page = found.read(who.scope, asked)
    own = f"{base(request)}/collections/{name}"
    links = [_link(_again(own, request.GET, asked.after), "self", GEOJSON), _link(own, "collection", JSON)]
    if page.next:
        links.insert(1, _link(_again(own, request.GET, page.next), "next", GEOJSON))
    body = {
        "type": "FeatureCollection",
        "features": [_feature(item, asked.crs) for item in page.items],
        "links": links,
        "timeStamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": page.total,
        "numberReturned": len(page.items),
    }
    response = json_answer(request, body, kind=GEOJSON)
    response["Content-Crs"] = f"<{asked.crs.uri}>"
    return response


def _again(own: str, params: QueryDict, after: str) -> str:
    pairs = [(name, value) for name in params if name != "after" for value in params.getlist(name)]
    pairs += [("after", after)] if after else []
    return f"{own}/items" + (f"?{urlencode(pairs)}" if pairs else "")


def _feature(item: dict[str, Any], crs: Any) -> dict[str, Any]:
    geometry = geometry_turned(item["geometry"], crs)
    return {"type": "Feature", "id": item["id"], "geometry": geometry, "properties": item["properties"]}


@interface
def item(request: HttpRequest, who: Actor, name: str, fid: str) -> HttpResponse:
    """One feature."""
    found = layer(name)
    asking.only(request.GET, ["f", "crs"])
    crs = asking.one_crs(request.GET)
    own = f"{base(request)}/collections/{name}"
    feature = _feature(found.one(who.scope, fid), crs)
    feature["links"] = [_link(f"{own}/items/{feature['id']}", "self", GEOJSON), _link(own, "collection", JSON)]
    response = json_answer(request, feature, kind=GEOJSON)
    response["Content-Crs"] = f"<{crs.uri}>"
    return response
