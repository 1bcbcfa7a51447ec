"""Where warnings of others come from: the feeds that are polled, how each goes, and the certificates that are believed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.warning.models import FeedSource, SenderPin

MOST = 500


def feed_sources(scope: Scope) -> list[dict[str, Any]]:
    """The feeds inside the scope, failing ones first, then by name. One query.

    Each: id, name, url, division, interval_s, enabled, policy, state (choices.FEED_STATES), polled_at, answered_at,
    due_at (None when paused), failures, taken, refused, error {code, zh, en} or {}.
    """
    rows = scope.filter(FeedSource.objects.select_related("poll")).order_by("name")[:MOST]
    found = [_told(row) for row in rows]
    rank = {"failing": 0, "new": 1, "ok": 1, "paused": 2}
    return sorted(found, key=lambda one: rank[one["state"]])


def feed_source_get(scope: Scope, source: UUID) -> FeedSource:
    """One feed; NotFound when there is none inside the scope."""
    found: FeedSource | None = scope.filter(FeedSource.objects.filter(id=source)).first()
    if found is None:
        raise NotFound(code="feed.not_found", zh="没有此预警源，或不在您的管辖范围内；请从列表中重新进入。", field="source", value=source,
                       en="There is no such feed, or it is outside your area; go in again from the list.")  # fmt: skip
    return found


def pins_list(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """The certificates that are believed in the scope, those that ended last. One query.

    Each: id, division, sender, relay, sha256, subject, valid_to, expired, reason, pinned_by, pinned_at, ended_by,
    ended_at, ended_reason.
    """
    names = (
        "id", "division", "sender", "relay", "sha256", "subject", "valid_to", "reason", "pinned_by", "pinned_at",
        "ended_by", "ended_at", "ended_reason",
    )  # fmt: skip
    rows = scope.filter_chain(SenderPin.objects.all()).order_by("sender", "-pinned_at", "id").values(*names)[:MOST]
    found = [{**row, "expired": row["valid_to"] is not None and row["valid_to"] < now} for row in rows]
    return sorted(found, key=lambda row: row["ended_at"] is not None)


def pin_get(scope: Scope, pin: UUID) -> SenderPin:
    """One pinned certificate; NotFound when it does not hold in the scope."""
    found: SenderPin | None = scope.filter_chain(SenderPin.objects.filter(id=pin)).first()
    if found is None:
        raise NotFound(code="pin.not_found", zh="没有此证书登记，或不在您的管辖范围内；请从列表中重新进入。", field="pin", value=pin,
                       en="There is no such certificate, or it is outside your area; go in again from the list.")  # fmt: skip
    return found


def _told(row: FeedSource) -> dict[str, Any]:
    poll = row.poll
    own = {name: getattr(row, name) for name in ("id", "name", "url", "division", "interval_s", "enabled", "policy")}
    told = {name: getattr(poll, name) for name in ("polled_at", "answered_at", "failures", "taken", "refused", "error")}
    return {
        **own, **told, "state": poll.state if row.enabled else "paused", "due_at": poll.due_at if row.enabled else None,
    }  # fmt: skip
