"""A bureau's own grading tables and report clocks: written by one hand, approved by another, never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_rules import RULE_KINDS
from anlan.response.events import LocalRuleApproved, LocalRuleDrafted, LocalRuleEnded, LocalRuleOvertaken
from anlan.response.formats.grades import grade_tables
from anlan.response.formats.local_rules import (
    Stamp,
    body_digest,
    body_sized,
    few_enough,
    own_clocks,
    own_table,
    version_name,
)
from anlan.response.models import LocalRule
from anlan.response.selectors.local_bounds import overtaken_below
from anlan.response.services.local_bounds import clocks_bound, table_bound
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.values_drafts import same_hand

WRITE, APPROVE = "table.write", "table.approve"
LENGTHS = (2, 4, 6, 9)


def local_rule_checked(
    kind: str, code: str, body: Mapping[str, Any], *, division: str, valid_from: date, number: int = 0
) -> Any:
    """Return the table or the clocks a body says. Invalid with its field, value and remedy; so is one looser than what
    binds the division from above."""
    if kind not in RULE_KINDS:
        raise _wrong("kind", kind, "应为 grade（分级标准）或 clock（报告时限）", "is grade or clock")
    if not division.isdigit() or len(division) not in LENGTHS:
        raise _wrong(
            "division",
            division,
            "应为省、市、县或乡镇的区划代码",
            "is the code of a province, city, county or township",
        )
    body_sized(body)
    stamp = Stamp(division, version_name(division, number), valid_from)
    if kind == "clock":
        rules = own_clocks(body, code, stamp)
        few_enough(rules)
        clocks_bound(rules, division, valid_from)
        return rules
    known = sorted({table.code for table in grade_tables()})
    if code not in known or body.get("code") != code:
        raise _wrong(
            "code",
            body.get("code"),
            f"应与所改的标准一致：{'、'.join(known)}",
            f"is that of the table changed: {', '.join(known)}",
        )
    table = own_table(body, stamp)
    few_enough(table)
    table_bound(table)
    return table


def local_rule_tried(
    *, by: Actor, kind: str, code: str, division: str, body: Mapping[str, Any], valid_from: date, at: datetime | None = None
) -> Any:  # fmt: skip
    """Check a version without keeping it. Return the table or the clocks it says. Raises Forbidden; Invalid as a draft's
    content and first day."""
    by.must(WRITE, division)
    _ahead(valid_from, at or clock.now())
    return local_rule_checked(kind, code, body, division=division, valid_from=valid_from)


@transaction.atomic
def local_rule_draft(
    *, by: Actor, kind: str, code: str, division: str, body: Mapping[str, Any], valid_from: date, document: str, note: str,
    at: datetime | None = None,
) -> LocalRule:  # fmt: skip
    """Write a version for a division, which waits until another hand approves it. A draft that waits already is written
    over and counts both hands. Raises Forbidden, Invalid: the content's field, no document, no reason, a day that is past.
    """
    at = at or clock.now()
    with pinned(at):
        by.must(WRITE, division)
        _ahead(valid_from, at)
        for field, value, zh, en in (
            ("document", document, "请写明所依据的文件及文号", "name the document it stands on, with its number"),
            ("note", note, "请写明修改的理由", "say why it is changed"),
        ):  # fmt: skip
            if not value.strip():
                raise _wrong(field, value, zh, en)
        row = (
            LocalRule.objects.select_for_update().filter(division=division, kind=kind, code=code, state="draft").first()
        )
        number = row.number if row is not None else _next(division, kind, code)
        local_rule_checked(kind, code, body, division=division, valid_from=valid_from, number=number)
        row = row or LocalRule(division=division, kind=kind, code=code, number=number)
        row.body, row.valid_from, row.made_at = dict(body), valid_from, at
        row.document, row.note = document.strip()[:200], note.strip()[:400]
        if by.as_json() not in row.makers:
            row.makers = [*row.makers, by.as_json()]
        row.save()
        event = LocalRuleDrafted(
            rule=str(row.pk), rule_kind=kind, code=code, number=number, valid_from=valid_from, document=row.document,
            sha256=body_digest(body), note=row.note,
        )  # fmt: skip
        _tell(by, row, event, at)
    return row


@transaction.atomic
def local_rule_approve(*, by: Actor, rule: UUID, at: datetime | None = None) -> LocalRule:
    """Approve a version: it holds for events from its first day on, and the one before ends there. Another hand than the
    makers'. Raises NotFound, Forbidden, Conflict (not waiting; the same hand), Invalid (its first day is past; looser than
    what has come to bind since)."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, rule, APPROVE)
        if any(same_hand(by.as_json(), maker, post=True) for maker in row.makers):
            raise Conflict(code="local_rule.same_hand", zh="拟定人不能批准自己的稿子；请另一人批准。",
                           en="A maker can't approve its own draft; another hand must.", field="by", value=by.name)  # fmt: skip
        _ahead(row.valid_from, at)
        local_rule_checked(
            row.kind, row.code, row.body, division=row.division, valid_from=row.valid_from, number=row.number
        )
        before = LocalRule.objects.filter(
            division=row.division, kind=row.kind, code=row.code, state="in_force", ended_at__isnull=True
        ).first()
        if before is not None:
            before.valid_to, before.ended_at = max(row.valid_from, before.valid_from), at
            before.save(update_fields=["valid_to", "ended_at"])
        row.state, row.decided_by, row.decided_at = "in_force", by.as_json(), at
        row.save(update_fields=["state", "decided_by", "decided_at"])
        event = LocalRuleApproved(
            rule=str(row.pk), rule_kind=row.kind, code=row.code, number=row.number, valid_from=row.valid_from,
            replaces=before.number if before is not None else None,
        )  # fmt: skip
        _tell(by, row, event, at)
        _tell_overtaken(row, at)
    return row


