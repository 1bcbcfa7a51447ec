"""The outbox: messages to the outside are queued in the act that makes them, and sent after it (docs/adr/0010).

One statement whatever the number of people. What goes to a person goes by the best way out of its channel code; what
goes to a group, to loudspeakers or to another system goes by every way out of that code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.warning.bulk import rows_write
from anlan.warning.channels.base import Outgoing
from anlan.warning.events.channels import MessagesQueued
from anlan.warning.models import ChannelSetting, Warning

NOTICE: Final = "anlan_outbox"
PRIORITY: Final = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
TELEPHONED: Final = ("smpp", "http_sms", "voice", "loopback")
PERSONAL: Final = (*TELEPHONED, "smtp", "web_push")
_TEXTS = """
INSERT INTO warning_outbox_text (id, division, warning, zh, en)
SELECT id, division, warning, zh, en
FROM json_to_recordset(%s) AS x(id uuid, division text, warning uuid, zh text, en text) ON CONFLICT DO NOTHING
"""
_PUT = """
WITH put AS (
INSERT INTO warning_outbox (division, warning, recipient, setting, channel, step, person, address, role, text, calls,
  priority, at, state, due_at, tries, fence, reference, parts, done_at, error, ringing)
SELECT x.d, g.w, coalesce(x.r, x.p), s.id, s.carries, g.s, x.p, f.address, g.o, g.t, x.k, g.u, g.a,
  CASE WHEN f.lost THEN 'failed' ELSE 'queued' END, g.a, 0, 0, '', 0, CASE WHEN f.lost THEN g.a END,
  CASE WHEN f.lost THEN 'no_address' ELSE '' END, g.b
FROM json_to_recordset(%s) AS x(g int, d text, r uuid, p uuid, k uuid[])
JOIN json_to_recordset(%s) AS g(g int, w uuid, c uuid[], s int, o text, t uuid, u int, a timestamptz, b boolean) ON g.g = x.g
CROSS JOIN LATERAL unnest(g.c) AS c(setting)
JOIN warning_channel_setting s ON s.id = c.setting
LEFT JOIN territory_person p ON p.id = x.p
LEFT JOIN warning_contact_address a ON s.kind <> ALL(%s) AND a.person = x.p AND a.channel = s.carries
CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN s.kind = ANY(%s) THEN p.phone ELSE a.address END, '') AS address) h
CROSS JOIN LATERAL (SELECT h.address, x.p IS NOT NULL AND h.address = '' AND s.kind = ANY(%s) AS lost) f
{again} RETURNING id, warning, channel, state, setting, priority, due_at),
blocks AS (INSERT INTO warning_outbox_block (division, setting, priority, due_at, messages)
SELECT '', setting, priority, due_at, array_agg(id ORDER BY id) FROM (
  SELECT *, (row_number() OVER (PARTITION BY setting, priority, due_at ORDER BY id) - 1) / %s AS n
  FROM put WHERE state = 'queued') q GROUP BY setting, priority, due_at, n ORDER BY min(id))
SELECT warning, channel, count(*), count(*) FILTER (WHERE state = 'failed') FROM put GROUP BY 1, 2 ORDER BY 1, 2
"""
BLOCK: Final = 500
MANY: Final = 200
Group = tuple[UUID, int, str, UUID, int, datetime, tuple[UUID, ...], bool]
"""What many messages share: warning, step, role, words, priority, moment, ways out; whether it is a ringing's."""


class _Row(msgspec.Struct, gc=False, omit_defaults=True):
    """A message on its way into the statement, under short names: tens of thousands are made at once. g: its group."""

    g: int
    d: str
    k: Sequence[UUID]
    p: UUID | None = None
    r: UUID | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A way out as the outbox needs it."""

    id: UUID
    carries: str
    kind: str


class OutboxChannel:
    """All ways out that are set up."""

    name = "outbox"
    outside = True

    def serves(self) -> frozenset[str]:
        """The codes that some way out carries, well or not: its messages wait, or are sent another way."""
        return frozenset(ChannelSetting.objects.filter(enabled=True).values_list("carries", flat=True))

    def send(self, messages: Sequence[Outgoing]) -> None:
        """Queue the messages; those of a drill are passed over."""
        from anlan.warning.services.moment import whole_reach

        real = [message for message in messages if not message.drill]
        if not real:
            return
        with whole_reach():
            put(real, ways_best())


def ways_best() -> dict[str, tuple[Way, ...]]:
    """By channel code, the ways out to use now: to persons the best that isn't down, else the best; the others all."""
    rows = ChannelSetting.objects.filter(enabled=True).order_by("rank", "code")
    values = list(rows.values_list("id", "carries", "kind", "health__state"))
    best: dict[str, tuple[Way, ...]] = {}
    for ident, carries, kind, _ in sorted(values, key=lambda row: row[3] == "down"):
        standing = best.get(carries, ())
        if kind not in PERSONAL or all(way.kind not in PERSONAL for way in standing):
            best[carries] = (*standing, Way(ident, carries, kind))
    return best


