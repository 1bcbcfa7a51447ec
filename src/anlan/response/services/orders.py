"""Orders being written (拟稿 审核 签发): made, edited, checked, signed, sent back, dropped; each step by another hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response import choices_orders
from anlan.response.events import OrderChecked, OrderDrafted, OrderDropped, OrderEdited, OrderReturned, OrderSigned
from anlan.response.models import Order
from anlan.response.services.bounds import fits
from anlan.response.services.order_checks import basis_of, checked
from anlan.response.services.order_steps import step_add, tell
from anlan.response.services.values_orders import OrderContent
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned
from anlan.warning.services.values_drafts import hand_of, same_hand

THREE = 3
NO_SIGN: Mapping[str, Any] = {
    "checked_by": None, "checked_at": None, "checked_digest": "", "signed_by": None, "signed_at": None,
    "signed_digest": "",
}  # fmt: skip


def order_draft(
    *, by: Actor, content: OrderContent, supersedes: UUID | None = None, reason: str = "", at: datetime | None = None
) -> Order:
    """Write an order down for checking (拟稿). Nothing goes out. `supersedes`: the order in force it changes, with the
    reason; that one stands until this one is issued.

    Raises Forbidden, NotFound for posts or an incident out of sight, Invalid: two leads or none, no limit, a receiver
    that does not stand below.
    """
    at = at or clock.now()
    with pinned(at):
        home, posts = checked(by, content, at)
        by.must("order.draft", home)
        before = _changes(by, supersedes, reason)
        hand = hand_of(by)
        row = Order.objects.create(
            division=before.division if before else home, digest=content.digest(), makers=[hand], made_by=hand, made_at=at,
            supersedes=before, reason=reason, **_fields(content),
        )  # fmt: skip
        lead = posts[row.lead_post_id].code if row.lead_post_id else None
        issuer = posts[row.issuer_post_id].code if row.issuer_post_id else None
        event = OrderDrafted(
            order=str(row.pk), of_kind=row.kind, issuer=issuer, lead=lead, helpers=len(row.helpers),
            incident=_text(row.incident_id), supersedes=_text(row.supersedes_id), digest=row.digest,
        )  # fmt: skip
        tell(event, by, row, at)
        step_add(by, row, "draft", at, reason)
    return row


def order_edit(*, by: Actor, order: UUID, content: OrderContent, seen: str, at: datetime | None = None) -> Order:
    """Change an order that has not gone out; a check or signature it had no longer holds. `seen`: the digest the change
    was made on: Conflict `order.moved` when somebody else changed it meanwhile."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, order, "order.draft", choices_orders.DRAFTS, seen)
        checked(by, content, at)
        before, undone = row.digest, row.state if row.state != "drafted" else None
        if content.digest() == before and not row.reason:
            return row
        hand = hand_of(by)
        makers = [*(each for each in row.makers if not same_hand(each, hand)), hand]
        write(row, {**_fields(content), **NO_SIGN, "state": "drafted", "digest": content.digest(), "made_by": hand,
                    "made_at": at, "makers": makers, "reason": row.reason if row.supersedes_id else ""})  # fmt: skip
        tell(OrderEdited(order=str(row.pk), digest=row.digest, before=before, undone=undone), by, row, at)
        step_add(by, row, "edit", at)
    return row


def order_check(*, by: Actor, order: UUID, seen: str, at: datetime | None = None) -> Order:
    """Another hand than its makers' has read it and found it right (审核). Raises Forbidden (no checker there, or one of
    its makers), Conflict when it is not waiting for that or was changed meanwhile."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, order, "order.check", ("drafted",), seen)
        apart(by, row, "check")
        write(row, {"state": "checked", "checked_by": hand_of(by), "checked_at": at, "checked_digest": row.digest})
        tell(OrderChecked(order=str(row.pk), digest=row.digest), by, row, at)
        step_add(by, row, "check", at)
    return row


def order_sign(*, by: Actor, order: UUID, seen: str, at: datetime | None = None) -> Order:
    """Who may sign signs what was checked (签发); it may go out then. Raises as `order_check`."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, order, "order.sign", ("checked",), seen)
        apart(by, row, "sign")
        write(row, {"state": "signed", "signed_by": hand_of(by), "signed_at": at, "signed_digest": row.digest})
        tell(OrderSigned(order=str(row.pk), digest=row.digest), by, row, at)
        step_add(by, row, "sign", at)
    return row


def order_return(*, by: Actor, order: UUID, reason: str, at: datetime | None = None) -> Order:
    """Send it back to its maker with the reason (退回)."""
    at = at or clock.now()
    needs_reason(reason)
    with pinned(at):
        row = locked(by, order, "order.check", choices_orders.DRAFTS)
        before = row.state
        write(row, {**NO_SIGN, "state": "drafted"})
        tell(OrderReturned(order=str(row.pk), reason=reason, state=before), by, row, at)
        step_add(by, row, "return", at, reason)
    return row


