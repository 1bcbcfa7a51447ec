"""What a rule would have raised: ordering a trial from the editor, its progress, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.monitoring.formats.rule_pack import parse_rule, rule_of
from anlan.monitoring.formats.rule_reading import colour_of
from anlan.monitoring.formats.rule_shapes import Rule
from anlan.monitoring.models import RuleTrial
from anlan.monitoring.pages import words
from anlan.monitoring.selectors.rule_rows import places_named, trial_one
from anlan.monitoring.services.trials import trial_open
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.selectors.register_rows import division_paths

MOST_PLACES = 12
SPANS = (
    (30, gettext_lazy("The last 30 days")), (92, gettext_lazy("The last 3 months")), (365, gettext_lazy("The last year")),
)  # fmt: skip
MARKS = {
    "both": pgettext_lazy("trial", "both"), "new": gettext_lazy("only this text"), "old": gettext_lazy("only the version in force"),
}  # fmt: skip


@require_POST
@signed_in
def trial_order(request: HttpRequest) -> HttpResponse:
    """Try the text of the editor on what has been stored; a background job does it."""
    days = request.POST.get("days", "365")
    until = clock.now()
    start = until - timedelta(days=int(days) if days in {str(span) for span, _text in SPANS} else 365)
    try:
        _rule, raw = parse_rule(request.POST.get("text", ""), _("rule"))
        found = trial_open(
            by=actor(request), body=raw, division=request.POST.get("division", ""), from_at=start, until_at=until
        )
    except Problem as problem:
        messages.error(request, problem.text())
        back = request.POST.get("back", "")
        return HttpResponseRedirect(back if back.startswith("/monitoring/") else "/monitoring/rules")
    return HttpResponseRedirect(f"/monitoring/rules/trials/{found.id}")


@require_GET
@signed_in
def trial_page(request: HttpRequest, trial: UUID) -> HttpResponse:
    """A trial: how far it is, then counts by level, month and station beside the version in force, and the signals."""
    scope = actor(request).scope
    row = trial_one(scope, trial)
    rule = rule_of(row.body, row.code)
    paths = division_paths([row.division]) if row.division else {}
    context: dict[str, Any] = {
        "nav": "monitoring", "tab": "rules", "row": row, "rule": rule, "share": round(100 * row.done / row.total) if row.total else 0,
        "where": say(paths.get(row.division)) or row.division or _("Everywhere"), "error": say(row.error),
    }  # fmt: skip
    if row.state == "done":
        context |= _told(row, rule, places_named(scope, _codes(row.result), rule.place == "area"))
    template = "monitoring/trial_part.html" if request.headers.get("HX-Request") else "monitoring/trial.html"
    return render(request, template, context)


def _codes(result: Any) -> set[str]:
    """Codes of the places a result shows."""
    return {one["place"] for one in result["list"]} | {code for code, _many in result["new"]["place"][:MOST_PLACES]}


def _place(code: str, known: Any, area: bool) -> dict[str, Any]:
    """A station with its page, or an area; one that is gone is its bare code."""
    address = "" if area or code not in known else f"/monitoring/stations/{code}"
    return {"code": code if code in known else "", "name": known.get(code, code), "address": address}


def _told(row: RuleTrial, rule: Rule, known: Any) -> dict[str, Any]:
    """Counts side by side, and the list with names and colours."""
    result, area = row.result, rule.place == "area"
    names: dict[str, tuple[Any, str]] = {code: (str(text), code) for code, text in words.COLOURS.items()}
    names |= {level.code: (rule.level_name(level.code).as_dict(), colour_of(level)) for level in rule.levels}
    levels = [
        {"name": say(names[code][0]) if code in names else code, "colour": names[code][1] if code in names else "yellow",
         "new": result["new"]["level"].get(code, 0), "old": result["old"]["level"].get(code, 0)}
        for code in dict.fromkeys([*(level.code for level in rule.levels[::-1]), *result["old"]["level"]])
    ]  # fmt: skip
    months = sorted({*result["new"]["month"], *result["old"]["month"]})
    listed = [
        {**one, "place": _place(one["place"], known, area), "opened": datetime.fromtimestamp(one["opened"], UTC), "mark_word": MARKS[one["mark"]],
         "stood": None if one["cleared"] is None else one["cleared"] - one["opened"],
         "name": say(names[one["level"]][0]) if one["level"] in names else one["level"],
         "colour": names[one["level"]][1] if one["level"] in names else "yellow"}
        for one in result["list"]
    ]  # fmt: skip
    return {
        "levels": _bars(levels), "months": _bars([{"name": m, "new": result["new"]["month"].get(m, 0),
                                                   "old": result["old"]["month"].get(m, 0)} for m in months]),
        "places": [(_place(code, known, area), many) for code, many in result["new"]["place"][:MOST_PLACES]],
        "listed": listed, "result": result, "more": result["new"]["signals"] - result["old"]["signals"],
    }  # fmt: skip


def _bars(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the widths of the bars (of a hundred) beside the counts."""
    most = max((max(row["new"], row["old"]) for row in rows), default=0) or 1
    return [
        {**row, "width": round(100 * row["new"] / most, 1), "before": round(100 * row["old"] / most, 1)} for row in rows
    ]


urlpatterns = [
    path("rules/try", trial_order, name="rule-try"),
    path("rules/trials/<uuid:trial>", trial_page, name="rule-trial"),
]
