"""The duty page, the map and their state: every page is a projection of the same live items."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.drill import drill_area, drill_state
from anlan.response.selectors.reports import owed_summary
from anlan.site.console import board, state
from anlan.site.console.access import actor, mark_mine, signed_in
from anlan.site.console.calls import unanswered
from anlan.site.console.timeline import timeline
from anlan.warning.selectors.drafts import after_checks_owed

#: Whoever sees more than a prefecture starts on the capital's own.
PARTS = ("strip", "level", "tasks", "warnings", "signals", "unanswered", "red", "incidents", "stations")


def _duty_context(request: HttpRequest) -> dict[str, Any]:
    who, at = actor(request), state.moment(request.GET.get("at"))
    now = at or clock.now()
    items = state.part(who.scope, state.DUTY, at)
    context = board.duty(items, now, drill_state() is not None)
    if at is None:
        mark_mine(who, context["decisions"])
        context["red"] = [*({**row, "kind": "after"} for row in after_checks_owed(who.scope)), *context["red"]]
        context["reports"] = owed_summary(who.scope, now)
    return {**context, "unanswered": unanswered(who.scope, at), "nav": "duty"}


@require_GET
@signed_in
def duty(request: HttpRequest) -> HttpResponse:
    """What is in force now."""
    return render(request, "console/duty.html", _duty_context(request))


@require_GET
@signed_in
def duty_parts(request: HttpRequest) -> HttpResponse:
    """The named panels of the duty page again (`?p=level,tasks`), each swapped into its place by id."""
    wanted = [name for name in request.GET.get("p", "").split(",") if name in PARTS] or list(PARTS)
    context = {**_duty_context(request), "oob": True, "wanted": [f"console/parts/{name}.html" for name in wanted]}
    return render(request, "console/parts.html", context)


@require_GET
@signed_in
def full_map(request: HttpRequest) -> HttpResponse:
    """The map with the timeline."""
    drill = drill_state()
    context = {
        "nav": "map",
        "drill": drill,
        "may_control": drill is not None and actor(request).may("drill.control", drill_area(drill)),
    }
    return render(request, "console/map.html", context)


@require_GET
@signed_in
def console_state(request: HttpRequest) -> HttpResponse:
    """The live state as JSON, now or `?at=` a moment."""
    body = state.whole(actor(request).scope, state.moment(request.GET.get("at")))
    return _json(orjson.dumps(body, default=_plain), cache="no-store", squeeze="gzip" in _accepts(request))


@require_GET
@signed_in
def console_timeline(request: HttpRequest) -> HttpResponse:
    """The timeline's marks as JSON."""
    return _json(orjson.dumps(timeline(actor(request).scope), default=_plain), cache="no-store")


@require_GET
@signed_in
def base_map(request: HttpRequest) -> HttpResponse:
    """Boundaries and places the map is drawn on (GeoJSON), kept by the browser until they change."""
    from anlan.territory import selectors

    scope = actor(request).scope
    root = selectors.territory_root()
    area = [root if root.startswith(prefix) else prefix for prefix in scope.prefixes]
    own = {
        "area": area,
        "townships": [town for prefix in area for town in selectors.township_points(prefix)],
    }
    body = orjson.dumps(own, default=_plain)[:-1] + b"," + selectors.map_base()[1:]
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = _json(body, cache="private, max-age=300", squeeze="gzip" in _accepts(request))
    response["ETag"] = tag
    return response


def _accepts(request: HttpRequest) -> str:
    return str(request.headers.get("Accept-Encoding", ""))


def _json(body: bytes, cache: str, squeeze: bool = False) -> HttpResponse:
    """A JSON answer; `squeeze` packs it fast, which is still an eighth of the size for a whole city's state."""
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding, Cookie"}
    if squeeze:
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    return HttpResponse(body, content_type="application/json", headers=headers)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
