"""The list of incidents (事件), and the reports that wait for a decision (待处理接报)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pyarrow as pa
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.monitoring.pages.files import local, table_file
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.formats.grades import event_types
from anlan.response.pages.answering import no_act
from anlan.response.pages.forms import key_of, place_of
from anlan.response.selectors.incident_detail import masked, told_figures
from anlan.response.selectors.incidents import (
    PAGE,
    incidents_list,
    incidents_near,
    intake_get,
    intakes_waiting,
    seen_of,
)
from anlan.response.services import intake_dismiss, intake_join, intake_open
from anlan.response.services.callers import caller_unmask
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors import division_names

MOST = 10_000
COLUMNS = tuple(
    (name, pa.string())
    for name in (
        "编号 Id", "名称 Name (zh)", "名称 Name (en)", "类别代码 Class", "类别 Class (zh)", "等级 Grade", "区划 Division",
        "地点 Place", "发生 Happened", "获知 Known", "状态 State", "来源 Source",
    )
)  # fmt: skip


@require_GET
@signed_in
def incidents_page(request: HttpRequest) -> HttpResponse:
    """Incidents of the reader's area, the gravest first, and what waits for a decision."""
    who, asked = actor(request), request.GET
    picked = _picked(asked)
    after = place_of(asked.get("after", ""))
    rows, total = incidents_list(who.scope, **picked, after=after)
    query = asked.copy()
    query.pop("after", None)
    types = [one for one in event_types().types if one.code.endswith("00")]
    context = {
        "nav": "response", "rows": rows, "total": total, "picked": picked, "now": clock.now(), "types": types,
        "states": _options(choices.INCIDENT_STATES), "grades": _options(choices.GRADES), "query": query.urlencode(),
        "next": after + PAGE if after + PAGE < total else None, "previous": max(after - PAGE, 0) if after else None,
        "waiting": [{"row": row, "door": choices.name(codes.DOORS, row.door)} for row in intakes_waiting(who.scope)],
        "may": anywhere(who, "incident.open"), "first": after + 1, "last": after + len(rows),
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, "response/incidents_rows.html" if part else "response/incidents.html", context)


@require_GET
@signed_in
def incidents_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The list as it is filtered, as CSV or Excel with headings in both languages; at most 10,000 incidents."""
    who, picked = actor(request), _picked(request.GET)
    rows, _total = incidents_list(who.scope, **picked, limit=MOST)
    return table_file(who, form, "事件清单", COLUMNS, [_line(one) for one in rows])


def _line(one: dict[str, Any]) -> list[str | None]:
    row = one["row"]
    return [
        one["id"], row.title_zh, row.title_en, row.type_code, one["type"]["zh"] if one["type"] else "",
        one["grade"]["zh"] if one["grade"] else "", row.division, row.place_words, local(row.happened_at), local(row.known_at),
        one["state"]["zh"], row.source,
    ]  # fmt: skip


def _picked(asked: QueryDict) -> dict[str, Any]:
    """What an address narrows the list to; without a word of it, to what is open."""
    state = asked.get("state", "open")
    return {"state": state if state in (*choices.INCIDENT_STATES, "") else "open", "grade": asked.get("grade", ""),
            "type_code": asked.get("type", ""), "words": asked.get("q", "").strip()}  # fmt: skip


@require_GET
@signed_in
def intake_page(request: HttpRequest, intake: UUID) -> HttpResponse:
    """A report as it was taken, what it may double, and the three things to do with it."""
    who = actor(request)
    row = intake_get(who.scope, intake)
    found = event_types().find(row.type_code)
    context = {
        "nav": "response", "row": row, "door": choices.name(codes.DOORS, row.door), "figures": told_figures(row.casualties),
        "state": choices.name(codes.INTAKE_STATES, row.state), "caller": masked(row.caller), "now": clock.now(),
        "type": {"zh": found.zh, "en": found.en} if found else None,
        "place": division_names([row.division]).get(row.division),
        "near": incidents_near(who.scope, seen_of(row)) if row.state == "new" else [],
        "may": row.state == "new" and who.may("incident.open", row.division),
        "may_call": bool(row.caller) and who.may("person.unmask", row.division),
    }  # fmt: skip
    return render(request, "response/intake.html", context)


@require_POST
@signed_in
def intake_act(request: HttpRequest, intake: UUID, act: str) -> HttpResponseBase:
    """Open an incident of a report, join it to one, or dismiss it; show who called."""
    who, form = actor(request), request.POST
    try:
        if act == "open":
            made = intake_open(by=who, intake=intake)
            messages.success(request, _("Incident opened."))
            return HttpResponseRedirect(f"/response/incidents/{made.pk}")
        if act == "join":
            joined = intake_join(by=who, intake=intake, incident=key_of("incident", form.get("incident")))
            messages.success(request, _("The report joined this incident."))
            return HttpResponseRedirect(f"/response/incidents/{joined.incident_id}")
        if act == "dismiss":
            intake_dismiss(by=who, intake=intake, reason=form.get("reason", ""))
            messages.success(request, _("Dismissed, with the reason on record."))
            return HttpResponseRedirect("/response/incidents")
        if act == "caller":
            return JsonResponse(caller_unmask(by=who, intake=intake, reason=form.get("reason", "")))
    except Problem as refused:
        if act == "caller":
            return JsonResponse({"refusal": refused.text()}, status=refused.http)
        messages.error(request, refused.text())
        return HttpResponseRedirect(f"/response/intakes/{intake}")
    raise no_act(act)


def _options(table: dict[str, choices.Choice]) -> list[dict[str, object]]:
    return [{"code": one.code, "name": {"zh": one.zh, "en": one.en}} for one in table.values()]


urlpatterns = [
    path("incidents", incidents_page, name="incidents"),
    path("incidents.<str:form>", incidents_file, name="incidents-file"),
    path("intakes/<uuid:intake>", intake_page, name="intake"),
    path("intakes/<uuid:intake>/<str:act>", intake_act, name="intake-act"),
]
