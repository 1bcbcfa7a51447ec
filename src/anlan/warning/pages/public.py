"""The public's pages (公众预警页): warnings in force on a map and in plain words, no account, served from memory.

Each page is made once for every change of what is in force; a rush costs a look at a dictionary. They say nothing that
is not in the CAP files that were sent, so no person is ever named.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from anlan import __version__
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.territory.selectors import map_base, territory_root
from anlan.warning import choices
from anlan.warning.formats.feed import entity_tag, unchanged
from anlan.warning.pages.outline import outline
from anlan.warning.selectors.public import shelf
from anlan.warning.selectors.public_messages import Message, features, message, messages

FRESH: Final = "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600"
MAP_KEPT: Final = "public, max-age=3600, stale-if-error=86400"
MOST: Final = 512
_ADDRESS: Final = re.compile(r"/public/(?P<en>en/)?(?:warnings/(?P<id>[0-9A-Za-z_]{20,40}))?\Z")
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATA: Final = {"/public/areas.json": "areas", "/public/base.json": "base"}
HTML, JSON = "text/html; charset=utf-8", "application/json"


@dataclass(frozen=True, slots=True)
class Kept:
    """A body ready to serve, plain and packed, with its tag."""

    raw: bytes
    packed: bytes
    tag: str
    kind: str


_kept: OrderedDict[str, Kept | None] = OrderedDict()
_stands: list[Any] = [None]
_lock = threading.Lock()


def public_page(request: HttpRequest) -> HttpResponse | None:
    """The answer to a public page's address; None for every other address, and for a message that never was."""
    if request.method not in ("GET", "HEAD") or not request.path.startswith("/public/"):
        return None
    path = request.path
    known = _ADDRESS.match(path)
    if known is None and path not in _DATA:
        return None
    listed = shelf.listing()
    found = _kept.get(path) if _stands[0] is listed[0] else None
    if found is None:
        with _lock:
            if _stands[0] is not listed[0]:
                _kept.clear()
                _stands[0] = listed[0]
            if path not in _kept:
                _kept[path] = _make(path, known)
                while len(_kept) > MOST:
                    _kept.popitem(last=False)
            found = _kept[path]
    return _answer(request, found, MAP_KEPT if path == "/public/base.json" else FRESH) if found else None


def _make(path: str, known: re.Match[str] | None) -> Kept | None:
    found = messages(shelf.listing()[0])
    if known is None:
        make: Callable[[], bytes] = _base if _DATA[path] == "base" else lambda: orjson.dumps(features(found))
        return _pack(make(), JSON)
    language = "en" if known["en"] else "zh"
    if not known["id"]:
        return _pack(_list(language, found), HTML)
    one = next((one for one in found if one.identifier == known["id"]), None) or message(known["id"])
    return _pack(_single(language, one), HTML) if one is not None else None


def _pack(raw: bytes, kind: str) -> Kept:
    return Kept(raw, gzip.compress(raw, 9, mtime=0), entity_tag(raw), kind)


def _list(language: str, found: tuple[Message, ...]) -> bytes:
    here = "en/" if language == "en" else ""
    return _html(language, "warning/public.html", {
        "live": [_words(one, language) for one in found if one.kind != "Cancel"],
        "over": [_words(one, language) for one in found if one.kind == "Cancel"],
        "changed": shelf.listing()[1], "home": f"/public/{here}", "other": "/public/" if here else "/public/en/",
    })  # fmt: skip


def _single(language: str, one: Message) -> bytes:
    here, tail = "en/" if language == "en" else "", f"warnings/{one.identifier}"
    return _html(language, "warning/public_one.html", {
        "w": _words(one, language), "drawing": outline(one.shape), "home": f"/public/{here}",
        "other": f"/public/{'' if here else 'en/'}{tail}", "raw": f"/api/warning/public/alerts/{one.identifier}.xml",
    })  # fmt: skip


def _words(one: Message, language: str) -> dict[str, Any]:
    info = one.infos.get(language, one.first)
    return {
        "id": one.identifier, "kind": one.kind, "colour": one.colour, "headline": info.headline, "info": info,
        "where": [area.desc for area in info.areas], "issuer": info.sender_name, "sent": one.sent,
        "effective": one.effective, "expires": one.expires, "event": info.event,
    }  # fmt: skip


def _html(language: str, template: str, context: dict[str, Any]) -> bytes:
    code = "en" if language == "en" else "zh-hans"
    with translation.override(code):
        whole = {"LANG": code, "colours": list(choices.COLOURS), "version": __version__, **context}
        return render_to_string(template, whole).encode()


def _base() -> bytes:
    """What every map of this node is drawn on: outlines of OpenStreetMap, no register."""
    with lent(Scope.whole(), options.secret_key):
        own = orjson.dumps({"area": [territory_root()], "townships": []})
        return own[:-1] + b"," + map_base()[1:]


def _answer(request: HttpRequest, found: Kept, cache: str) -> HttpResponse:
    headers = {"ETag": found.tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if unchanged(found.tag, _NEVER, request.headers.get("If-None-Match"), None):
        return HttpResponse(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(found.packed, content_type=found.kind, headers={**headers, "Content-Encoding": "gzip"})
    return HttpResponse(found.raw, content_type=found.kind, headers=headers)
