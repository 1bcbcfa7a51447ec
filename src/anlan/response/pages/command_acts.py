"""What is done at a command post from its pages: entries, teams, hand-overs, withdrawal, plan, notice, groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.response import services
from anlan.response.models import CommanderTerm, CommandGroup, RescuePlan, SaturationNotice, TeamIntake, Withdrawal
from anlan.response.pages.answering import answered, no_act
from anlan.response.pages.command import HERE, above_of
from anlan.response.pages.forms import key_given, whole_given
from anlan.response.selectors.who_where import leader_board
from anlan.territory.pages.access import actor, signed_in

Form = Mapping[str, str]
Done = Callable[[Actor, UUID, Form], Any]


def number(form: Form, name: str) -> int:
    """Return a whole number of a form, 0 where none is given; Invalid when it is none."""
    return whole_given(name, form.get(name, "")) or 0


def _log(who: Actor, post: UUID, form: Form) -> Any:
    return services.log_write(
        by=who, command_post=post, kind=form.get("kind", "note"), text=form.get("text", ""), sender=form.get("sender", ""),
        receiver=form.get("receiver", ""), channel=form.get("channel", "face"), happened_at=_clock(form.get("happened", "")),
        answers=key_given("answers", form.get("answers")), corrects=key_given("corrects", form.get("corrects")),
        about=form.get("about", "")[:96],
    )  # fmt: skip


def _clock(text: str) -> datetime | None:
    """A time of day is of today, or of yesterday when it is still to come; "" is now."""
    if not text.strip():
        return None
    now = clock.now().astimezone(clock.BEIJING)
    try:
        told = datetime.strptime(text.strip(), "%H:%M")  # noqa: DTZ007 - the day and zone follow
    except ValueError as error:
        raise Invalid(code="form.time", zh="时间写法如 08:30。", en="Write the time like 08:30.", field="happened",
                      value=text[:20]) from error  # fmt: skip
    at = now.replace(hour=told.hour, minute=told.minute, second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)


def _taker(form: Form) -> dict[str, Any]:
    """Whom a form names: a post of the roster, or a person by words and level."""
    if form.get("post"):
        return {"post": form["post"]}
    zh = form.get("name", "").strip()
    tier = form.get("tier", "")
    return {"name": {"zh": zh, "en": zh}, "tier": whole_given("tier", tier)} if zh else {"post": ""}


def _team(who: Actor, post: UUID, form: Form) -> Any:
    insured = {"yes": True, "no": False}.get(form.get("insured", ""))
    return services.team_register(
        by=who, command_post=post, name=form.get("name", ""), leader=form.get("leader", ""), people=number(form, "people"),
        contact=form.get("contact", ""), kind=form.get("kind", "social"), organisation=form.get("organisation", ""),
        vehicles=number(form, "vehicles"), equipment=form.get("equipment", ""), skills=form.get("skills", ""),
        self_support_h=number(form, "self_support_h"), insured=insured, arrived=form.get("arrived", "yes") == "yes",
        register_code=form.get("register_code", "").partition(" ")[0],
    )  # fmt: skip


POST_ACTS: dict[str, tuple[Done, Callable[[], str]]] = {
    "log": (_log, lambda: _("Written into the log.")),
    "team": (_team, lambda: _("Registered; it waits for a decision.")),
    "take": (lambda w, k, f: services.command_take(by=w, command_post=k, reason=f.get("reason", ""),
                                                   situation=f.get("situation", ""), **_taker(f)),
             lambda: _("Command is taken, on record.")),
    "offer": (lambda w, k, f: services.command_offer(by=w, command_post=k, situation=f.get("situation", ""), **_taker(f)),
              lambda: _("Signed. Command passes when the other signs.")),
    "move": (lambda w, k, f: services.command_post_move(by=w, command_post=k, place=f.get("place", "")),
             lambda: _("The place is changed.")),
    "link": (lambda w, k, f: services.command_post_link(by=w, command_post=k, under=above_of(f)),
             lambda: _("It is on record under which post this one stands.")),
    "close": (lambda w, k, f: services.command_post_close(by=w, command_post=k, reason=f.get("reason", "")),
              lambda: _("The post is closed; its record stays.")),
    "withdraw": (lambda w, k, f: services.withdraw_order(by=w, command_post=k, reason=f.get("reason", ""),
                                                         group=f.get("group", ""), within_min=number(f, "within") or None),
                 lambda: _("Withdrawal ordered. Count everybody out.")),
    "notice": (lambda w, k, f: services.saturation_draft(by=w, command_post=k, needs=f.get("needs", ""),
                                                         contact=f.get("contact", ""), hours=number(f, "hours") or None),
               lambda: _("Drafted. Read it, then release it.")),
    "plan": (lambda w, k, f: services.rescue_plan_make(by=w, command_post=k, aims=f.get("aims", ""),
                                                       steps=f.get("steps", ""), safety=f.get("safety", "")),
             lambda: _("Drafted. The commander puts it in force.")),
}  # fmt: skip

ROW_ACTS: dict[str, tuple[Any, Done, Callable[[], str]]] = {
    "accept": (CommanderTerm, lambda w, k, f: services.command_accept(by=w, term=k), lambda: _("Signed: you are in command.")),
    "unoffer": (CommanderTerm, lambda w, k, f: services.command_offer_withdraw(by=w, term=k),
                lambda: _("The offer is taken back.")),
    "decide": (TeamIntake, lambda w, k, f: services.team_decide(by=w, team=k, decision=f.get("decision", ""),
                                                                reason=f.get("reason", ""), group=f.get("group", ""),
                                                                area=f.get("area", "")),
               lambda: _("Decided, on record.")),
    "count": (TeamIntake, lambda w, k, f: services.team_move(by=w, team=k, inward=f.get("way") == "in",
                                                            heads=number(f, "heads"), area=f.get("area", ""),
                                                            unasked=f.get("unasked") == "yes"),
              lambda: _("Counted.")),
    "leave": (TeamIntake, lambda w, k, f: services.team_leave(by=w, team=k, reason=f.get("reason", "")),
              lambda: _("The team has left.")),
    "lift": (Withdrawal, lambda w, k, f: services.withdraw_lift(by=w, withdrawal=k, reason=f.get("reason", "")),
             lambda: _("Lifted: people may go in again.")),
    "release": (SaturationNotice, lambda w, k, f: services.saturation_release(
        by=w, notice=k, text={"zh": f.get("zh", ""), "en": f.get("en", "")} if "zh" in f else None),
                lambda: _("Released.")),
    "recall": (SaturationNotice, lambda w, k, f: services.saturation_withdraw(by=w, notice=k), lambda: _("Withdrawn.")),
    "enforce": (RescuePlan, lambda w, k, f: services.rescue_plan_enforce(by=w, plan=k), lambda: _("In force.")),
    "group": (CommandGroup, lambda w, k, f: services.command_group_change(
        by=w, group=k, lead=f.get("lead"),
        channel=f.get("channel"), shift=[t for t in f.get("shift", "").replace("，", ",").split(",") if t.strip()],
        active=f.get("active", "yes") == "yes"), lambda: _("Changed.")),
}  # fmt: skip


@require_POST
@signed_in
def act_on_post(request: HttpRequest, post: UUID, what: str) -> HttpResponse:
    """Do something at a command post: write into its log, register a team, take or offer command, order a withdrawal,
    draft a notice or a plan, move or close it."""
    if what not in POST_ACTS:
        raise no_act(what)
    who, form = actor(request), request.POST.dict()
    act, done = POST_ACTS[what]
    return answered(request, lambda: act(who, post, form), done(), f"{HERE}/{post}")


@require_POST
@signed_in
def act_on_row(request: HttpRequest, what: str, key: UUID) -> HttpResponse:
    """Do something with one thing of a command post: sign, decide, count heads, lift, release, enforce, change."""
    if what not in ROW_ACTS:
        raise no_act(what)
    who, form = actor(request), request.POST.dict()
    model, act, done = ROW_ACTS[what]
    post = who.scope.filter_chain(model.objects.filter(pk=key)).values_list("command_post_id", flat=True).first()
    return answered(request, lambda: act(who, key, form), done(), f"{HERE}/{post}" if post else HERE)


@require_POST
@signed_in
def check_in(request: HttpRequest) -> HttpResponse:
    """A leader tells where they are, or asks to leave: refused when the command post would be left empty."""
    who, form = actor(request), request.POST
    code, site = form.get("post", ""), (form.get("site", "") or form.get("words", "")).strip()[:96]

    def act() -> None:
        if not site:
            raise Invalid(code="command.no_site", zh="请选择或写明去向。", en="Say where you are or where you go.",
                          field="site", value="")  # fmt: skip
        services.leader_leave(by=who, post=code, site=site, handover_to=form.get("handover_to") or None)

    return answered(request, act, _("On the leader board."), HERE)


def present(who: Actor) -> list[dict[str, Any]]:
    """Leaders who are at a command post now, and may stand in."""
    return [one for board in leader_board(who.scope) for one in board["leaders"] if one["site"] == "command_post"]


urlpatterns = [
    path("command/check-in", check_in, name="command-check-in"),
    path("command/<uuid:post>/do/<str:what>", act_on_post, name="command-post-act"),
    path("command/do/<str:what>/<uuid:key>", act_on_row, name="command-row-act"),
]
