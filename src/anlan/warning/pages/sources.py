"""Where warnings of others come from: files taken in, feeds that are polled with their health, certificates believed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, Problem
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.register_rows import division_paths
from anlan.warning import choices
from anlan.warning.selectors.sources import feed_source_get, feed_sources, pin_get, pins_list
from anlan.warning.services.door import file_take
from anlan.warning.services.feed_sources import LEAST_S, MOST_S, feed_source_due, feed_source_set
from anlan.warning.services.pins import pin_end, pin_set

FEEDS, PINS = "/warning/feeds", "/warning/pins"
TONES = {"new": "plain", "ok": "ok", "failing": "overdue", "paused": "plain"}


@require_http_methods(["GET", "POST"])
@signed_in
def take(request: HttpRequest) -> HttpResponse:
    """Take a file in; what became of it is shown with everything that was found."""
    who, problem, found = actor(request), "", None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Invalid(code="alert.empty", zh="请选择文件。", en="Choose a file.", field="file")
            source = request.POST.get("source", "").strip() or str(file.name)
            found = file_take(by=who, body=file.read(), source=source, division=request.POST.get("division", ""))
        except Problem as refused:
            problem = refused.text()
    context = {
        "nav": "warnings", "tab": "alerts", "may": anywhere(who, "warning.receive"), "problem": problem, "found": found,
        "divisions": _divisions(who, "warning.receive"),
    }  # fmt: skip
    return render(request, "warning/take.html", context, status=422 if problem else 200)


@require_GET
@signed_in
def feeds_page(request: HttpRequest) -> HttpResponse:
    """The feeds that are polled, how each goes, and a form for a new one or for the one asked for."""
    return _feeds(request, None, "")


@require_POST
@signed_in
def feed_keep(request: HttpRequest) -> HttpResponse:
    """Set up a feed, or change the one of this name."""
    form = request.POST
    given: dict[str, Any] = {
        "name": form.get("name", "").strip(), "url": form.get("url", "").strip(), "division": form.get("division", ""),
        "interval_s": _whole(form.get("interval_s", "")), "policy": form.get("policy", ""), "enabled": "enabled" in form,
    }  # fmt: skip
    try:
        feed_source_set(by=actor(request), **given)
    except Problem as refused:
        return _feeds(request, given, refused.text())
    messages.success(request, _("Saved. It is polled within half a minute."))
    return HttpResponseRedirect(FEEDS)


@require_POST
@signed_in
def feed_act(request: HttpRequest, source: UUID, act: str) -> HttpResponse:
    """Poll a feed now, pause it, or go on with it."""
    who = actor(request)
    try:
        row = feed_source_get(who.scope, source)
        if act == "poll":
            feed_source_due(by=who, source=row)
            messages.success(request, _("It is polled within half a minute."))
        else:
            feed_source_set(by=who, name=row.name, url=row.url, division=row.division, interval_s=row.interval_s,
                            policy=row.policy, enabled=act == "resume")  # fmt: skip
            messages.success(request, _("Goes on.") if act == "resume" else _("Paused."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(FEEDS)


def _feeds(request: HttpRequest, given: dict[str, Any] | None, problem: str) -> HttpResponse:
    who, now = actor(request), clock.now()
    rows = feed_sources(who.scope)
    asked = request.GET.get("edit", "")
    shown = given or next((row for row in rows if str(row["id"]) == asked), None)
    names = division_paths({row["division"] for row in rows})
    context = {
        "nav": "warnings", "tab": "feeds", "now": now, "may": anywhere(who, "feed.manage"), "problem": problem,
        "one": shown or {"interval_s": 60, "enabled": True, "policy": "tell"}, "new": shown is None or given is not None,
        "open": shown is not None or not rows, "least": LEAST_S, "most": MOST_S,
        "rows": [
            (row, say(names.get(row["division"])) or row["division"], choices.name(choices.FEED_STATES, row["state"]),
             TONES[row["state"]], choices.name(choices.POLICIES, row["policy"]), who.may("feed.manage", row["division"]))
            for row in rows
        ],
        "policies": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.POLICIES.items()],
        "divisions": _divisions(who, "feed.manage"),
    }  # fmt: skip
    return render(request, "warning/feeds.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def pins_page(request: HttpRequest) -> HttpResponse:
    """The certificates that are believed, those that ended, and a form for a new one."""
    who, problem, form = actor(request), "", request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            pem = file.read() if file is not None else form.get("certificate", "").encode()
            pin_set(by=who, division=form.get("division", ""), sender=form.get("sender", ""), relay="relay" in form,
                    certificate=pem, sha256=form.get("sha256", ""), reason=form.get("reason", ""))  # fmt: skip
            messages.success(request, _("Believed from now on."))
            return HttpResponseRedirect(PINS)
        except Problem as refused:
            problem = refused.text()
    now = clock.now()
    rows = pins_list(who.scope, now)
    names = division_paths({row["division"] for row in rows})
    given = {name: form.get(name, "") for name in ("sender", "sha256", "certificate", "reason", "division", "relay")}
    context = {
        "nav": "warnings", "tab": "pins", "may": anywhere(who, "feed.manage"), "problem": problem, "given": given,
        "open": bool(problem or given["sha256"] or not rows), "divisions": _divisions(who, "feed.manage"),
        "rows": [
            (row, say(names.get(row["division"])) or row["division"], who.may("feed.manage", row["division"]))
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "warning/pins.html", context, status=422 if problem else 200)


@require_POST
@signed_in
def pin_over(request: HttpRequest, pin: UUID) -> HttpResponse:
    """Believe a certificate no longer, with a reason."""
    who = actor(request)
    try:
        pin_end(by=who, pin=pin_get(who.scope, pin), reason=request.POST.get("reason", ""))
        messages.success(request, _("Believed no longer; it stays on record."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(PINS)


def _divisions(who: Actor, act: str) -> list[tuple[str, str]]:
    """The divisions a reader may do this for, as (code, words): the roots of the reader's own area."""
    codes = [prefix for prefix in who.scope.prefixes if prefix and who.may(act, prefix)]
    names = division_paths(set(codes))
    return [(code, say(names.get(code)) or code) for code in codes]


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


urlpatterns = [
    path("take", take, name="alert-take"),
    path("feeds", feeds_page, name="feed-sources"),
    path("feeds/keep", feed_keep, name="feed-keep"),
    path("feeds/<uuid:source>/<str:act>", feed_act, name="feed-act"),
    path("pins", pins_page, name="pins"),
    path("pins/<uuid:pin>/end", pin_over, name="pin-end"),
]
