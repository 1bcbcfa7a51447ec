"""Plans (预案): the register with its clocks, one plan whole, what differs between versions, cards and manual to print."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.response import choices_plans
from anlan.response.engine.plan_compare import compare
from anlan.response.engine.units import owner_name, unit_name
from anlan.response.models import Plan, UpperPlan
from anlan.response.pages.answering import no_act
from anlan.response.pages.forms import day_of, key_of
from anlan.response.selectors.plan_register import plan_detail, plan_seen, plans_register
from anlan.response.selectors.plan_words import compared, rule_words
from anlan.response.services.plan_drafts import plan_draft_start
from anlan.response.services.plan_records import plan_mark, plan_mark_settle, plan_record, upper_plan_register
from anlan.territory.pages.access import actor, anywhere, signed_in

NAV = {"nav": "response", "tab": "plans"}


@require_GET
@signed_in
def register_page(request: HttpRequest) -> HttpResponse:
    """All plans in use, those that need somebody first; `q` narrows by name or code."""
    who, query = actor(request), request.GET.get("q", "").strip().lower()
    rows = plans_register(who.scope, clock.now())
    shown = [r for r in rows if query in f"{r['code']} {r['name']['zh']} {r['name']['en']}".lower()]
    uppers = UpperPlan.objects.order_by("code", "-issued_on", "-version")
    context = {**NAV, "rows": shown, "total": len(rows), "q": request.GET.get("q", ""), "may": anywhere(who, "plan.record"),
               "unit": unit_name, "uppers": list(uppers), "root": who.scope.prefixes[0] if who.scope.prefixes else ""}  # fmt: skip
    return render(request, "response/plans.html", context)


@require_GET
@signed_in
def plan_page(request: HttpRequest, code: str) -> HttpResponse:
    """One plan whole, as people read it."""
    who = actor(request)
    found = plan_detail(who.scope, code, clock.now())
    plan = found["plan"]
    context = {
        **NAV, **found, "words": rule_words(found["rules"]), "may_write": who.may("plan.write", plan.division),
        "may_record": who.may("plan.record", plan.division), "causes": _causes(), "kinds": choices_plans.RECORD_KINDS,
        "next_version": _next_version(code), "today": clock.today(),
        "previous": found["versions"][1] if len(found["versions"]) > 1 else None,
    }  # fmt: skip
    return render(request, "response/plan.html", context)


def _causes() -> dict[str, Any]:
    return {code: choice for code, choice in choices_plans.MARK_CAUSES.items() if code != "upper"}


def _next_version(code: str) -> str:
    """The next whole number after the versions there are; a name of their own where they are no numbers."""
    numbers = [int(v) for v in Plan.objects.filter(code=code).values_list("version", flat=True) if v.isdigit()]
    return str(max(numbers, default=0) + 1)


@require_GET
@signed_in
def compare_page(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions of a plan, difference by difference."""
    who, at = actor(request), clock.now()
    new = plan_seen(who.scope, code, at, request.GET.get("new", ""))
    old = plan_seen(who.scope, code, at, request.GET.get("old", ""))
    rows = compared(compare(old.body, new.body))
    return render(request, "response/plan_compare.html", {**NAV, "old": old, "new": new, "rows": rows})


@require_GET
@signed_in
def cards_page(request: HttpRequest, code: str) -> HttpResponse:
    """The cards of a plan, one page a post, to print."""
    found = plan_detail(actor(request).scope, code, clock.now())
    cards = [(card, owner_name(card.post, card.department)) for card in found["rules"].cards]
    return render(request, "response/plan_cards.html", {**NAV, **found, "cards": cards})


@require_GET
@signed_in
def manual_page(request: HttpRequest) -> HttpResponse:
    """The response manual (应急响应手册): every plan in use, or the one named, level by level, to print."""
    who, at = actor(request), clock.now()
    wanted = request.GET.get("plan", "")
    rows = [r for r in plans_register(who.scope, at) if wanted in ("", r["code"])]
    if wanted and not rows:
        plan_seen(who.scope, wanted, at)  # says that there is none
    plans = [plan_detail(who.scope, row["code"], at) for row in sorted(rows, key=lambda row: row["code"])]
    chapters = [{**found, "words": rule_words(found["rules"])} for found in plans]
    return render(request, "response/plan_manual.html", {**NAV, "chapters": chapters, "at": at})


@require_POST
@signed_in
def plan_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Put a review, drill or filing on record; note a reason to look again; settle one; begin the next version."""
    who, form, back = actor(request), request.POST, f"/response/plans/{code}"
    try:
        if act == "record":
            day = day_of("done_on", form.get("done_on", ""))
            plan_record(by=who, plan=code, kind=form.get("kind", ""), done_on=day, note=form.get("note", ""))
            messages.success(request, _("On record; the clock runs from that day."))
        elif act == "mark":
            plan_mark(by=who, plan=code, cause=form.get("cause", ""), reason=form.get("reason", ""))
            messages.success(request, _("Noted; the plan stands at the top of the register."))
        elif act == "settle":
            plan_mark_settle(by=who, mark=key_of("mark", form.get("mark")), settled=form.get("settled", ""))
            messages.success(request, _("Settled, with your words on record."))
        elif act == "begin":
            draft = plan_draft_start(by=who, plan=code, version=form.get("version", ""))
            return HttpResponseRedirect(f"/response/plans/drafts/{draft.pk}")
        else:
            raise no_act(act)
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(back)


@require_POST
@signed_in
def upper_add(request: HttpRequest) -> HttpResponse:
    """Enter a version of an upper plan; the plans that follow an older one are marked."""
    who, form = actor(request), request.POST
    try:
        upper = upper_plan_register(
            by=who, division=form.get("division", ""), code=form.get("code", "").strip(),
            version=form.get("version", "").strip(), name={"zh": form.get("zh", ""), "en": form.get("en", "")},
            issued_on=day_of("issued_on", form.get("issued_on", "")), doc_no=form.get("doc_no", ""),
        )  # fmt: skip
        marked = upper.marks.count()
        messages.success(
            request, _("Entered; %(n)d plans here follow an older version and are marked.") % {"n": marked}
        )
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect("/response/plans")


urlpatterns = [
    path("plans", register_page, name="plans"),
    path("plans/manual", manual_page, name="plans-manual"),
    path("plans/upper", upper_add, name="plans-upper"),
    path("plans/<str:code>", plan_page, name="plan"),
    path("plans/<str:code>/compare", compare_page, name="plan-compare"),
    path("plans/<str:code>/cards", cards_page, name="plan-cards"),
    path("plans/<str:code>/acts/<str:act>", plan_act, name="plan-act"),
]