def put(messages: Sequence[Outgoing], ways: dict[str, tuple[Way, ...]]) -> None:
    """Queue messages by the given ways out, tell the journal how many, and wake the senders at commit. A ringing's message
    is told by the ringing."""
    homes = _homes(messages)
    rung = {message.warning for message in messages if message.home}
    kinds: dict[tuple[object, ...], _Kind] = {}
    texts: dict[UUID, dict[str, Any]] = {}
    groups: dict[Group, int] = {}
    rows: list[_Row] = []
    told: set[tuple[UUID, int, UUID]] = set()  # who is no person hears once a step, however many are called
    for message in messages:
        person = message.person
        # Thousands are alike in all of this: the ids stand for what they are, and a text is the same object each time.
        alike = (message.warning.int, message.text_zh, message.text_en, message.step, message.role, message.colour,
                 message.at, message.channels, person is None)  # fmt: skip
        if (kind := kinds.get(alike)) is None:
            kind = kinds[alike] = _kind(message, ways, groups)
            others = {(message.warning, message.step, recipient): number for number, recipient in kind.others}
            home = message.calls[0][1] if message.calls else homes[message.warning]
            rows.extend(_Row(others[key], home, [], None, key[2]) for key in others if key not in told)
            told |= others.keys()
            texts[kind.text] = {"id": kind.text, "division": homes[message.warning], "warning": message.warning,
                                "zh": message.text_zh, "en": message.text_en}  # fmt: skip
        home = message.calls[0][1] if message.calls else homes[message.warning]
        calls = [call for call, _ in message.calls]
        if kind.personal is not None:
            rows.append(_Row(kind.personal, home, calls, person))
        for number, way in kind.hooks:
            rows.append(_Row(number, home, calls, person, group_id(way, person)))
    if not rows:
        return
    rows_write(_TEXTS, list(texts.values()))
    shared = [dict(zip("wsotuacb", group, strict=True), g=number) for group, number in groups.items()]
    counted = _queued([msgspec.json.encode(rows).decode(), msgspec.json.encode(shared).decode(),
                       list(TELEPHONED), list(TELEPHONED), list(PERSONAL), BLOCK], len(rows))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {NOTICE}")
    by, at = Actor.system("warning"), messages[0].at
    record_many(
        [
            (
                MessagesQueued(warning=str(warning), channel=channel, count=count, without_address=lost),
                {"by": by, "about": f"warning:{warning}", "division": homes[warning], "at": at},
            )
            for warning, channel, count, lost in counted
            if warning not in rung
        ]
    )


def _queued(words: list[Any], count: int) -> list[tuple[UUID, str, int, int]]:
    """Run the statement; of many rows first in the hope that none was queued before, which costs a fifth less."""
    with connection.cursor() as cursor:
        if count >= MANY:
            with suppress(IntegrityError), transaction.atomic():
                cursor.execute(_PUT.format(again=""), words)
                return list(cursor.fetchall())
        cursor.execute(_PUT.format(again="ON CONFLICT DO NOTHING"), words)
        return list(cursor.fetchall())


def _homes(messages: Sequence[Outgoing]) -> dict[UUID, str]:
    own = {message.warning: message.home for message in messages if message.home}
    wanted = {message.warning for message in messages} - own.keys()
    return own | (dict(Warning.objects.filter(id__in=wanted).values_list("id", "division")) if wanted else {})


def group_id(*key: object) -> UUID:
    """The id that follows from a key: of words, of a group, a system or everybody as a recipient."""
    return UUID(bytes=hashlib.blake2b("|".join(map(str, key)).encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True)
class _Kind:
    """What becomes of messages that are alike but for the person: their words; the group of what goes to the person; the
    groups of webhooks, with the way; the groups of what goes to others, with the recipient."""

    text: UUID
    personal: int | None
    hooks: list[tuple[int, UUID]]
    others: list[tuple[int, UUID]]


def _kind(message: Outgoing, ways: dict[str, tuple[Way, ...]], groups: dict[Group, int]) -> _Kind:
    text = group_id(message.warning, message.text_zh, message.text_en)
    priority, to_person = PRIORITY.get(message.colour, 3), message.person is not None

    def group(*own: UUID) -> int:
        key = (message.warning, message.step, message.role, text, priority, message.at, own, bool(message.home))
        return groups.setdefault(key, len(groups))

    own = [way for code in message.channels for way in ways.get(code, ())]
    personal = [way.id for way in own if way.kind in PERSONAL] if to_person else []
    kind = _Kind(text, group(*personal) if personal else None, [], [])
    for way in own:
        if to_person and way.kind == "webhook":
            kind.hooks.append((group(way.id), way.id))
        elif not to_person or way.kind not in PERSONAL:
            whom = text if way.kind in ("wecom", "dingtalk", "feishu") else ""
            kind.others.append((group(way.id), group_id(way.id, whom)))
    return kind
