"""A disaster counted as one (灾害过程): opened, stable, closed; and what counties, cities and the province then owe."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_report import DISASTER_TYPES, REPORT_KINDS
from anlan.response.engine.report_rules import Subject, owed, tier_of
from anlan.response.events import (
    DisasterClosed,
    DisasterOpened,
    DisasterStable,
    ReportAsked,
    ReportExtended,
)
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import Disaster, ReportDuty
from anlan.response.selectors.local_rules import Clocks, clocks_on
from anlan.response.selectors.posts import desks_of
from anlan.response.selectors.report_subjects import day_of
from anlan.response.services.bounds import soon
from anlan.response.services.casualties import disaster_seen
from anlan.response.services.incident_lock import seen as incident_seen
from anlan.response.services.report_duties import duties_drop, owed_write
from anlan.response.services.report_rings import ring_moments
from anlan.territory.models import Division
from anlan.warning.services.moment import pinned, whole_reach

LEVELS = {2: "city", 3: "county"}


def disaster_open(
    *,
    by: Actor,
    division: str,
    kind: str,
    title: dict[str, str],
    happened_at: datetime,
    sub_type: str = "",
    incident: UUID | None = None,
    at: datetime | None = None,
) -> Disaster:
    """Open a disaster for the area `division`: every county in it owes its first return, and all levels their daily one.

    Raises Forbidden, NotFound (an incident out of sight), Invalid (unknown kind, no title, an event that lies ahead).
    """
    at = at or clock.now()
    by.must("disaster.manage", division)
    _checked(kind, title, happened_at, at)
    table = clocks_on(day_of(at))
    with pinned(at):
        incident_seen(by, incident)
        row = Disaster.objects.create(
            division=division, kind=kind, title_zh=title["zh"].strip()[:200], title_en=title["en"].strip()[:300],
            sub_type=sub_type[:64], incident_id=incident, happened_at=happened_at, opened_at=at,
            rules_version=table.version,
        )  # fmt: skip
        event = DisasterOpened(
            disaster=str(row.pk), disaster_kind=kind, title={"zh": row.title_zh, "en": row.title_en},
            happened_at=happened_at, incident=str(incident) if incident else None,
        )  # fmt: skip
        record(event, by=by, about=f"disaster:{row.pk}", division=division, at=at)
        with whole_reach():
            items = owed(table, _about(row, at), below=_below(division))
            owed_write(by=Actor.system("response"), items=items, at=at, disaster=row.pk)
    return row


def _checked(kind: str, title: dict[str, str], happened_at: datetime, at: datetime) -> None:
    if kind not in DISASTER_TYPES:
        raise Invalid(
            code="disaster.kind", field="kind", value=kind,
            zh=f"“{kind}”不是统计灾种；可选：{'、'.join(one.zh for one in DISASTER_TYPES.values())}。",
            en=f"“{kind}” is no disaster type of the statistics; one of: {', '.join(DISASTER_TYPES)}.",
        )  # fmt: skip
    for language in ("zh", "en"):
        if not title.get(language, "").strip():
            raise Invalid(code="disaster.title", zh="请填写中文和英文名称。", en="Give its name in Chinese and English.",
                          field=f"title.{language}", value=title.get(language, ""))  # fmt: skip
    if happened_at > at:
        raise Invalid(code="disaster.happened", zh="发生时间不能晚于现在；请改早。",
                      en="It can't have happened later than now; make it earlier.", field="happened_at",
                      value=happened_at)  # fmt: skip


def _about(row: Disaster, at: datetime) -> Subject:
    return Subject("disaster", row.division, "", "", at, row.happened_at)


def _below(division: str) -> dict[str, list[str]]:
    """The counties and cities in force inside an area, for rules that name these levels."""
    rows = Division.objects.filter(code__startswith=division, level__in=LEVELS, valid_to__isnull=True)
    found: dict[str, list[str]] = {"city": [], "county": []}
    for level, code in rows.exclude(kind="placeholder").order_by("code").values_list("level", "code"):
        found[LEVELS[level]].append(code)
    return found


def disaster_stable(*, by: Actor, disaster: UUID, note: str, at: datetime | None = None) -> Disaster:
    """Say that a disaster is stable (灾情稳定): daily reports end, verified returns are owed, 5, 8 and 11 days from now."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, disaster, {"open"})
        table = clocks_on(day_of(row.opened_at))
        _note(note)
        row.state, row.stable_at = "stable", at
        row.save(update_fields=["state", "stable_at"])
        record(DisasterStable(disaster=str(row.pk), note=note), by=by, about=f"disaster:{row.pk}",
               division=row.division, at=at)  # fmt: skip
        system = Actor.system("response")
        with whole_reach():
            duties_drop(by=system, rows=_open(row, kind="zero"), why="stable", at=at)
            items = owed(table, _about(row, at), start="stable", at=at, below=_below(row.division))
            owed_write(by=system, items=items, at=at, disaster=row.pk)
    return row


