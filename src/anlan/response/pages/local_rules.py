"""Rules (规则): grading tables and report clocks that hold here, what each stands on, and the bureau's own versions of them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, NotFound, Problem
from anlan.response import choices
from anlan.response.choices_rules import MARKS, RULE_KINDS, RULE_STATES, TOPICS
from anlan.response.engine.bounds_words import limit_words
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.grading_words import bound
from anlan.response.engine.report_rules import Rule
from anlan.response.formats.local_rules import body_read, body_text, clocks_body, own_clocks, own_table, table_body
from anlan.response.models import LocalRule
from anlan.response.selectors.local_bounds import Less, overtaken, overtaken_below
from anlan.response.selectors.local_rules import rule_seen, rules_listed, stamp_of, tables_here, topics_here
from anlan.response.services.local_rules import (
    APPROVE,
    WRITE,
    local_rule_approve,
    local_rule_draft,
    local_rule_end,
    local_rule_tried,
)
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors import division_names
from anlan.warning.services.values_drafts import same_hand

HOME = "/response/rules"
NAV = {"nav": "response", "tab": "rules"}


@require_GET
@signed_in
def rules_page(request: HttpRequest) -> HttpResponse:
    """All tables and clocks that hold in the reader's area, each with its source and mark; versions that wait for approval."""
    who = actor(request)
    home = _home(who)
    rows = rules_listed(who.scope)
    behind = overtaken(rows, clock.today())
    names = division_names({row.division for row in rows} | {home})
    context = {
        **NAV, "home": names.get(home), "tables": [table_told(one) for one in tables_here(home)],
        "topics": [(TOPICS[topic], [clock_told(rule) for rule in rules]) for topic, rules in topics_here(home).items() if rules],
        "waiting": [version_told(row, names, who) for row in rows if row.state == "draft"],
        "behind": [version_told(row, names, who, less) for row in rows if (less := behind.get(row.pk))],
    }  # fmt: skip
    return render(request, "response/rules.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def rule_page(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """One table or topic: as it holds here, its versions, and the text to change. A POST checks the text, or keeps it."""
    who = actor(request)
    home = _home(who)
    held = _held(kind, code, home)
    given, problem, checked = request.POST, "", None
    if request.method == "POST":
        try:
            row = _typed(who, kind, code, given)
            if row is not None:
                messages.success(request, _("Kept. It holds once another hand has approved it."))
                return HttpResponseRedirect(f"{HOME}/{kind}/{code}")
            checked = _told(kind, _checked(who, kind, code, given))
        except Problem as refused:
            problem = refused.text()
    rows = [row for row in rules_listed(who.scope) if (row.kind, row.code) == (kind, code)]
    behind = overtaken(rows, clock.today())
    names = division_names({row.division for row in rows} | {home, *who.scope.prefixes})
    context = {
        **NAV, "kind": RULE_KINDS[kind], "code": code, "held": _told(kind, held), "checked": checked, "problem": problem,
        "title": _title(kind, code, held), "versions": [version_told(row, names, who, behind.get(row.pk)) for row in rows],
        "text": given.get("text") or body_text(_body(kind, held)), "given": given,
        "divisions": [(one, names.get(one, {"zh": one, "en": one})) for one in who.scope.prefixes if one],
        "division": given.get("division", home), "today": clock.today().isoformat(), "may": bool(home) and who.may(WRITE, home),
    }  # fmt: skip
    return render(request, "response/rule.html", context, status=422 if problem else 200)


@require_POST
@signed_in
def rule_act(request: HttpRequest, rule: UUID, act: str) -> HttpResponse:
    """Approve a version, or drop it or take it back with the reason."""
    who = actor(request)
    row = rule_seen(who.scope, rule)
    try:
        if act == "approve":
            row = local_rule_approve(by=who, rule=rule)
            messages.success(request, _("Approved. It holds for events from its first day on."))
            for one, less in overtaken_below(row, clock.today()):
                where = say(division_names([one.division]).get(one.division, {"zh": one.division, "en": one.division}))
                told = {"where": where, "number": one.number, "why": say(less.words.as_dict())}
                messages.warning(request, _("%(where)s, own version %(number)d, has to follow: %(why)s") % told)
        else:
            local_rule_end(by=who, rule=rule, reason=request.POST.get("reason", ""))
            messages.success(request, _("On record, with the reason."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(f"{HOME}/{row.kind}/{row.code}")


def _typed(who: Actor, kind: str, code: str, given: QueryDict) -> LocalRule | None:
    """Keep the text as a draft; None where it is only to be checked."""
    if given.get("do") != "keep":
        return None
    return local_rule_draft(
        by=who, kind=kind, code=code, division=given.get("division", ""), body=body_read(given.get("text", "")),
        valid_from=_day(given), document=given.get("document", ""), note=given.get("note", ""),
    )  # fmt: skip


def _checked(who: Actor, kind: str, code: str, given: QueryDict) -> Any:
    return local_rule_tried(
        by=who, kind=kind, code=code, division=given.get("division", ""), body=body_read(given.get("text", "")),
        valid_from=_day(given),
    )  # fmt: skip


def _day(given: QueryDict) -> date:
    text = given.get("valid_from", "")
    found = parse_date(text) if len(text) == 10 else None
    if found is None:
        raise Invalid(code="local_rule.valid_from", zh="请选择起效日。", en="Choose the day it begins to hold.",
                      field="valid_from", value=text)  # fmt: skip
    return found


def _held(kind: str, code: str, home: str) -> Any:
    found: Any = None
    if kind == "grade":
        found = next((table for table in tables_here(home) if table.code == code), None)
    elif kind == "clock":
        found = topics_here(home).get(code)
    if not found:
        raise NotFound(
            code="local_rule.not_found", zh="没有这项规则。", en="There is no such rule.", field="code", value=code
        )
    return found


def _body(kind: str, held: Any) -> dict[str, Any]:
    return table_body(held) if kind == "grade" else clocks_body(held)


def _title(kind: str, code: str, held: Any) -> dict[str, str]:
    return held.name.as_dict() if kind == "grade" else {"zh": TOPICS[code].zh, "en": TOPICS[code].en}


def _told(kind: str, value: Any) -> dict[str, Any]:
    return table_told(value) if kind == "grade" else {"clocks": [clock_told(rule) for rule in value]}


def table_told(table: GradeTable) -> dict[str, Any]:
    """Return a table in words: grade by grade the bounds of which any suffices, each with its mark."""
    rows = [
        {"grade": row.code, "name": table.grade_names[row.code].as_dict() if row.code in table.grade_names
         else choices.name(choices.GRADES, row.code),
         "bounds": [{"words": bound(one).as_dict(), "mark": MARKS[one.mark or table.mark], "guess": one.first_guess}
                    for one in row.any_of]}
        for row in table.rows
    ]  # fmt: skip
    return {"table": table, "rows": rows, "mark": MARKS[table.mark], "citation": table.citation.as_dict(),
            "name": table.name.as_dict(), "issuer": table.issuer.as_dict()}  # fmt: skip


def clock_told(rule: Rule) -> dict[str, Any]:
    """Return one clock in words."""
    return {"rule": rule, "text": rule.text.as_dict(), "basis": rule.basis.as_dict(), "mark": MARKS[rule.mark],
            "limit": limit_words(rule.limit).as_dict()}  # fmt: skip


def version_told(
    row: LocalRule, names: dict[str, dict[str, str]], who: Actor, less: Less | None = None
) -> dict[str, Any]:
    """Return a bureau's version with what may be done with it; `less`: where it has to follow what binds it from above."""
    read = own_table(row.body, stamp_of(row)) if row.kind == "grade" else own_clocks(row.body, row.code, stamp_of(row))
    title = _title(row.kind, row.code, read)
    mine = any(same_hand(who.as_json(), maker, post=True) for maker in row.makers)
    return {
        "row": row, "title": title, "kind": RULE_KINDS[row.kind], "state": RULE_STATES[row.state], "text": body_text(row.body),
        "where": names.get(row.division, {"zh": row.division, "en": row.division}), "told": _told(row.kind, read),
        "less": less.words.as_dict() if less is not None else None,
        "makers": [maker.get("name", "") for maker in row.makers], "decided": (row.decided_by or {}).get("name", ""),
        "may_approve": row.state == "draft" and not mine and who.may(APPROVE, row.division),
        "may_end": row.ended_at is None and who.may(WRITE if row.state == "draft" else APPROVE, row.division),
    }  # fmt: skip


def _home(who: Actor) -> str:
    return min(who.scope.prefixes, key=len, default="")


urlpatterns = [
    path("rules", rules_page, name="response-rules"),
    path("rules/versions/<uuid:rule>/<str:act>", rule_act, name="response-rule-act"),
    path("rules/<str:kind>/<str:code>", rule_page, name="response-rule"),
]
