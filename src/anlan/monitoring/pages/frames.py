"""The raw frames of a station: what was really sent, byte by byte, and what it says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import chinese
from anlan.monitoring.formats import hj212, jt808, sl651
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.pages.asking import moment
from anlan.monitoring.selectors.station import FRAMES, station_frames, station_get
from anlan.monitoring.sources.code_tables import code_table
from anlan.territory.pages.access import actor, signed_in

A_LINE, MOST_BYTES = 16, 512
_TEXT = re.compile(r"[\x20-\x7e\r\n\t\u00a0-\uffff]*")


@require_GET
@signed_in
def frames_part(request: HttpRequest, code: str) -> HttpResponse:
    """A page of the station's raw frames, the newest first, each as bytes and as what it says."""
    who, now = actor(request), clock.now()
    station = station_get(who.scope, code)
    before = moment(request.GET.get("before"), "before") or now + timedelta(days=2)
    found = station_frames(code, before)
    context = {
        "station": station, "frames": [{**frame, **shown(frame["protocol"], frame["body"])} for frame in found],
        "more": found[-1]["received_at"].isoformat() if len(found) == FRAMES else "",
        "first": not request.GET.get("before"),
    }  # fmt: skip
    return render(request, "monitoring/frames.html", context)


def shown(protocol: str, body: bytes) -> dict[str, Any]:
    """Return a frame's bytes in lines of hex, or its text, and what it says where a codec of ours reads it."""
    text = _as_text(body)
    return {
        "size": len(body), "text": text[: MOST_BYTES * 4] if text is not None else "",
        "lines": [] if text is not None else hex_lines(body[:MOST_BYTES]), "cut": len(body) > MOST_BYTES and text is None,
        "says": _says(protocol, body),
    }  # fmt: skip


def hex_lines(body: bytes) -> list[tuple[str, str, str]]:
    """Return lines of (offset, bytes in hex, the same as printable characters)."""
    found = []
    for start in range(0, len(body), A_LINE):
        part = body[start : start + A_LINE]
        found.append((f"{start:04X}", part.hex(" ").upper(), "".join(chr(b) if 32 <= b < 127 else "·" for b in part)))
    return found


def _as_text(body: bytes) -> str | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if _TEXT.fullmatch(text) else None


def _says(protocol: str, body: bytes) -> dict[str, Any] | None:
    decoded: Decoded
    if protocol == "sl651":
        decoded = sl651.decode(body, code_table("sl651_elements"))
    elif protocol == "hj212":
        decoded = hj212.decode(body, code_table("hj212_factors"))
    elif protocol == "jt808":
        decoded = jt808.decode(body)
    else:
        return None
    elements = [
        {"code": one.code, "name": one.name_zh if chinese() else one.name_en, "value": one.value, "unit": one.unit,
         "at": one.at, "flag": one.flag} for one in decoded.elements
    ]  # fmt: skip
    error = decoded.error and (decoded.error.zh if chinese() else decoded.error.en)
    return {"decoded": decoded, "elements": elements, "error": error}


urlpatterns = [path("stations/<str:code>/frames", frames_part, name="station-frames")]
