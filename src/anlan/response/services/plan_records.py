"""What keeps plans alive between events: reviews, drills and filings on record, upper plans, and reasons to look again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices_plans
from anlan.response.events.plan_care import PlanMarked, PlanMarkSettled, PlanRecorded, UpperPlanRegistered
from anlan.response.models import Plan, PlanMark, PlanRecord, UpperPlan
from anlan.response.selectors.plans import plan_get, plans_valid, rules_of
from anlan.response.services.bounds import fits
from anlan.response.services.in_turn import in_turn
from anlan.warning.services.moment import pinned


@transaction.atomic
def plan_record(
    *, by: Actor, plan: str, kind: str, done_on: date, note: str = "", at: datetime | None = None
) -> PlanRecord:
    """Put on record that a plan was reviewed, drilled or filed on a day; its clock runs from then.

    Raises NotFound, Forbidden, Invalid (kind; a day to come; a drill or review without a word on what came of it).
    """
    at = at or clock.now()
    with pinned(at):
        row = plan_get(plan, at)
        by.must("plan.record", row.division)
        if kind not in choices_plans.RECORD_KINDS:
            raise Invalid(code="plan_record.kind", zh="应为评估、演练或备案。", en="Choose review, drill or filing.",
                          field="kind", value=kind)  # fmt: skip
        if done_on > at.astimezone(clock.BEIJING).date():
            raise Invalid(code="plan_record.day", zh="日期不能晚于今天；办完后再登记。",
                          en="The day can't lie ahead; enter it when it is done.", field="done_on",
                          value=done_on)  # fmt: skip
        if kind != "filing" and not note.strip():
            raise Invalid(code="plan_record.note", zh="请写明评估结论或演练发现的问题。",
                          en="Say what the review concluded, or what the drill found.", field="note",
                          value=note)  # fmt: skip
        made = PlanRecord.objects.create(
            division=row.division, plan=row, kind=kind, done_on=done_on, note=note, by=by.as_json(), recorded_at=at
        )
        event = PlanRecorded(plan=str(row.pk), code=row.code, what=kind, done_on=done_on)
        record(event, by=by, about=f"plan:{row.pk}", division=row.division, at=at)
    return made


@transaction.atomic
def upper_plan_register(
    *, by: Actor, division: str, code: str, version: str, name: dict[str, str], issued_on: date, doc_no: str = "",
    at: datetime | None = None,
) -> UpperPlan:  # fmt: skip
    """Enter a version of an upper plan; the plans in force here that follow an older one are marked for review.

    `division`: whose register it goes into; plans at and below it are looked at. Raises Forbidden, Invalid (no code,
    version or name; a day to come), Conflict (that version is entered already).
    """
    at = at or clock.now()
    with pinned(at):
        by.must("plan.record", division)
        for field, value in (("code", code), ("version", version), ("name", name.get("zh", ""))):
            if not value.strip():
                raise Invalid(code="upper_plan.incomplete", zh="请填写代码、版本和名称。",
                              en="Give code, version and name.", field=field, value=value)  # fmt: skip
        fits(UpperPlan, code=code, version=version, name_zh=name["zh"], name_en=name.get("en", ""), doc_no=doc_no)
        in_turn(f"upperplan:{code}")
        if issued_on > at.astimezone(clock.BEIJING).date():
            raise Invalid(code="upper_plan.day", zh="印发日期不能晚于今天。", en="The day of issue can't lie ahead.",
                          field="issued_on", value=issued_on)  # fmt: skip
        if UpperPlan.objects.filter(code=code, version=version).exists():
            raise Conflict(code="upper_plan.there", zh="该版本已登记。", en="This version is entered already.",
                           field="version", value=version)  # fmt: skip
        upper = UpperPlan.objects.create(
            division=division, code=code, version=version, name_zh=name["zh"], name_en=name.get("en") or name["zh"],
            doc_no=doc_no, issued_on=issued_on, registered_at=at,
        )  # fmt: skip
        behind = [plan for plan in plans_valid(at) if plan.division.startswith(division) and _behind(plan, upper)]
        event = UpperPlanRegistered(
            upper=str(upper.pk), code=code, plan_version=version, marked=[p.code for p in behind]
        )
        record(event, by=by, about=f"upperplan:{upper.pk}", division=division, at=at)
        for plan in behind:
            zh = f"上位预案《{upper.name_zh}》有新版本 {version}"
            en = f"the upper plan “{upper.name_en}” has a new version {version}"
            _mark(by, plan, "upper", zh, en, upper, at)
    return upper


@transaction.atomic
def plan_mark(*, by: Actor, plan: str, cause: str, reason: str, at: datetime | None = None) -> PlanMark:
    """Note that a plan must be looked at again, and why (one of the law's six reasons, or another)."""
    at = at or clock.now()
    with pinned(at):
        row = plan_get(plan, at)
        by.must("plan.record", row.division)
        if cause not in choices_plans.MARK_CAUSES or cause == "upper":
            raise Invalid(code="plan_mark.cause", zh="请选择应当修订的情形；上位预案修订请在上位预案中登记。",
                          en="Choose the reason; a revised upper plan is entered with the upper plans.", field="cause",
                          value=cause)  # fmt: skip
        if not reason.strip():
            raise Invalid(code="plan_mark.reason", zh="请写明情况。", en="Say what it is.", field="reason",
                          value=reason)  # fmt: skip
        return _mark(by, row, cause, reason, reason, None, at)


@transaction.atomic
def plan_mark_settle(*, by: Actor, mark: UUID, settled: str, at: datetime | None = None) -> PlanMark:
    """Say why a plan need not be changed for this reason, or how it was dealt with."""
    at = at or clock.now()
    with pinned(at):
        row = PlanMark.objects.select_for_update(of=("self",)).select_related("plan").filter(pk=mark).first()
        if row is None or not by.scope.sees(row.division):
            raise NotFound(code="plan_mark.not_found", zh="没有这条记录，或不在您的范围内。",
                           en="There is no such entry, or it is not in your scope.", field="mark", value=mark)  # fmt: skip
        by.must("plan.record", row.division)
        if row.closed_at is not None:
            raise Conflict(code="plan_mark.closed", zh="该情形已处理。", en="It is settled already.", field="mark",
                           value=mark)  # fmt: skip
        if not settled.strip():
            raise Invalid(code="plan_mark.how", zh="请写明处理情况。", en="Say how it was settled.", field="settled",
                          value=settled)  # fmt: skip
        _settle(by, row, settled, at)
    return row


def marks_settle(*, by: Actor, code: str, settled: str, at: datetime) -> int:
    """A new version of the plan `code` settles every open reason to look at it again; return how many."""
    rows = list(PlanMark.objects.filter(plan__code=code, closed_at__isnull=True).order_by("opened_at", "id"))
    for row in rows:
        _settle(by, row, f"→ {settled}", at)
    return len(rows)


def _behind(plan: Plan, upper: UpperPlan) -> bool:
    return any(f.code == upper.code and f.version != upper.version for f in rules_of(plan).follows)


def _mark(by: Actor, plan: Plan, cause: str, zh: str, en: str, upper: UpperPlan | None, at: datetime) -> PlanMark:
    row = PlanMark.objects.create(division=plan.division, plan_id=plan.pk, cause=cause, text_zh=zh, text_en=en,
                                  upper=upper, opened_at=at)  # fmt: skip
    event = PlanMarked(mark=str(row.pk), plan=str(plan.pk), code=plan.code, cause=cause)
    record(event, by=by, about=f"plan:{plan.pk}", division=plan.division, at=at)
    return row


def _settle(by: Actor, row: PlanMark, settled: str, at: datetime) -> None:
    row.closed_at, row.settled, row.by = at, settled, by.as_json()
    row.save(update_fields=["closed_at", "settled", "by"])
    event = PlanMarkSettled(mark=str(row.pk), plan=str(row.plan_id), settled=settled)
    record(event, by=by, about=f"plan:{row.plan_id}", division=row.division, at=at)
