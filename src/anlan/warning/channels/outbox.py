"""The outbox: messages to the outside are queued in the act that makes them, and sent after it (docs/adr/0009).

One statement whatever the number of people. What goes to a person goes by the best way out of its channel code; what
goes to a group, to loudspeakers or to another system goes by every way out of that code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import connection

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.warning.bulk import rows_write
from anlan.warning.channels.base import Outgoing
from anlan.warning.events_channels import MessagesQueued
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
  priority, at, state, due_at, tries, fence, reference, parts, done_at, error)
SELECT x.d, x.w, coalesce(x.r, x.p), s.id, s.carries, x.s, x.p, f.address, x.o, x.t, x.k, x.u, x.a,
  CASE WHEN f.lost THEN 'failed' ELSE 'queued' END, x.a, 0, 0, '', 0, CASE WHEN f.lost THEN x.a END,
  CASE WHEN f.lost THEN 'no_address' ELSE '' END
FROM json_to_recordset(%s) AS x(d text, w uuid, r uuid, c uuid[], s int, p uuid, o text, t uuid, k uuid[], u int,
  a timestamptz)
CROSS JOIN LATERAL unnest(x.c) AS c(setting)
JOIN warning_channel_setting s ON s.id = c.setting
LEFT JOIN territory_person p ON p.id = x.p
LEFT JOIN warning_contact_address a ON a.person = x.p AND a.channel = s.carries
CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN s.kind = ANY(%s) THEN p.phone ELSE a.address END, '') AS address) g
CROSS JOIN LATERAL (SELECT g.address, x.p IS NOT NULL AND g.address = '' AND s.kind = ANY(%s) AS lost) f
ON CONFLICT DO NOTHING RETURNING warning, channel, state)
SELECT warning, channel, count(*), count(*) FILTER (WHERE state = 'failed') FROM put GROUP BY 1, 2 ORDER BY 1, 2
"""


class _Row(msgspec.Struct, gc=False):
    """A row on its way into the statement, under short names: tens of thousands are made at once."""

    d: str
    w: UUID
    s: int
    o: str
    t: UUID
    u: int
    a: datetime
    c: list[UUID]
    k: list[UUID]
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
    """Queue messages by the given ways out, tell the journal how many, and wake the senders at commit."""
    homes = _homes(messages)
    ids: dict[tuple[UUID, str, str], UUID] = {}
    texts: list[dict[str, Any]] = []
    rows: list[_Row] = []
    for message in messages:
        words = (message.warning, message.text_zh, message.text_en)
        text = ids.get(words)
        if text is None:
            text = ids[words] = group_id(*words)
            texts.append({"id": text, "division": homes[message.warning], "warning": message.warning,
                          "zh": message.text_zh, "en": message.text_en})  # fmt: skip
        home = message.calls[0][1] if message.calls else homes[message.warning]
        rows.extend(_rows(message, home, text, ways))
    if not rows:
        return
    rows_write(_TEXTS, texts)
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [msgspec.json.encode(rows).decode(), list(TELEPHONED), list(PERSONAL)])
        counted = cursor.fetchall()
        cursor.execute(f"NOTIFY {NOTICE}")
    by, at = Actor.system("warning"), messages[0].at
    record_many(
        [
            (
                MessagesQueued(warning=str(warning), channel=channel, count=count, without_address=lost),
                {"by": by, "about": f"warning:{warning}", "division": homes[warning], "at": at},
            )
            for warning, channel, count, lost in counted
        ]
    )


def _homes(messages: Sequence[Outgoing]) -> dict[UUID, str]:
    wanted = {message.warning for message in messages}
    return dict(Warning.objects.filter(id__in=wanted).values_list("id", "division"))


def group_id(*key: object) -> UUID:
    """The id that follows from a key: of words, of a group, a system or everybody as a recipient."""
    return UUID(bytes=hashlib.blake2b("|".join(map(str, key)).encode(), digest_size=16).digest())


def _rows(message: Outgoing, home: str, text: UUID, ways: dict[str, tuple[Way, ...]]) -> Iterator[_Row]:
    base = (home, message.warning, message.step, message.role, text, PRIORITY.get(message.colour, 3), message.at)
    person = message.person
    own = [way for code in message.channels for way in ways.get(code, ())]
    calls = [call for call, _ in message.calls]
    personal = [way.id for way in own if way.kind in PERSONAL] if person is not None else []
    if personal:
        yield _Row(*base, personal, calls, person)
    if len(personal) == len(own):
        return
    for way in own:
        if person is not None and way.kind == "webhook":
            yield _Row(*base, [way.id], calls, person, group_id(way.id, person))
        elif person is None or way.kind not in PERSONAL:
            whom = text if way.kind in ("wecom", "dingtalk", "feishu") else ""
            yield _Row(*base, [way.id], [], None, group_id(way.id, whom))
