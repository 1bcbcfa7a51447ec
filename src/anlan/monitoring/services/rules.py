"""Versions of rules made by bureaus: every edit is a new version, and open signals keep the one they were opened by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.monitoring.events_rules import RuleChanged
from anlan.monitoring.formats.rule_pack import rule_of
from anlan.monitoring.formats.rule_shapes import Rule
from anlan.monitoring.models import RuleVersion
from anlan.monitoring.rules.made import version_name
from anlan.monitoring.services.catalogue import catalogue_changed

ACT = "rule.write"
LENGTHS = (0, 2, 4, 6, 9, 12)


@transaction.atomic
def rule_save(
    *, by: Actor, code: str, body: Mapping[str, Any], division: str, valid_from: datetime | None = None, note: str
) -> RuleVersion:
    """Make the next version of a rule in a division, from `valid_from` (default now) on; return it.

    body: the rule as in a pack file. The version before ends where this one begins. Raises Invalid with the path in the
    body, Forbidden.
    """
    moment = clock.now()
    rule = _checked(code, body, division, note)
    by.must(ACT, division)
    catalogue_changed()  # locks out the workers' steps until this is committed
    start = valid_from or moment
    before = _newest(code, division)
    if before is not None:
        _end(before, moment, start)
    source = rule.citation or rule.source
    row = RuleVersion.objects.create(
        code=code,
        number=_next_number(code, division),
        division=division,
        body=json.loads(json.dumps(dict(body), default=str)),  # dates as they are written
        source_zh=source.zh[:300] if source else by.name[:300],
        source_en=source.en[:300] if source else by.name[:300],
        valid_from=start,
        valid_to=None,
        made_at=moment,
        made_by=by.name[:120],
        note=note.strip()[:400],
    )
    _tell(by, row, before, withdrawn=False, at=moment)
    return row


@transaction.atomic
def rule_withdraw(*, by: Actor, code: str, division: str, note: str) -> RuleVersion:
    """Take a bureau's own rule back from now on: the wider division's version, or the shipped one, holds again.

    Raises NotFound when there is none, Invalid without a reason, Forbidden.
    """
    moment = clock.now()
    if not note.strip():
        raise _wrong("note", note, "请写明撤回的理由", "say why it is taken back")
    by.must(ACT, division)
    catalogue_changed()
    row = _newest(code, division)
    if row is None:
        raise NotFound(
            code="rule.none",
            zh=f"“{division or '全域'}”没有自定的规则“{code}”；平台自带的规则不能撤回，只能改为新版本。",
            en=f"“{division or 'the whole'}” has no rule “{code}” of its own; shipped rules can only be changed.",
            field="code",
            value=code,
        )
    row.withdrawn = True
    _end(row, moment, moment)
    _tell(by, row, row, withdrawn=True, at=moment, note=note.strip()[:400])
    return row


def _checked(code: str, body: Mapping[str, Any], division: str, note: str) -> Rule:
    rule = rule_of(dict(body), code)
    if rule.code != code:
        raise _wrong("code", rule.code, f"版本的代码须仍为 {code}", f"must stay {code}")
    if division and (not division.isdigit() or len(division) not in LENGTHS):
        raise _wrong("division", division, "应为区划代码", "must be a division code")
    if not note.strip():
        raise _wrong("note", note, "请写明修改的理由", "say why it is changed")
    return rule


def _newest(code: str, division: str) -> RuleVersion | None:
    rows = RuleVersion.objects.select_for_update().filter(code=code, division=division, replaced_at=None)
    return rows.order_by("-number").first()


def _next_number(code: str, division: str) -> int:
    last = RuleVersion.objects.filter(code=code, division=division).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def _end(row: RuleVersion, moment: datetime, until: datetime) -> None:
    row.replaced_at = moment
    row.valid_to = until if row.valid_to is None else min(row.valid_to, until)
    row.save(update_fields=["replaced_at", "valid_to", "withdrawn"])


def _tell(
    by: Actor, row: RuleVersion, before: RuleVersion | None, *, withdrawn: bool, at: datetime, note: str = ""
) -> None:
    text = json.dumps(row.body, sort_keys=True, ensure_ascii=False, default=str)
    event = RuleChanged(
        code=row.code,
        division=row.division,
        rule_version="" if withdrawn else version_name(row.division, row.number),
        previous=version_name(before.division, before.number) if before is not None else "",
        valid_from=row.valid_from.isoformat(),
        valid_to=row.valid_to.isoformat() if row.valid_to else None,
        withdrawn=withdrawn,
        note=note or row.note,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    record(event, by=by, about=f"rule:{row.code}", division=row.division, at=at)


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="rule.invalid", zh=f"规则的 {field} 有误：{zh}。", en=f"Rule, {field}: {en}.", field=field, value=value
    )
