"""One incident: its facts and figures, its grade with the reasons, its family, what runs for it, its course."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.alike import Seen
from anlan.response.engine.moment_said import count_said, moment_said
from anlan.response.formats.grades import event_types
from anlan.response.pages.answering import answered, no_act
from anlan.response.pages.forms import key_of, keys_of
from anlan.response.pages.papers_choose import about, named
from anlan.response.selectors.family import family
from anlan.response.selectors.incident_detail import incident_detail, incident_get
from anlan.response.selectors.incidents import incidents_near
from anlan.response.selectors.reports import reports_owed, reports_sent
from anlan.response.selectors.rings import reports_rung
from anlan.response.selectors.timeline import incident_timeline
from anlan.response.services import (
    change_undo,
    claim_add,
    claim_judge,
    figure_set,
    grade_confirm,
    incident_change,
    incident_close,
    incident_merge,
    incident_split,
)
from anlan.territory.pages.access import actor, anywhere, signed_in

OWED = 8


@require_GET
@signed_in
def incident_page(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Everything that is known of an incident and everything that runs for it."""
    who = actor(request)
    found = incident_detail(who.scope, incident)
    row = found["row"]
    open_now = row.state == "open"
    seen = Seen(row.lon, row.lat, row.division, row.happened_at or row.opened_at, row.type_code)
    context = {
        **_reports(who, row.pk), "nav": "response", "d": found, "row": row, "taken": "taken" in request.GET,
        "may_file": anywhere(who, "report.file"),
        "timeline": list(reversed(incident_timeline(who.scope, incident))),
        "near": incidents_near(who.scope, seen, but=[row.pk]) if open_now else [],
        "grades": [{"code": one.code, "name": {"zh": one.zh, "en": one.en}} for one in choices.GRADES.values()],
        "metrics": [{"code": code, "name": {"zh": rule.zh, "en": rule.en}, "words": bool(rule.words)}
                    for code, rule in codes.FIGURES.items()],
        "words": [{"code": one.code, "name": {"zh": one.zh, "en": one.en}}
                  for table in (codes.DENSITIES, codes.LOSSES, codes.HAZARD_CLASSES) for one in table.values()],
        "confidences": [{"code": c.code, "name": {"zh": c.zh, "en": c.en}} for c in choices.CONFIDENCES.values()],
        "state": choices.name(choices.INCIDENT_STATES, row.state), "types": event_types().types,
        "may": open_now and who.may("incident.open", row.division),
        "may_paper": who.may("paper.draft", row.division), "papers": named(about("incident")),
        "may_grade": open_now and who.may("incident.grade", row.division) and who.kind != "system",
    }  # fmt: skip
    return render(request, "response/incident.html", context)


def _reports(who: Actor, incident: UUID) -> dict[str, Any]:
    """What is owed and was sent about an incident and those merged into it."""
    keys, now = family(incident), clock.now()
    owed = reports_owed(who.scope, now, late=True, incidents=keys)
    reports_rung(owed[:OWED])
    return {
        "now": now, "owed": owed[:OWED], "own_owed": any(one["division"] in who.scope.prefixes for one in owed),
        "reports": reports_sent(who.scope, incidents=keys, limit=OWED),
    }  # fmt: skip


@require_GET
@signed_in
def incident_parts(request: HttpRequest, incident: UUID) -> HttpResponse:
    """What is owed and was sent, as it is now: asked for when the live feed says that something changed."""
    who = actor(request)
    row = incident_get(who.scope, incident)
    context = {**_reports(who, row.pk), "d": {"id": str(row.pk)}, "oob": True}
    return render(request, "response/incident_reports.html", context)


@require_GET
@signed_in
def incident_course(request: HttpRequest, incident: UUID) -> HttpResponse:
    """The course of the incident as JSON."""
    rows = incident_timeline(actor(request).scope, incident)
    answer = JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="incident-{incident}.json"'
    return answer


