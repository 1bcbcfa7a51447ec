"""Writing a plan's next version: begun from the one in use, sent round for signing, brought into use by who may approve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.units import unit_name
from anlan.response.events.plan_care import (
    PlanCosigned,
    PlanDraftEnded,
    PlanDraftSentRound,
    PlanDraftStarted,
    PlanDraftWritten,
    PlanObjectionAnswered,
)
from anlan.response.formats.plan_bodies import body_digest, body_faults, body_plan
from anlan.response.models import Plan, PlanCosign, PlanDraft
from anlan.response.selectors.plans import plan_get
from anlan.response.services.in_turn import in_turn
from anlan.response.services.plan_records import marks_settle
from anlan.response.services.plan_titles import titles_join
from anlan.response.services.plans import plan_use
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned
from anlan.warning.services.values_drafts import hand_of, same_hand

COSIGN_DAYS = 5
OPEN = ("writing", "circulated")


@transaction.atomic
def plan_draft_start(*, by: Actor, plan: str, version: str, at: datetime | None = None) -> PlanDraft:
    """Begin the next version of the plan `plan` (its code) from the one in use. Raises NotFound, Forbidden, Conflict
    (somebody writes one already; the version is taken), Invalid (no version)."""
    at = at or clock.now()
    with pinned(at):
        base = plan_get(plan, at)
        by.must("plan.write", base.division)
        if not version.strip() or len(version) > 16:
            raise Invalid(code="plan.version", zh="请给出新版本号（1–16字）。", en="Give the new version, 1 to 16 characters.",
                          field="version", value=version)  # fmt: skip
        _version_free(plan, version.strip())
        in_turn(f"plandraft:{plan}")
        if PlanDraft.objects.filter(code=plan, state__in=OPEN).exists():
            raise Conflict(code="plan_draft.there", zh="该预案已有修订稿；请在其上继续。",
                           en="A new version of this plan is being written already; go on with that one.",
                           field="plan", value=plan)  # fmt: skip
        body = {**base.body, "version": version.strip()}
        row = PlanDraft.objects.create(
            division=base.division, code=plan, base=base, body=body, digest=body_digest(body), makers=[hand_of(by)],
            made_at=at, changed_at=at,
        )  # fmt: skip
        _tell(by, row, PlanDraftStarted(draft=str(row.pk), code=plan, base=str(base.pk)), at)
    return row


@transaction.atomic
def plan_draft_write(
    *, by: Actor, draft: UUID, body: Mapping[str, Any], seen: str, at: datetime | None = None
) -> PlanDraft:
    """Put another content into a draft; what units have signed is void then. An incomplete content is kept all the same:
    nothing written is lost. `seen`: the digest it was written on; Conflict when another hand wrote meanwhile.

    Invalid when the code or the area would change: that is another plan.
    """
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.write")
        if seen != row.digest:
            raise Conflict(code="plan_draft.moved", zh="修订稿已被他人修改；请对照后重新提交，您的内容未丢失。",
                           en="Another hand has changed the draft; compare and send again, yours is still on the page.",
                           field="seen", value=seen)  # fmt: skip
        for field, fixed in (("code", row.code), ("area", row.division)):
            if body.get(field) != fixed:
                raise Invalid(code=f"plan_draft.{field}", zh=f"修订不能改变“{field}”；另立预案请新建。",
                              en=f"A new version can't change “{field}”; make another plan instead.", field=field,
                              value=body.get(field))  # fmt: skip
        digest = body_digest(body)
        if digest == row.digest:
            return row
        voided = list(row.cosigns.filter(state__in=("agreed", "waiting"), digest=row.digest).order_by("unit"))
        for sign in voided:
            sign.state = "void"
            sign.save(update_fields=["state"])
        row.body, row.digest, row.changed_at, row.state = dict(body), digest, at, "writing"
        hand = hand_of(by)
        row.makers = [*(each for each in row.makers if not same_hand(hand, each)), hand]
        row.save(update_fields=["body", "digest", "changed_at", "state", "makers"])
        event = PlanDraftWritten(draft=str(row.pk), sha256=digest, voided=[sign.unit for sign in voided])
        _tell(by, row, event, at)
    return row


@transaction.atomic
def plan_draft_circulate(
    *, by: Actor, draft: UUID, units: Sequence[str], days: int = COSIGN_DAYS, at: datetime | None = None
) -> PlanDraft:
    """Ask units to sign the draft as it stands, within `days`. Invalid for a faulty draft, an unknown unit, none at all."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.write")
        for fault in body_faults(row.body):
            raise Invalid(code="plan_draft.faulty", zh=f"{fault.field}：{fault.zh}改好后再送会签。",
                          en=f"{fault.field}: {fault.en} Mend it before sending it round.", field=fault.field,
                          value=fault.value)  # fmt: skip
        wanted = list(dict.fromkeys(units))
        unknown = [unit for unit in wanted if unit_name(unit) is None]
        if not wanted or unknown or not 1 <= days <= 60:
            raise Invalid(code="plan_draft.units", zh="请选择名录中的会签单位，期限1至60天。",
                          en="Choose units of the list to sign, within 1 to 60 days.", field="units",
                          value=unknown or wanted)  # fmt: skip
        due = at + timedelta(days=days)
        known = {sign.unit: sign for sign in row.cosigns.filter(digest=row.digest)}
        for unit in wanted:
            if unit in known and known[unit].state == "void":  # the same words again, after others: asked anew
                known[unit].state, known[unit].asked_at, known[unit].due_at = "waiting", at, due
                known[unit].by = known[unit].at = None
                known[unit].save(update_fields=["state", "asked_at", "due_at", "by", "at"])
            elif unit not in known:
                PlanCosign.objects.create(division=row.division, draft=row, unit=unit, digest=row.digest, asked_at=at,
                                          due_at=due)  # fmt: skip
        row.state, row.circulated_at = "circulated", at
        row.save(update_fields=["state", "circulated_at"])
        event = PlanDraftSentRound(draft=str(row.pk), sha256=row.digest, units=wanted, due_at=due)
        _tell(by, row, event, at)
    return row