def order_drop(*, by: Actor, order: UUID, reason: str, at: datetime | None = None) -> Order:
    """It will not go out (作废). Invalid without a reason."""
    at = at or clock.now()
    needs_reason(reason)
    with pinned(at):
        row = locked(by, order, "order.draft", choices_orders.DRAFTS)
        write(row, {"state": "dropped", "reason": reason, "ended_by": hand_of(by), "ended_at": at})
        tell(OrderDropped(order=str(row.pk), reason=reason), by, row, at)
        step_add(by, row, "drop", at, reason)
    return row


def locked(by: Actor, order: UUID, act: str, states: tuple[str, ...], seen: str | None = None) -> Order:
    """The row, locked, when `by` may do `act` with it. NotFound out of scope; Conflict `order.state` when it is in none of
    the states, `order.moved` when it is no longer what was `seen`."""
    row = Order.objects.select_for_update(of=("self",)).filter(pk=order).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="order.not_found", zh="没有这条指令，或不在您的范围内。", field="order", value=order,
                       en="There is no such order, or it is not in your scope.")  # fmt: skip
    by.must(act, row.division)
    if row.state not in states:
        now, wanted = choices_orders.ORDER_STATES[row.state], [choices_orders.ORDER_STATES[each] for each in states]
        raise Conflict(
            code="order.state", field="state", value=row.state,
            zh=f"此件现为“{now.zh}”，此步要求“{'、'.join(each.zh for each in wanted)}”；请刷新后按顺序办理。",
            en=f"This order is “{now.en}”; the step needs “{', '.join(each.en for each in wanted)}”. Refresh and go in order.",
        )  # fmt: skip
    if seen is not None and seen != row.digest:
        raise Conflict(code="order.moved", zh="此件内容刚被他人改动；请刷新后重新核对。", field="seen", value=seen,
                       en="Somebody has just changed this order; refresh and read it again.")  # fmt: skip
    return row


def met(by: Actor, row: Order, step: str) -> str | None:
    """Which hand forbids this actor the step (check or sign): "maker" or "checker"; None when nothing does. With the option
    `order_hands` at 2 a maker may sign what another has checked."""
    hand = hand_of(by)
    if any(same_hand(hand, each) for each in row.makers) and (step == "check" or options.order_hands >= THREE):
        return "maker"
    return "checker" if step == "sign" and row.checked_by and same_hand(hand, row.checked_by) else None


def apart(by: Actor, row: Order, step: str) -> None:
    """Forbidden `order.separation` when the same hand did an earlier step."""
    hand = met(by, row, step)
    if hand is not None:
        did, act = (
            {"maker": ("拟稿", "wrote"), "checker": ("审核", "checked")}[hand],
            "审核" if step == "check" else "签发",
        )
        raise Forbidden(
            code="order.separation", field="by", value=by.name,
            zh=f"{by.name}已{did[0]}此件，不能再{act}；请由另一人{act}。",
            en=f"{by.name} {did[1]} this order and can't {step} it; another person must.",
        )  # fmt: skip


def write(row: Order, values: Mapping[str, Any]) -> None:
    """Set and save these fields."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def needs_reason(reason: str) -> None:
    """Invalid `order.no_reason` without one."""
    if not reason.strip():
        raise Invalid(
            code="order.no_reason", zh="请写明理由。", en="Say why, for the record.", field="reason", value=reason
        )


def _changes(by: Actor, supersedes: UUID | None, reason: str) -> Order | None:
    if supersedes is None:
        return None
    needs_reason(reason)
    before = locked(by, supersedes, "order.draft", ("issued",))
    if Order.objects.filter(supersedes=before, state__in=choices_orders.DRAFTS).exists():
        raise Conflict(code="order.changing", zh="此件已有一份变更稿在办；请在那一稿上修改。", field="supersedes",
                       value=supersedes, en="A change of this order is being written already; go on with that one.")  # fmt: skip
    return before


def _fields(content: OrderContent) -> dict[str, Any]:
    lead = next((UUID(receiver.post) for receiver in content.receivers if receiver.lead), None)
    fits(Order, working_group=content.working_group)
    return {
        "kind": content.kind, "title_zh": content.title["zh"].strip(), "title_en": content.title.get("en", "").strip(),
        "text_zh": content.text["zh"].strip(), "text_en": content.text.get("en", "").strip(),
        "basis": basis_of(content), "issuer_post": _post(content.issuer), "given_by": content.given_by.strip()[:96],
        "given_at": content.given_at, "lead_post": _post(lead),
        "helpers": [receiver.post for receiver in content.receivers if not receiver.lead],
        "incident_id": content.incident, "working_group": content.working_group, "within_min": content.within_min,
        "limit_at": content.limit_at, "receipt_min": content.receipt_min, "verify_min": content.verify_min,
        "evidence_asked": dict(content.evidence),
    }  # fmt: skip


def _post(key: UUID | None) -> Post | None:
    return Post.objects.get(pk=key) if key is not None else None


def _text(key: UUID | None) -> str | None:
    return str(key) if key is not None else None
