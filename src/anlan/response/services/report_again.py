"""What a merge or a graver grade had ended is owed again when that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.engine.report_rules import first_due, meets
from anlan.response.events import ReportsOwedAgain
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import Report, ReportBreach, ReportDuty
from anlan.response.selectors.family import family
from anlan.response.selectors.local_rules import Clocks
from anlan.response.selectors.report_subjects import limit_of
from anlan.response.services.report_rings import ring_moments


def ended_unmet(incident: UUID) -> QuerySet[ReportDuty]:
    """What an incident owed that ended without a report: what a report met ended with it, at the same moment."""
    rows = ReportDuty.objects.filter(incident=incident, ended_at__isnull=False).exclude(met_at=F("ended_at"))
    return rows.order_by("-ended_at", "rule", "id")


def duties_again(*, by: Actor, rows: Sequence[ReportDuty], why: str, at: datetime) -> list[ReportDuty]:
    """Owe again what had ended, the latest of each once; a limit that is over by now runs from `at`. What a report of the
    meantime tells is not owed again. The caller holds the transaction and the platform's reach."""
    if not rows:
        return []
    held = {
        _key(row) for row in ReportDuty.objects.filter(incident=rows[0].incident_id, ended_at__isnull=True, asked={})
    }
    found: list[ReportDuty] = []
    for row in rows:
        if (not row.asked and _key(row) in held) or _told(row):
            continue
        held.add(_key(row))
        row.ended_at, row.next_due_at = None, _due(row, at)
        found.append(row)
    ring_moments(found, at)
    for row in found:
        row.save(update_fields=["ended_at", "next_due_at", "ring_at"])
    if found:
        event = ReportsOwedAgain(
            rules=sorted({row.rule for row in found}), why=why, divisions=sorted({row.division for row in found}),
            due_at=min((row.next_due_at for row in found if row.next_due_at), default=None),
            incident=str(found[0].incident_id),
        )  # fmt: skip
        about = about_owed(found[0].incident_id, None)
        record(event, by=by, about=about, division=common_above(event.divisions), at=at)
    return found


def again_by_grade(*, by: Actor, incident: UUID, wanted: Collection[tuple[str, str]], at: datetime) -> list[ReportDuty]:
    """Owe again what another grade had put in the shade, now that (division, rule) is `wanted` once more."""
    rows = [row for row in ended_unmet(incident) if is_wanted(row, wanted)]
    return duties_again(by=by, rows=rows, why="regraded", at=at)


def is_wanted(row: ReportDuty, wanted: Collection[tuple[str, str]]) -> bool:
    """Is what a row says owed by the rules as they apply now? A division "" stands for whichever."""
    return (row.division, row.rule) in wanted or ("", row.rule) in wanted


def late_made_good(report: Report, at: datetime) -> None:
    """A report also makes good what fell due under a clock that has ended since: another grade's, or that of an incident
    merged into this one, whose own reports nobody sends any more."""
    if report.incident_id is None:
        return
    late = ReportBreach.objects.filter(
        division=report.division, made_good_at__isnull=True, duty__ended_at__isnull=False,
        duty__incident__in=family(report.incident_id),
    ).select_related("duty")  # fmt: skip
    keys = [row.pk for row in late.order_by("due_at", "id") if met_by(report, row.duty)]
    ReportBreach.objects.filter(pk__in=keys).update(made_good_at=at)


def met_by(report: Report, duty: ReportDuty) -> bool:
    """Does a report of this kind and form, by the level or the unit itself, meet what is owed?"""
    return meets(report.kind, report.form, duty.kind, duty.form) and (duty.by == "unit") == (report.by == "unit")


def about_owed(incident: UUID | None, disaster: UUID | None) -> str:
    """What an event about several divisions' duties is about. Not the incident itself, which readers below it don't see,
    while their own county may be the one that owes."""
    return f"reporting:{incident}" if incident else f"disaster:{disaster}"


def common_above(divisions: Sequence[str]) -> str:
    """The nearest division above several: that of the event about all of them."""
    return next((
        divisions[0][:length] for length in (12, 9, 6, 4, 2)
        if length <= len(divisions[0]) and all(one.startswith(divisions[0][:length]) for one in divisions)
    ), "")  # fmt: skip


def _key(row: ReportDuty) -> tuple[str, str, str, str]:
    return (row.division, row.kind, row.form, row.rule)


def _told(row: ReportDuty) -> bool:
    """Has a report been sent since that says it? What recurs falls due again whatever was sent."""
    if limit_of(row).recurs:
        return False
    sent = Report.objects.filter(incident=row.incident_id, division=row.division, sent_at__gte=row.starts_at)
    return any(met_by(one, row) for one in sent.only("kind", "form", "by").order_by("id"))


def _due(row: ReportDuty, at: datetime) -> datetime | None:
    """When it falls due now; None for what fell due before it ended, which is owed late as it was."""
    zone = report_rules().zone
    limit = limit_of(row)
    if limit.recurs:
        return first_due(limit, at, zone)
    if row.breaches:
        return None
    rule = Clocks().rule(row.rule, row.rule_version)
    if "due_at" in row.asked:
        due = datetime.fromisoformat(row.asked["due_at"])
    elif rule is not None and rule.limit is not None:
        due = first_due(rule.limit, row.starts_at, zone)
    else:
        return None
    due += timedelta(days=sum(one["days"] for one in row.extended))
    return due if due > at else at + (due - row.starts_at)