@transaction.atomic
def plan_cosign(
    *, by: Actor, draft: UUID, unit: str, agrees: bool, comment: str = "", at: datetime | None = None
) -> PlanCosign:
    """A unit signs the draft, or objects with its reason; from another unit's post only what came on paper, named in the
    comment. Conflict when it isn't asked for it, has done so, or the hand wrote the draft; Invalid without the words."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.cosign")
        sign = row.cosigns.select_for_update().filter(unit=unit, digest=row.digest, state="waiting").first()
        if sign is None:
            raise Conflict(code="plan_cosign.not_asked", zh="该单位未被请求会签本稿，或已会签。",
                           en="This unit isn't asked to sign this draft, or has done so.", field="unit",
                           value=unit)  # fmt: skip
        if not agrees and not comment.strip():
            raise Invalid(code="plan_cosign.no_reason", zh="有意见须写明。", en="An objection needs its reason.",
                          field="comment", value=comment)  # fmt: skip
        if any(same_hand(hand_of(by), maker) for maker in row.makers):
            raise Conflict(code="plan_cosign.same_hand", zh="参与起草的人不能代表单位会签；请由该单位的其他人会签。",
                           en="Whoever wrote the draft can't sign it for a unit; another of the unit must.", field="by",
                           value=by.name)  # fmt: skip
        if not comment.strip() and not _is_of(by, unit):
            raise Invalid(code="plan_cosign.on_paper", zh="您的岗位不属于该单位；代录其书面会签，请写明来函名称和文号。",
                          en="Your post isn't the unit's. To enter what it signed on paper, name the letter and its number.",
                          field="comment", value=comment)  # fmt: skip
        sign.state, sign.by, sign.at, sign.comment = ("agreed" if agrees else "objected"), hand_of(by), at, comment
        sign.save(update_fields=["state", "by", "at", "comment"])
        _tell(by, row, PlanCosigned(draft=str(row.pk), unit=unit, agrees=agrees, comment=comment), at)
    return sign


def _is_of(by: Actor, unit: str) -> bool:
    if by.post is None:
        return False
    return Post.objects.filter(Q(role=unit) | Q(code__endswith=f".department.{unit}"), pk=by.post).exists()


@transaction.atomic
def plan_objection_answer(*, by: Actor, draft: UUID, unit: str, answer: str, at: datetime | None = None) -> PlanCosign:
    """The makers say what they did about a unit's objection (采纳、部分采纳、不采纳及理由)."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.write")
        sign = row.cosigns.select_for_update().filter(unit=unit, state="objected").order_by("-asked_at").first()
        if sign is None:
            raise Conflict(code="plan_cosign.no_objection", zh="该单位没有待处理的意见。",
                           en="This unit has no objection that waits.", field="unit", value=unit)  # fmt: skip
        if not answer.strip():
            raise Invalid(code="plan_cosign.no_answer", zh="请写明采纳情况和理由。", en="Say what was done about it, and why.",
                          field="answer", value=answer)  # fmt: skip
        sign.state, sign.answer, sign.answered_by, sign.answered_at = "answered", answer, hand_of(by), at
        sign.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        _tell(by, row, PlanObjectionAnswered(draft=str(row.pk), unit=unit, answer=answer), at)
    return sign


