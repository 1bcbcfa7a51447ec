"""Levels and tasks: who decided what when on each track, what was ordered, and who has done it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock, live
from anlan.kernel.drill import drill_control, drill_state
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from anlan.response.selectors.boards import mismatches_open
from anlan.response.selectors.closing import closings_open
from anlan.response.services.levels import level_adopt
from anlan.response.services.proposals import level_decline
from anlan.response.services.stoplines import stopline_act
from anlan.response.services.tasks import task_done, task_receive
from anlan.site.console import board, levels_board, state
from anlan.site.console.access import actor, mark_mine, signed_in
from anlan.site.console.timeline import DECIDED, timeline
from anlan.territory.pages.access import anywhere

PER_COLUMN = {"overdue": 40, "issued": 24, "received": 24, "done": 12}


SHOWN = ("level", "levelproposal", "task", "stopline", "incident")
PARTS = ("ask", "levels", "bodies", "closing")


@require_GET
@signed_in
def response_page(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the responses in force by track, bodies that differ, what is left to close; tasks."""
    return render(request, "console/response.html", _context(request))


@require_GET
@signed_in
def response_parts(request: HttpRequest) -> HttpResponse:
    """The named panels of the page again (`?p=ask,levels`), each swapped into its place by id."""
    wanted = [name for name in request.GET.get("p", "").split(",") if name in PARTS] or list(PARTS)
    context = {**_context(request), "oob": True, "wanted": [f"console/parts/response_{name}.html" for name in wanted]}
    return render(request, "console/parts.html", context)


def _context(request: HttpRequest) -> dict[str, Any]:
    who, at = actor(request), state.moment(request.GET.get("at"))
    now, drill = at or clock.now(), drill_state() is not None
    items = state.part(who.scope, SHOWN, at)
    decisions = board.open_decisions(items, "levelproposal", now)
    titles = {key: item["title"] for key, item in items.get("incident", {}).items()}
    for row in decisions:
        row["event"] = titles.get(row.get("incident") or "")
    if at is None:
        mark_mine(who, decisions)
    track, query = request.GET.get("track") or "main", request.GET.get("q", "")
    return {
        "nav": "response",
        "lanes": _lanes(who.scope, items, drill, at),
        "responses": levels_board.responses(items, titles, now),
        "decisions": decisions,
        "mismatches": mismatches_open(who.scope, at),
        "closings": closings_open(who.scope, now) if at is None else [],
        "columns": _columns(board.columns(items, now, track if drill else None, query)),
        "stoplines": board.stoplines(items),
        "drill_tracks": drill,
        "track": track,
        "q": query,
        "now": now,
        "may_act": at is None and bool(who.roles & {"responder", "duty", "decider", "admin"}),
        "may_start": at is None and anywhere(who, "level.decide"),
        "may_follow": at is None and anywhere(who, "command.adopt"),
    }


def _lanes(scope: Scope, items: state.Items, drill: bool, at: datetime | None) -> board.Rows:
    """Each track with the level in force and its steps so far."""
    steps = [m for m in timeline(scope)["marks"] if m["kind"] in DECIDED and (at is None or m["at"] <= at)]
    return [{**lane, "marks": [m for m in steps if m["lane"] == lane["track"]]} for lane in board.tracks(items, drill)]


def _columns(found: dict[str, board.Rows]) -> board.Rows:
    return [{"name": name, "count": len(found[name]), "rows": found[name][:most]} for name, most in PER_COLUMN.items()]


def _back(request: HttpRequest, act: Callable[[], Any], done: str) -> HttpResponse:
    """Do it, say what came of it, and go back to where the button was."""
    try:
        act()
        messages.success(request, done)
    except Problem as problem:
        messages.error(request, problem.text())
    target = request.POST.get("next", "")
    return HttpResponseRedirect(target if target.startswith("/") and not target.startswith("//") else "/response")


@require_POST
@signed_in
def proposal_adopt(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Adopt the proposed level."""
    who = actor(request)
    return _back(request, lambda: level_adopt(by=who, proposal=proposal), _("Adopted. The tasks are on their way."))


@require_POST
@signed_in
def proposal_decline(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Decline the proposed level with a reason."""
    who, reason = actor(request), request.POST.get("reason", "")
    done = _("Declined, with your reason on record.")
    return _back(request, lambda: level_decline(by=who, proposal=proposal, reason=reason), done)


@require_POST
@signed_in
def task_act(request: HttpRequest, task: UUID, act: str) -> HttpResponse:
    """Receive a task, or report it done with a note as evidence."""
    who, note = actor(request), request.POST.get("note", "").strip()
    if act == "receive":
        return _back(request, lambda: task_receive(by=who, task=task), _("Received."))
    evidence = {"text": note or _("Reported done on the response page"), "by": who.name}
    return _back(request, lambda: task_done(by=who, task=task, evidence=evidence), _("Done, on record."))


@require_POST
@signed_in
def stopline_acted(request: HttpRequest, stopline: UUID) -> HttpResponse:
    """Report that the post has acted at its stop-line."""
    who = actor(request)
    evidence = {"note": request.POST.get("note", "").strip() or _("Reported on the response page"), "by": who.name}
    return _back(request, lambda: stopline_act(by=who, stopline=stopline, evidence=evidence), _("Acted, on record."))


@require_POST
@signed_in
def control_drill(request: HttpRequest) -> HttpResponse:
    """Pause, resume or change the speed of the drill; answers with the clock."""
    state_wanted, speed = request.POST.get("state"), request.POST.get("speed")
    try:
        drill_control(
            by=actor(request),
            state=state_wanted if state_wanted in ("running", "paused") else None,
            speed=float(speed) if speed and speed.replace(".", "", 1).isdigit() else None,
        )
    except Problem as problem:
        return JsonResponse(problem.as_dict(), status=problem.http, content_type="application/problem+json")
    return JsonResponse(live.clock_state())
