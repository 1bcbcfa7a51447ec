"""Reports as pages and the API read them: what is owed and when, what was received, series, and who knew when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices_report import DISASTER_KINDS, REPORT_KINDS
from anlan.response.engine.report_content import missing
from anlan.response.engine.report_rules import UPWARD, Rule
from anlan.response.models import Disaster, Incident, Report, ReportBreach, ReportDuty, ReportReceipt
from anlan.response.selectors.local_rules import Clocks
from anlan.response.selectors.paging import Page
from anlan.response.selectors.report_subjects import limit_of
from anlan.territory.models import Division

Json = dict[str, Any]
TIER_NAMES = {
    "state": {"zh": "国家", "en": "State"},
    "province": {"zh": "省", "en": "Province"},
    "city": {"zh": "市", "en": "City"},
    "county": {"zh": "县", "en": "County"},
    "township": {"zh": "乡镇", "en": "Township"},
    "village": {"zh": "村", "en": "Village"},
}


def reports_owed(
    scope: Scope,
    now: datetime,
    *,
    late: bool = False,
    incidents: Sequence[UUID] | None = None,
    page: Page | None = None,
) -> list[Json]:
    """What divisions in scope owe, the earliest due first; with `late` also what fell due without a report and is owed
    still. Each with its rule, citation and mark, whom it goes to and the seconds left (below 0: over)."""
    rows = scope.filter(ReportDuty.objects.filter(ended_at__isnull=True))
    rows = rows if late else rows.filter(next_due_at__isnull=False)
    rows = rows.filter(incident__in=incidents) if incidents is not None else rows
    rows = rows.select_related("incident", "disaster").order_by("next_due_at", "division", "id")
    found = list(rows if page is None else rows[page.span])
    names = division_names({row.division for row in found})
    table = Clocks()
    return [_owed(row, table.rule(row.rule, row.rule_version), names, now) for row in found]


def owed_summary(scope: Scope, now: datetime) -> Json:
    """What the duty page says in one line: {owed, due_at, left_s (to the next), late (fell due, not made good)}. Two
    queries."""
    owed = scope.filter(ReportDuty.objects.filter(next_due_at__isnull=False, ended_at__isnull=True))
    found = owed.aggregate(owed=Count("id"), due_at=Min("next_due_at"))
    late = scope.filter(ReportBreach.objects.filter(made_good_at__isnull=True)).count()
    due = found["due_at"]
    return {"owed": found["owed"], "due_at": due.isoformat() if due else None, "late": late,
            "left_s": int((due - now).total_seconds()) if due else None}  # fmt: skip


def _owed(row: ReportDuty, rule: Rule | None, names: Mapping[str, Json], now: datetime) -> Json:
    due = row.next_due_at
    return {
        "id": str(row.pk),
        "division": row.division,
        "name": names.get(row.division, {"zh": row.division, "en": row.division}),
        "by": row.by,
        "kind": row.kind,
        "kind_name": kind_name(row.kind, disaster=row.disaster_id is not None),
        "form": row.form,
        "to": [TIER_NAMES[tier] for tier in sorted(row.to, key=UPWARD.index)],
        "due_at": due.isoformat() if due else None,
        "left_s": int((due - now).total_seconds()) if due else None,
        "recurs": limit_of(row).recurs,
        "breaches": row.breaches,
        "incident": str(row.incident_id) if row.incident_id else None,
        "disaster": str(row.disaster_id) if row.disaster_id else None,
        "about": about_name(row.incident or row.disaster),
        "rule": row.rule,
        "text": {"zh": row.asked["words"], "en": row.asked["words"]}
        if row.asked
        else rule.text.as_dict()
        if rule
        else None,
        "basis": rule.basis.as_dict() if rule else None,
        "mark": rule.mark if rule else "",
        "content": rule.content if rule else "",
        "asked": row.asked or None,
    }


def kind_name(kind: str, *, disaster: bool) -> dict[str, str]:
    """The name of a kind of report; disaster statistics have their own for the same places in the series."""
    one = (DISASTER_KINDS if disaster else REPORT_KINDS).get(kind) or REPORT_KINDS[kind]
    return {"zh": one.zh, "en": one.en}


def about_name(row: Incident | Disaster | None) -> dict[str, str] | None:
    """The title of what a report is about."""
    return {"zh": row.title_zh, "en": row.title_en} if row is not None else None


def titles_of(model: type[Incident] | type[Disaster], keys: Iterable[str]) -> dict[str, Json]:
    """Id → title, of those in sight. One query, none for no keys."""
    wanted = set(keys)
    rows = model.objects.filter(pk__in=wanted).values_list("pk", "title_zh", "title_en") if wanted else ()
    return {str(key): {"zh": zh, "en": en} for key, zh, en in rows}


def division_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → name in both languages."""
    rows = Division.objects.filter(code__in=set(codes)).values_list("code", "name_zh", "name_en")
    return {code: {"zh": zh, "en": en} for code, zh, en in rows}


