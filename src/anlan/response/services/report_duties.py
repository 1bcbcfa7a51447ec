"""What must be reported by when: rows made from the table of rules, met by reports, breached at the exact minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.engine.report_rules import (
    Limit,
    Owed,
    Rule,
    Subject,
    applying,
    nearest,
    next_due,
    owed,
    owers,
    stepped,
    window_days,
    window_start,
)
from anlan.response.events import (
    ReportBreached,
    ReportDutyEnded,
    ReportDutyStarted,
    ReportOwed,
    ReportsNoMoreOwed,
)
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import Incident, Plan, Report, ReportBreach, ReportDuty
from anlan.response.selectors.local_rules import clocks_on
from anlan.response.selectors.posts import desks_of
from anlan.response.selectors.report_subjects import clocks_of, day_of, incident_subject, limit_of, series_of
from anlan.response.services.report_again import (
    about_owed,
    again_by_grade,
    common_above,
    is_wanted,
    met_by,
)
from anlan.response.services.report_rings import missed_ring, reports_settled, ring_moments
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach

RESPONSE_ZERO = "response_zero"


def duties_start(*, by: Actor, plan: Plan, level: int, track: str, at: datetime) -> list[ReportDuty]:
    """Every county of the plan's area reports daily from now on (from the level the rule names). Runs once a response."""
    table = clocks_on(day_of(at))
    rule = nearest(table, RESPONSE_ZERO, plan.division)
    if rule is None or rule.limit is None or level > rule.from_level or level == 0 or track != "main":
        return []
    with pinned(at):
        held = set(
            ReportDuty.objects.filter(plan_code=plan.code, track=track, ended_at__isnull=True).values_list(
                "division", flat=True
            )
        )
        desks = Post.objects.filter(role=f"{rule.by}_duty", division__startswith=plan.division).order_by("code")
        first = at + timedelta(hours=rule.limit.every_h)
        made = [
            ReportDuty(plan_code=plan.code, track=track, post=desk, division=desk.division, starts_at=at, rule=rule.code,
                       to=list(rule.to), interval_h=rule.limit.every_h, next_due_at=first, rule_version=rule.version or table.version)
            for desk in desks if desk.division not in held
        ]  # fmt: skip
        ReportDuty.objects.bulk_create(made)
        if made:
            event = ReportDutyStarted(count=len(made), divisions=[row.division for row in made],
                                      interval_h=rule.limit.every_h, first_due_at=first, rule=rule.version or table.version)  # fmt: skip
            record(event, by=by, about=f"plan:{plan.pk}", division=plan.division, at=at)
    return made


def duties_end(*, by: Actor, plan: Plan, track: str, at: datetime) -> int:
    """The daily duty ends with the response; what is due up to now still counts. Return for how many counties."""
    with pinned(at):
        rows = ReportDuty.objects.filter(plan_code=plan.code, track=track, ended_at__isnull=True)
        divisions = list(rows.order_by("division").values_list("division", flat=True))
        if divisions:
            rows.update(ended_at=at, next_due_at=None)
            event = ReportDutyEnded(count=len(divisions), divisions=divisions)
            record(event, by=by, about=f"plan:{plan.pk}", division=plan.division, at=at)
    return len(divisions)


def incident_owed(*, by: Actor, incident: Incident, at: datetime) -> list[ReportDuty]:
    """Make what an incident owes by its class and grade, once each; called again when either changes, the clocks of the
    graver grade take the place of the milder one's, or the other way round. A limit already over then runs from `at`. The
    clocks are those of the day it became known."""
    table = clocks_of(incident)
    found: list[Owed] = []
    wanted: set[tuple[str, str]] = set()
    for series in series_of(incident):
        subject = incident_subject(incident, series)
        for start in ("known", "happened"):
            found += owed(table, subject, start=start, at=at)
            # A stepwise rule is owed by each level the report has reached, whichever that is.
            wanted |= {(who, rule.code) for rule in applying(table, subject, start=start)
                       for who in (("",) if rule.steps else owers(rule, subject))}  # fmt: skip
    with pinned(at), whole_reach():
        made = owed_write(by=by, items=found, at=at, incident=incident.pk)
        open_rows = ReportDuty.objects.filter(incident=incident, ended_at__isnull=True).order_by("rule", "id")
        starts = {rule.code: rule.start for rule in table.rules}
        mine = [row for row in open_rows if starts.get(row.rule) in ("known", "happened")]
        duties_drop(by=by, rows=[row for row in mine if not is_wanted(row, wanted)], why="regraded", at=at)
        again_by_grade(by=by, incident=incident.pk, wanted=wanted, at=at)
    return made


