"""The ways out as the desk sees them: how each stands, what waits, what went out, what it cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.warning import choices
from anlan.warning.models import ChannelHealth, ChannelSetting
from anlan.warning.selectors.frames import rows
from anlan.warning.services.moment import whole_reach

_QUEUE = """
SELECT b.setting, count(*) AS queued, min(o.at) AS oldest
FROM warning_outbox_block b CROSS JOIN LATERAL unnest(b.messages) AS m(id)
JOIN warning_outbox o ON o.id = m.id AND o.state IN ('queued', 'taken')
WHERE b.setting = ANY(%s::uuid[]) GROUP BY 1
"""
_SENT = """
SELECT setting, coalesce(sum(handed) FILTER (WHERE at > %s), 0) AS sent_hour,
  coalesce(sum(failed) FILTER (WHERE at > %s), 0) AS failed_hour,
  coalesce(sum(handed) FILTER (WHERE at >= %s), 0) AS sent_today,
  coalesce(sum(failed) FILTER (WHERE at >= %s), 0) AS failed_today,
  coalesce(sum(cost_fen) FILTER (WHERE at >= %s), 0) AS cost_today, coalesce(sum(cost_fen), 0) AS cost_month
FROM warning_channel_slot WHERE setting = ANY(%s::uuid[]) AND at >= %s GROUP BY 1
"""
_NONE = {"sent_hour": 0, "failed_hour": 0, "sent_today": 0, "failed_today": 0, "cost_today": 0.0, "cost_month": 0.0}


def ways_list(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """The ways out that serve the scope, those that are down first, then by channel and rank. Three queries.

    Each: id, code, division, carries and kind (code, zh, en), name {zh, en}, rank, state (choices.WAY_STATES), since,
    why (the last failure, or why it is paused), error_at, rate_per_s, queued, oldest, sent_hour, failed_hour, sent_today,
    failed_today, cost_today and cost_month (fen), handed, delivered, failed (since it was set up). What waits is
    counted whole, also for people elsewhere; an hour is twelve slots of five minutes.
    """
    found = list(scope.filter_chain(ChannelSetting.objects.all()).order_by("carries", "rank", "code"))
    wanted = [row.id for row in found]
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    hour, month = now - timedelta(hours=1), day.replace(day=1)
    with transaction.atomic(), whole_reach():
        health = ChannelHealth.objects.in_bulk(wanted)
        queue = {row["setting"]: row for row in rows(_QUEUE, [wanted])}
        sent = {row["setting"]: row for row in rows(_SENT, [hour, hour, day, day, day, wanted, min(month, hour)])}
    told = [_told(row, health.get(row.id), queue.get(row.id, {}), sent.get(row.id, {})) for row in found]
    rank = {"down": 0, "paused": 1}
    return sorted(told, key=lambda one: rank.get(one["state"], 2))


def way_in(scope: Scope, code: str) -> ChannelSetting:
    """One way out that serves the scope, by its code; NotFound otherwise."""
    found: ChannelSetting | None = scope.filter_chain(ChannelSetting.objects.filter(code=code)).first()
    if found is None:
        raise NotFound(
            code="channel.unknown", field="code", value=code,
            zh=f"没有渠道“{code}”，或不在您的管辖范围内；请核对代号。",
            en=f"There is no way out {code}, or it is outside your area; check its code.",
        )  # fmt: skip
    return found


def _told(
    row: ChannelSetting, health: ChannelHealth | None, queue: dict[str, Any], sent: dict[str, Any]
) -> dict[str, Any]:
    state = "paused" if not row.enabled else health.state if health is not None else "waiting"
    own: UUID = row.id
    return {
        "id": own, "code": row.code, "division": row.division, "rank": row.rank, "state": state,
        "carries": {"code": row.carries, **choices.name(choices.CHANNELS, row.carries)},
        "kind": {"code": row.kind, **choices.name(choices.GATEWAY_KINDS, row.kind)},
        "name": {"zh": row.name_zh, "en": row.name_en},
        "since": health.state_at if health is not None and state in ("up", "down") else None,
        "why": row.paused_why if state == "paused" else health.error if health is not None else "",
        "error_at": health.error_at if health is not None else None,
        "rate_per_s": row.rate_per_s, "queued": queue.get("queued", 0), "oldest": queue.get("oldest"),
        **{name: sent.get(name, none) for name, none in _NONE.items()},
        **{name: getattr(health, name, 0) for name in ("handed", "delivered", "failed")},
    }  # fmt: skip
