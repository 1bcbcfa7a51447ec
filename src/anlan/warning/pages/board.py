"""The call board (叫应看板) of one warning: figures that follow the feed, who has not answered, and calling by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.territory.models import Person
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.warning import choices, selectors
from anlan.warning.pages.board_files import board_file, waiting_file
from anlan.warning.pages.board_view import board, said
from anlan.warning.selectors.history import call_story, person_calls
from anlan.warning.selectors.reminders import reminders_of
from anlan.warning.selectors.unanswered import urgent
from anlan.warning.services.answers import answers_take
from anlan.warning.services.desk import TRIED, call_number, call_result
from anlan.warning.services.values import Answer

LISTED = 50


def _moment(request: HttpRequest) -> Any:
    try:
        at = parse_datetime(request.GET.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=clock.BEIJING)


def _may_open(who: Actor, area: str) -> bool:
    """May this reader open an incident in an area, or in a part of it?"""
    return any(who.may("incident.open", own) for own in (area, *who.scope.prefixes) if own.startswith(area))


@require_GET
@signed_in
def call_board(request: HttpRequest, warning: UUID) -> HttpResponse:
    """One warning: its words, its funnel by level, role, channel and township, and who has not answered."""
    who, at = actor(request), _moment(request)
    row = selectors.warning_get(who.scope, warning)
    waiting, following = urgent(who.scope, row.pk, LISTED, request.GET.get("after", ""), at)
    context = {
        "nav": "warnings", "w": row, "waiting": waiting, "following": following, "live": at is None,
        "now": at or clock.now(), "may_log": at is None and anywhere(who, "call.log"),
        "may_open": at is None and row.state == "in_force" and any(_may_open(who, code) for code in row.area),
        "answers": choices.ANSWERS.values(), "address": request.get_full_path(),
    }  # fmt: skip
    if request.GET.get("part") == "waiting":
        return render(request, "warning/board_waiting.html", context)
    found = board(who.scope, row, at)
    context |= {
        "board": found, "seq": found["data"]["seq"] if at is None else None, "data": found["data"],
        "red": [one for one in found["channels"] if one["missing"] or one["down"]],
        "reminders": reminders_of(who.scope, row.pk),
    }  # fmt: skip
    return render(request, "warning/board.html", context)


@require_GET
@signed_in
def board_data(request: HttpRequest, warning: UUID) -> JsonResponse:
    """What the board's page goes on from after a gap, and how far the words have come."""
    who = actor(request)
    found = board(who.scope, selectors.warning_get(who.scope, warning), None)
    return JsonResponse(found["data"], headers={"Cache-Control": "no-store"})


@require_GET
@signed_in
def file(request: HttpRequest, warning: UUID, name: str, form: str) -> HttpResponseBase:
    """The board, or everybody who has not answered, as CSV or Excel with labels in both languages."""
    who = actor(request)
    row = selectors.warning_get(who.scope, warning)
    return {"board": board_file, "unanswered": waiting_file}[name](who, row, form)


@require_GET
@signed_in
def card(request: HttpRequest, call: UUID) -> HttpResponse:
    """One call to be made by hand: what to say, to whom, and the keys for what came of it."""
    return _card(request, call)


def _card(request: HttpRequest, call: UUID, told: str = "", refused: str = "") -> HttpResponse:
    who = actor(request)
    found = selectors.call_get(who.scope, call)
    row = selectors.warning_get(who.scope, found.warning_id)
    (item,), _more = urgent(who.scope, row.pk, only=found.pk)
    context = {
        "call": item, "w": row, "lines": said(who, row, item), "answers": choices.ANSWERS.values(),
        "tried": choices.TRIED.values(), "now": clock.now(), "told": told, "refused": refused,
        "story": call_story(who.scope, found)[-6:], "may_unmask": who.may("person.unmask", found.division),
    }  # fmt: skip
    return render(request, "warning/call_card.html", context)


@require_POST
@signed_in
def number(request: HttpRequest, call: UUID) -> HttpResponse:
    """A telephone in full; that it was shown, to whom and why, is journalled."""
    who = actor(request)
    found = selectors.call_get(who.scope, call)
    try:
        person: Person | None = call_number(by=who, call=found, person=UUID(request.POST.get("person", "")))
        refused = ""
    except (Problem, ValueError) as failure:
        person, refused = None, failure.text() if isinstance(failure, Problem) else str(failure)
    return render(request, "warning/call_number.html", {"person": person, "refused": refused})


@require_POST
@signed_in
def result(request: HttpRequest, call: UUID) -> HttpResponse:
    """Write down what came of a call by hand; the next person in line follows."""
    who = actor(request)
    found = selectors.call_get(who.scope, call)
    (item,), _more = urgent(who.scope, found.warning_id, only=found.pk)
    outcome, person = request.POST.get("outcome", ""), request.POST.get("person", "")
    try:
        call_result(by=who, call=found, outcome=outcome, person=UUID(person) if person else None,
                    note=request.POST.get("note", ""))  # fmt: skip
    except Problem as problem:
        return _card(request, call, refused=problem.text())
    following, _more = urgent(who.scope, found.warning_id, 1, item["place_in_line"])
    told = choices.name(choices.TRIED if outcome in TRIED else choices.ANSWERS, outcome)
    if not following:
        return render(request, "warning/call_done.html", {"told": told, "done": found.pk})
    answer = _card(request, UUID(following[0]["id"]), told=say(item["post"]["name"]))
    answer["X-Anlan-Done"] = str(found.pk)
    return answer


@require_POST
@signed_in
def call_answer(request: HttpRequest, call: UUID) -> HttpResponse:
    """Log an answer taken by telephone or radio; the row goes."""
    who = actor(request)
    row = selectors.call_get(who.scope, call)
    content = request.POST.get("content", "")
    try:
        answers_take(by=who, answers=[Answer(call_id=row.id, content=content)], channel="desk")
    except Problem as problem:
        return render(request, "warning/call_answered.html", {"refused": problem.text()}, status=problem.http)
    return render(request, "warning/call_answered.html", {"name": choices.name(choices.ANSWERS, content)})


@require_GET
@signed_in
def history(request: HttpRequest, call: UUID) -> HttpResponse:
    """Everything that happened with one call, and the person's earlier calls."""
    who = actor(request)
    found = selectors.call_get(who.scope, call)
    row = selectors.warning_get(who.scope, found.warning_id)
    (item,), _more = urgent(who.scope, row.pk, only=found.pk)
    person = found.person_id
    context = {
        "nav": "warnings", "w": row, "call": item, "story": call_story(who.scope, found), "now": clock.now(),
        "person": who.scope.filter(Person.objects.filter(id=person)).first() if person else None,
        "past": person_calls(who.scope, person) if person else [],
    }  # fmt: skip
    return render(request, "warning/call_history.html", context)


urlpatterns = [
    path("<uuid:warning>", call_board, name="call-board"),
    path("<uuid:warning>/board.json", board_data, name="call-board-data"),
    path("<uuid:warning>/board.<str:form>", file, {"name": "board"}, name="call-board-file"),
    path("<uuid:warning>/unanswered.<str:form>", file, {"name": "unanswered"}, name="unanswered-file"),
    path("calls/<uuid:call>/answer", call_answer, name="call-answer"),
    path("calls/<uuid:call>/card", card, name="call-card"),
    path("calls/<uuid:call>/number", number, name="call-number"),
    path("calls/<uuid:call>/result", result, name="call-result"),
    path("calls/<uuid:call>/history", history, name="call-history"),
]
