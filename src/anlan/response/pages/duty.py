"""The duty page (值班): who is on and next, what is red, the check that waits, the log with its quick entry, telephone calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, Resolver404, path, resolve
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.response import choices_duty as choices
from anlan.response.pages.duty_frame import framed
from anlan.response.pages.forms import key_or_none
from anlan.response.selectors import duty_board as board
from anlan.response.selectors.duty_rings import with_rings
from anlan.response.selectors.red import red_items
from anlan.response.services.duty_presence import leader_stays
from anlan.territory.models import Post
from anlan.territory.pages.access import actor, signed_in

# part → its template
PARTS = {"check": "check", "now": "now", "red": "red", "log": "log_part", "phones": "phones", "swaps": "swaps_waiting"}
CALL = ("place", "cause", "course", "measures", "result", "trend", "told", "caller_unit", "caller_name", "caller_post",
        "caller_phone")  # fmt: skip
INTAKE = "/response/incidents/new"


def _context(request: HttpRequest, frame: dict[str, Any]) -> dict[str, Any]:
    who, desk, now = actor(request), frame["desk"], frame["now"]
    return frame | {
        "turn": board.duty_now(who.scope, desk, now), "red": red_items(Scope((desk.division,)), now),
        "checks": with_rings(board.checks_open(desk)), "past": with_rings(board.checks_past(desk, 5)), "log": board.log_entries(desk, 30),
        "phones": board.phone_records(desk, 8), "stays": leader_stays(desk.division, now),
        "swaps": [one for one in board.swaps_list(who.scope, desk, 20) if one["row"].state == "asked"],
        "places": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.PRESENCE.items()],
        "kinds": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.LOG_KINDS.items()
                  if code not in ("done", "correction")],
        "ways": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.LOG_WAYS.items()],
        "intake": intake_address(),
    }  # fmt: skip


@require_GET
@signed_in
def duty_page(request: HttpRequest) -> HttpResponse:
    """Who is on duty at a desk now and next, what is red, the log, telephone records and changes that wait."""
    return render(request, "response/duty.html", _context(request, framed(request, "desk")))


@require_GET
@signed_in
def duty_parts(request: HttpRequest, post: str) -> HttpResponse:
    """The named panels of a desk's page again (`?p=now,red`), each swapped into its place by id."""
    wanted = [name for name in request.GET.get("p", "").split(",") if name in PARTS] or list(PARTS)
    who = actor(request)
    desk: Post = board.desk_get(who.scope, post)
    frame = {"nav": "response", "now": clock.now(), "desk": desk, "query": f"?post={desk.code}",
             "may": {name: who.may(f"duty.{name}", desk.division) for name in ("presence", "approve", "log", "swap")}}  # fmt: skip
    context = _context(request, frame) | {
        "oob": True,
        "wanted": [f"response/duty_{PARTS[name]}.html" for name in wanted],
    }
    return render(request, "console/parts.html", context)


@require_GET
@signed_in
def call_page(request: HttpRequest) -> HttpResponse:
    """The form of a telephone call, made to be filled while the caller speaks; `?corrects=` begins from an earlier one."""
    frame = framed(request, "desk")
    before = key_or_none(request.GET.get("corrects"))
    row = board.phone_record(actor(request).scope, before) if before else None
    given = {name: getattr(row, name) for name in CALL if name != "caller_phone"} if row is not None else {}
    context = frame | {"before": row, "given": given, "received": clock.now(), "intake": intake_address()}
    return render(request, "response/duty_call.html", context)


@require_GET
@signed_in
def call_view(request: HttpRequest, record: UUID) -> HttpResponse:
    """One telephone record as it was taken down, with its corrections and what it became."""
    row = board.phone_record(actor(request).scope, record)
    frame = framed(request, "desk") | {"desk": row.post, "query": f"?post={row.post.code}"}
    one, later = board.phone_whole(row)
    context = frame | {"one": one, "later": later, "intake": intake_address()}
    return render(request, "response/duty_call_one.html", context)


@require_GET
@signed_in
def log_page(request: HttpRequest) -> HttpResponse:
    """A desk's whole log, the newest first, a hundred at a time; made to be printed."""
    frame = framed(request, "log")
    rows = board.log_entries(frame["desk"], 100, key_or_none(request.GET.get("before")))
    more = rows[-1]["id"] if len(rows) == 100 else ""
    return render(request, "response/duty_log_page.html", frame | {"log": rows, "more": more})


def intake_address() -> str:
    """Where a call becomes an intake, "" while this node has no such page."""
    try:
        return INTAKE if resolve(INTAKE) else ""
    except (Resolver404, NoReverseMatch):
        return ""


urlpatterns = [
    path("duty", duty_page, name="duty-desk"),
    path("duty/call", call_page, name="duty-call"),
    path("duty/calls/<uuid:record>", call_view, name="duty-call-one"),
    path("duty/log", log_page, name="duty-log"),
    path("duty/desks/<str:post>/parts", duty_parts, name="duty-desk-parts"),
]
