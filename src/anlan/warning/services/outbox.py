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
from anlan.kernel.asking import bound
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import record, record_many
from anlan.warning.events.channels import MessagesSent, MessagesTakenBack
from anlan.warning.models import ChannelSetting, Warning
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.ringing import ringings_told
from anlan.warning.services.slots import slot_add

BY = Actor.system("warning")
SMALL = 50  # blocks of retries are small; a claim looks at so many that it is full all the same
_WAITING = """
SELECT id, messages FROM warning_outbox_block WHERE setting = %s AND worker IS NULL AND due_at <= %s
ORDER BY priority, due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_SPLIT = """
WITH rest AS (UPDATE warning_outbox_block SET messages = messages[%s + 1:] WHERE id = %s RETURNING *)
INSERT INTO warning_outbox_block (division, setting, priority, due_at, messages)
SELECT '', setting, priority, due_at, %s FROM rest RETURNING id
"""
_CLAIM = """
WITH mine AS (UPDATE warning_outbox_block SET worker = %s WHERE id = ANY(%s) RETURNING id, messages)
UPDATE warning_outbox o SET state = 'taken', worker = %s, fence = o.fence + 1, tries = o.tries + 1
FROM mine, unnest(mine.messages) AS m(id) WHERE o.id = m.id AND o.state = 'queued'
RETURNING o.id, o.fence, o.tries, mine.id, o.warning::text, o.division, o.step, o.role, o.person, o.address, o.text::text,
  o.priority
"""
_LAND = "DELETE FROM warning_outbox_block WHERE id = ANY(%s) AND worker = %s"
_TAKEN = """
SELECT o.id, o.fence, o.worker FROM warning_outbox_block b, unnest(b.messages) AS m(id) JOIN warning_outbox o ON o.id = m.id
WHERE b.setting = %s AND b.worker IS NOT NULL AND o.state = 'taken' ORDER BY o.id
"""
_LEFT = """
DELETE FROM warning_outbox_block b WHERE b.setting = %s AND b.worker IS NOT NULL AND b.id <> ALL(%s)
  AND NOT EXISTS (SELECT FROM unnest(b.messages) AS m(id) JOIN warning_outbox o ON o.id = m.id WHERE o.state = 'taken')
"""
_OPEN = "SELECT FROM warning_call c WHERE c.id = ANY(o.calls) AND c.state IN ('placed', 'escalated')"
_RUNG = "SELECT FROM warning_ringing r WHERE o.ringing AND r.id = o.warning AND r.state = 'ringing'"
_WRITE = f"""
WITH n AS (SELECT * FROM json_to_recordset(%s) AS x(id bigint, fence int, state text, reference text, parts int,
  error text, due timestamptz, untried boolean)),
done AS (UPDATE warning_outbox o SET
  state = CASE WHEN n.state = 'queued' AND o.calls <> '{{}}' AND NOT EXISTS ({_OPEN}) AND NOT EXISTS ({_RUNG})
    THEN 'cancelled' ELSE n.state END,
  reference = coalesce(n.reference, o.reference), parts = o.parts + coalesce(n.parts, 0), error = coalesce(n.error, ''),
  due_at = coalesce(n.due, o.due_at), worker = NULL, tries = o.tries - coalesce(n.untried, false)::int,
  handed_at = CASE WHEN n.state IN ('handed', 'delivered') THEN %s ELSE o.handed_at END,
  done_at = CASE WHEN n.state IN ('delivered', 'failed', 'given_up') THEN %s ELSE o.done_at END
  FROM n WHERE o.id = n.id AND o.fence = n.fence AND o.worker = %s AND o.state = 'taken'
  RETURNING o.id, o.warning, o.channel, o.state, n.parts AS fresh, o.setting, o.priority, o.due_at, o.reference, o.ringing),
again AS (INSERT INTO warning_outbox_block (division, setting, priority, due_at, messages)
  SELECT '', setting, priority, due_at, array_agg(id ORDER BY id) FROM done WHERE state = 'queued' GROUP BY 2, 3, 4),