def reports_received(
    scope: Scope, level: str, *, unread: bool = False, limit: int = 100, incidents: Sequence[UUID] | None = None
) -> list[Json]:
    """Reports that lie at the level `level`, the newest first; those not acknowledged yet before all others. About these
    incidents alone where given."""
    rows = scope.filter(ReportReceipt.objects.filter(level=level))
    rows = rows.filter(report__incident__in=incidents) if incidents is not None else rows
    if unread:
        rows = rows.filter(acknowledged_at__isnull=True)
    order = ("acknowledged_at", "-received_at") if unread else ("-received_at",)
    found = list(rows.select_related("report", "report__incident", "report__disaster").order_by(*order, "-id")[:limit])
    names = division_names({row.division for row in found})
    return [{**report_item(row.report, names), "receipt": _receipt(row, {})} for row in found]


def unread_count(scope: Scope, level: str, *, incidents: Sequence[UUID] | None = None) -> int:
    """How many reports at a level nobody has acknowledged."""
    rows = scope.filter(ReportReceipt.objects.filter(level=level, acknowledged_at__isnull=True))
    return (rows.filter(report__incident__in=incidents) if incidents is not None else rows).count()


def reports_sent(
    scope: Scope,
    *,
    division: str = "",
    incident: UUID | None = None,
    disaster: UUID | None = None,
    limit: int = 100,
    page: Page | None = None,
    incidents: Sequence[UUID] | None = None,
) -> list[Json]:
    """Reports sent inside the scope, the newest first; of one division, incident or disaster where given."""
    rows = scope.filter(Report.objects.select_related("incident", "disaster"))
    if division:
        rows = rows.filter(division=division)
    if incident is not None:
        rows = rows.filter(incident=incident)
    if incidents is not None:
        rows = rows.filter(incident__in=incidents)
    if disaster is not None:
        rows = rows.filter(disaster=disaster)
    found = list(rows.order_by("-sent_at", "-id")[page.span if page else slice(limit)])
    names = division_names({row.division for row in found})
    return [report_item(row, names) for row in found]


def report_item(row: Report, names: Mapping[str, Json]) -> Json:
    """One report as lists show it."""
    return {
        "id": str(row.pk),
        "division": row.division,
        "name": names.get(row.division, {"zh": row.division, "en": row.division}),
        "seq": row.seq,
        "kind": row.kind,
        "kind_name": kind_name(row.kind, disaster=row.disaster_id is not None),
        "form": row.form,
        "by": row.by,
        "as_of": row.as_of,
        "sent_at": row.sent_at,
        "author": row.author,
        "signer": row.signer,
        "incident": str(row.incident_id) if row.incident_id else None,
        "disaster": str(row.disaster_id) if row.disaster_id else None,
        "about": about_name(row.incident or row.disaster),
        "figures": row.figures,
        "standing": row.standing or row.figures,
        "delta": row.delta,
        "falls": row.falls,
        "frozen": row.frozen,
        "reason": row.reason,
        "findings": row.findings,
        "text": row.text,
    }


def report_whole(scope: Scope, report: UUID) -> Json:
    """One report with what it says, what it leaves out, and who received and acknowledged it when. Raises NotFound."""
    row = scope.filter(Report.objects.filter(pk=report)).select_related("incident", "disaster").first()
    if row is None:
        raise NotFound(code="report.not_found", zh="没有这份报告，或不在您的范围内。",
                       en="There is no such report, or it is not in your scope.", field="report", value=report)  # fmt: skip
    receipts = list(row.receipts.order_by("received_at", "-level"))
    names = division_names({row.division, *(one.level for one in receipts)})
    duty = row.meets.order_by("id").first()
    rule = Clocks().rule(duty.rule, duty.rule_version) if duty else None
    left = missing(rule.content, row.content) if rule else ()
    return {
        **report_item(row, names),
        "content": row.content,
        "content_missing": [{"field": item.field, "zh": item.zh, "en": item.en} for item in left],
        "explains": row.explains,
        "ledger": row.ledger,
        "channel": row.channel,
        "receipts": [_receipt(one, names) for one in receipts],
    }


def _receipt(row: ReportReceipt, names: Mapping[str, Json]) -> Json:
    return {
        "level": row.level,
        "name": names.get(row.level) or TIER_NAMES["state"],
        "skip": row.skip,
        "received_at": row.received_at,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by,
    }


def figure_history(scope: Scope, disaster: UUID, division: str, code: str) -> list[Json]:
    """How one figure of a division moved from report to report: [{sent_at, as_of, kind, before, after, reason, author}]."""
    rows = scope.filter(Report.objects.filter(disaster=disaster, division=division)).order_by("seq")
    found = []
    for row in rows:
        moved = next((one for one in row.delta if one[0] == code), None)
        if moved is not None:
            item = report_item(row, {})
            found.append({**item, "before": moved[1], "after": moved[2]})
    return found


def disasters(scope: Scope, *, open_only: bool = False) -> list[Disaster]:
    """Disasters that concern the scope, those still developing first, then the newest."""
    rows = scope.filter_chain(Disaster.objects.all())
    rows = rows.exclude(state="closed") if open_only else rows
    return sorted(rows.order_by("-opened_at", "id"), key=lambda row: row.state == "closed")


def disaster_of(scope: Scope, disaster: UUID) -> Disaster:
    """Return a disaster that concerns the scope. Raises NotFound."""
    row: Disaster | None = scope.filter_chain(Disaster.objects.filter(pk=disaster)).first()
    if row is None:
        raise NotFound(code="report.no_disaster", zh="没有这个灾害过程，或不在您的范围内。",
                       en="There is no such disaster, or it is not in your scope.", field="disaster",
                       value=disaster)  # fmt: skip
    return row
