"""Warnings being written (预警制作): made, changed, dropped. Any change takes a checked or signed one back to made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import Event, record
from anlan.kernel.problem import Conflict, Invalid
from anlan.warning import choices_drafts
from anlan.warning.events.drafts import DraftChanged, DraftDropped, DraftMade
from anlan.warning.models import WarningDraft, WarningProposal
from anlan.warning.services.checks import check_area, check_codes
from anlan.warning.services.drafts_area import area_agrees
from anlan.warning.services.rows import home_of
from anlan.warning.services.values_drafts import DraftContent, hand_of, same_hand

NO_SIGN: Mapping[str, Any] = {
    "checked_by": None, "checked_at": None, "checked_digest": "", "signed_by": None, "signed_at": None,
    "signed_digest": "", "second_by": None, "second_at": None, "second_digest": "",
}  # fmt: skip


@transaction.atomic
def draft_make(
    *,
    by: Actor,
    content: DraftContent,
    signal: UUID | None = None,
    proposal: WarningProposal | None = None,
    received: str = "",
    at: datetime | None = None,
) -> WarningDraft:
    """Write a warning down for checking (制作). Nothing goes out.

    Raises Forbidden unless `by` may write warnings in the whole area, Invalid for codes or an area that are none.
    """
    moment = at or clock.now()
    area = _placed(by, content)
    own = DraftContent.from_json({**content.to_json(), "area": area})
    draft = WarningDraft.objects.create(
        division=home_of(area), act=own.act, hazard=own.hazard, colour=own.colour, content=own.to_json(),
        digest=own.digest(), source=_source(own, signal, proposal, received), signal=signal, received=received[:400],
        proposal=proposal, references_id=own.references, drill=drill_state() is not None, makers=[hand_of(by)],
        made_by=hand_of(by), made_at=moment,
    )  # fmt: skip
    of = signal or (proposal.id if proposal else None) or received or own.references
    tell(
        DraftMade(
            draft=str(draft.id), act=own.act, hazard=own.hazard, colour=own.colour, area=list(area),
            source=draft.source, of=str(of) if of else None, digest=draft.digest, drill=draft.drill,
        ),
        by, draft, moment,
    )  # fmt: skip
    return draft


@transaction.atomic
def draft_change(
    *, by: Actor, draft: WarningDraft, content: DraftContent, seen: str, at: datetime | None = None
) -> WarningDraft:
    """Change the content; who changes it is one of its makers. A check or signature it had no longer holds.

    `seen` is the digest the change was made on: Conflict `draft.moved` when somebody else changed it meanwhile. A
    change that changes nothing writes nothing, except that one sent back is made anew.
    """
    moment = at or clock.now()
    area = _placed(by, content)
    row = locked(draft, seen)
    for code in row.content["area"]:
        by.must("warning.draft", code)
    own = DraftContent.from_json({**content.to_json(), "area": area})
    if own.act != row.act or (row.references_id or None) != own.references:
        raise Invalid(
            code="draft.act", zh="不能改变预警稿的性质或所针对的预警；请另制一稿。", field="act", value=own.act,
            en="A draft can't become another act or act on another warning; write a new one.",
        )  # fmt: skip
    before, body = row.digest, own.to_json()
    changed = sorted(name for name, value in body.items() if value != row.content.get(name))
    if not changed and row.state != "returned":
        return row
    undone = row.state if row.state in ("checked", "signed") else None
    hand = hand_of(by)
    values: dict[str, Any] = {
        "division": home_of(area), "hazard": own.hazard, "colour": own.colour, "content": body, "digest": own.digest(),
        "state": "made", "made_by": hand, "made_at": moment, "reason": "", "ended_by": None, "ended_at": None,
        "makers": [*(each for each in row.makers if not same_hand(each, hand)), hand], **NO_SIGN,
    }  # fmt: skip
    write(row, values)
    tell(
        DraftChanged(draft=str(row.id), digest=row.digest, before=before, fields=changed, undone=undone),
        by,
        row,
        moment,
    )
    return row


@transaction.atomic
def draft_drop(*, by: Actor, draft: WarningDraft, reason: str, at: datetime | None = None) -> WarningDraft:
    """It will not be issued (作废). Invalid without a reason."""
    moment = at or clock.now()
    needs_reason(reason, "作废须写明理由。", "Say why it is dropped.")
    row = locked(draft)
    by.must("warning.draft", row.division)
    write(row, {"state": "dropped", "reason": reason, "ended_by": hand_of(by), "ended_at": moment})
    tell(DraftDropped(draft=str(row.id), reason=reason), by, row, moment)
    return row


def locked(draft: WarningDraft, seen: str | None = None) -> WarningDraft:
    """The row, locked. Conflict when it is issued or dropped, or when it is no longer what was `seen`."""
    row = WarningDraft.objects.select_for_update(of=("self",)).select_related("proposal").get(id=draft.id)
    if row.state not in choices_drafts.OPEN_STATES:
        name = choices_drafts.DRAFT_STATES[row.state]
        raise Conflict(
            code="draft.over", zh=f"此稿{name.zh}，不能再改；请另制一稿。", field="state", value=row.state,
            en=f"This draft is over ({name.en.lower()}); write a new one.",
        )  # fmt: skip
    if seen is not None and seen != row.digest:
        raise Conflict(
            code="draft.moved", zh="此稿内容刚被他人改动；请刷新后重新核对。", field="seen", value=seen,
            en="Somebody has just changed this draft; refresh and read it again.",
        )  # fmt: skip
    return row


def write(row: WarningDraft, values: Mapping[str, Any]) -> None:
    """Set and save these fields."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def tell(event: Event, by: Actor, row: WarningDraft, at: datetime) -> None:
    """Record what happened to a draft."""
    record(event, by=by, about=f"draft:{row.id}", division=row.division, at=at)


def needs_reason(reason: str, zh: str, en: str) -> None:
    """Invalid `draft.no_reason` without one."""
    if not reason.strip():
        raise Invalid(code="draft.no_reason", zh=zh, en=en, field="reason", value=reason)


def _placed(by: Actor, content: DraftContent) -> tuple[str, ...]:
    """The area of the content; its codes are of the lists, and `by` may write there."""
    check_codes(content.hazard, content.colour, content.issuer_kind)
    if content.act not in choices_drafts.DRAFT_ACTS:
        raise Invalid(
            code="draft.act", zh=f"“{content.act}”不是发布、更新或解除。", field="act", value=content.act,
            en=f"“{content.act}” is neither alert, update nor cancel.",
        )  # fmt: skip
    if content.area_kind not in choices_drafts.AREA_KINDS:
        raise Invalid(
            code="draft.area_kind", zh=f"范围方式“{content.area_kind}”未知；可用：{'、'.join(choices_drafts.AREA_KINDS)}。",
            en=f"“{content.area_kind}” is no kind of area; choose from {', '.join(choices_drafts.AREA_KINDS)}.",
            field="area_kind", value=content.area_kind,
        )  # fmt: skip
    area = check_area(content.area)
    for code in area:
        by.must("warning.draft", code)
    area_agrees(content.area_kind, content.outline, area)
    if not home_of(area):
        raise Invalid(code="warning.area", zh="一条预警不能跨省；请分省制作。", field="area", value=",".join(area),
                      en="One warning can't span provinces; write one for each.")  # fmt: skip
    return area


def _source(content: DraftContent, signal: UUID | None, proposal: WarningProposal | None, received: str) -> str:
    if proposal is not None:
        return "proposal"
    if signal is not None:
        return "signal"
    return "received" if received else "warning" if content.references else "none"
