"""Writing events, always inside the transaction of the change they tell of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.options import options

_INSERT = """
INSERT INTO kernel_entry (uid, node, kind, version, about, division, at, recorded_at, actor, data, act)
SELECT u, n, k, v, b, d, t, r, a::jsonb, j::jsonb, pg_current_xact_id()::text::bigint
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::timestamptz[],
            %s::timestamptz[], %s::text[], %s::text[]) WITH ORDINALITY AS x(u, n, k, v, b, d, t, r, a, j, o)
ORDER BY o
"""


def record(event: Event, *, by: Actor, about: str, division: str, at: datetime | None = None) -> None:
    """Write one event: `about` is `type:id`, `at` when it happened in the world (default: now)."""
    record_many([(event, {"by": by, "about": about, "division": division, "at": at})])


def record_many(items: Sequence[tuple[Event, Mapping[str, Any]]]) -> None:
    """Write many events in one statement, in the order given. Raises outside a transaction."""
    if not items:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is recorded only inside the transaction of its change")
    now = clock.now()
    actors: dict[int, str] = {}
    columns: list[list[Any]] = [[] for _ in range(10)]
    for event, meta in items:
        by: Actor = meta["by"]
        actor = actors.setdefault(id(by), json.dumps(by.as_json(), ensure_ascii=False))
        values = (
            ids.new_id(),
            options.node,
            type(event).kind,
            type(event).version,
            meta["about"],
            meta["division"],
            meta.get("at") or now,
            now,
            actor,
            msgspec.json.encode(event).decode(),
        )
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
