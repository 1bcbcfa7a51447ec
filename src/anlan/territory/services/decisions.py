"""Deciding proposed changes of codes: one by one, by kind, or with everything that only follows from one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.territory.codes import parent_of
from anlan.territory.engine import changes as kinds
from anlan.territory.events_divisions import CodeChangesDecided
from anlan.territory.models import CodeChange, Division, Edition
from anlan.territory.services.editions import reviewing
from anlan.territory.services.reaching import reason_given

ACCEPTED, REFUSED, PROPOSED = "accepted", "refused", "proposed"
FIRST = 100


@transaction.atomic
def changes_decide(
    *,
    by: Actor,
    edition: UUID,
    accept: bool,
    changes: Sequence[UUID] = (),
    kind: str = "",
    least: float = 0.0,
    reason: str = "",
    at: datetime | None = None,
) -> int:
    """Accept or refuse the changes named, or else all of one kind ("": every kind) not yet decided and at least as sure
    as `least`; with each go the changes below that only follow from it. Return how many were decided.

    Refusing needs a reason. What was decided one way may be decided the other way until the list takes force.
    """
    row = reviewing(by, edition)
    why = reason.strip() if accept else reason_given(reason)
    chosen = row.changes.filter(pk__in=changes) if changes else _of_kind(row, kind, least)
    codes = sorted(f"{old}>{new}" for old, new in chosen.values_list("old", "new"))
    below = [f"under:{code}" for code in codes]
    wanted = row.changes.filter(Q(pk__in=list(chosen.values_list("pk", flat=True))) | Q(group__in=below))
    state = ACCEPTED if accept else REFUSED
    count = wanted.exclude(state=state).update(
        state=state, reason=why[:200], decided_by=by.as_json(), decided_at=at or clock.now()
    )
    if count:
        event = CodeChangesDecided(edition=row.pk, decision=state, count=count, codes=codes[:FIRST], reason=why)
        record(event, by=by, about=f"edition:{row.pk}", division=row.division, at=at)
    return count


@transaction.atomic
def change_decide(
    *, by: Actor, change: UUID, accept: bool, successor: str | None = None, reason: str = "", at: datetime | None = None
) -> CodeChange:
    """Accept or refuse one change, with what follows from it. `successor` says that the old division lives on as that
    code instead ("": as none); then a reason is needed. Invalid when it will not be in force after this list."""
    row = CodeChange.objects.filter(pk=change).select_related("edition").first()
    if row is None:
        raise NotFound(
            code="division.no_change", zh="没有此项代码变更；请刷新页面。", en="There is no such change; reload the page.",
            field="change", value=change,
        )  # fmt: skip
    edition = reviewing(by, row.edition_id)
    if accept and successor is not None and successor != row.new:
        _lead_elsewhere(edition, row, successor, reason_given(reason))
    changes_decide(by=by, edition=edition.pk, accept=accept, changes=[row.pk], reason=reason, at=at)
    row.refresh_from_db()
    return row


def _of_kind(edition: Edition, kind: str, least: float) -> QuerySet[CodeChange]:
    rows = edition.changes.filter(state=PROPOSED)
    if kind:
        rows = rows.filter(kind=kind)
    if least > 0:
        rows = rows.annotate(sure=Cast(KT("evidence__confidence"), FloatField())).filter(sure__gte=least)
    return rows


def _lead_elsewhere(edition: Edition, row: CodeChange, code: str, reason: str) -> None:
    """Make the old division live on as `code`. A new division that nobody leads to any more is then simply added."""
    if not row.old or row.old == row.new:
        raise _no_successor(
            code, "新增或改名的区划没有前身", "a division that is new or only renamed has no predecessor"
        )
    followers = edition.changes.filter(group=f"under:{row.old}>{row.new}")
    followers.filter(kind=kinds.ABOLISHED).update(group="")  # what went with it is to be decided by itself
    if followers.exists():
        raise _no_successor(
            code, "下级区划随之变更，请先逐个处理下级", "divisions below follow this change; decide them first"
        )
    was, entry = row.new, row.new_row
    row.new_name, row.new_row = _target(edition, row, code) if code else ("", None)
    row.new, row.kind, row.group = code, _kind(edition, row, code), f"merged:{code}" if code else ""
    row.evidence = {**row.evidence, "chosen": True, "proposed": was, "reason": reason}
    row.evidence.pop("stays", None)
    row.save()
    if was and entry and not edition.changes.filter(new=was).exists():
        CodeChange.objects.create(
            edition=edition, division=edition.division, kind=kinds.ADDED, level=row.level, new=was,
            new_name=entry["name"], new_row=entry, state=PROPOSED, evidence={"confidence": 0.5},
        )  # fmt: skip


def _target(edition: Edition, row: CodeChange, code: str) -> tuple[str, Any]:
    """Name and list entry of the code chosen: in the new list, or in force and staying. Of the same level."""
    listed = edition.changes.filter(new=code, new_row__isnull=False).exclude(pk=row.pk).first()
    if listed is not None and listed.level == row.level:
        return listed.new_name, listed.new_row
    staying = Division.objects.filter(pk=code, valid_to__isnull=True, level=row.level).first()
    leaves = edition.changes.filter(old=code).exclude(new=code).exclude(state=REFUSED).exists()
    if staying is None or leaves or code == row.old:
        raise _no_successor(
            code,
            "该代码在新表生效后不是同级现行区划",
            "after this list that code is no division in force of the same level",
        )
    return staying.name_zh, None


def _kind(edition: Edition, row: CodeChange, code: str) -> str:
    if not code:
        return kinds.ABOLISHED
    shared = edition.changes.filter(new=code).exclude(pk=row.pk).exclude(kind=kinds.ADDED).exclude(old=F("new"))
    if row.new_row is None or shared.exists():
        return kinds.MERGED
    return kinds.RECODED if parent_of(code) == parent_of(row.old) else kinds.MOVED


def _no_successor(code: str, zh: str, en: str) -> Invalid:
    return Invalid(
        code="division.no_successor", zh=f"“{code}”不能作为去向：{zh}。", en=f"“{code}” can't be the successor: {en}.",
        field="successor", value=code,
    )  # fmt: skip