@transaction.atomic
def plan_draft_approve(*, by: Actor, draft: UUID, at: datetime | None = None) -> Plan:
    """Bring the draft into use from its valid_from on (印发). Every unit asked has signed it, every objection is answered,
    and the hand is none of the makers'. What called for a review is settled by it.

    Raises Forbidden, Invalid (a fault), Conflict (a signature is missing; the same hand; the version is taken).
    """
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.approve")
        rules = body_plan(row.body)
        _version_free(row.code, rules.version)
        if any(same_hand(hand_of(by), maker) for maker in row.makers):
            raise Conflict(code="plan_draft.same_hand", zh="起草人不能批准自己的稿子；请另一人批准。",
                           en="A maker can't approve its own draft; another hand must.", field="by",
                           value=by.name)  # fmt: skip
        newest: dict[str, PlanCosign] = {}
        for sign in row.cosigns.order_by("asked_at", "id"):
            newest[sign.unit] = sign
        missing = sorted(unit for unit, sign in newest.items() if sign.state not in ("agreed", "answered"))
        if missing or not newest:
            names = "、".join(str((unit_name(unit) or unit_name("site_unit")).zh) for unit in missing)  # type: ignore[union-attr]
            raise Conflict(code="plan_draft.unsigned", zh=f"会签未完成：{names or '尚未送会签'}。",
                           en=f"Not yet signed by: {', '.join(missing) or 'nobody was asked'}.", field="units",
                           value=missing)  # fmt: skip
        plan = plan_use(by=by, rules=rules, at=at)
        titles_join(by=by, plans=[plan], at=at)
        row.state, row.plan, row.ended_by, row.ended_at = "in_use", plan, hand_of(by), at
        row.save(update_fields=["state", "plan", "ended_by", "ended_at"])
        _tell(by, row, PlanDraftEnded(draft=str(row.pk), plan=str(plan.pk), reason=""), at)
        marks_settle(by=by, code=row.code, settled=f"{rules.version}", at=at)
    return plan


@transaction.atomic
def plan_draft_drop(*, by: Actor, draft: UUID, reason: str, at: datetime | None = None) -> PlanDraft:
    """Give a draft up, with the reason; it stays on record."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, draft, "plan.write")
        if not reason.strip():
            raise Invalid(code="plan_draft.no_reason", zh="请写明放弃的理由。", en="Say why it is given up.",
                          field="reason", value=reason)  # fmt: skip
        row.state, row.reason, row.ended_by, row.ended_at = "dropped", reason, hand_of(by), at
        row.save(update_fields=["state", "reason", "ended_by", "ended_at"])
        _tell(by, row, PlanDraftEnded(draft=str(row.pk), plan=None, reason=reason), at)
    return row


def _locked(by: Actor, draft: UUID, act: str) -> PlanDraft:
    row = PlanDraft.objects.select_for_update().filter(pk=draft).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="plan_draft.not_found", zh="没有这份修订稿，或不在您的范围内。",
                       en="There is no such draft, or it is not in your scope.", field="draft", value=draft)  # fmt: skip
    by.must(act, row.division)
    if row.state not in OPEN:
        raise Conflict(code="plan_draft.ended", zh="修订稿已印发或已放弃。", en="The draft is in use or dropped already.",
                       field="draft", value=draft)  # fmt: skip
    return row


def _version_free(code: str, version: str) -> None:
    if Plan.objects.filter(code=code, version=version).exists():
        raise Conflict(code="plan.version_taken", zh=f"版本 {version} 已有；请提高版本号。",
                       en=f"There is a version {version} already; raise the number.", field="version",
                       value=version)  # fmt: skip


def _tell(by: Actor, row: PlanDraft, event: Event, at: datetime) -> None:
    record(event, by=by, about=f"plandraft:{row.pk}", division=row.division, at=at)