def correction_owed(*, by: Actor, incident: Incident, at: datetime) -> list[ReportDuty]:
    """Casualties changed: within 30 days of the accident (road traffic and fire: 7) that is reported the same day."""
    if "accident" not in series_of(incident):
        return []
    table, subject = clocks_of(incident), incident_subject(incident, "accident")
    items = [
        item for item in owed(table, subject, start="figures_changed", at=at)
        if at <= subject.happened_at + timedelta(days=window_days(item.rule, incident.type_code))
    ]  # fmt: skip
    with pinned(at), whole_reach():
        return owed_write(by=by, items=items, at=at, incident=incident.pk, again=True)


def sets_going(report: Report) -> bool:
    """Can a report make something owed? Of a disaster only a county's grave one; all others come in thousands."""
    if report.incident_id is not None:
        return True
    both = report.standing.get("dead", 0) + report.standing.get("missing", 0)
    return report.disaster_id is not None and len(report.division) == 6 and both > 0


def filed_owed(*, by: Actor, report: Report, incident: Incident | None, levels: Sequence[str], at: datetime) -> None:
    """What a report sets going: the step of each level it reached, and what follows upon an investigation or decision."""
    if incident is not None:
        table = clocks_of(incident)
        for series in series_of(incident):
            subject = incident_subject(incident, series)
            items = list(owed(table, subject, start=f"filed:{report.kind}", at=at))
            if report.kind == "first":
                items += [
                    item for level in levels if level for item in stepped(table, subject, received_by=level, at=at)
                ]
            owed_write(by=by, items=items, at=at, incident=incident.pk)
    elif report.disaster is not None:
        table = clocks_on(day_of(report.disaster.opened_at))
        both = report.standing.get("dead", 0) + report.standing.get("missing", 0)
        subject = Subject("disaster", report.division, "", "", at, at, figures={"dead_missing": both})
        items = list(owed(table, subject, start="figures_changed", at=at))
        owed_write(by=by, items=items, at=at, disaster=report.disaster_id)


def owed_write(
    *,
    by: Actor,
    items: Sequence[Owed],
    at: datetime,
    incident: UUID | None = None,
    disaster: UUID | None = None,
    again: bool = False,
) -> list[ReportDuty]:
    """Write what is owed, each rule once a division and subject (`again`: once more when the last was met). The caller
    holds the transaction and the platform's reach. One event a rule."""
    if not items:
        return []
    rows = ReportDuty.objects.filter(incident=incident, disaster=disaster, rule__in={i.rule.code for i in items})
    if again:
        rows = rows.filter(ended_at__isnull=True)
    held = set(rows.values_list("division", "rule"))
    fresh = [item for item in items if (item.by, item.rule.code) not in held]
    desks = desks_of(item.by for item in fresh)
    version = report_rules().version
    made = [_duty(item, desks.get(item.by), item.rule.version or version, incident, disaster) for item in fresh]
    ring_moments(made, at)
    ReportDuty.objects.bulk_create(made)
    about = about_owed(incident, disaster)
    for code in dict.fromkeys(item.rule.code for item in fresh):
        mine = [item for item in fresh if item.rule.code == code]
        event = ReportOwed(
            rule=code, rule_version=mine[0].rule.version or version, report_kind=mine[0].rule.what, form=mine[0].rule.form, to=list(mine[0].to),
            divisions=sorted(item.by for item in mine), due_at=mine[0].due_at,
            incident=str(incident) if incident else None, disaster=str(disaster) if disaster else None,
        )  # fmt: skip
        record(event, by=by, about=about, division=common_above(event.divisions), at=at)
    return made


def _duty(item: Owed, post: Post | None, version: str, incident: UUID | None, disaster: UUID | None) -> ReportDuty:
    rule: Rule = item.rule
    limit = rule.limit or Limit()
    return ReportDuty(
        division=item.by, incident_id=incident, disaster_id=disaster, post=post, kind=rule.what, form=rule.form,
        rule=rule.code, by=rule.by, to=list(item.to), interval_h=limit.every_h,
        daily_at=list(limit.daily_at), starts_at=item.starts_at, next_due_at=item.due_at, rule_version=version,
    )  # fmt: skip


