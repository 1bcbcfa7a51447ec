"""What comes back from gateways: receipts, matched with their messages, and replies, which are answers to calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.warning.bulk import rows_write
from anlan.warning.channels.gateway import Receipt, Reply
from anlan.warning.engine.replies import reply_content
from anlan.warning.events.channels import MessagesSent
from anlan.warning.models import Call, ChannelSetting, OutboxMessage
from anlan.warning.services.answers import answers_take
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.replies import reply_keep
from anlan.warning.services.ringing import ringing_answer, ringing_open, ringings_told
from anlan.warning.services.slots import slot_add
from anlan.warning.services.values import Answer

BY = Actor.system("warning")
KEPT = timedelta(minutes=10)  # a receipt may come before the message's own hand-over is written
FRESH = timedelta(hours=24)  # an older message is no longer answered by a reply without a reference
_PUT = """
INSERT INTO warning_inbox (division, setting, reference, state, detail, at)
SELECT '', setting, reference, state, detail, at
FROM json_to_recordset(%s) AS x(setting uuid, reference text, state text, detail text, at timestamptz)
"""
_MATCH = """
WITH i AS (SELECT id, setting, reference, state, detail, at FROM warning_inbox ORDER BY id LIMIT %s
  FOR UPDATE SKIP LOCKED),
hit AS (UPDATE warning_outbox o SET state = i.state, done_at = i.at,
    error = CASE WHEN i.state = 'failed' THEN i.detail ELSE '' END
  FROM i JOIN warning_outbox_reference r USING (setting, reference) WHERE o.id = r.message AND o.state = 'handed'
  RETURNING i.id AS item, o.id, o.warning, o.channel, o.setting, o.state, o.ringing),
gone AS (DELETE FROM warning_inbox n USING i WHERE n.id = i.id AND (n.at < %s OR EXISTS (SELECT FROM warning_outbox_reference r
  JOIN warning_outbox o ON o.id = r.message WHERE r.setting = n.setting AND r.reference = n.reference AND o.state <> 'taken'))
  RETURNING 1)
SELECT h.warning, h.channel, h.setting, count(*) FILTER (WHERE h.state = 'delivered'),
  count(*) FILTER (WHERE h.state = 'failed'),
  encode(sha256(convert_to(string_agg(h.id || h.state, ',' ORDER BY h.id), 'UTF8')), 'hex'), h.ringing
FROM hit h GROUP BY 1, 2, 3, h.ringing ORDER BY 1, 2, 3
"""
_COUNT = """
UPDATE warning_channel_health SET delivered = delivered + %s, failed = failed + %s WHERE setting_id = %s
"""


@transaction.atomic
def receipts_put(*, setting: UUID, receipts: Sequence[Receipt]) -> None:
    """Keep what a gateway said of its messages until they are matched. A receipt is never an answer."""
    with whole_reach():
        rows_write(
            _PUT,
            [
                {
                    "setting": setting,
                    "reference": r.reference[:96],
                    "state": r.state,
                    "detail": r.detail[:120],
                    "at": r.at,
                }
                for r in receipts
            ],
        )


@transaction.atomic
def receipts_match(*, most: int = 5000) -> int:
    """Write receipts onto their messages; those without one wait ten minutes for it. Returns how many matched."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, [most, now - KEPT])
        counted = cursor.fetchall()
        for _, _, setting, delivered, failed, _, _ in counted:
            cursor.execute(_COUNT, [delivered, failed, setting])
            slot_add(setting=setting, division="", at=now, delivered=delivered, failed=failed)
    settings = ChannelSetting.objects.in_bulk([row[2] for row in counted])
    record_many([_told(settings[row[2]], row[:-1], now) for row in counted if row[2] in settings and not row[-1]])
    ringings_told(ringings=[row[0] for row in counted if row[-1]], at=now)
    return sum(row[3] + row[4] for row in counted)


def _told(setting: ChannelSetting, row: Sequence[Any], now: datetime) -> tuple[MessagesSent, dict[str, Any]]:
    warning, channel, _, delivered, failed, sha256 = row
    event = MessagesSent(
        warning=str(warning), setting=setting.code, channel=channel, handed=0, delivered=delivered, failed=failed,
        retried=0, parts=0, cost_fen=0.0, sha256=sha256,
    )  # fmt: skip
    return event, {"by": BY, "about": f"warning:{warning}", "division": setting.division, "at": now}


@transaction.atomic
def reply_take(*, setting: ChannelSetting, reply: Reply, codes: dict[str, str] | None = None) -> str:
    """Take a person's reply as the answer to the call or ringing it belongs to; returns "answered", "repeated" or why it is left
    for the duty desk to read (`reply.unread`, services/replies.py).

    By our reference where the gateway gives it back, else the newest message to that address with an open call.
    """
    content = reply_content(reply.words, codes)
    with whole_reach():
        message = _message(setting, reply)
        calls = list(message.calls) if message is not None else []
        if message is None or content is None or not calls:
            why = "unknown_sender" if message is None else "unknown_words" if content is None else "no_open_call"
            return reply_keep(setting=setting, reply=reply, why=why, message=message)
        if message.ringing:
            return ringing_answer(ringing=message.warning, content=content, channel=setting.carries, at=reply.at)
        answers = [
            Answer(call, content, reply.at, message.person, f"{reply.key}:{call}" if reply.key else "")
            for call in calls
        ]
        taken = answers_take(by=BY, answers=answers, channel=setting.carries)
    return "answered" if taken.accepted else "repeated"


def _message(setting: ChannelSetting, reply: Reply) -> OutboxMessage | None:
    if reply.reference:
        tail = reply.reference.rpartition("-")[2]
        found = OutboxMessage.objects.filter(id=int(tail, 16)).first() if _hex(tail) else None
        if found is not None and found.warning.hex[-8:] != reply.reference.split("-")[1]:
            return None
        return found if found is not None and found.channel == setting.carries else None
    since = reply.at - FRESH
    recent = OutboxMessage.objects.filter(address=reply.address, channel="sms", at__gte=since).exclude(calls=[])
    newest = list(recent.order_by("-id")[:10])
    for message in newest:
        if _waits(message):
            return message
    return newest[0] if newest else None


def _waits(message: OutboxMessage) -> bool:
    if message.ringing:
        return ringing_open(message.warning)
    return Call.objects.filter(id__in=message.calls, state__in=("placed", "escalated")).exists()


def _hex(tail: str) -> bool:
    return 0 < len(tail) < 16 and all(char in "0123456789abcdef" for char in tail)
