"""Ways out: setting them up, and what the senders find out about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.warning import choices
from anlan.warning.channels.outbox import NOTICE, PERSONAL, TELEPHONED, ways_best
from anlan.warning.events.channels import ChannelChanged, ChannelDown, ChannelUp, MessagesMoved
from anlan.warning.formats.channel_settings import settings_of
from anlan.warning.models import ChannelHealth, ChannelSetting, ContactAddress, Ringing
from anlan.warning.services.ringing import ringings_told

BY = Actor.system("warning")
ACT = "warning.channels"
_MOVE_SAME = """
WITH moving AS (UPDATE warning_outbox_block SET setting = %s WHERE setting = %s AND worker IS NULL RETURNING setting, messages)
UPDATE warning_outbox o SET setting = moving.setting FROM moving, unnest(moving.messages) AS m(id)
WHERE o.id = m.id AND o.state = 'queued'
"""
_MOVE_OTHER = """
WITH stuck AS (SELECT o.* FROM warning_outbox_block b, unnest(b.messages) AS m(id) JOIN warning_outbox o ON o.id = m.id
  WHERE b.setting = %s AND b.worker IS NULL AND o.state = 'queued' ORDER BY o.id FOR UPDATE OF o SKIP LOCKED),
found AS (
SELECT q.id, f.setting, f.carries, f.address FROM stuck q CROSS JOIN LATERAL (
  SELECT s.id AS setting, s.carries, coalesce(CASE WHEN s.kind = ANY(%s) THEN p.phone ELSE a.address END, '') AS address
  FROM unnest(%s::uuid[]) WITH ORDINALITY AS u(setting, place) JOIN warning_channel_setting s ON s.id = u.setting
  LEFT JOIN territory_person p ON p.id = q.person
  LEFT JOIN warning_contact_address a ON a.person = q.person AND a.channel = s.carries
  WHERE (q.person IS NULL AND s.kind <> ALL(%s)) OR (q.person IS NOT NULL AND s.kind = ANY(%s)
    AND coalesce(CASE WHEN s.kind = ANY(%s) THEN p.phone ELSE a.address END, '') <> '')
  ORDER BY u.place LIMIT 1) f),
put AS (
INSERT INTO warning_outbox (division, warning, recipient, setting, channel, step, person, address, role, text, calls,
  priority, at, state, due_at, tries, fence, reference, parts, error, ringing)
SELECT q.division, q.warning, q.recipient, f.setting, f.carries, q.step, q.person, f.address, q.role, q.text, q.calls,
  q.priority, q.at, 'queued', q.at, 0, 0, '', 0, '', q.ringing
FROM stuck q JOIN found f USING (id) ON CONFLICT DO NOTHING RETURNING id, setting, priority, due_at),
blocks AS (INSERT INTO warning_outbox_block (division, setting, priority, due_at, messages)
SELECT '', setting, priority, due_at, array_agg(id ORDER BY id) FROM put GROUP BY 2, 3, 4)
UPDATE warning_outbox o SET state = 'moved', error = %s, done_at = %s FROM found WHERE o.id = found.id
"""
_HOLLOW = """
DELETE FROM warning_outbox_block b WHERE b.setting = %s AND b.worker IS NULL AND NOT EXISTS (
  SELECT FROM unnest(b.messages) AS m(id) JOIN warning_outbox o ON o.id = m.id WHERE o.state = 'queued')
