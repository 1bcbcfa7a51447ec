"""Ways out (发布渠道): how each stands, live; pausing, testing, setting up and changing them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, Problem
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.register_rows import division_paths
from anlan.warning import choices
from anlan.warning.channels.outbox import PERSONAL
from anlan.warning.choices_ways import CARRIES, FIELDS
from anlan.warning.engine.fault_words import fault_words
from anlan.warning.formats.channel_form import SECRETS, fields_of, shown, typed
from anlan.warning.formats.channel_settings import KINDS
from anlan.warning.models import ChannelSetting
from anlan.warning.selectors.replies import replies_open
from anlan.warning.selectors.ways import way_in, ways_list
from anlan.warning.services.ways import ACT, WaySpec, way_save
from anlan.warning.services.ways_acts import way_pause, way_resume, way_test

WAYS = "/warning/ways"
TONES = {"up": "ok", "down": "overdue", "waiting": "plain", "paused": "attention"}
OWN = ("code", "carries", "name_zh", "name_en", "division", "rank", "rate_per_s", "window", "tries", "backoff_s",
       "in_doubt", "instead", "cost_fen")  # fmt: skip
FIGURES = {"rank": (-100, 100), "rate_per_s": (0.01, 100_000), "window": (1, 10_000), "tries": (1, 100),
           "backoff_s": (0.1, 3_600), "cost_fen": (0, 100_000)}  # fmt: skip


@require_GET
@signed_in
def ways_page(request: HttpRequest) -> HttpResponse:
    """The ways out; asked for its part, the list alone, as it is now."""
    who, now = actor(request), clock.now()
    rows = ways_list(who.scope, now)
    names = division_paths({row["division"] for row in rows if row["division"]})
    context = {
        "nav": "warnings", "tab": "ways", "now": now, "may": anywhere(who, ACT), "unread": replies_open(who.scope),
        "kinds": _kinds(),
        "rows": [
            (row, say(names.get(row["division"])) or row["division"], choices.name(choices.WAY_STATES, row["state"]),
             TONES[row["state"]], who.may(ACT, row["division"]), row["kind"]["code"] in PERSONAL,
             row["why"] if row["state"] == "paused" else say(fault_words(row["why"])))
            for row in rows
        ],
    }  # fmt: skip
    part = request.GET.get("part") == "list"
    return render(request, "warning/ways_rows.html" if part else "warning/ways.html", context)


@require_POST
@signed_in
def way_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Pause a way out, go on with it, or send a test message by it."""
    who, form = actor(request), request.POST
    try:
        row = way_in(who.scope, code)
        if act == "pause":
            moved = way_pause(by=who, setting=row, reason=form.get("reason", ""))
            messages.success(request, _("Paused; %(n)d waiting messages go another way.") % {"n": moved})
        elif act == "resume":
            way_resume(by=who, setting=row)
            messages.success(request, _("Goes on within seconds."))
        else:
            _told(request, row, who)
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(WAYS)


def _told(request: HttpRequest, row: ChannelSetting, who: Actor) -> None:
    found = way_test(by=who, setting=row, to=request.POST.get("to", ""))
    name = {"name": say({"zh": row.name_zh, "en": row.name_en}), "error": say(fault_words(found.error))}
    if found.state == "delivered":
        messages.success(request, _("%(name)s: the test message is there.") % name)
    elif found.state == "handed":
        messages.success(request, _("%(name)s: the gateway has taken the test message; see that it arrives.") % name)
    elif found.state == "retry":
        messages.error(request, _("%(name)s: the gateway says not now: %(error)s") % name)
    elif found.state == "failed":
        messages.error(request, _("%(name)s: the gateway refused the test message: %(error)s") % name)
    else:
        messages.error(request, _("%(name)s: the gateway can't be reached: %(error)s") % name)


