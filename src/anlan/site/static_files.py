"""Serves the built front end. Names carry a content hash, so browsers may keep them for ever."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.cache import patch_vary_headers

from anlan.site.shell import built
from anlan.site.shell.built import ROOT

_FOREVER = "public, max-age=31536000, immutable"
_SQUEEZE = ("text/", "application/json", "image/svg", "application/javascript")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")


@lru_cache(maxsize=256)
def _load(name: str, squeezed: bool) -> tuple[bytes, str] | None:
    """File body (gzipped when `squeezed` and text) and type; None when there is no such file."""
    file = (ROOT / name).resolve()
    if not file.is_relative_to(ROOT.resolve()) or not file.is_file():
        return None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    body = file.read_bytes()
    return (gzip.compress(body, 6, mtime=0) if squeezed and kind.startswith(_SQUEEZE) else body), kind


def built_file(request: HttpRequest, name: str) -> HttpResponse:
    """One built file, gzipped where the browser can."""
    squeezed = "gzip" in request.headers.get("Accept-Encoding", "")
    found = _load(name, squeezed)
    if found is None:
        raise Http404(name)
    body, kind = found
    response = HttpResponse(body, content_type=kind, headers={"Cache-Control": _FOREVER})
    if squeezed and kind.startswith(_SQUEEZE):
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def push_worker(request: HttpRequest) -> HttpResponse:
    """The service worker of web push, under an address that stays: browsers look there for a newer one."""
    found = _load(built.script("src/push/worker.ts").removeprefix(built.PREFIX), False)
    if found is None:
        raise Http404("src/push/worker.ts")
    return HttpResponse(found[0], content_type="text/javascript", headers={"Cache-Control": "no-cache"})


urlpatterns = [
    path("static/built/<path:name>", built_file, name="built"),
    path("warning/ways/worker.js", push_worker, name="push-worker"),
]
