"""Writing a plan's next version: fields beside its faults and what differs, the text as a whole, signing, bringing into use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.response import choices_plans
from anlan.response.engine.metrics import METRICS
from anlan.response.engine.plan_compare import compare
from anlan.response.engine.plan_patch import added, patched, removed
from anlan.response.engine.units import OTHERS, unit_name
from anlan.response.formats.plan_bodies import body_faults, body_read, body_text
from anlan.response.models import PlanDraft
from anlan.response.pages.answering import no_act
from anlan.response.pages.forms import whole_given
from anlan.response.selectors.plan_register import draft_seen
from anlan.response.selectors.plan_words import compared
from anlan.response.services.plan_drafts import (
    plan_cosign,
    plan_draft_approve,
    plan_draft_circulate,
    plan_draft_drop,
    plan_draft_write,
    plan_objection_answer,
)
from anlan.territory.choices import DEPARTMENTS, POST_ROLES
from anlan.territory.pages.access import actor, signed_in

OWN = ("csrfmiddlewaretoken", "seen", "tab", "do", "text")


@require_http_methods(["GET", "POST"])
@signed_in
def draft_page(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The draft: GET shows it; POST keeps what was typed (a row added or removed on the way), and says what is missing.

    What could not be kept, because another hand wrote meanwhile, stays in the fields.
    """
    who = actor(request)
    row = draft_seen(who.scope, draft)
    body, seen, problem = row.body, row.digest, None
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            body = _typed(request, row)
            row = plan_draft_write(by=who, draft=row.pk, body=body, seen=seen)
            seen = row.digest
            if "HX-Request" not in request.headers:
                messages.success(request, _("Kept."))
                return HttpResponseRedirect(f"/response/plans/drafts/{row.pk}?tab={_tab(request)}")
        except Problem as refused:
            problem = refused
    context = _context(request, who, row, body) | {"problem": problem, "seen": seen}
    if problem is not None and "text" in request.POST:
        context["text"] = request.POST["text"]
    return render(request, "response/plan_draft.html", context, status=problem.http if problem else 200)


def _typed(request: HttpRequest, row: PlanDraft) -> dict[str, Any]:
    form = request.POST
    if form.get("tab") == "text":
        return body_read(form.get("text", ""))
    body = patched(row.body, {name: str(value) for name, value in form.items() if name not in OWN})
    do, _sep, place = form.get("do", "").partition(":")
    if do == "add":
        return added(body, place)
    return removed(body, place) if do == "remove" else body


def _tab(request: HttpRequest) -> str:
    wanted = request.POST.get("tab") or request.GET.get("tab", "")
    return wanted if wanted in ("levels", "rest", "text") else "levels"


def _context(request: HttpRequest, who: Actor, row: PlanDraft, body: dict[str, Any]) -> dict[str, Any]:
    tab, faults = _tab(request), body_faults(body)
    levels = body.get("levels")
    return {
        "nav": "response", "draft": row, "body": body, "tab_open": tab, "faults": faults,
        "levels": sorted(
            ((place, level) for place, level in enumerate(levels if isinstance(levels, list) else [])
             if isinstance(level, dict)), key=lambda pair: str(pair[1].get("level"))),
        "rows": compared(compare(row.base.body, body)) if row.base else [],
        "text": body_text(body) if tab == "text" else "",
        "cosigns": list(row.cosigns.order_by("-asked_at", "unit")),
        "states": choices_plans.COSIGN_STATES,
        "roles": POST_ROLES, "departments": DEPARTMENTS, "metrics": METRICS,
        "units": sorted({*DEPARTMENTS, *OTHERS}), "members": _members(body),
        "may_write": row.state in ("writing", "circulated") and who.may("plan.write", row.division),
        "may_sign": row.state == "circulated" and who.may("plan.cosign", row.division),
        "may_approve": row.state == "circulated" and who.may("plan.approve", row.division),
    }  # fmt: skip


def _members(body: dict[str, Any]) -> list[str]:
    """The units a plan names itself: those asked to sign unless others are chosen."""
    groups = body.get("groups")
    named = [g.get(key) for g in groups if isinstance(g, dict) for key in ("lead",)] if isinstance(groups, list) else []
    return list(dict.fromkeys(unit for unit in named if isinstance(unit, str) and unit_name(unit) is not None))


@require_POST
@signed_in
def draft_act(request: HttpRequest, draft: UUID, act: str) -> HttpResponse:
    """Send round, sign or object, answer an objection, bring into use, give up."""
    who, form = actor(request), request.POST
    back = f"/response/plans/drafts/{draft}"
    try:
        if act == "circulate":
            days = whole_given("days", form.get("days", ""), least=1, most=365) or 5
            plan_draft_circulate(by=who, draft=draft, units=form.getlist("units"), days=days)
            messages.success(request, _("Sent round for signing."))
        elif act == "sign":
            agrees = form.get("agrees") == "yes"
            plan_cosign(by=who, draft=draft, unit=form.get("unit", ""), agrees=agrees, comment=form.get("comment", ""))
            messages.success(
                request, _("Signed.") if agrees else _("Your objection is on record; it must be answered.")
            )
        elif act == "answer":
            plan_objection_answer(by=who, draft=draft, unit=form.get("unit", ""), answer=form.get("answer", ""))
            messages.success(request, _("Answered."))
        elif act == "approve":
            plan = plan_draft_approve(by=who, draft=draft)
            messages.success(
                request, _("Version %(v)s is in use from %(day)s.") % {"v": plan.version, "day": plan.valid_from}
            )
            back = f"/response/plans/{plan.code}"
        elif act == "drop":
            row = plan_draft_drop(by=who, draft=draft, reason=form.get("reason", ""))
            messages.success(request, _("Given up; it stays on record."))
            back = f"/response/plans/{row.code}"
        else:
            raise no_act(act)
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(back)


urlpatterns = [
    path("plans/drafts/<uuid:draft>", draft_page, name="plan-draft"),
    path("plans/drafts/<uuid:draft>/acts/<str:act>", draft_act, name="plan-draft-act"),
]