def disaster_close(*, by: Actor, disaster: UUID, note: str, at: datetime | None = None) -> Disaster:
    """Close a disaster whose figures are verified. Conflict while verified returns are owed or differences not explained."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, disaster, {"stable"})
        _note(note)
        left = [duty.division for duty in _open(row, kind="verified")]
        if left:
            raise Conflict(
                code="disaster.verified_owed", field="disaster", value=disaster,
                zh=f"还有{len(left)}个单位未核报（{'、'.join(left[:5])}）；核报齐后再结束。",
                en=f"{len(left)} verified returns are still owed ({', '.join(left[:5])}); close it when they are in.",
            )  # fmt: skip
        open_ones = row.differences.filter(state="open").order_by("division").values_list("division", flat=True)
        if open_ones:
            raise Conflict(
                code="disaster.differs", field="disaster", value=disaster,
                zh=f"{len(open_ones)}处上下级差异未说明（{'、'.join(open_ones[:5])}）；说明后再结束。",
                en=f"{len(open_ones)} differences are not explained ({', '.join(open_ones[:5])}); explain them first.",
            )  # fmt: skip
        row.state, row.closed_at = "closed", at
        row.save(update_fields=["state", "closed_at"])
        record(DisasterClosed(disaster=str(row.pk), note=note), by=by, about=f"disaster:{row.pk}",
               division=row.division, at=at)  # fmt: skip
        with whole_reach():
            duties_drop(by=Actor.system("response"), rows=_open(row), why="closed", at=at)
    return row


def _open(row: Disaster, **only: Any) -> list[ReportDuty]:
    return list(ReportDuty.objects.filter(disaster=row, ended_at__isnull=True, **only).order_by("division", "id"))


def _locked(by: Actor, disaster: UUID, states: set[str]) -> Disaster:
    row = Disaster.objects.select_for_update().filter(pk=disaster).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="report.no_disaster", zh="没有这个灾害过程，或不在您的范围内。",
                       en="There is no such disaster, or it is not in your scope.", field="disaster",
                       value=disaster)  # fmt: skip
    by.must("disaster.manage", row.division)
    if row.state not in states:
        raise Conflict(code="disaster.state", zh="灾害过程的状态已经改变；请刷新后再看。",
                       en="The disaster has moved on; look at the page again.", field="disaster",
                       value=row.state)  # fmt: skip
    return row


def _note(note: str) -> None:
    if not note.strip():
        raise Invalid(code="disaster.note", zh="请写明依据。", en="Say on what grounds.", field="note", value=note)


def report_ask(
    *,
    by: Actor,
    division: str,
    words: str,
    due_at: datetime,
    fields: list[str] | None = None,
    incident: UUID | None = None,
    disaster: UUID | None = None,
    kind: str = "recheck",
    at: datetime | None = None,
) -> ReportDuty:
    """Ask a division below to verify figures (核实), or to report at all (催报, kind "follow"), by `due_at`.

    Raises Forbidden, NotFound (what it is about is out of sight), Invalid (no words, a time that is past, a kind nobody can
    be asked for).
    """
    at = at or clock.now()
    by.must("report.ask", division)
    if kind not in ("recheck", "follow", "zero") or kind not in REPORT_KINDS:
        raise Invalid(code="report.ask_kind", zh="只能要求核实、续报或零报告。",
                      en="Ask for a verification, a follow-up or a zero report.", field="kind", value=kind)  # fmt: skip
    if not words.strip() or due_at <= at:
        raise Invalid(code="report.ask", zh="请写明要核实什么，时限应在现在之后。",
                      en="Say what to verify, by a time that is still to come.", field="words", value=words)  # fmt: skip
    soon(due_at, at, "due_at")
    with pinned(at):
        incident_seen(by, incident)
        disaster_seen(by, disaster)
        asking = min((prefix for prefix in by.scope.prefixes if division.startswith(prefix)), key=len, default="")
        to = [tier_of(asking)] if asking and asking != division else []
        row = ReportDuty(
            division=division, incident_id=incident, disaster_id=disaster, kind=kind, rule="asked", by=tier_of(division),
            to=to, starts_at=at, next_due_at=due_at, rule_version=report_rules().version,
            post=desks_of([division]).get(division),
            asked={"words": words.strip(), "fields": fields or [], "by": by.name, "level": asking, "at": at.isoformat(),
                   "due_at": due_at.isoformat()},
        )  # fmt: skip
        ring_moments([row], at)
        row.save()
        event = ReportAsked(
            duty=str(row.pk), report_kind=kind, fields=fields or [], words=words.strip(), due_at=due_at,
            incident=str(incident) if incident else None, disaster=str(disaster) if disaster else None,
        )  # fmt: skip
        record(event, by=by, about=f"reportduty:{row.pk}", division=division, at=at)
    return row


def report_extend(*, by: Actor, duty: UUID, days: int, reason: str, at: datetime | None = None) -> ReportDuty:
    """Put off something owed, where its rule allows and by no more than that in all (investigation: 60 days)."""
    at = at or clock.now()
    with pinned(at):
        row = ReportDuty.objects.select_for_update().filter(pk=duty, ended_at__isnull=True).first()
        if row is None or row.next_due_at is None or not by.scope.covers(row.division):
            raise NotFound(code="report.no_duty", zh="没有这项应报，或不在您的范围内。",
                           en="Nothing such is owed, or it is not in your scope.", field="duty", value=duty)  # fmt: skip
        by.must("report.ask", row.division)
        rule = Clocks().rule(row.rule, row.rule_version)
        most = rule.limit.extend_days if rule and rule.limit else 0
        left = most - sum(one["days"] for one in row.extended)
        if not 0 < days <= left or not reason.strip():
            raise Invalid(
                code="report.extend", field="days", value=days,
                zh=f"还可延长{left}天，须写明理由。", en=f"It can be put off by {left} more days, with the reason.",
            )  # fmt: skip
        was, row.next_due_at = row.next_due_at, row.next_due_at + timedelta(days=days)
        row.extended = [*row.extended, {"days": days, "reason": reason, "by": by.name, "at": at.isoformat()}]
        ring_moments([row], at)
        row.save(update_fields=["next_due_at", "ring_at", "extended"])
        event = ReportExtended(duty=str(row.pk), was=was, due_at=row.next_due_at, reason=reason)
        record(event, by=by, about=f"reportduty:{row.pk}", division=row.division, at=at)
    return row
