"""What is done from the duty page: coming and going, answering a check, writing the log, taking a call down, swaps."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.response import choices_duty as choices
from anlan.response.models import RosterShift
from anlan.response.pages.answering import answered
from anlan.response.pages.duty import CALL, intake_address
from anlan.response.pages.duty_frame import HOME, framed, home
from anlan.response.pages.forms import key_given, key_of, moment_given
from anlan.response.selectors import duty_board as board
from anlan.response.selectors.duty_roster import candidates
from anlan.response.services import swaps
from anlan.response.services.duty_checks import check_answer, check_now
from anlan.response.services.duty_log import LogSpec, PhoneSpec, log_write, phone_take_down
from anlan.response.services.duty_presence import duty_come, duty_leave
from anlan.territory.pages.access import actor, signed_in

MOBILE = ("Mobi", "Android", "iPhone")


@require_POST
@signed_in
def come(request: HttpRequest, shift: UUID) -> HttpResponse:
    """Somebody of the shift checks in, or tells where they are now."""
    who, form = actor(request), request.POST

    def act() -> None:
        duty_come(by=who, shift=shift, role=form.get("role", ""), where=form.get("where", "room"))

    return answered(request, act, _("Checked in."), HOME)


@require_POST
@signed_in
def leave(request: HttpRequest, shift: UUID) -> HttpResponse:
    """Somebody of the shift goes off duty."""
    who, role = actor(request), request.POST.get("role", "")
    return answered(request, lambda: duty_leave(by=who, shift=shift, role=role), _("Off duty."), HOME)


@require_POST
@signed_in
def answer(request: HttpRequest, check: UUID) -> HttpResponse:
    """Answer a random check; the way is the machine it comes from, or a telephone call to the desk."""
    who = actor(request)
    handheld = any(word in request.headers.get("User-Agent", "") for word in MOBILE)
    way = "desk" if request.POST.get("way") == "desk" else "phone" if handheld else "page"
    return answered(
        request, lambda: check_answer(by=who, check=check, way=way), _("Answered, and the time is on record."), HOME
    )


@require_POST
@signed_in
def check(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Check a desk at this moment."""
    who = actor(request)
    return answered(request, lambda: check_now(by=who, roster=roster), _("Asked. The answer is timed."), HOME)


@require_POST
@signed_in
def write(request: HttpRequest) -> HttpResponse:
    """Write an entry into the log: from the quick entry, or to settle or correct one."""
    who, form = actor(request), request.POST

    def act() -> None:
        desk = board.desk_get(who.scope, form.get("post", ""), who.post)
        spec = LogSpec(
            content=form.get("content", ""), kind=form.get("kind") or "note", way=form.get("way", ""),
            from_words=form.get("from_words", ""), to_words=form.get("to_words", ""), action=form.get("action", ""),
            settles=key_given("settles", form.get("settles")),
            corrects=key_given("corrects", form.get("corrects")),
        )  # fmt: skip
        log_write(by=who, post=desk.pk, spec=spec, at=moment_given("at", form.get("at", "")))

    return answered(request, act, _("Written down."), f"{HOME}?post={form.get('post', '')}#log")


@require_POST
@signed_in
def call(request: HttpRequest) -> HttpResponse:
    """Take a telephone call down; `then=intake` goes on to the call sheet of a new incident with what was said."""
    who, form = actor(request), request.POST
    frame = framed(request, "desk")
    try:
        desk = board.desk_get(who.scope, form.get("post", ""), who.post)
        spec = PhoneSpec(
            received_at=moment_given("received_at", form.get("received_at", "")),
            happened_at=moment_given("happened_at", form.get("happened_at", "")),
            **{name: form.get(name, "") for name in CALL},
        )
        before = key_given("corrects", form.get("corrects"))
        row = phone_take_down(by=who, post=desk.pk, spec=spec, corrects=before)
    except Problem as refused:
        context = frame | {"problem": refused.text(), "fault": refused.field or "", "given": form.dict(), "received": clock.now(),
                           "intake": intake_address()}  # fmt: skip
        return render(request, "response/duty_call.html", context, status=422)
    messages.success(request, _("Taken down."))
    onward = intake_address()
    if form.get("then") == "intake" and onward:
        return HttpResponseRedirect(f"{onward}?about={board.ABOUT}{row.pk}")
    return HttpResponseRedirect(f"{HOME}/calls/{row.pk}")