@require_http_methods(["GET", "POST"])
@signed_in
def way_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Set a way out up, of the kind asked for, or change one."""
    who, problem, fault = actor(request), "", ""
    row = way_in(who.scope, code) if code else None
    kind = row.kind if row is not None else request.GET.get("kind", "")
    if kind not in KINDS:
        return HttpResponseRedirect(WAYS)
    if request.method == "POST":
        try:
            way_save(by=who, spec=_spec(request, kind, row))
            messages.success(
                request, _("Saved; the senders follow within seconds. Send a test message to see that it works.")
            )
            return HttpResponseRedirect(WAYS)
        except Problem as refused:
            problem, fault = refused.text(), refused.field or ""
    return render(request, "warning/way_form.html", _form(request, who, kind, row) | {"problem": problem, "fault": fault},
                  status=422 if problem else 200)  # fmt: skip


def _form(request: HttpRequest, who: Actor, kind: str, row: ChannelSetting | None) -> dict[str, Any]:
    given = request.POST if request.method == "POST" else None
    own = {
        name: getattr(row, name) if row is not None else getattr(WaySpec("", CARRIES[kind], kind, "", ""), name)
        for name in OWN
    }
    own |= {name: f"{own[name]:g}" for name in FIGURES}
    instead = given.getlist("instead") if given is not None else list(own["instead"])
    if given is not None:
        own |= {name: given.get(name, "") for name in OWN if name != "instead"}
    kept = row.settings if row is not None else {}
    fields = []
    for field in fields_of(kind):
        value = shown(field, kept)
        if given is not None:
            value = bool(given.get("s." + field.name)) if field.sort == "tick" else given.get("s." + field.name, "")
        there = _there(str(value)) if field.name in SECRETS and value else None
        fields.append((field, choices.name(FIELDS, field.name), value, there, field.name in SECRETS))
    roots = [prefix for prefix in who.scope.prefixes if who.may(ACT, prefix)]
    names = division_paths({prefix for prefix in roots if prefix})
    return {
        "nav": "warnings", "tab": "ways", "row": row, "own": own, "instead": instead, "fields": fields,
        "kind": choices.name(choices.GATEWAY_KINDS, kind), "may": who.may(ACT, row.division) if row else bool(roots),
        "channels": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.CHANNELS.items()],
        "divisions": [(code, say(names.get(code)) or code or _("The whole platform")) for code in roots],
    }  # fmt: skip


def _spec(request: HttpRequest, kind: str, row: ChannelSetting | None) -> WaySpec:
    form = request.POST
    figures = {name: _figure(name, form.get(name, "")) for name in FIGURES}
    settings = typed(kind, {name[2:]: form.get(name, "") for name in form if name.startswith("s.")})
    for name in ("name_zh", "name_en"):
        if not form.get(name, "").strip():
            raise Invalid(
                code="channel.name", field=name, value="",
                zh="请填写中文和英文名称。", en="Give its name in Chinese and English.",
            )  # fmt: skip
    return WaySpec(
        code=row.code if row is not None else form.get("code", "").strip(), kind=kind, settings=settings,
        carries=form.get("carries", ""), name_zh=form["name_zh"].strip()[:96], name_en=form["name_en"].strip()[:160],
        division=form.get("division", ""), enabled=row.enabled if row is not None else True,
        in_doubt=form.get("in_doubt", ""), instead=[code for code in form.getlist("instead") if code],
        rank=int(figures["rank"]), window=int(figures["window"]), tries=int(figures["tries"]),
        rate_per_s=figures["rate_per_s"], backoff_s=figures["backoff_s"], cost_fen=figures["cost_fen"],
    )  # fmt: skip


def _figure(name: str, text: str) -> float:
    least, most = FIGURES[name]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise Invalid(
            code="channel.value", field=name, value=text[:20],
            zh=f"“{text[:20]}”不能用于 {name}；请填 {least:g} 至 {most:g} 的数。",
            en=f"{name} can't be “{text[:20]}”; type a number from {least:g} to {most:g}.",
        )  # fmt: skip
    return value


def _there(name: str) -> bool:
    try:
        return bool(options.secret(name))
    except Problem:
        return False


def _kinds() -> list[tuple[str, dict[str, str]]]:
    return [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.GATEWAY_KINDS.items()]


urlpatterns = [
    path("ways", ways_page, name="ways"),
    path("ways/new", way_form, name="way-new"),
    path("ways/<str:code>/change", way_form, name="way-change"),
    path("ways/<str:code>/<str:act>", way_act, name="way-act"),
]
