"""The roll-up of a disaster: a level and those below it, what differs and why, raw entries, each figure's history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pyarrow as pa
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.problem import Problem
from anlan.monitoring.pages.files import table_file
from anlan.response.choices_report import DISASTER_STATES, DISASTER_TYPES
from anlan.response.formats.report_packs import indicators
from anlan.response.pages.reports import HOME, level_of
from anlan.response.selectors import reports as reading
from anlan.response.selectors.relief import relief_choice, relief_of_disaster
from anlan.response.selectors.rollup import raw_entries, rollup_level
from anlan.response.services import difference_explain
from anlan.territory.pages.access import actor, signed_in

#: Columns of the tree unless more are asked for: what a duty officer reads out.
FIRST = ("affected", "dead", "missing", "relocated", "need_relief", "collapsed_rooms", "crops_hit", "loss")


def _root(request: HttpRequest, area: str) -> str:
    """The division asked for, inside the reader's scope and the disaster's area; else the reader's own level."""
    scope, wanted = actor(request).scope, request.GET.get("root", "")
    if wanted.isdigit() and scope.covers(wanted) and wanted.startswith(area):
        return wanted
    level = level_of(actor(request))
    return level if level.startswith(area) else area


@require_GET
@signed_in
def rollup_page(request: HttpRequest, disaster: UUID) -> HttpResponse:
    """A level, the divisions below it, and what differs."""
    who = actor(request)
    row = reading.disaster_of(who.scope, disaster)
    root = _root(request, row.division)
    node = rollup_level(who.scope, disaster, root)
    known = indicators().by_code
    told = {code for one in (node, *node["children"]) for code in one["told"]}
    every, weak = request.GET.get("all") == "1", "weak" in request.GET
    codes = [code for code in known if (code in told if every else code in FIRST)]
    trail = [root[:length] for length in (2, 4, 6, 9) if len(row.division) <= length < len(root)]
    trail = [code for code in trail if who.scope.covers(code)]
    context = {
        "nav": "response", "now": clock.now(), "d": row, "root": root, "node": node, "every": every,
        "columns": [known[code] for code in codes], "type": DISASTER_TYPES[row.kind], "state": DISASTER_STATES[row.state],
        "trail": [(code, reading.division_names(trail).get(code, {"zh": code, "en": code})) for code in trail],
        "leaf": len(root) == 12, "may_file": who.may("report.file", root), "may_manage": who.may("disaster.manage", row.division),
        "raw": raw_entries(who.scope, disaster, root) if request.GET.get("raw") == "1" else None,
        "address": f"{HOME}/disasters/{disaster}", "relief": relief_of_disaster(row, weak=weak),
        "compare": relief_choice("11", weak=weak),
    }  # fmt: skip
    return render(request, "response/rollup.html", context)


@require_POST
@signed_in
def rollup_explain(request: HttpRequest, disaster: UUID) -> HttpResponse:
    """Say why a level's figures differ from the sum below."""
    form = request.POST
    try:
        difference_explain(
            by=actor(request), disaster=disaster, division=form.get("division", ""),
            words={name[2:]: form[name] for name in form if name.startswith("e.")},
        )  # fmt: skip
        messages.success(request, _("The reason is on record; the levels above see it."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(f"{HOME}/disasters/{disaster}?root={form.get('division', '')}")


@require_GET
@signed_in
def figure_page(request: HttpRequest, disaster: UUID, division: str, code: str) -> HttpResponse:
    """How one figure of a division moved from report to report."""
    who = actor(request)
    row, one = reading.disaster_of(who.scope, disaster), indicators().by_code.get(code)
    names = reading.division_names({division})
    context = {
        "nav": "response", "now": clock.now(), "d": row, "one": one, "division": division,
        "name": names.get(division, {"zh": division, "en": division}), "address": f"{HOME}/disasters/{disaster}",
        "rows": reading.figure_history(who.scope, disaster, division, code) if one else [],
    }  # fmt: skip
    return render(request, "response/figure.html", context, status=200 if one else 404)


def table_of(node: dict[str, Any]) -> tuple[list[tuple[str, pa.DataType]], list[list[Any]]]:
    """The roll-up as a table: its columns; the level's own figures, the sum below, the difference, then each division below."""
    known = indicators().by_code
    codes = [code for code in known if any(code in one["told"] for one in (node, *node["children"]))]
    heads = [f"{say(known[code].name.as_dict())} ({say(known[code].unit.as_dict())})" for code in codes]
    columns = [*((name, pa.string()) for name in (_("Code"), _("Division"), _("Figures"), _("Last report"))),
               *((name, pa.float64()) for name in heads)]  # fmt: skip

    def line(one: dict[str, Any], name: str, at: Any, figures: dict[str, float] | None) -> list[Any]:
        return [one["division"], say(one["name"]), name, _time(at), *((figures or {}).get(code) for code in codes)]

    own, below = _("Own report"), _("Sum below")
    lines = [
        line(node, own, node["own_sent_at"], node["own"]), line(node, below, node["sent_at"], node["below"]),
        line(node, _("As told furthest down"), node["sent_at"], node["raw"]), line(node, _("Difference"), None, node["gaps"]),
    ]  # fmt: skip
    for one in node["children"]:
        name = own if one["own"] is not None else below
        lines.append(line(one, name if one["sent_at"] else _("not reported"), one["sent_at"], one["told"]))
    return columns, lines


def _time(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


@require_GET
@signed_in
def rollup_file(request: HttpRequest, disaster: UUID, form: str) -> HttpResponseBase:
    """The roll-up of a level as CSV or as a workbook."""
    who = actor(request)
    row = reading.disaster_of(who.scope, disaster)
    root = _root(request, row.division)
    columns, lines = table_of(rollup_level(who.scope, disaster, root))
    return table_file(who, form, f"灾情汇总-{root}", columns, lines)


urlpatterns = [
    path("reports/disasters/<uuid:disaster>", rollup_page, name="rollup"),
    path("reports/disasters/<uuid:disaster>/explain", rollup_explain, name="rollup-explain"),
    path("reports/disasters/<uuid:disaster>/table.<str:form>", rollup_file, name="rollup-file"),
    path("reports/disasters/<uuid:disaster>/figures/<str:division>/<str:code>", figure_page, name="figure"),
]
