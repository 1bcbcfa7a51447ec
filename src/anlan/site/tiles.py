"""Vector tiles of the registers that lie at points, and what a map needs to know of them (TileJSON 3.0)."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from anlan import __version__
from anlan.kernel.actor import Actor
from anlan.kernel.answers import answer, json_answer, not_modified, tag_of
from anlan.kernel.options import options
from anlan.site.programs import for_programs
from anlan.territory.api.asking import query_read
from anlan.territory.selectors.features import outline_box
from anlan.territory.selectors.tiles import DEEPEST, tile_ask
from anlan.territory.sources.registers import register

KIND = "application/vnd.mapbox-vector-tile"
CACHE = "private, max-age=10"
KEPT_BYTES = 32 * 1024 * 1024
_tiles: OrderedDict[str, bytes] = OrderedDict()
_size = [0]


@for_programs("territory.tiles")
def tile(request: HttpRequest, who: Actor, name: str, z: int, x: int, y: int) -> HttpResponse:
    """A tile of a register's points under the same words and filters as its list: `points`, or `clusters` with counts."""
    query = query_read(register(name), request.GET, ())
    asked = tile_ask(who.scope, name, query, z, x, y)
    tag = tag_of(asked.version, z, x, y) if asked.version else ""
    known = not_modified(request, tag) if tag else None
    if known is not None:
        known["Cache-Control"] = CACHE
        return known
    body = _tiles.get(tag) if tag else None
    if body is None:
        body = gzip.compress(asked.bytes(), 1, mtime=0)
        if tag:
            _keep(tag, body)
    response = answer(request, body, kind=KIND, cache=CACHE, packed=True)
    if tag:
        response["ETag"] = tag
    return response


def _keep(tag: str, body: bytes) -> None:
    _tiles[tag] = body
    _size[0] += len(body)
    while _size[0] > KEPT_BYTES:
        _size[0] -= len(_tiles.popitem(last=False)[1])


@for_programs("territory.tiles")
def tile_json(request: HttpRequest, who: Actor, name: str) -> HttpResponse:
    """TileJSON: where a register's tiles are, how deep, and what their features carry."""
    found = register(name)
    query_read(found, request.GET, ())
    tile_ask(who.scope, name, query_read(found, request.GET, ()), 0, 0, 0)
    root = f"{'https' if options.https else request.scheme}://{request.get_host()}/tiles/{name}"
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    box = outline_box(who.scope.prefixes) or (-180.0, -85.05, 180.0, 85.05)
    body: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": found.en,
        "version": __version__,
        "scheme": "xyz",
        "tiles": [f"{root}/{{z}}/{{x}}/{{y}}.mvt{asked}"],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "bounds": list(box),
        "vector_layers": [
            {"id": "points", "fields": {"class": found.classes, "key": "natural key, where points are few"}},
            {"id": "clusters", "fields": {"count": "points", "class": "the commonest", "n_*": "points of a class"}},
        ],
    }
    return json_answer(request, body)


urlpatterns = [
    path("tiles/<str:name>.json", tile_json, name="tiles"),
    path("tiles/<str:name>/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
]
