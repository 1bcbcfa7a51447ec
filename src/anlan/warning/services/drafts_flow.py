"""Checking, signing and sending back a warning being written (审核 签发 退回): each by another hand than the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.warning import choices_drafts
from anlan.warning.events.drafts import DraftChecked, DraftReturned, DraftSigned
from anlan.warning.models import WarningDraft
from anlan.warning.services.drafts import locked, needs_reason, tell, write
from anlan.warning.services.findings import BLOCKS, SECOND, findings
from anlan.warning.services.values_drafts import DraftContent, hand_of, same_hand

THREE = 3


@transaction.atomic
def draft_check(*, by: Actor, draft: WarningDraft, seen: str, at: datetime | None = None) -> WarningDraft:
    """Another hand than its makers' has read it and found it right (审核). `seen`: the digest read.

    Raises Forbidden (no checker there, or one of its makers), Conflict `draft.state` or `draft.moved`, Invalid when a
    check still stands against it.
    """
    moment = at or clock.now()
    row = locked(draft, seen)
    state_must_be(row, "made")
    _must(by, "warning.check", row)
    _apart(by, row, "checker")
    clear(DraftContent.from_json(row.content), moment)
    write(row, {"state": "checked", "checked_by": hand_of(by), "checked_at": moment, "checked_digest": row.digest})
    tell(DraftChecked(draft=str(row.id), digest=row.digest), by, row, moment)
    return row


@transaction.atomic
def draft_sign(*, by: Actor, draft: WarningDraft, seen: str, at: datetime | None = None) -> WarningDraft:
    """An authorised issuer signs what was checked (签发); it may be issued then. Raises as `draft_check`."""
    moment = at or clock.now()
    row = locked(draft, seen)
    state_must_be(row, "checked")
    _must(by, "warning.issue", row)
    _apart(by, row, "signer")
    clear(DraftContent.from_json(row.content), moment)
    write(row, {"state": "signed", "signed_by": hand_of(by), "signed_at": moment, "signed_digest": row.digest})
    tell(DraftSigned(draft=str(row.id), digest=row.digest), by, row, moment)
    return row


@transaction.atomic
def draft_second_sign(*, by: Actor, draft: WarningDraft, seen: str, at: datetime | None = None) -> WarningDraft:
    """A second issuer signs words that go against an order in force, knowing it (复核签发).

    Conflict `draft.no_contradiction` when there is nothing to sign for.
    """
    moment = at or clock.now()
    row = locked(draft, seen)
    state_must_be(row, "signed")
    _must(by, "warning.issue", row)
    if same_hand(hand_of(by), row.signed_by):
        raise _same("second", "复核签发须由签发人以外的另一名签发人完成。",
                    "The second signature must be that of another issuer than the first.", by)  # fmt: skip
    if not any(each.weight == SECOND for each in findings(DraftContent.from_json(row.content), moment)):
        raise Conflict(code="draft.no_contradiction", zh="文字与在执行的指令没有矛盾，无须复核签发；请直接发布。",
                       en="The words go against no order in force; no second signature is needed. Issue it.",
                       field="second")  # fmt: skip
    write(row, {"second_by": hand_of(by), "second_at": moment, "second_digest": row.digest})
    tell(DraftSigned(draft=str(row.id), digest=row.digest, second=True), by, row, moment)
    return row


@transaction.atomic
def draft_return(*, by: Actor, draft: WarningDraft, reason: str, at: datetime | None = None) -> WarningDraft:
    """Send it back to its maker with a reason (退回)."""
    moment = at or clock.now()
    needs_reason(reason, "退回须写明理由。", "Say why it is sent back.")
    row = locked(draft)
    state_must_be(row, "made", "checked", "signed")
    _must(by, "warning.check", row)
    before = row.state
    write(row, {"state": "returned", "reason": reason, "ended_by": hand_of(by), "ended_at": moment})
    tell(DraftReturned(draft=str(row.id), reason=reason, state=before), by, row, moment)
    return row


def state_must_be(row: WarningDraft, *states: str) -> None:
    """Conflict `draft.state` when it is in none of these."""
    if row.state not in states:
        now, wanted = choices_drafts.DRAFT_STATES[row.state], [choices_drafts.DRAFT_STATES[each] for each in states]
        raise Conflict(
            code="draft.state", field="state", value=row.state,
            zh=f"此稿现为“{now.zh}”，此步要求“{'、'.join(each.zh for each in wanted)}”；请刷新后按顺序办理。",
            en=f"This draft is “{now.en}”; this step needs “{', '.join(each.en for each in wanted)}”. Refresh and go in order.",
        )  # fmt: skip


def clear(content: DraftContent, at: datetime) -> None:
    """Invalid with the first check that stands against the content; a contradiction is settled when it is issued."""
    blocking = [each for each in findings(content, at) if each.weight == BLOCKS]
    if blocking:
        first = blocking[0]
        raise Invalid(
            code=first.code, zh=first.zh, en=first.en, field=first.field, value="",
            findings=[{"code": each.code, "field": each.field, "zh": each.zh, "en": each.en} for each in blocking],
        )  # fmt: skip


def apart(by: Actor, row: WarningDraft, step: str) -> str | None:
    """Why this actor may not do the step (checker or signer) on grounds of separation of duties, or None: the hand it
    meets, "maker" or "checker"."""
    hand, makers = hand_of(by), row.makers
    if any(same_hand(hand, each) for each in makers) and (step == "checker" or options.warning_hands >= THREE):
        return "maker"
    return "checker" if step == "signer" and row.checked_by and same_hand(hand, row.checked_by) else None


def _apart(by: Actor, row: WarningDraft, step: str) -> None:
    met = apart(by, row, step)
    words: dict[str, Sequence[str]] = {
        "maker": ("制作", "wrote"), "checker": ("审核", "checked"),
    }  # fmt: skip
    if met is not None:
        act = "审核" if step == "checker" else "签发"
        raise _same(
            "separation", f"{by.name}已{words[met][0]}此稿，不能再{act}；请由另一人{act}。",
            f"{by.name} {words[met][1]} this draft and can't {'check' if step == 'checker' else 'sign'} it; another person must.",
            by,
        )  # fmt: skip


def _must(by: Actor, act: str, row: WarningDraft) -> None:
    for code in row.content["area"]:
        by.must(act, code)


def _same(code: str, zh: str, en: str, by: Actor) -> Forbidden:
    return Forbidden(code=f"draft.{code}", zh=zh, en=en, field="by", value=by.name)