"""


@dataclass(frozen=True, slots=True)
class WaySpec:
    """A way out as it is to be. See ChannelSetting."""

    code: str
    carries: str
    kind: str
    name_zh: str
    name_en: str
    division: str = ""
    enabled: bool = True
    rank: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    rate_per_s: float = 10.0
    window: int = 10
    tries: int = 5
    backoff_s: float = 2.0
    in_doubt: str = "repeat"
    instead: Sequence[str] = ()
    cost_fen: float = 0.0


@transaction.atomic
def way_save(*, by: Actor, spec: WaySpec, at: datetime | None = None) -> ChannelSetting:
    """Set a way out up, or change the one of this code; the senders follow within seconds.

    Raises Invalid naming field, value and remedy, Forbidden outside the actor's divisions. What is as it was is
    neither written nor recorded.
    """
    by.must(ACT, spec.division)
    _check(spec)
    row = ChannelSetting.objects.select_for_update().filter(code=spec.code).first()
    if row is not None:
        by.must(ACT, row.division)
    fresh = {name: getattr(spec, name) for name in WaySpec.__slots__ if name != "code"} | {
        "instead": list(spec.instead)
    }
    changed = sorted(fresh) if row is None else [name for name in sorted(fresh) if getattr(row, name) != fresh[name]]
    if row is not None and not changed:
        return row
    action = "made" if row is None else "changed"
    row = row or ChannelSetting(code=spec.code)
    for name, value in fresh.items():
        setattr(row, name, value)
    if row.enabled:
        row.paused_why = ""
    row.save()
    event = ChannelChanged(setting=row.code, carries=row.carries, gateway=row.kind, action=action, fields=changed)
    record(event, by=by, about=f"channel:{row.code}", division=row.division, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {NOTICE}")
    return row


def _check(spec: WaySpec) -> None:
    settings_of(spec.kind, spec.settings)
    unknown = [code for code in (spec.carries, *spec.instead) if code not in choices.CHANNELS]
    if unknown:
        raise Invalid(
            code="channel.code",
            zh=f"没有渠道“{unknown[0]}”；可用：{'、'.join(choices.CHANNELS)}。",
            en=f"There is no channel {unknown[0]}; there are {', '.join(choices.CHANNELS)}.",
            field="carries",
            value=unknown[0],
        )
    wrong = {
        "code": not (spec.code and len(spec.code) <= 32 and spec.code.replace("-", "").replace("_", "").isalnum()),
        "rate_per_s": not 0 < spec.rate_per_s <= 100_000,
        "window": not 1 <= spec.window <= 10_000,
        "tries": not 1 <= spec.tries <= 100,
        "backoff_s": not 0 < spec.backoff_s <= 3_600,
        "in_doubt": spec.in_doubt not in ("repeat", "stop"),
    }
    for name in (name for name, bad in wrong.items() if bad):
        raise Invalid(
            code="channel.value",
            zh=f"渠道设置项 {name} 的值不对；代号用字母、数字和横线，速率、窗口、次数须在允许范围内。",
            en=f"The value of {name} can't be taken; codes are letters, digits and dashes, figures within their bounds.",
            field=name,
            value=getattr(spec, name),
        )


@transaction.atomic
def contact_save(
    *, by: Actor, person: UUID, division: str, channel: str, address: str, keys: dict[str, Any] | None = None
) -> None:
    """Keep where a person of `division` is reached on a channel; '' takes it away. A person sets their own.

    Raises Forbidden for another's when the actor may not write people there.
    """
    if by.person != person:
        by.must("people.write", division)
    if address:
        values = {"division": division, "address": address, "keys": keys or {}}
        ContactAddress.objects.update_or_create(person=person, channel=channel, defaults=values)
    else:
        ContactAddress.objects.filter(person=person, channel=channel).delete()


def way_get(code: str) -> ChannelSetting:
    """One way out. NotFound when there is none of this code."""
    row: ChannelSetting | None = ChannelSetting.objects.filter(code=code).first()
    if row is None:
        raise NotFound(
            code="channel.unknown",
            zh=f"没有渠道“{code}”；请核对代号。",
            en=f"There is no way out {code}; check its code.",
            field="code",
            value=code,
        )
    return row


@transaction.atomic
def way_stands(*, setting: ChannelSetting, state: str, error: str = "") -> int:
    """Write that a way out is up or down, and tell the journal when that changed; return how many messages were
    moved to other ways because it is down."""
    now = clock.now()
    row = ChannelHealth.objects.select_for_update().filter(setting=setting).first()
    before, since = (row.state, row.state_at) if row is not None else ("waiting", now)
    if before != state:
        values = {"division": setting.division, "state": state, "state_at": now, "written_at": now}
        if error:
            values |= {"error": error, "error_at": now}
        ChannelHealth.objects.update_or_create(setting=setting, defaults=values)
        meta: dict[str, Any] = {"by": BY, "about": f"channel:{setting.code}", "division": setting.division, "at": now}
        if state == "down":
            record(ChannelDown(setting=setting.code, channel=setting.carries, error=error), **meta)
        elif before == "down":
            away = int((now - since).total_seconds())
            record(ChannelUp(setting=setting.code, channel=setting.carries, seconds=away), **meta)
    return messages_move(setting, error, now) if state == "down" else 0


def messages_move(setting: ChannelSetting, error: str, now: datetime) -> int:
    """Let waiting messages go another way: by another gateway of the same channel, else by the channels instead."""
    well = ways_best()
    down = set(ChannelHealth.objects.filter(state="down").values_list("setting_id", flat=True))
    same = [way.id for way in well.get(setting.carries, ()) if way.id not in down and way.kind in PERSONAL]
    other = [way.id for code in setting.instead for way in well.get(code, ()) if way.id not in down]
    with connection.cursor() as cursor:
        if same and setting.kind in PERSONAL:
            targets = same[:1]
            cursor.execute(_MOVE_SAME, [targets[0], setting.id])
        elif other:
            targets = other
            phoned, personal = list(TELEPHONED), list(PERSONAL)
            cursor.execute(
                _MOVE_OTHER,
                [setting.id, phoned, targets, personal, personal, phoned, f"down:{error}"[:200], now],
            )
        else:
            return 0
        count = int(cursor.rowcount)
        if count:
            cursor.execute(_HOLLOW, [setting.id])
            cursor.execute(f"NOTIFY {NOTICE}")
    if count:
        ringings_told(ringings=Ringing.objects.filter(state="ringing").values_list("id", flat=True), at=now)
        codes = list(ChannelSetting.objects.filter(id__in=targets).order_by("code").values_list("code", flat=True))
        event = MessagesMoved(setting=setting.code, channel=setting.carries, instead=codes, count=count, error=error)
        record(event, by=BY, about=f"channel:{setting.code}", division=setting.division, at=now)
    return count
