"""The inbox of warnings received: a list by key, newest first, and one message with its chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.warning import choices
from anlan.warning.models import ReceivedAlert, ReceivedBody
from anlan.warning.services.received_reading import Shape, shape

PAGE: Final = 50
_KEPT: Final = (
    "id", "division", "source", "received_at", "verdict", "sender", "identifier", "sent", "status", "msg_type", "audience",
    "event", "headline", "severity", "state", "chain_state", "ends_at", "signature",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertPage:
    """A page of the inbox. counts: how many stand in each state; next: `after` of the page that follows, "" at the end."""

    rows: list[ReceivedAlert]
    counts: dict[str, int]
    next: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """One message received, the others of its chain in the order of sent, and where it holds."""

    row: ReceivedAlert
    chain: list[ReceivedAlert]
    shape: Shape


def alerts_page(scope: Scope, state: str = "", after: str = "", limit: int = PAGE) -> AlertPage:
    """Messages received that bind in the scope, the newest first; `state` narrows. Two queries.

    `after` is the `next` of the page before; one that means nothing is the first page.
    """
    seen = scope.filter_chain(ReceivedAlert.objects.all())
    counts = {row["state"]: row["n"] for row in seen.order_by().values("state").annotate(n=Count("id"))}
    rows = seen.filter(state=state) if state in choices.ALERT_STATES else seen
    key = _key(after)
    if key is not None:
        rows = rows.filter(Q(received_at__lt=key[0]) | Q(received_at=key[0], id__lt=key[1]))
    size = max(1, min(limit, 200))
    found = list(rows.only(*_KEPT).order_by("-received_at", "-id")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return AlertPage(found[:size], counts, "" if last is None else f"{last.received_at.isoformat()}~{last.id}")


def alert_view(scope: Scope, alert: UUID) -> AlertView:
    """One message with its chain. Three queries; NotFound when there is none or it does not bind in the scope."""
    row = _one(scope, alert)
    chain = []
    if row.chain:
        near = ReceivedAlert.objects.filter(division=row.division, chain=row.chain)
        chain = list(scope.filter_chain(near).only(*_KEPT, "why", "answers").order_by("sent", "id")[:200])
    return AlertView(row, chain, shape(_body(row)))


def alert_original(scope: Scope, alert: UUID) -> tuple[ReceivedAlert, bytes]:
    """One message's bytes as they came. Two queries; NotFound as above."""
    row = _one(scope, alert)
    return row, _body(row)


def _one(scope: Scope, alert: UUID) -> ReceivedAlert:
    found: ReceivedAlert | None = scope.filter_chain(ReceivedAlert.objects.filter(id=alert)).first()
    if found is None:
        raise NotFound(
            code="alert.not_found",
            zh="没有此消息，或不在您的管辖范围内；请从列表中重新进入。",
            en="There is no such message, or it is outside your area; go in again from the list.",
            field="alert",
            value=alert,
        )
    return found


def _body(row: ReceivedAlert) -> bytes:
    kept: Any = ReceivedBody.objects.filter(division=row.division, sha256=row.sha256).values_list("body", flat=True)
    return bytes(kept.get())


def _key(after: str) -> tuple[datetime, UUID] | None:
    try:
        moment, ident = after.split("~")
        key = datetime.fromisoformat(moment), UUID(ident)
    except ValueError:
        return None
    return key if key[0].tzinfo is not None else None
