"""Answers to programs: JSON and binary bodies, packed where the caller takes it, kept by nobody but the caller."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date, datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

LEAST = 400  # bytes below which packing costs more than it saves


def json_answer(
    request: HttpRequest, body: Any, *, kind: str = "application/json", cache: str = "private, no-cache"
) -> HttpResponse:
    """Return a value as JSON."""
    return answer(request, orjson.dumps(body, default=_plain), kind=kind, cache=cache)


def answer(request: HttpRequest, body: bytes, *, kind: str, cache: str, packed: bool = False) -> HttpResponse:
    """Return bytes, packed fast where the caller takes gzip. `packed`: they are gzip already."""
    takes = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding, Accept-Language, Authorization, Cookie"}
    if packed and not takes:
        body, packed = gzip.decompress(body), False
    elif not packed and takes and len(body) > LEAST:
        body, packed = gzip.compress(body, 1, mtime=0), True
    if packed:
        headers["Content-Encoding"] = "gzip"
    return HttpResponse(body, content_type=kind, headers=headers)


def tag_of(*parts: object) -> str:
    """Return an ETag over some values."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


def not_modified(request: HttpRequest, tag: str) -> HttpResponse | None:
    """Return 304 when the caller has this version already, else None."""
    known = [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]
    if tag not in known and "*" not in known:
        return None
    response = HttpResponseNotModified()
    response["ETag"] = tag
    return response


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
