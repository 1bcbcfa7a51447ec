"""Issuing what was written (发布): through `warning_issue` and `warning_cancel` alone, by the full path or the urgent one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.territory.models import Post
from anlan.warning import choices_drafts
from anlan.warning.events.drafts import DraftAfterChecked, DraftAfterCheckMissed, DraftIssued
from anlan.warning.models import Warning, WarningDraft
from anlan.warning.services.drafts import locked, needs_reason, tell, write
from anlan.warning.services.drafts_flow import clear, state_must_be
from anlan.warning.services.findings import lasts
from anlan.warning.services.issue import warning_issue
from anlan.warning.services.lifecycle import warning_cancel
from anlan.warning.services.moment import pinned
from anlan.warning.services.proposals import decider_for
from anlan.warning.services.values_drafts import DraftContent, actor_of, hand_of, same_hand

URGENT_COLOURS: Final = ("red", "orange")
AFTER_CHECK: Final = timedelta(hours=2)


@transaction.atomic
def draft_issue(*, by: Actor, draft: WarningDraft, seen: str, at: datetime | None = None) -> WarningDraft:
    """Issue what was signed; `by` must be an issuer of the area. Everything `warning_issue` refuses is refused here:
    Conflict `warning.contradiction` stands until a second issuer has signed too."""
    moment = at or clock.now()
    row = locked(draft, seen)
    state_must_be(row, "signed")
    if row.signed_digest != row.digest or row.checked_digest != row.digest:
        raise Conflict(code="draft.digest", zh="签发后内容有变；请重新审核签发。", field="digest", value=row.digest,
                       en="The content is not what was signed; have it checked and signed again.")  # fmt: skip
    warning = _out(by, row, moment)
    write(row, {"state": "issued", "warning": warning, "ended_by": hand_of(by), "ended_at": moment})
    tell(_issued(row, warning, moment), by, row, moment)
    return row


@transaction.atomic
def draft_issue_urgent(
    *, by: Actor, draft: WarningDraft, seen: str, reason: str, at: datetime | None = None
) -> WarningDraft:
    """One authorised issuer issues at once, before anybody has checked (紧急发布): red and orange only, with a reason.

    Recorded as urgent; the issuer's superior post owes an after-check within two hours. Words that go against an order
    in force can't go this way: they need a second signature.
    """
    moment = at or clock.now()
    needs_reason(reason, "紧急发布须写明理由。", "Say why it can't wait to be checked.")
    row = locked(draft, seen)
    state_must_be(row, "made", "checked", "signed")
    if row.colour not in URGENT_COLOURS or row.act == "cancel":
        raise Invalid(code="draft.not_urgent", zh="紧急发布只用于红色、橙色预警的发布和更新；请按审核、签发办理。",
                      en="Only red and orange warnings and their updates may go the urgent way; have it checked and signed.",
                      field="colour", value=row.colour)  # fmt: skip
    warning = _out(by, row, moment)
    post = _superior(by, row.division)
    write(row, {
        "state": "issued", "warning": warning, "ended_by": hand_of(by), "ended_at": moment, "urgent": True,
        "urgent_reason": reason, "after_post": post, "after_due_at": moment + AFTER_CHECK,
    })  # fmt: skip
    tell(_issued(row, warning, moment), by, row, moment)
    return row


@transaction.atomic
def draft_after_check(
    *, by: Actor, draft: WarningDraft, verdict: str, note: str = "", at: datetime | None = None
) -> WarningDraft:
    """The named superior post checks an urgent issue afterwards (事后复核): right, update or cancel. The verdict changes
    nothing by itself. Forbidden for whoever issued it and for other posts; Conflict when it was made already."""
    moment = at or clock.now()
    if verdict not in choices_drafts.VERDICTS:
        raise Invalid(code="draft.verdict", zh=f"结论“{verdict}”未知；可用：{'、'.join(choices_drafts.VERDICTS)}。",
                      en=f"“{verdict}” is no verdict; choose from {', '.join(choices_drafts.VERDICTS)}.",
                      field="verdict", value=verdict)  # fmt: skip
    row = WarningDraft.objects.select_for_update(of=("self",)).select_related("after_post").get(id=draft.id)
    if not row.urgent or row.after_at is not None:
        raise Conflict(code="draft.after_check", zh="此稿没有待办的事后复核；请刷新。", field="state", value=row.state,
                       en="No after-check is owed for this draft; refresh.")  # fmt: skip
    by.must("warning.check", row.division)
    refusal = after_check_refusal(by, row)
    if refusal is not None:
        raise refusal
    late = max(0, int((moment - (row.after_due_at or moment)).total_seconds()))
    write(row, {"after_by": hand_of(by), "after_at": moment, "after_verdict": verdict, "after_note": note})
    tell(DraftAfterChecked(draft=str(row.id), warning=str(row.warning_id), verdict=verdict, note=note, late_s=late),
         by, row, moment)  # fmt: skip
    return row


def after_check_refusal(by: Actor, row: WarningDraft) -> Forbidden | None:
    """Why this actor may not make the after-check, or None."""
    if row.ended_by and same_hand(hand_of(by), row.ended_by):
        return Forbidden(code="draft.separation", zh="紧急发布人不能自己复核；请由上级岗位复核。", field="by", value=by.name,
                         en="Whoever issued it can't check it; the superior post must.")  # fmt: skip
    if by.kind == "person" and row.after_post is not None and by.post != row.after_post_id:
        return Forbidden(code="draft.after_post", zh=f"须由{row.after_post.name_zh}复核。", field="by", value=by.name,
                         en=f"{row.after_post.name_en} owes this check; ask that post.")  # fmt: skip
    return None


def after_checks_miss(now: datetime) -> int:
    """Record every after-check not made by its time, at that time; returns how many."""
    by, done = Actor.system("warning"), 0
    with transaction.atomic():
        due = WarningDraft.objects.select_for_update(skip_locked=True, of=("self",)).select_related("after_post")
        due = due.filter(urgent=True, after_at=None, after_late=False, after_due_at__lte=now)
        for row in due.order_by("after_due_at", "id"):
            moment = row.after_due_at or now
            with pinned(moment):
                write(row, {"after_late": True})
                post = row.after_post.code if row.after_post else None
                tell(DraftAfterCheckMissed(draft=str(row.id), warning=str(row.warning_id), post=post), by, row, moment)
            done += 1
    return done


def _out(by: Actor, row: WarningDraft, at: datetime) -> Warning:
    """Issue or cancel: the one way out."""
    if row.drill != (drill_state() is not None):
        raise Conflict(code="draft.drill", zh="演练稿不能在实战中发布，实战稿也不能在演练中发布；请另制一稿。", field="drill",
                       value=row.drill, en="A draft of a drill can't be issued outside it, nor the other way round; write a new one.")  # fmt: skip
    content = DraftContent.from_json(row.content)
    clear(content, at)
    named = Warning.objects.get(id=content.references) if content.references else None
    if content.act == "cancel" and named is not None:
        return warning_cancel(by=by, warning=named, reason=content.reason, at=at)
    start, end = lasts(content, at)
    return warning_issue(
        by=by, hazard=content.hazard, colour=content.colour, area=content.area, texts=content.texts(),
        issuer_kind=content.issuer_kind, effective=start, expires=end, proposal=row.proposal,
        references=named,
        channels=content.channels, words=content.words(), drawn=content.drawn(), second_sign=_second(by, row), at=at,
    )  # fmt: skip


def _second(by: Actor, row: WarningDraft) -> Actor | None:
    """The other signature than the issuer's own, where two were given for this content."""
    if not row.second_by or not row.signed_by or row.second_digest != row.digest:
        return None
    return actor_of(row.signed_by if same_hand(hand_of(by), row.second_by) else row.second_by)


def _superior(by: Actor, division: str) -> Post | None:
    """The post that owes the after-check: above the issuer's own post, else above who decides in the division."""
    own = Post.objects.select_related("superior").filter(id=by.post).first() if by.post else None
    if own is not None and own.superior is not None:
        return own.superior
    decider = decider_for(division)
    return decider.superior if decider is not None and decider.superior is not None else decider


def _issued(row: WarningDraft, warning: Warning, at: datetime) -> DraftIssued:
    return DraftIssued(
        draft=str(row.id), warning=str(warning.id), digest=row.digest,
        seconds=int((at - row.made_at).total_seconds()), urgent=row.urgent, reason=row.urgent_reason,
        after_post=row.after_post.code if row.after_post else None, after_due_at=row.after_due_at,
    )  # fmt: skip