@transaction.atomic
def local_rule_end(*, by: Actor, rule: UUID, reason: str, at: datetime | None = None) -> LocalRule:
    """Drop a draft, or take an approved version back from today on: the wider area's or the shipped rule holds again. What
    happened before keeps it. Raises NotFound, Forbidden, Conflict (ended already), Invalid (no reason)."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, rule, None)
        by.must(WRITE if row.state == "draft" else APPROVE, row.division)
        if not reason.strip():
            raise _wrong("reason", reason, "请写明理由", "say why")
        if row.state == "draft":
            row.state = "dropped"
        else:
            row.state, row.valid_to = "withdrawn", max(_day(at), row.valid_from)
        row.ended_at, row.reason = at, reason.strip()[:400]
        row.save(update_fields=["state", "valid_to", "ended_at", "reason"])
        event = LocalRuleEnded(
            rule=str(row.pk), rule_kind=row.kind, code=row.code, number=row.number, state=row.state, valid_to=row.valid_to,
            reason=row.reason,
        )  # fmt: skip
        _tell(by, row, event, at)
    return row


def _locked(by: Actor, rule: UUID, act: str | None) -> LocalRule:
    row = LocalRule.objects.select_for_update().filter(pk=rule).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="local_rule.not_found", zh="没有这个版本，或不在您的范围内。",
                       en="There is no such version, or it is not in your scope.", field="rule", value=rule)  # fmt: skip
    if act is not None:
        by.must(act, row.division)
    if row.ended_at is not None or (act is not None and row.state != "draft"):
        raise Conflict(code="local_rule.ended", zh="这个版本已经处理过；请刷新后再看。",
                       en="This version was decided already; look at the page again.", field="rule", value=row.state)  # fmt: skip
    return row


def _next(division: str, kind: str, code: str) -> int:
    last = LocalRule.objects.filter(division=division, kind=kind, code=code).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def _day(at: datetime) -> date:
    return at.astimezone(clock.BEIJING).date()


def _ahead(valid_from: date, at: datetime) -> None:
    if valid_from < _day(at):
        raise _wrong(
            "valid_from",
            valid_from,
            "不能早于今天：已发生的事件仍按当时的标准",
            "can't lie before today: what has happened keeps the rule of its day",
        )


def _tell(by: Actor, row: LocalRule, event: Event, at: datetime) -> None:
    record(event, by=by, about=f"localrule:{row.pk}", division=row.division, at=at)


def _tell_overtaken(row: LocalRule, at: datetime) -> None:
    """Narrower versions that leave less than the one just approved are told of, each to its own area."""
    with whole_reach():
        for one, less in overtaken_below(row, _day(at)):
            event = LocalRuleOvertaken(
                rule=str(one.pk), rule_kind=one.kind, code=one.code, number=one.number, above=str(row.pk), binds=less.binds,
                from_day=less.day, field=less.field, text=less.words.as_dict(),
            )  # fmt: skip
            _tell(Actor.system("response"), one, event, at)


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(code="local_rule.invalid", zh=f"{field}：{zh}。", en=f"{field}: {en}.", field=field, value=value)