@require_GET
@signed_in
def swaps_page(request: HttpRequest) -> HttpResponse:
    """Changes of shift: those that wait for the leader, those decided, and a form to ask for one (`?shift=&role=`)."""
    frame = framed(request, "swaps")
    who, desk = actor(request), frame["desk"]
    ahead = list(
        RosterShift.objects.filter(roster__post=desk, roster__state="published", ends_at__gt=frame["now"])
        .order_by("starts_at")[:40]
    )  # fmt: skip
    names = board.names_of([getattr(s, f"{role}_id") for s in ahead for role in choices.DUTY_ROLES], who.scope)
    places = [
        {"shift": s, "role": role, "label": {"zh": label.zh, "en": label.en}, "name": names.get(getattr(s, f"{role}_id"), "")}
        for s in ahead for role, label in choices.DUTY_ROLES.items() if getattr(s, f"{role}_id")
    ]  # fmt: skip
    context = {"swaps": board.swaps_list(who.scope, desk), "places": places, "people": candidates(who.scope, desk),
               "chosen": f"{request.GET.get('shift', '')}/{request.GET.get('role', '')}"}  # fmt: skip
    return render(request, "response/duty_swaps.html", frame | context)


@require_POST
@signed_in
def swap_new(request: HttpRequest) -> HttpResponse:
    """Ask for a change of shift or a stand-in."""
    who, form = actor(request), request.POST
    desk = board.desk_get(who.scope, form.get("post", ""), who.post)

    def act() -> None:
        mine, _slash, role = form.get("place", "").partition("/")
        theirs, _slash, their_role = form.get("other", "").partition("/")
        if theirs:
            other = key_of("other", theirs)
            shift = who.scope.filter(RosterShift.objects.filter(pk=other)).first()
            to = getattr(shift, f"{their_role}_id", None) or key_of("to", "")
        else:
            labels = {one["label"]: one["id"] for one in candidates(who.scope, desk)}
            to, other = labels.get(form.get("to", "")) or key_of("to", form.get("to", "")), None
        swaps.swap_ask(by=who, shift=key_of("place", mine), role=role, to=to, other_shift=other,
                       reason=form.get("reason", ""), override=form.get("override", ""))  # fmt: skip

    return answered(request, act, _("Asked; the leader decides."), home(desk, "/swaps"))


@require_POST
@signed_in
def swap_decide(request: HttpRequest, swap: UUID, act: str) -> HttpResponse:
    """Approve, refuse or withdraw a change of shift."""
    who, note = actor(request), request.POST.get("note", "")
    acts = {
        "approve": (lambda: swaps.swap_approve(by=who, swap=swap, note=note), _("Approved; calls go to who comes.")),
        "refuse": (lambda: swaps.swap_refuse(by=who, swap=swap, note=note), _("Refused.")),
        "withdraw": (lambda: swaps.swap_withdraw(by=who, swap=swap), _("Withdrawn.")),
    }
    do, done = acts[act]
    return answered(request, do, done, f"{HOME}/swaps")


urlpatterns = [
    path("duty/shifts/<uuid:shift>/come", come, name="duty-come"),
    path("duty/shifts/<uuid:shift>/leave", leave, name="duty-leave"),
    path("duty/checks/<uuid:check>/answer", answer, name="duty-check-answer"),
    path("duty/rosters/<uuid:roster>/check", check, name="duty-check-now"),
    path("duty/log/write", write, name="duty-log-write"),
    path("duty/call/take", call, name="duty-call-take"),
    path("duty/swaps", swaps_page, name="duty-swaps"),
    path("duty/swaps/new", swap_new, name="duty-swap-new"),
    *(path(f"duty/swaps/<uuid:swap>/{name}", swap_decide, {"act": name}, name=f"duty-swap-{name}")
      for name in ("approve", "refuse", "withdraw")),
]  # fmt: skip
