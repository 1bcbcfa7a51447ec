"""Warnings received: the inbox, one message with findings, chain, map and original bytes, and letting a held one through."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.register_rows import division_paths
from anlan.warning import choices, selectors
from anlan.warning.pages.outline import outline
from anlan.warning.services import alert_release

TEXT_SHOWN = 60_000
TONES = {"unchecked": "plain", "unsigned": "plain", "verified": "ok", "unverifiable": "attention", "bad": "overdue"}


@require_GET
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """Warnings received, the newest first, narrowed by how they stand."""
    who, state, after = actor(request), request.GET.get("state", ""), request.GET.get("after", "")
    state = state if state in choices.ALERT_STATES else ""
    page = selectors.alerts_page(who.scope, state, after)
    names = division_paths({row.division for row in page.rows})
    context = {
        "nav": "warnings", "tab": "alerts", "may_take": anywhere(who, "warning.receive"),
        "page": page, "state": state, "after": after, "now": clock.now(),
        "total": sum(page.counts.values()),
        "rows": [(row, say(names.get(row.division)) or row.division) for row in page.rows],
        "states": [(code, page.counts[code]) for code in choices.ALERT_STATES if code in page.counts],
    }  # fmt: skip
    return render(request, "warning/alerts.html", context)


@require_GET
@signed_in
def one(request: HttpRequest, alert: UUID) -> HttpResponse:
    """One message received: how it stands and why, what was found in it, its chain, where it holds, its bytes."""
    who = actor(request)
    view = selectors.alert_view(who.scope, alert)
    row, text = selectors.alert_original(who.scope, alert)
    names = division_paths([row.division])
    context = {
        "nav": "warnings", "tab": "alerts", "row": row, "view": view, "now": clock.now(), "where": say(names.get(row.division)) or row.division,
        "drawing": outline(view.shape), "text": text[:TEXT_SHOWN].decode("utf-8", "replace"), "cut": len(text) > TEXT_SHOWN,
        "may_release": row.state == "held" and row.status != "Draft" and who.may("warning.release", row.division),
        "signature": choices.name(choices.SIGNATURES, row.signature), "tone": TONES[row.signature],
        "unknown": next((one["fingerprint"] for one in row.signature_said if one.get("fingerprint") and row.signature != "verified"), ""),
        "may_pin": anywhere(who, "feed.manage"), "may_draft": bool(row.event or row.headline) and anywhere(who, "warning.draft"),
    }  # fmt: skip
    return render(request, "warning/alert.html", context)


@require_GET
@signed_in
def original(request: HttpRequest, alert: UUID) -> HttpResponse:
    """The bytes of a message as they came, to be kept as a file."""
    row, body = selectors.alert_original(actor(request).scope, alert)
    answer = HttpResponse(body, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{row.sha256[:16]}.xml"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@signed_in
def release(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Let a held message through, with a reason."""
    who = actor(request)
    try:
        row, _body = selectors.alert_original(who.scope, alert)
        alert_release(by=who, alert=row, reason=request.POST.get("reason", ""))
        messages.success(request, _("Let through, with your reason on record."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/warning/alerts/{alert}")


urlpatterns = [
    path("alerts", inbox, name="alerts"),
    path("alerts/<uuid:alert>", one, name="alert"),
    path("alerts/<uuid:alert>/original", original, name="alert-original"),
    path("alerts/<uuid:alert>/release", release, name="alert-release"),
]
