"""Mutes: those that hold, setting one from a signal's page, ending one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.monitoring.models import Mute, Signal
from anlan.monitoring.pages import signal_words, words
from anlan.monitoring.rules import rules_in_force
from anlan.monitoring.selectors.signal_one import mutes_now, signal_one
from anlan.monitoring.services.mutes import mute_end, mute_set
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.register_rows import division_paths

COUNTY = 6
#: Hours a mute may be set for from a signal's page.
SPANS = (
    (1, gettext_lazy("1 hour")), (3, gettext_lazy("3 hours")), (6, gettext_lazy("6 hours")), (24, gettext_lazy("1 day")),
    (72, gettext_lazy("3 days")), (168, gettext_lazy("1 week")),
)  # fmt: skip


def choices_for(row: Signal) -> list[tuple[str, str]]:
    """Return what can be muted from a signal: (code, words)."""
    found = [("place", _("This rule here"))]
    if row.station_id is not None:
        found.append(("station", _("Everything from this station")))
    return [*found, ("county", _("This rule in the whole county"))]


@require_GET
@signed_in
def mutes_page(request: HttpRequest) -> HttpResponse:
    """The mutes that hold: what, where, why, by whom, until when."""
    who = actor(request)
    rows = mutes_now(who.scope, clock.now())
    names = division_paths({row.division for row in rows if row.division})
    rules = {one.rule.code: say(one.words.name.as_dict()) for one in rules_in_force()}
    told = [{"row": row, "what": _what(row, rules), "where": say(names.get(row.division)) or _("Everywhere"),
             "may": who.may("mute.set", row.division)} for row in rows]  # fmt: skip
    context = {
        "nav": "monitoring",
        "tab": "signals",
        "rows": told,
        "now": clock.now(),
        "may": anywhere(who, "mute.set"),
    }
    return render(request, "monitoring/mutes.html", context)


@require_POST
@signed_in
def mute_signal(request: HttpRequest, signal: UUID) -> HttpResponse:
    """Mute from a signal's page."""
    who, back = actor(request), HttpResponseRedirect(f"/monitoring/signals/{signal}")
    row = signal_one(who.scope, signal)["row"]
    hours = request.POST.get("hours", "")
    chosen = request.POST.get("what", "place")
    match = {"place": {"rule": row.rule, "place": row.place}, "county": {"rule": row.rule}}.get(chosen)
    if match is None:
        match = {"station": row.station.code if row.station else ""}
    try:
        mute_set(
            by=who, match=match, reason=request.POST.get("reason", ""), all_levels=bool(request.POST.get("all_levels")),
            division=row.division[:COUNTY] if chosen == "county" else row.division,
            until_at=clock.now() + timedelta(hours=int(hours) if hours.isdigit() and len(hours) < 4 else 0),
        )  # fmt: skip
        messages.success(request, _("Muted. The highest level is passed on all the same unless you chose otherwise."))
    except Problem as problem:
        messages.error(request, problem.text())
    return back


@require_POST
@signed_in
def mute_over(request: HttpRequest, mute: UUID) -> HttpResponse:
    """End a mute; what it held back and still fires is passed on."""
    try:
        mute_end(by=actor(request), mute=mute)
        messages.success(request, _("The mute has ended; what still fires is passed on."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect("/monitoring/mutes")


def _what(row: Mute, rules: dict[str, str]) -> str:
    """What a mute fits, in words."""
    parts = [rules.get(row.match["rule"], row.match["rule"])] if "rule" in row.match else []
    if "hazard" in row.match:
        parts.append(signal_words.hazard(row.match["hazard"]))
    if "element" in row.match:
        parts.append(words.element(row.match["element"]))
    if "station" in row.match:
        parts.append(_("station %(code)s") % {"code": row.match["station"]})
    if "place" in row.match:
        parts.append(_("one place (%(place)s)") % {"place": row.match["place"]})
    return " · ".join(parts)


urlpatterns = [
    path("mutes", mutes_page, name="mutes"),
    path("mutes/<uuid:mute>/end", mute_over, name="mute-end"),
    path("signals/<uuid:signal>/mute", mute_signal, name="signal-mute"),
]
