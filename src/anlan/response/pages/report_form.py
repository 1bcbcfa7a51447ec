"""Writing a report: the form with definitions beside its fields and live checks, and the short one for a telephone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, NotFound, Problem
from anlan.response.choices_report import DISASTER_KINDS, REPORT_KINDS
from anlan.response.engine.report_content import items, missing
from anlan.response.formats.report_packs import indicators
from anlan.response.models import Report, ReportDuty
from anlan.response.pages.forms import key_or_none, moment_given
from anlan.response.pages.reports import HOME, level_of
from anlan.response.selectors import reports as reading
from anlan.response.selectors.local_rules import Clocks
from anlan.response.selectors.report_fill import Fill, report_fill
from anlan.response.services import Told, ledger_totals, report_checked, report_file
from anlan.territory.pages.access import actor, signed_in

#: What a township tells by telephone, in the order it is asked.
PHONE = ("affected", "dead", "missing", "injured", "relocated", "collapsed_rooms")
#: Groups of figures that every incident has; the others are a disaster's, folded until somebody needs them.
OF_AN_INCIDENT = ("people", "relief")
Given = Mapping[str, str]
KEYS = UUID("6f0d7c1e-54a3-5e0e-9a2a-2f6d7a4f3c11")


@dataclass
class Draft:
    """What is being written: about what, by which division, of which kind, and the duty it answers."""

    division: str
    kind: str
    form: str
    incident: UUID | None
    disaster: UUID | None
    duty: ReportDuty | None
    last: Report | None
    fill: Fill = field(default_factory=Fill)

    @property
    def standing(self) -> dict[str, float]:
        """The figures that stand."""
        found: dict[str, float] = (self.last.standing or self.last.figures) if self.last else {}
        return found

    @property
    def known(self) -> dict[str, float]:
        """The figures the form begins with: what stands, and what the incident's record has learnt since."""
        since = self.last.as_of if self.last else None
        fresh = {code: value for code, (value, at) in self.fill.figures.items() if since is None or at > since}
        return {**self.standing, **fresh}

    def content(self, name: str) -> str:
        """What an item of the content begins with: as it was told last, else as the incident's record has it."""
        told = self.last.content.get(name, "") if self.last else ""
        return told or (say(self.fill.content[name].as_dict()) if name in self.fill.content else "")


def _draft(who: Actor, given: Given) -> Draft:
    asked = key_or_none(given.get("duty"))
    duty = ReportDuty.objects.filter(pk=asked).first() if asked else None
    duty = duty if duty is not None and who.scope.covers(duty.division) else None
    fill = _fill(who, key_or_none(given.get("incident")) or (duty.incident_id if duty else None))
    division = given.get("division") or (duty.division if duty and duty.by != "unit" else "") or level_of(who)
    if not who.scope.covers(division):
        raise NotFound(code="report.no_division", zh="没有这个区划，或不在您的范围内；请从报告页面进入。", field="division",
                       value=division, en="There is no such division in your area; come here from the page of reports.")  # fmt: skip
    incident = fill.incident.pk if fill.incident else None
    disaster = key_or_none(given.get("disaster")) or (duty.disaster_id if duty else None)
    last = (
        who.scope.filter(Report.objects.filter(division=division, incident=incident, disaster=disaster))
        .order_by("-seq").first()
    )  # fmt: skip
    duty = duty or (_next_owed(division, incident, given.get("kind", "")) if incident else None)
    kind = given.get("kind") or (duty.kind if duty else "") or ("follow" if last else "first")
    form = given.get("form") or ("phone" if duty and duty.form == "phone" else "written")
    return Draft(division, kind, form, incident, disaster, duty, last, fill)


def _fill(who: Actor, incident: UUID | None) -> Fill:
    return report_fill(who.scope, incident) if incident is not None else Fill()


def _next_owed(division: str, incident: UUID, kind: str) -> ReportDuty | None:
    """What this level owes first about an incident: the report that is being written answers it."""
    rows = ReportDuty.objects.filter(division=division, incident=incident, ended_at__isnull=True).exclude(by="unit")
    rows = rows.filter(kind__in=[kind] if kind else ["first", "follow", "correction", "recheck"])
    return rows.order_by(F("next_due_at").asc(nulls_first=True), "id").first()


