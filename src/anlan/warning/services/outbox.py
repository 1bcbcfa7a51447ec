"""The queue of messages, for the senders: taking a batch, writing what became of it, taking over from the dead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import record, record_many
from anlan.warning.events_channels import MessagesSent, MessagesTakenBack
from anlan.warning.models import ChannelSetting, OutboxMessage, Warning
from anlan.warning.services.moment import whole_reach

BY = Actor.system("warning")
_CLAIM = """
WITH picked AS (SELECT id FROM warning_outbox WHERE setting = %s AND state = 'queued' AND due_at <= %s
  ORDER BY priority, due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE warning_outbox o SET state = 'taken', worker = %s, fence = o.fence + 1, tries = o.tries + 1
FROM picked WHERE o.id = picked.id
RETURNING o.id, o.fence, o.tries, o.warning, o.division, o.step, o.role, o.person, o.address, o.text, o.priority
"""
_OPEN = "SELECT FROM warning_call c WHERE c.id = ANY(o.calls) AND c.state IN ('placed', 'escalated')"
_WRITE = f"""
WITH n AS (SELECT * FROM json_to_recordset(%s) AS x(id bigint, fence int, state text, reference text, parts int,
  error text, due timestamptz, untried boolean)),
done AS (UPDATE warning_outbox o SET
  state = CASE WHEN n.state = 'queued' AND o.calls <> '{{}}' AND NOT EXISTS ({_OPEN}) THEN 'cancelled' ELSE n.state END,
  reference = coalesce(nullif(n.reference, ''), o.reference), parts = o.parts + n.parts, error = n.error,
  due_at = coalesce(n.due, o.due_at), worker = NULL, tries = o.tries - n.untried::int,
  handed_at = CASE WHEN n.state IN ('handed', 'delivered') THEN %s ELSE o.handed_at END,
  done_at = CASE WHEN n.state IN ('delivered', 'failed', 'given_up') THEN %s ELSE o.done_at END
  FROM n WHERE o.id = n.id AND o.fence = n.fence AND o.worker = %s AND o.state = 'taken'
  RETURNING o.id, o.warning, o.channel, o.state, n.parts AS fresh)
SELECT warning, channel, count(*) FILTER (WHERE state = 'handed'), count(*) FILTER (WHERE state = 'delivered'),
  count(*) FILTER (WHERE state IN ('failed', 'given_up')), count(*) FILTER (WHERE state = 'queued'), sum(fresh),
  encode(sha256(convert_to(string_agg(id || state, ',' ORDER BY id), 'UTF8')), 'hex')
FROM done GROUP BY 1, 2 ORDER BY 1, 2
"""
_COUNT = """
INSERT INTO warning_channel_health AS h (division, setting_id, state, state_at, error, handed, delivered, failed, parts,
  cost_fen, written_at) VALUES (%s, %s, 'up', %s, '', %s, %s, %s, %s, %s, %s)
ON CONFLICT (setting_id) DO UPDATE SET handed = h.handed + excluded.handed, parts = h.parts + excluded.parts,
  delivered = h.delivered + excluded.delivered, failed = h.failed + excluded.failed,
  cost_fen = h.cost_fen + excluded.cost_fen, written_at = excluded.written_at
"""
_BACK = f"""
WITH back AS (UPDATE warning_outbox o SET state = 'cancelled', done_at = %s
  WHERE o.warning = ANY(%s::uuid[]) AND o.recipient = ANY(%s::uuid[]) AND o.state = 'queued' AND o.calls <> '{{}}'
    AND NOT EXISTS ({_OPEN}) RETURNING warning)
SELECT b.warning, w.division, count(*) FROM back b JOIN warning_warning w ON w.id = b.warning GROUP BY 1, 2 ORDER BY 1
"""
_OVER = """
WITH back AS (UPDATE warning_outbox o SET state = 'cancelled', done_at = %s WHERE o.warning = %s AND o.state = 'queued'
  RETURNING 1) SELECT count(*) FROM back
"""
_TRIM = "DELETE FROM warning_outbox WHERE id IN (SELECT id FROM warning_outbox WHERE done_at < %s OR at < %s LIMIT %s)"


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A queued message as a worker took it. See OutboxMessage."""

    id: int
    fence: int
    tries: int
    warning: UUID
    division: str
    step: int
    role: str
    person: UUID | None
    address: str
    text: UUID
    priority: int


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What to write of a taken message: its new state, the gateway's reference, parts, error, when it is due, and
    whether the try does not count because it never was handed over."""

    id: int
    fence: int
    state: str
    reference: str = ""
    parts: int = 0
    error: str = ""
    due: datetime | None = None
    untried: bool = False


@transaction.atomic
def outbox_claim(*, setting: UUID, worker: UUID, most: int) -> list[Taken]:
    """Take up to `most` due messages for `worker`, the gravest first. In a drill none ever (law 7)."""
    if drill_state() is not None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [setting, clock.now(), most, worker])
        found = [Taken(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda taken: (taken.priority, taken.id))


@transaction.atomic
def outbox_write(*, setting: ChannelSetting, worker: UUID | None, outcomes: Sequence[Outcome]) -> int:
    """Write what became of messages this worker took; what another took since is left alone. Returns how many."""
    if not outcomes:
        return 0
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [msgspec.json.encode(outcomes).decode(), now, now, worker])
        counted = cursor.fetchall()
        total = [sum(row[n] for row in counted) for n in range(2, 7)]
        cost = setting.cost_fen * total[4]
        handed, delivered, failed, retried, parts = total
        cursor.execute(
            _COUNT,
            [setting.division, setting.id, now, handed + delivered, delivered, failed, parts, cost, now],
        )
    record_many([_sent(setting, row, now) for row in counted])
    return int(handed + delivered + failed + retried)


def _sent(setting: ChannelSetting, row: Sequence[Any], now: datetime) -> tuple[MessagesSent, dict[str, Any]]:
    warning, channel, handed, delivered, failed, retried, parts, sha256 = row
    event = MessagesSent(
        warning=str(warning), setting=setting.code, channel=channel, handed=handed, delivered=delivered,
        failed=failed, retried=retried, parts=parts, cost_fen=round(setting.cost_fen * parts, 3), sha256=sha256,
    )  # fmt: skip
    return event, {"by": BY, "about": f"warning:{warning}", "division": setting.division, "at": now}


def outbox_taken(*, setting: UUID) -> list[tuple[int, int, UUID | None]]:
    """Every message of a way out that is taken: (id, fence, worker)."""
    found = OutboxMessage.objects.filter(setting=setting, state="taken").order_by("id")
    return list(found.values_list("id", "fence", "worker"))


def messages_take_back(*, by: Actor, calls: Sequence[tuple[UUID, Sequence[str]]], at: datetime) -> int:
    """Take queued messages back whose calls are all closed: (warning, ids of the persons called). One statement."""
    if not calls or not ChannelSetting.objects.exists():
        return 0
    with whole_reach(), connection.cursor() as cursor:
        people = sorted({person for _, persons in calls for person in persons})
        cursor.execute(_BACK, [at, sorted({str(warning) for warning, _ in calls}), people])
        counted = cursor.fetchall()
        for warning, division, count in counted:
            _tell_back(by, warning, division, count, at)
    return sum(count for _, _, count in counted)


def messages_stop(*, by: Actor, warning: Warning, at: datetime) -> int:
    """Take every queued message of a warning back that is over. Returns how many."""
    if not ChannelSetting.objects.exists():
        return 0
    with whole_reach(), connection.cursor() as cursor:
        cursor.execute(_OVER, [at, warning.id])
        count = int(cursor.fetchone()[0])
        if count:
            _tell_back(by, warning.id, warning.division, count, at)
    return count


def _tell_back(by: Actor, warning: UUID, division: str, count: int, at: datetime) -> None:
    event = MessagesTakenBack(warning=str(warning), count=count)
    record(event, by=by, about=f"warning:{warning}", division=division, at=at)


@transaction.atomic
def outbox_trim(*, before: datetime, oldest: datetime, most: int = 20_000) -> int:
    """Delete messages done before `before`, and any of before `oldest`; what was sent stays told in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIM, [before, oldest, most])
        gone = int(cursor.rowcount)
        cursor.execute(
            "DELETE FROM warning_outbox_text t WHERE NOT EXISTS (SELECT FROM warning_outbox o WHERE o.text = t.id)"
        )
    return gone
