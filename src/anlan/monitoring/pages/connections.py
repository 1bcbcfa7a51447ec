"""Connections: how each is doing, devices nobody registered, and a connection's settings as text."""

from __future__ import annotations

from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import NotFound, Problem
from anlan.monitoring.formats.connection_examples import EXAMPLES
from anlan.monitoring.formats.connection_file import parse_connection
from anlan.monitoring.selectors.connections import ConnectionRow, connections_list
from anlan.monitoring.services.connections import ACT, connection_enable, connection_remove, connection_save
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.register_rows import division_paths

HOME = "/monitoring/connections"
STATES = {
    "starting": pgettext_lazy("connection", "Starting"), "up": pgettext_lazy("connection", "Working"),
    "down": pgettext_lazy("connection", "Not working"), "off": pgettext_lazy("connection", "Switched off"),
    "stale": pgettext_lazy("connection", "Gateway not running"),
}  # fmt: skip
TONES = {"starting": "attention", "up": "ok", "down": "overdue", "off": "plain", "stale": "silent"}
MOST_UNKNOWN = 200


@require_GET
@signed_in
def connection_list(request: HttpRequest) -> HttpResponse:
    """Every connection of the reader's divisions with its health, and all devices nobody registered."""
    who = actor(request)
    found = connections_list(who.scope)
    names = division_paths({row.division for row in found if row.division})
    rows = [_told(row, names) for row in found]
    unknown = [
        {"name": name, "count": count, "at": parse_datetime(at), "peer": peer, "row": row}
        for row in rows for name, count, at, peer in row["one"].unknown
    ]  # fmt: skip
    unknown.sort(key=lambda one: str(one["at"]), reverse=True)
    context = {
        "nav": "monitoring", "tab": "connections", "rows": rows, "unknown": unknown[:MOST_UNKNOWN],
        "unknown_all": len(unknown), "may": anywhere(who, ACT), "protocols": list(EXAMPLES), "now": clock.now(),
    }  # fmt: skip
    return render(request, "monitoring/connections.html", context)


def _told(row: ConnectionRow, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    state = "off" if not row.enabled else "stale" if row.stale else row.state
    return {
        "one": row, "name": say(row.name), "where": say(names.get(row.division)) or row.division or _("Everywhere"),
        "state": STATES[state], "tone": TONES[state], "error": say(row.error) if row.error else "",
        "failing": state == "down",
    }  # fmt: skip


@require_GET
@signed_in
def connection_edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """One connection's settings as YAML; a new one begins with its protocol's example."""
    who = actor(request)
    if not code:
        protocol = request.GET.get("protocol", "")
        return _edited(request, "", EXAMPLES.get(protocol, EXAMPLES["mqtt"]))
    row = _one(request, code)
    if row.code == "http":
        return HttpResponseRedirect(HOME)
    return _edited(request, code, _text(row), row=row, may=who.may(ACT, row.division))


@require_POST
@signed_in
def connection_keep(request: HttpRequest, code: str = "") -> HttpResponse:
    """Save the text; the gateway follows within seconds."""
    text = request.POST.get("text", "")
    try:
        spec = parse_connection(text)
        if code and spec.code != code:
            raise NotFound(
                code="connection.code", zh=f"代号应保持为 {code}；改名请另建一个接入。",
                en=f"The code has to stay {code}; make another connection for another name.", field="code",
                value=spec.code,
            )  # fmt: skip
        connection_save(by=actor(request), spec=spec)
    except Problem as problem:
        row = _one(request, code) if code else None
        return _edited(request, code, text, row=row, problem=problem.text(), status=422)
    messages.success(request, _("Saved. The gateway follows within seconds."))
    return HttpResponseRedirect(HOME)


@require_POST
@signed_in
def connection_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Switch a connection on or off, or take it away."""
    who = actor(request)
    try:
        if act == "remove":
            connection_remove(by=who, code=code)
            messages.success(request, _("Taken away. Stations, readings and frames stay."))
        else:
            connection_enable(by=who, code=code, enabled=act == "on")
            messages.success(request, _("Switched on.") if act == "on" else _("Switched off."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(HOME)


def _one(request: HttpRequest, code: str) -> ConnectionRow:
    found = next((row for row in connections_list(actor(request).scope) if row.code == code), None)
    if found is None:
        raise NotFound(
            code="connection.unknown", zh=f"没有接入“{code}”；请核对代号。",
            en=f"There is no connection “{code}”; check its code.", field="code", value=code,
        )  # fmt: skip
    return found


def _text(row: ConnectionRow) -> str:
    body = {
        "code": row.code, "protocol": row.protocol, "division": row.division, "name_zh": row.name["zh"],
        "name_en": row.name["en"], "enabled": row.enabled, "settings": row.settings, "mapping": row.mapping,
    }  # fmt: skip
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)


def _edited(
    request: HttpRequest, code: str, text: str, *, row: ConnectionRow | None = None, may: bool | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    who = actor(request)
    context = {
        "nav": "monitoring", "tab": "connections", "code": code, "text": text, "problem": problem,
        "may": anywhere(who, ACT) if may is None else may, "protocols": list(EXAMPLES),
        "told": _told(row, division_paths({row.division})) if row else None,
    }  # fmt: skip
    return render(request, "monitoring/connection_edit.html", context, status=status)


urlpatterns = [
    path("connections", connection_list, name="connections"),
    path("connections/new", connection_edit, name="connection-new"),
    path("connections/new/save", connection_keep, name="connection-make"),
    path("connections/<slug:code>", connection_edit, name="connection"),
    path("connections/<slug:code>/save", connection_keep, name="connection-save"),
    *(path(f"connections/<slug:code>/{act}", connection_act, {"act": act}, name=f"connection-{act}")
      for act in ("on", "off", "remove")),
]  # fmt: skip
