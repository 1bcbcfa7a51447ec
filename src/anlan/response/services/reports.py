"""Reports that may not be skipped, and a casualty ledger that never waits for a name (F8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.response.engine.casualty import falls, frozen
from anlan.response.events import ReportBreached, ReportDutyEnded, ReportDutyStarted, ReportFiled
from anlan.response.formats.packs import report_clocks
from anlan.response.models import Plan, Report, ReportBreach, ReportDuty
from anlan.response.services.casualties import ledger_totals
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


def duties_start(*, by: Actor, plan: Plan, level: int, track: str, at: datetime) -> list[ReportDuty]:
    """Every county of the plan's area reports daily from now on (from the level the rule names). Runs once a response."""
    rule = report_clocks()
    if level > rule.zero.from_level or level == 0 or track != "main":
        return []
    with pinned(at):
        held = set(
            ReportDuty.objects.filter(plan_code=plan.code, track=track, ended_at__isnull=True).values_list(
                "division", flat=True
            )
        )
        desks = Post.objects.filter(role=f"{rule.zero.tier}_duty", division__startswith=plan.division).order_by("code")
        first = at + timedelta(hours=rule.zero.interval_h)
        made = [
            ReportDuty(plan_code=plan.code, track=track, post=desk, division=desk.division, starts_at=at,
                       interval_h=rule.zero.interval_h, next_due_at=first, rule_version=rule.version)
            for desk in desks if desk.division not in held
        ]  # fmt: skip
        ReportDuty.objects.bulk_create(made)
        if made:
            event = ReportDutyStarted(count=len(made), divisions=[row.division for row in made],
                                      interval_h=rule.zero.interval_h, first_due_at=first, rule=rule.version)  # fmt: skip
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


def report_file(
    *,
    by: Actor,
    division: str,
    figures: Mapping[str, int],
    as_of: datetime | None = None,
    kind: str = "zero",
    reason: str = "",
    at: datetime | None = None,
) -> Report:
    """Send a division's report. `figures`: dead, missing, injured, and whatever else is counted; nothing new is a
    report too. A falling figure needs a `reason`; what does not move over three reports is marked.

    Raises Forbidden, Invalid (negative figure, fall without a reason, as_of after the sending).
    """
    at = at or clock.now()
    by.must("report.file", division)
    with pinned(at):
        before = list(Report.objects.select_for_update().filter(division=division).order_by("seq"))
        fallen = falls(before[-1].figures if before else {}, figures)
        _check(figures, [fall.kind for fall in fallen], reason, as_of or at, at)
        row = Report.objects.create(
            division=division, seq=len(before) + 1, kind=kind, as_of=as_of or at, sent_at=at, author_post_id=by.post,
            figures=dict(figures), ledger=ledger_totals(division), falls=[list(fall) for fall in fallen], reason=reason,
            frozen=list(frozen([*(item.figures for item in before), figures])),
        )  # fmt: skip
        on_time = _satisfy(division, at)
        event = ReportFiled(
            report=str(row.pk), seq=row.seq, report_kind=kind, as_of=row.as_of, figures=row.figures, ledger=row.ledger,
            falls=row.falls, frozen=row.frozen, reason=reason, on_time=on_time,
        )  # fmt: skip
        record(event, by=by, about=f"report:{row.pk}", division=division, at=at)
    return row


def _check(figures: Mapping[str, int], fallen: list[str], reason: str, as_of: datetime, at: datetime) -> None:
    for name, value in figures.items():
        if value < 0:
            raise Invalid(code="report.negative", zh="数字不能为负。", en="A figure can't be negative.", field=name,
                          value=value)  # fmt: skip
    if as_of > at:
        raise Invalid(code="report.as_of", zh="统计截止时间不能晚于报送时间。", en="as_of can't lie after the sending.",
                      field="as_of", value=as_of)  # fmt: skip
    if fallen and not reason.strip():
        raise Invalid(
            code="report.fall_without_reason",
            zh=f"{'、'.join(fallen)}比上次减少，须写明原因。",
            en=f"{', '.join(fallen)} fell since the last report; give the reason.",
            field="reason",
            value=reason,
        )


def _satisfy(division: str, at: datetime) -> bool:
    """A report serves the duty's running window, and makes good earlier breaches, late."""
    on_time = True
    for duty in ReportDuty.objects.select_for_update().filter(division=division, ended_at__isnull=True).order_by("id"):
        late = ReportBreach.objects.filter(duty=duty, made_good_at__isnull=True)
        on_time = on_time and not late.exists()
        late.update(made_good_at=at)
        duty.breaches = 0
        duty.save(update_fields=["breaches"])
    return on_time


def duties_sweep(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: counties whose window ends without a report are in breach, seen above; the next window starts."""
    with pinned(at):
        rows = list(
            ReportDuty.objects.select_for_update(skip_locked=True).filter(next_due_at__lte=at)
            .order_by("next_due_at", "division", "id")
        )  # fmt: skip
        for duty in rows:
            due = duty.next_due_at or at
            length = timedelta(hours=duty.interval_h)
            if not Report.objects.filter(division=duty.division, sent_at__gt=due - length, sent_at__lte=due).exists():
                _breach(by, duty, due)
            duty.next_due_at = due + length
            duty.save(update_fields=["next_due_at", "breaches"])
    return len(rows)


def _breach(by: Actor, duty: ReportDuty, due: datetime) -> None:
    duty.breaches += 1
    breach = ReportBreach.objects.create(duty=duty, division=duty.division, due_at=due, in_a_row=duty.breaches)
    event = ReportBreached(breach=str(breach.pk), due_at=due, in_a_row=duty.breaches)
    meta: dict[str, Any] = {"by": by, "about": f"breach:{breach.pk}", "division": duty.division, "at": due}
    record(event, **meta)