def duties_drop(*, by: Actor, rows: Sequence[ReportDuty], why: str, at: datetime) -> None:
    """End what is no longer owed. The caller holds the transaction."""
    if not rows:
        return
    ReportDuty.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=at, next_due_at=None, ring_at=None)
    reports_settled(by=by, duties=rows, at=at)
    first = rows[0]
    event = ReportsNoMoreOwed(
        rules=sorted({row.rule for row in rows}), why=why,
        divisions=sorted({row.division for row in rows}), incident=str(first.incident_id) if first.incident_id else None,
        disaster=str(first.disaster_id) if first.disaster_id else None,
    )  # fmt: skip
    about = about_owed(first.incident_id, first.disaster_id)
    record(event, by=by, about=about, division=common_above(event.divisions), at=at)


def duties_meet(*, by: Actor, report: Report, at: datetime) -> tuple[list[ReportDuty], bool]:
    """Mark what a report meets: once owed it is met, the running window is served, earlier breaches are made good, late.
    Return the duties met, and whether none of them was late."""
    subject = Q(plan_code__gt="", incident__isnull=True, disaster__isnull=True)
    if report.incident_id is not None:
        subject |= Q(incident=report.incident_id)
    if report.disaster_id is not None:
        subject |= Q(disaster=report.disaster_id)
    rows = ReportDuty.objects.select_for_update().filter(subject, division=report.division, ended_at__isnull=True)
    met, rung, on_time = [], [], True
    for duty in rows.order_by("id"):
        if not duty.plan_code and not met_by(report, duty):
            continue
        met.append(duty)
        rung += [duty] if duty.ring_at is None else []
        late = ReportBreach.objects.filter(duty=duty, made_good_at__isnull=True)
        on_time = not late.update(made_good_at=at) and on_time
        duty.breaches = 0
        if not limit_of(duty).recurs or (report.kind, duty.kind) == ("final", "follow"):
            duty.ended_at, duty.next_due_at, duty.ring_at = at, None, None
        duty.met_at, duty.met_by = at, report
        duty.save(update_fields=["breaches", "ended_at", "next_due_at", "ring_at", "met_at", "met_by"])
    reports_settled(by=by, duties=rung, at=at)
    return met, on_time


def duties_sweep(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: whoever's window ends without a report is in breach, seen above; a recurring one starts again."""
    zone = report_rules().zone
    with pinned(at):
        rows = list(
            ReportDuty.objects.select_for_update(skip_locked=True).filter(next_due_at__lte=at)
            .order_by("next_due_at", "division", "id")
        )  # fmt: skip
        missed: list[ReportDuty] = []
        for duty in rows:
            due, limit = duty.next_due_at or at, limit_of(duty)
            if not (limit.recurs and _served(duty, limit, due, zone)):
                _breach(by, duty, due)
                missed.append(duty)
            duty.next_due_at = next_due(limit, due, zone)
            duty.save(update_fields=["next_due_at", "breaches"])
        missed_ring(by=by, duties=missed, at=at)
    return len(rows)


def _served(duty: ReportDuty, limit: Limit, due: datetime, zone: str) -> bool:
    rows = Report.objects.filter(
        division=duty.division, sent_at__gt=window_start(limit, due, zone), sent_at__lte=due
    ).order_by("id")  # fmt: skip
    if duty.plan_code:
        return rows.exists()
    mine = rows.filter(incident=duty.incident_id, disaster=duty.disaster_id)
    return any(met_by(report, duty) for report in mine)


def _breach(by: Actor, duty: ReportDuty, due: datetime) -> None:
    duty.breaches += 1
    breach = ReportBreach.objects.create(duty=duty, division=duty.division, due_at=due, in_a_row=duty.breaches)
    event = ReportBreached(breach=str(breach.pk), due_at=due, in_a_row=duty.breaches, report_kind=duty.kind,
                           rule=duty.rule)  # fmt: skip
    meta: dict[str, Any] = {"by": by, "about": f"breach:{breach.pk}", "division": duty.division, "at": due}
    record(event, **meta)
