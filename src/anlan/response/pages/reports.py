"""Reports (信息报告): what is owed with its countdown, what was not sent, what came in; one report and who knew when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.response.choices_report import DISASTER_STATES, DISASTER_TYPES
from anlan.response.models import Disaster, Incident
from anlan.response.pages.answering import answered, no_act
from anlan.response.pages.forms import key_given, key_or_none, keys_of, moment_of
from anlan.response.selectors import reports as reading
from anlan.response.selectors.boards import breaches
from anlan.response.selectors.family import family, root_of
from anlan.response.selectors.incident_detail import incident_get
from anlan.response.selectors.local_rules import Clocks
from anlan.response.selectors.rings import reports_rung
from anlan.response.selectors.rollup import differences_open
from anlan.response.services import (
    disaster_close,
    disaster_open,
    disaster_stable,
    report_acknowledge,
    report_ask,
)
from anlan.territory.pages.access import actor, anywhere, signed_in

HOME = "/response/reports"
SHOWN = 60


def level_of(who: Actor) -> str:
    """The division in whose name a reader receives: the widest of the scope."""
    return min(who.scope.prefixes, key=len, default="")


@require_GET
@signed_in
def reports_page(request: HttpRequest) -> HttpResponse:
    """What is owed, breached and received; with `incident` what concerns that one alone."""
    who = actor(request)
    about = key_or_none(request.GET.get("incident"))
    context = {
        **_now(who, about), "disasters": reading.disasters(who.scope), "differences": len(differences_open(who.scope)),
        "types": DISASTER_TYPES, "states": DISASTER_STATES, "may_file": anywhere(who, "report.file"),
        "may_open": anywhere(who, "disaster.manage"),
    }  # fmt: skip
    return render(request, "response/reports.html", context)


@require_GET
@signed_in
def reports_parts(request: HttpRequest, incident: UUID | None = None) -> HttpResponse:
    """The lists alone, as they are now: asked for when the live feed says that something changed."""
    return render(request, "response/reports_now.html", {**_now(actor(request), incident), "oob": True})


def _now(who: Actor, incident: UUID | None) -> dict[str, Any]:
    now, level = clock.now(), level_of(who)
    about = root_of(incident_get(who.scope, incident)) if incident is not None else None
    keys = family(about.pk) if about is not None else None
    owed = reading.reports_owed(who.scope, now, incidents=keys)
    own = [row for row in owed if row["division"] == level]
    below = [row for row in owed if row["division"] != level]
    reports_rung([*own, *below[:SHOWN]])
    broken, broken_count = _broken(who, keys)
    return {
        "nav": "response", "now": now, "level": level, "level_name": reading.division_names([level]).get(level),
        "about": about, "own": own, "below": below[:SHOWN], "below_count": len(below),
        "broken": broken, "broken_count": broken_count,
        "received": reading.reports_received(who.scope, level, unread=True, limit=SHOWN, incidents=keys),
        "unread": reading.unread_count(who.scope, level, incidents=keys),
        "sent": reading.reports_sent(who.scope, division="" if about else level, limit=8, incidents=keys),
        "may_ack": who.may("report.acknowledge", level),
    }  # fmt: skip


def _broken(who: Actor, keys: Sequence[UUID] | None) -> tuple[list[dict[str, Any]], int]:
    """What was not sent in time and has not come since, the longest silent first: those shown, and how many there are."""
    wanted = {str(key) for key in keys or ()}
    found = [row for row in breaches(who.scope, standing=True) if keys is None or row["incident"] in wanted]
    shown = sorted(found, key=lambda row: row["due_at"])[:SHOWN]
    names = reading.division_names(row["division"] for row in shown)
    titles = {
        **reading.titles_of(Incident, (row["incident"] for row in shown if row["incident"])),
        **reading.titles_of(Disaster, (row["disaster"] for row in shown if row["disaster"])),
    }
    rules = Clocks()
    for row in shown:
        rule = rules.rule(row["rule"], row["rule_version"])
        row["name"] = names.get(row["division"], {"zh": row["division"], "en": row["division"]})
        row["kind_name"] = reading.kind_name(row["kind"], disaster=bool(row["disaster"]))
        row["text"] = rule.text.as_dict() if rule else None
        row["about"] = titles.get(row["incident"] or row["disaster"])
    reports_rung(shown, "duty")
    return shown, len(found)


@require_GET
@signed_in
def report_page(request: HttpRequest, report: UUID) -> HttpResponse:
    """One report as it was sent: figures and what moved, content and what is missing, and who received it when."""
    who = actor(request)
    row = reading.report_whole(who.scope, report)
    level = level_of(who)
    context = {
        "nav": "response", "now": clock.now(), "r": row, "level": level,
        "open_here": next((one for one in row["receipts"] if one["level"] == level and not one["acknowledged_at"]), None),
        "may_ack": who.may("report.acknowledge", level),
        "may_ask": who.may("report.ask", row["division"]) and level != row["division"],
        "before": {code: before for code, before, _after in row["delta"]},
    }  # fmt: skip
    return render(request, "response/report_one.html", context)


@require_POST
@signed_in
def reports_acknowledge(request: HttpRequest) -> HttpResponse:
    """Take notice of the reports ticked (or of the one shown) in the name of the reader's level."""
    who, back = actor(request), HOME
    try:
        keys = keys_of("report", request.POST.getlist("report"))
        back = f"{HOME}/{keys[0]}" if request.POST.get("back") == "one" and keys else HOME
        count = report_acknowledge(by=who, reports=keys, level=level_of(who))
        messages.success(request, _("%(n)d reports acknowledged.") % {"n": count})
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(back)