@require_http_methods(["GET", "POST"])
@signed_in
def report_form(request: HttpRequest) -> HttpResponse:
    """Write a report and send it."""
    who = actor(request)
    given = (request.POST if request.method == "POST" else request.GET).dict()
    draft, problem, fault = _draft(who, given), "", ""
    if request.method == "POST":
        try:
            row = _file(who, draft, given)
            messages.success(request, _("Sent as number %(seq)d.") % {"seq": row.seq})
            return HttpResponseRedirect(f"{HOME}/{row.pk}")
        except Problem as refused:
            problem, fault = refused.text(), refused.field or ""
    context = _context(who, draft, given if request.method == "POST" else None)
    status = 422 if problem else 200
    return render(request, "response/report_form.html", {**context, "problem": problem, "fault": fault}, status=status)


def _context(who: Actor, draft: Draft, given: Given | None) -> dict[str, Any]:
    about = draft.last or draft.duty
    title = reading.about_name(
        draft.fill.incident or ((about.incident or about.disaster) if about else None)
    ) or _title(who, draft)
    rule = Clocks().rule(draft.duty.rule, draft.duty.rule_version) if draft.duty else None
    ledger = ledger_totals(draft.division, incident=draft.incident, disaster=draft.disaster)
    typed = {one.code: given.get("f." + one.code, "") for one in indicators().indicators} if given is not None else None
    fields: list[dict[str, Any]] = [
        {"one": one, "value": typed[one.code] if typed is not None else draft.known.get(one.code, ledger.get(one.code) or ""),
         "before": draft.standing.get(one.code), "ledger": ledger.get(one.code)}
        for one in indicators().indicators
    ]  # fmt: skip
    groups = [
        (group, [f for f in fields if f["one"].group == group.code and f["one"].quick],
         [f for f in fields if f["one"].group == group.code and not f["one"].quick],
         draft.disaster is None and draft.incident is not None and group.code not in OF_AN_INCIDENT
         and all(f["value"] in ("", None) for f in fields if f["one"].group == group.code))
        for group in indicators().groups
    ]  # fmt: skip
    names = reading.division_names({draft.division})
    now = clock.now()
    return {
        "nav": "response", "now": now, "draft": draft, "title": title, "groups": groups, "rule": rule,
        "owed": next((o for o in reading.reports_owed(who.scope, now) if draft.duty and o["id"] == str(draft.duty.pk)), None),
        "name": names.get(draft.division, {"zh": draft.division, "en": draft.division}),
        "kinds": (DISASTER_KINDS if draft.disaster else REPORT_KINDS).values(),
        "content": [(item, given.get("c." + item.field, "") if given is not None else draft.content(item.field))
                    for item in items(_list(draft))],
        "filled": given is None and bool(draft.fill.content or draft.fill.figures),
        "as_of": given.get("as_of") if given is not None else timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
        "given": given or {}, "ref": (given or {}).get("ref") or str(ids.new_id()), "mark": indicators().mark,
        "phone": [f for code in PHONE for f in fields if f["one"].code == code],
    }  # fmt: skip


def _list(draft: Draft) -> str:
    """Which items of content are asked: those of the duty's rule, else of an accident's first report."""
    rule = Clocks().rule(draft.duty.rule, draft.duty.rule_version) if draft.duty else None
    if rule is not None:
        return rule.content
    return "accident_first" if draft.incident is not None and draft.kind in ("first", "final") else ""


def _title(who: Actor, draft: Draft) -> dict[str, str] | None:
    return reading.about_name(reading.disaster_of(who.scope, draft.disaster)) if draft.disaster else None


def _file(who: Actor, draft: Draft, given: Given) -> Report:
    return report_file(
        by=who, division=draft.division, figures=_figures(given), as_of=_as_of(given), kind=draft.kind,
        reason=given.get("reason", ""), incident=draft.incident, disaster=draft.disaster, told=_told(draft, given),
    )  # fmt: skip


