"""Rules: those in force with their source, one with its versions, and the editor that checks while one types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, Problem
from anlan.monitoring.formats.rule_faults import refusals
from anlan.monitoring.formats.rule_pack import conditions, parse_rule
from anlan.monitoring.formats.rule_reading import colour_of
from anlan.monitoring.formats.rule_shapes import Rule
from anlan.monitoring.pages import rule_trials, words
from anlan.monitoring.pages.rule_words import PLACES, condition, difference
from anlan.monitoring.selectors.rule_rows import Version, rule_versions, rules_rows, trials_of
from anlan.monitoring.services.rules import rule_save, rule_withdraw
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors.picking import division_crumbs
from anlan.territory.selectors.register_rows import division_paths

ACT = "rule.write"
BLANK = """code: my_rule
name: {zh: 名称, en: Name}
kind: rain
element: rain_mm
unit: mm
levels:
- code: heavy
  name: {zh: 强降雨, en: heavy rain}
  colour: yellow
  when: {measure: sum, window: 3h, at_least: 50}
leave: {ratio: 0.9, hold_min: 60}
"""


@require_GET
@signed_in
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule that holds here: what it watches, its levels, where its figures come from."""
    who = actor(request)
    found = rules_rows(who.scope)
    names = division_paths({one.pack.area for one in found if one.pack.area})
    rows: list[dict[str, Any]] = [
        {"one": one, "levels": levels_told(one.rule), "where": _where(one.pack.area, names), "place": PLACES[one.rule.place],
         "element": words.element(one.rule.about) if one.rule.about else ""}
        for one in found
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["one"].rule.hazard, row["one"].rule.code, row["one"].pack.area))
    context = {"nav": "monitoring", "tab": "rules", "rows": rows, "may": anywhere(who, ACT)}
    return render(request, "monitoring/rules.html", context)