@require_POST
@signed_in
def report_asked(request: HttpRequest) -> HttpResponse:
    """Ask a division below to verify."""
    who, form = actor(request), request.POST
    try:
        report_ask(
            by=who, division=form.get("division", ""), words=form.get("words", ""), fields=form.getlist("field"),
            due_at=moment_of("due_at", form.get("due_at", "")), disaster=key_given("disaster", form.get("disaster")),
            incident=key_given("incident", form.get("incident")), kind=form.get("kind", "recheck"),
        )  # fmt: skip
        messages.success(request, _("Asked; the countdown runs there and here."))
    except Problem as refused:
        messages.error(request, refused.text())
    back = str(form.get("back", ""))
    return HttpResponseRedirect(back if back.startswith(HOME) else HOME)


@require_POST
@signed_in
def disaster_begin(request: HttpRequest) -> HttpResponse:
    """Open a disaster for an area of the reader's."""
    who, form = actor(request), request.POST
    try:
        row = disaster_open(
            by=who, division=form.get("division") or level_of(who), kind=form.get("kind", ""),
            sub_type=form.get("sub_type", ""), happened_at=moment_of("happened_at", form.get("happened_at", "")),
            title={"zh": form.get("zh", ""), "en": form.get("en", "") or form.get("zh", "")},
        )  # fmt: skip
    except Problem as refused:
        messages.error(request, refused.text())
        return HttpResponseRedirect(HOME)
    messages.success(request, _("Open: every county of the area owes its first return within two hours."))
    return HttpResponseRedirect(f"{HOME}/disasters/{row.pk}")


@require_POST
@signed_in
def disaster_act(request: HttpRequest, disaster: UUID, act: str) -> HttpResponse:
    """Say that it is stable, or close it."""
    does: dict[str, tuple[Any, str]] = {"stable": (disaster_stable, "stable"), "close": (disaster_close, "closed")}
    if act not in does:
        raise no_act(act)
    do, state = does[act]
    done = _("Now: %s") % say({"zh": DISASTER_STATES[state].zh, "en": DISASTER_STATES[state].en})
    who, note = actor(request), request.POST.get("note", "")
    back = f"{HOME}/disasters/{disaster}"
    return answered(request, lambda: do(by=who, disaster=disaster, note=note), done, back)


urlpatterns = [
    path("reports", reports_page, name="reports"),
    path("reports/parts", reports_parts, name="reports-parts"),
    path("reports/parts/<uuid:incident>", reports_parts, name="reports-parts-incident"),
    path("reports/acknowledge", reports_acknowledge, name="reports-acknowledge"),
    path("reports/ask", report_asked, name="report-ask"),
    path("reports/disasters/open", disaster_begin, name="disaster-open"),
    path("reports/disasters/<uuid:disaster>/<str:act>", disaster_act, name="disaster-act"),
    path("reports/<uuid:report>", report_page, name="report-one"),
]