def _told(draft: Draft, given: Given) -> Told:
    ref = str(uuid5(KEYS, given["ref"])) if given.get("ref") else ""
    return Told(
        form=draft.form, channel=given.get("channel") or ("phone" if draft.form == "phone" else "platform"),
        by="unit" if given.get("by") == "unit" else "", signer=given.get("signer", ""), text=given.get("text", ""),
        content={name[2:]: given[name] for name in given if name.startswith("c.") and given[name].strip()},
        explains={name[2:]: given[name] for name in given if name.startswith("e.") and given[name].strip()}, ref=ref,
    )  # fmt: skip


def _as_of(given: Given) -> datetime:
    return moment_given("as_of", given.get("as_of", "")) or clock.now()


def _figures(given: Given) -> dict[str, float]:
    found = {}
    for one in indicators().indicators:
        text = given.get("f." + one.code, "").strip().replace(",", "")
        if not text:
            continue
        try:
            found[one.code] = float(text)
        except ValueError as error:
            raise Invalid(
                code="report.no_number", field=one.code, value=text[:20],
                zh=f"{one.name.zh}“{text[:20]}”不是数字；请填数字，单位是{one.unit.zh}。",
                en=f"{one.name.en}: “{text[:20]}” is no number; type one, in {one.unit.en}.",
            ) from error  # fmt: skip
    return found


@require_POST
@signed_in
def report_check(request: HttpRequest) -> HttpResponse:
    """What the checks find in the form as it stands: a part of the page, notes beside the fields with it."""
    who, given = actor(request), request.POST.dict()
    draft = _draft(who, given)
    try:
        found = report_checked(
            by=who, division=draft.division, figures=_figures(given), as_of=_as_of(given), kind=draft.kind,
            incident=draft.incident, disaster=draft.disaster, told=_told(draft, given),
        )  # fmt: skip
        hard = [
            one
            for one in found
            if one.hard and not (one.code == "report.fall_without_reason" and given.get("reason", "").strip())
        ]
        soft = [one for one in found if not one.hard]
    except Problem as refused:
        return render(request, "response/report_findings.html", {"refused": refused, "notes": _notes([])})
    left = missing(_list(draft), {name[2:]: given[name] for name in given if name.startswith("c.")})
    return render(request, "response/report_findings.html",
                  {"hard": hard, "soft": soft, "left": left, "notes": _notes([*hard, *soft])})  # fmt: skip


def _notes(found: list[Any]) -> list[tuple[str, Any]]:
    """One note a field: its gravest finding, or nothing (which clears an earlier one)."""
    first: dict[str, Any] = {}
    for one in found:
        first.setdefault(one.field, one)
    return [(one.code, first.get(one.code)) for one in indicators().indicators]


@require_http_methods(["GET", "POST"])
@signed_in
def report_phone(request: HttpRequest) -> HttpResponse:
    """The township's form for a telephone: six figures, big fields, one button."""
    who = actor(request)
    given = (request.POST if request.method == "POST" else request.GET).dict()
    problem, fault = "", ""
    open_ones = reading.disasters(who.scope, open_only=True)
    draft = _draft(who, given)
    if draft.disaster is None and draft.incident is None and len(open_ones) == 1:
        draft = _draft(who, {**given, "disaster": str(open_ones[0].pk)})
    if request.method == "POST":
        try:
            row = _file(who, draft, given)
            return render(
                request, "response/report_phone_done.html", {"nav": "response", "row": row, "name": draft.division}
            )
        except Problem as refused:
            problem, fault = refused.text(), refused.field or ""
    context = _context(who, draft, given if request.method == "POST" else None)
    more = {"problem": problem, "fault": fault, "disasters": open_ones}
    return render(request, "response/report_phone.html", {**context, **more}, status=422 if problem else 200)


urlpatterns = [
    path("reports/new", report_form, name="report-new"),
    path("reports/check", report_check, name="report-check"),
    path("reports/phone", report_phone, name="report-phone"),
]