@require_GET
@signed_in
def rule_page(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: its levels in words, every version with what it changed, and its trials."""
    who = actor(request)
    versions = rule_versions(who.scope, code)
    names = division_paths({version.division for version in versions if version.division})
    told = [
        {"version": version, "where": _where(version.division, names), "levels": levels_told(version.rule),
         "diff": _changed(version, versions), "may": version.row is not None and who.may(ACT, version.division)}
        for version in versions
    ]  # fmt: skip
    context = {
        "nav": "monitoring", "tab": "rules", "code": code, "first": told[0], "versions": told, "now": clock.now(),
        "trials": trials_of(who.scope, code), "may": anywhere(who, ACT),
    }  # fmt: skip
    return render(request, "monitoring/rule.html", context)


@require_GET
@signed_in
def rule_edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """The editor: the rule's text, what is wrong with it, what it says in words, and what it changes."""
    who = actor(request)
    division = request.GET.get("division", "")
    text, name = BLANK, {}
    if code:
        versions = rule_versions(who.scope, code)
        own = next((v for v in versions if v.division == division and v.current), None) or _nearest(versions, division)
        text, name = own.text, own.rule.name.as_dict()
    context = {
        "nav": "monitoring", "tab": "rules", "code": code, "name": name, "text": text, "division": division,
        "divisions": _divisions(who.scope, division), "spans": rule_trials.SPANS, "may": anywhere(who, ACT),
    }  # fmt: skip
    return render(request, "monitoring/rule_edit.html", context)


@require_POST
@signed_in
def rule_check(request: HttpRequest) -> HttpResponse:
    """What the editor shows beside the text: the fault with its place and remedy, or the rule in words and the change."""
    who, text = actor(request), request.POST.get("text", "")
    code, division = request.POST.get("code", ""), request.POST.get("division", "")
    try:
        rule, _raw = parse_rule(text, _("rule"))
        if code and rule.code != code:
            raise _other_code(rule.code, code)
    except Problem as problem:
        return render(request, "monitoring/rule_told.html", {"problem": problem.text()})
    before = _before(who.scope, rule.code, division)
    context = {
        "rule": rule, "levels": levels_told(rule), "place": PLACES[rule.place], "before": before,
        "diff": difference(before.text, text) if before is not None else [],
    }  # fmt: skip
    return render(request, "monitoring/rule_told.html", context)


@require_POST
@signed_in
def rule_keep(request: HttpRequest, code: str = "") -> HttpResponse:
    """Save the text as a new version; open signals keep theirs."""
    who, division = actor(request), request.POST.get("division", "")
    text = request.POST.get("text", "")
    try:
        rule, raw = parse_rule(text, _("rule"))
        saved = rule_save(
            by=who, code=code or rule.code, body=raw, division=division, note=request.POST.get("note", ""),
            valid_from=_moment(request.POST.get("valid_from", "")),
        )  # fmt: skip
        messages.success(request, _("Saved as a new version. Signals that are open keep the one they have."))
        return HttpResponseRedirect(f"/monitoring/rules/{saved.code}")
    except Problem as problem:
        context = {
            "nav": "monitoring", "tab": "rules", "code": code, "name": code, "text": text, "division": division, "problem": problem.text(),
            "divisions": _divisions(who.scope, division), "spans": rule_trials.SPANS, "may": anywhere(who, ACT),
            "note": request.POST.get("note", ""),
        }  # fmt: skip
        return render(request, "monitoring/rule_edit.html", context, status=422)


@require_POST
@signed_in
def rule_take_back(request: HttpRequest, code: str) -> HttpResponse:
    """Take the version of a division back: the wider one, or the shipped one, holds again."""
    try:
        rule_withdraw(
            by=actor(request), code=code, division=request.POST.get("division", ""), note=request.POST.get("note", "")
        )
        messages.success(request, _("Taken back; the wider or shipped version holds again."))
    except Problem as problem:
        messages.error(request, problem.text())
        return HttpResponseRedirect(f"/monitoring/rules/{code}")
    return HttpResponseRedirect("/monitoring/rules")


def levels_told(rule: Rule) -> list[dict[str, Any]]:
    """Return a rule's levels, gravest first: name, colour, the condition in words."""
    nodes = conditions(rule, refusals(rule.code))
    told = [
        {"name": rule.level_name(level.code).as_dict(), "colour": colour_of(level), "reads": condition(node, rule.unit)}
        for level, node in zip(rule.levels, nodes, strict=True)
    ]
    return told[::-1]


def _changed(version: Version, versions: list[Version]) -> Any:
    """What a version changed: against the one before it in its division, else against the nearest wider one."""
    if version.row is None:
        return []
    number = version.row.number
    older = {v.row.number: v for v in versions
             if v.row is not None and v.division == version.division and v.row.number < number}  # fmt: skip
    wider = [v for v in versions if v.row is None or (v.current and v.division != version.division)]
    before = older[max(older)] if older else _nearest(wider, version.division) if wider else None
    return difference(before.text, version.text) if before is not None else []


def _nearest(versions: list[Version], division: str) -> Version:
    """The version that holds in a division: the most local that covers it, else the first there is."""
    holding = [v for v in versions if v.current and division.startswith(v.division)]
    return max(holding, key=lambda v: (len(v.division), v.row is not None), default=versions[0])


def _before(scope: Any, code: str, division: str) -> Version | None:
    try:
        return _nearest(rule_versions(scope, code), division)
    except Problem:
        return None


def _divisions(scope: Any, chosen: str) -> list[dict[str, Any]]:
    """Where a version may hold: the reader's own areas, and the one that was chosen."""
    codes = dict.fromkeys([*(prefix for prefix in scope.prefixes), *([chosen] if chosen else [])])
    named = {row["code"]: row["name"] for code in codes if code for row in division_crumbs(scope, code)}
    return [
        {"code": code, "name": say(named.get(code)) or code or _("Everywhere"), "on": code == chosen} for code in codes
    ]


def _where(division: str, names: dict[str, Any]) -> str:
    return say(names.get(division)) or division if division else _("Everywhere")


def _moment(text: str) -> datetime | None:
    """A local time of the form; nothing is now."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            code="rule.valid_from", zh="生效时间看不懂；写作 2026-06-01T00:00。", en="The start isn't a time; write 2026-06-01T00:00.",
            field="valid_from", value=text,
        ) from error  # fmt: skip
    return found if found.tzinfo is not None else found.replace(tzinfo=clock.BEIJING)


def _other_code(given: str, code: str) -> Invalid:
    return Invalid(
        code="rule.code", zh=f"代码须仍为 {code}；另立规则请从“新规则”开始。", en=f"The code must stay {code}; for another rule start a new one.",
        field="code", value=given,
    )  # fmt: skip


urlpatterns = [
    path("rules", rule_list, name="rules"),
    path("rules/new", rule_edit, name="rule-new"),
    path("rules/new/save", rule_keep, name="rule-new-save"),
    path("rules/check", rule_check, name="rule-check"),
    *rule_trials.urlpatterns,
    path("rules/<str:code>", rule_page, name="rule"),
    path("rules/<str:code>/edit", rule_edit, name="rule-edit"),
    path("rules/<str:code>/save", rule_keep, name="rule-save"),
    path("rules/<str:code>/take-back", rule_take_back, name="rule-take-back"),
]
