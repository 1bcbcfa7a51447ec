"""The hand-over (交接班): lists, red items the incoming acknowledges, both signatures; and the hand-overs before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.response.choices_duty import DUTY_ROLES
from anlan.response.models import Handover, RosterShift
from anlan.response.pages.answering import answered
from anlan.response.pages.duty_frame import framed, home
from anlan.response.pages.forms import key_given, key_or_none
from anlan.response.selectors import duty_board as board
from anlan.response.services.handovers import handover_note, handover_open, handover_sign, red_see
from anlan.territory.pages.access import actor, signed_in

HERE = "/handover"
LISTS = ("incidents", "tasks", "calls", "reports", "instructions", "faults")


@require_GET
@signed_in
def handover_page(request: HttpRequest) -> HttpResponse:
    """The hand-over being made at a desk, or the way to begin one; below it those before (`?of=` shows one of them)."""
    frame = framed(request, "handover")
    who, desk = actor(request), frame["desk"]
    rows = Handover.objects.filter(post=desk).select_related("shift_out", "shift_in")
    wanted = key_or_none(request.GET.get("of"))
    paper = rows.filter(pk=wanted).first() if wanted else rows.filter(state="open").first()
    context = frame | {"paper": paper, "before": list(rows.filter(state="signed").order_by("-in_signed_at")[:20])}
    if paper is not None:
        names = board.names_of(_people(paper.shift_out) + _people(paper.shift_in), who.scope)
        labels = _labels()
        context |= {
            "lists": [(name, labels[name], paper.lists.get(name, {"total": 0, "items": []})) for name in LISTS],
            "red": [{**item, "seen": paper.seen.get(item["key"])} for item in paper.red],
            "left": sum(item["key"] not in paper.seen for item in paper.red),
            "out": [(key, names.get(key, "")) for key in _people(paper.shift_out)],
            "coming": [(key, names.get(key, "")) for key in _people(paper.shift_in)],
            "open": paper.state == "open",
        }
    return render(request, "response/duty_handover.html", context)


@require_POST
@signed_in
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a hand-over, or read its lists again."""
    who = actor(request)
    desk = board.desk_get(who.scope, request.POST.get("post", ""), who.post)
    return answered(
        request, lambda: handover_open(by=who, post=desk.pk), _("The lists are as of now."), home(desk, HERE)
    )


@require_POST
@signed_in
def act_on(request: HttpRequest, handover: UUID, act: str) -> HttpResponse:
    """Write the note, acknowledge red items, or sign."""
    who, form = actor(request), request.POST
    back = f"/response/duty/handover?post={form.get('post', '')}"

    def sign() -> None:
        person = key_given("person", form.get("person"))
        handover_sign(by=who, handover=handover, side=form.get("side", ""), person=person, name=form.get("name", ""))

    acts: dict[str, tuple[Any, str]] = {
        "note": (lambda: handover_note(by=who, handover=handover, note=form.get("note", "")), _("Written down.")),
        "seen": (lambda: red_see(by=who, handover=handover, items=form.getlist("item")), _("Acknowledged.")),
        "sign": (sign, _("Signed.")),
    }
    do, done = acts[act]
    return answered(request, do, done, back)


def _people(shift: RosterShift | None) -> list[UUID]:
    if shift is None:
        return []
    return [key for role in DUTY_ROLES if (key := getattr(shift, f"{role}_id")) is not None]


def _labels() -> dict[str, str]:
    return {
        "incidents": _("Open incidents"), "tasks": _("Open tasks"), "calls": _("Calls nobody answered"),
        "reports": _("Reports due"), "instructions": _("Instructions not carried out"), "faults": _("Equipment faults"),
    }  # fmt: skip


urlpatterns = [
    path("duty/handover", handover_page, name="duty-handover"),
    path("duty/handover/begin", begin, name="duty-handover-begin"),
    *(path(f"duty/handovers/<uuid:handover>/{name}", act_on, {"act": name}, name=f"duty-handover-{name}")
      for name in ("note", "seen", "sign")),
]  # fmt: skip