@require_POST
@signed_in
def incident_act(request: HttpRequest, incident: UUID, act: str) -> HttpResponse:
    """Do one thing to an incident: figure, grade, claim, judge, merge, split, undo, change or close."""
    who, form = actor(request), request.POST
    row = incident_get(who.scope, incident)
    reason = form.get("reason", "")
    acts: dict[str, Callable[[], Any]] = {
        "figure": lambda: figure_set(by=who, incident=incident, **_figure(form)),
        "grade": lambda: grade_confirm(by=who, incident=incident, grade=form.get("grade", ""), reason=reason),
        "claim": lambda: claim_add(by=who, incident=incident, **_claim(form)),
        "judge": lambda: claim_judge(
            by=who, claim=key_of("claim", form.get("claim")), true=form.get("true") == "1", reason=reason
        ),
        "merge": lambda: incident_merge(
            by=who, incident=incident, into=key_of("into", form.get("into")), reason=reason
        ),
        "split": lambda: incident_split(by=who, incident=incident, reason=reason, **_split(form)),
        "undo": lambda: change_undo(by=who, change=key_of("change", form.get("change")), reason=reason),
        "change": lambda: incident_change(by=who, incident=incident, reason=reason, fields=_fields(form)),
        "close": lambda: incident_close(by=who, incident=incident, reason=reason),
    }
    if act not in acts:
        raise no_act(act)
    here = f"/response/incidents/{row.pk}"
    onward = f"/response/incidents/{form.get('into', '')}" if act == "merge" else here
    return answered(request, acts[act], _("Done."), here, onward=lambda _made: onward)


def _figure(form: QueryDict) -> dict[str, Any]:
    metric = form.get("metric", "")
    rule = codes.FIGURES.get(metric)
    told: dict[str, Any] = {"metric": metric, "source": form.get("source", ""), "reason": form.get("reason", ""),
                            "confidence": form.get("confidence", "medium")}  # fmt: skip
    told["as_of"] = _when("as_of", form.get("as_of", ""))
    if rule is not None and rule.words is not None:
        return told | {"word": form.get("word", "")}
    try:
        return told | {"value": count_said(form.get("value", ""))[1]}
    except ValueError as error:
        raise Invalid(code="figure.form", zh="数据请填数字；无人知道时填“?”。", field="value", value=form.get("value", "")[:40],
                      en="Write the figure as a number, or ? when nobody knows.") from error  # fmt: skip


def _when(field: str, text: str) -> datetime | None:
    try:
        return moment_said(text, clock.now(), clock.BEIJING)
    except ValueError as error:
        raise Invalid(code="incident.when", zh="时间写成 14:20、20 14:20，或 -15（15分钟前）。", field=field, value=text[:40],
                      en="Write the time as 14:20, 20 14:20, or -15 for 15 minutes ago.") from error  # fmt: skip


def _claim(form: QueryDict) -> dict[str, Any]:
    text, topic = form.get("text", "").strip(), form.get("topic", "").strip()
    if not text or not topic:
        raise Invalid(code="claim.words", zh="请写明关于什么、说了什么。", en="Say what it is about, and what is said.",
                      field="text", value=text)  # fmt: skip
    value = form.get("value", "").strip() or text
    return {"topic": topic[:64], "value": value[:96], "text": {"zh": text, "en": text}, "source": form.get("source", ""),
            "confidence": form.get("confidence", "medium")}  # fmt: skip


def _split(form: QueryDict) -> dict[str, Any]:
    title = form.get("title", "").strip()
    if not title:
        raise Invalid(
            code="incident.title", zh="请写明新事件的名称。", en="Name the new incident.", field="title", value=title
        )
    taken = {name: keys_of(name, form.getlist(name)) for name in ("intakes", "claims", "figures")}
    return {"title": {"zh": title, "en": title}, "type_code": form.get("type", ""), **taken}


def _fields(form: QueryDict) -> dict[str, Any]:
    typed = {name: str(form.get(name, "")).strip() for name in ("title_zh", "title_en", "place_words", "type", "when")}
    found: dict[str, Any] = {name: typed[name] for name in ("title_zh", "title_en", "place_words") if typed[name]}
    if typed["type"]:
        found["type_code"] = typed["type"].split()[0]
    if typed["when"]:
        found["happened_at"] = _when("when", typed["when"])
    return found


urlpatterns = [
    path("incidents/<uuid:incident>", incident_page, name="incident"),
    path("incidents/<uuid:incident>/parts", incident_parts, name="incident-parts"),
    path("incidents/<uuid:incident>/course.json", incident_course, name="incident-course"),
    path("incidents/<uuid:incident>/<str:act>", incident_act, name="incident-act"),
]