told AS (INSERT INTO warning_outbox_reference (division, message, setting, reference)
  SELECT '', id, setting, reference FROM done WHERE state = 'handed' AND reference <> ''
  ON CONFLICT (message) DO UPDATE SET setting = excluded.setting, reference = excluded.reference)
SELECT warning, channel, count(*) FILTER (WHERE state = 'handed'), count(*) FILTER (WHERE state = 'delivered'),
  count(*) FILTER (WHERE state IN ('failed', 'given_up')), count(*) FILTER (WHERE state = 'queued'),
  coalesce(sum(fresh), 0), encode(sha256(convert_to(string_agg(id || state, ',' ORDER BY id), 'UTF8')), 'hex'), ringing
FROM done GROUP BY warning, channel, ringing ORDER BY 1, 2
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
_TRIM = """
WITH gone AS (DELETE FROM warning_outbox WHERE id IN (SELECT id FROM warning_outbox WHERE done_at < %s OR at < %s LIMIT %s)
  RETURNING id), told AS (DELETE FROM warning_outbox_reference r USING gone WHERE r.message = gone.id)
SELECT count(*) FROM gone
"""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A queued message as a worker took it, with a block. See OutboxMessage, OutboxBlock."""

    id: int
    fence: int
    tries: int
    block: int
    warning: UUID
    division: str
    step: int
    role: str
    person: UUID | None
    address: str
    text: UUID
    priority: int


class Outcome(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
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
    with bound() as cursor:
        while blocks := _blocks(cursor, setting, most):
            cursor.execute(_CLAIM, [worker, blocks, worker], binary=True)
            found = _taken(cursor.fetchall())
            hollow = sorted(set(blocks) - {taken.block for taken in found})
            if hollow:  # all of it was taken back or moved meanwhile
                cursor.execute(_LAND, [hollow, worker])
            if found:
                return sorted(found, key=lambda taken: (taken.priority, taken.id))
    return []


def _taken(rows: Sequence[Sequence[Any]]) -> list[Taken]:
    """The messages of such rows. Thousands share a warning and words: each of those ids is made once."""
    ids = {text: UUID(text) for text in {row[4] for row in rows} | {row[10] for row in rows}}
    return [
        Taken(ident, fence, tries, block, ids[warning], division, step, role, person, address, ids[text], priority)
        for ident, fence, tries, block, warning, division, step, role, person, address, text, priority in rows
    ]


def _blocks(cursor: Any, setting: UUID, most: int) -> list[int]:
    """The first waiting blocks that hold `most` messages together, locked; the last is cut to fit."""
    cursor.execute(_WAITING, [setting, clock.now(), most // SMALL + 1])
    picked: list[int] = []
    for ident, messages in cursor.fetchall():
        if len(messages) > most:
            cursor.execute(_SPLIT, [most, ident, messages[:most]])
            ident = cursor.fetchone()[0]
        picked.append(ident)
        most -= len(messages)
        if most <= 0:
            break
    return picked


@transaction.atomic
def outbox_write(
    *, setting: ChannelSetting, worker: UUID | None, outcomes: Sequence[Outcome], landed: Sequence[int] = ()
) -> int:
    """Write what became of messages this worker took; what another took since is left alone. Returns how many.

    `landed` are the worker's blocks of which nothing is left to write after this.
    """
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
        slot_add(setting=setting.id, division=setting.division, at=now, handed=handed + delivered, delivered=delivered,
                 failed=failed, parts=parts, cost_fen=cost)  # fmt: skip
        if landed:
            cursor.execute(_LAND, [list(landed), worker])
    record_many([_sent(setting, row[:-1], now) for row in counted if not row[-1]])
    ringings_told(ringings=[row[0] for row in counted if row[-1]], at=now)
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
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [setting])
        return list(cursor.fetchall())


def outbox_blocks_clear(*, setting: UUID, ours: Sequence[int]) -> None:
    """Do away with taken blocks, but `ours`, of which every message is written: a dead worker did not come to it."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [setting, list(ours)])


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
        gone = int(cursor.fetchone()[0])
        cursor.execute(
            "DELETE FROM warning_outbox_text t WHERE NOT EXISTS (SELECT FROM warning_outbox o WHERE o.text = t.id)"
        )
    return gone
