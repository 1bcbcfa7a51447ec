"""Writing events, always inside the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.options import options

# One JSON document instead of ten arrays: the driver quotes arrays element by element, at many times the cost.
_INSERT = """
INSERT INTO kernel_entry (uid, node, kind, version, about, division, at, recorded_at, actor, data, act)
SELECT uid, node, kind, version, about, division, at, recorded_at, actor, data, anlan_act()
FROM json_to_recordset(%s::json) AS x(o int, uid uuid, node text, kind text, version int, about text, division text,
    at timestamptz, recorded_at timestamptz, actor jsonb, data jsonb)
ORDER BY o
"""

_written = 0


def written() -> int:
    """Return how many events this process has recorded: unchanged means nothing new to seal from here."""
    return _written


def record(event: Event, *, by: Actor, about: str, division: str, at: datetime | None = None) -> None:
    """Write one event: `about` is `type:id`, `at` when it happened in the world (default: now)."""
    record_many([(event, {"by": by, "about": about, "division": division, "at": at})])


def record_many(items: Sequence[tuple[Event, Mapping[str, Any]]]) -> None:
    """Write many events in one statement, in the order given; `uid` in what goes with one is its id, drawn before. Raises
    outside a transaction."""
    if not items:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is recorded only inside the transaction of its change")
    global _written
    _written += len(items)
    now = clock.now()
    rows = [
        {
            "o": order,
            "uid": meta.get("uid") or ids.new_id(),
            "node": options.node,
            "kind": type(event).kind,
            "version": type(event).version,
            "about": meta["about"],
            "division": meta["division"],
            "at": meta.get("at") or now,
            "recorded_at": now,
            "actor": meta["by"].as_json(),
            "data": event,
        }
        for order, (event, meta) in enumerate(items)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [msgspec.json.encode(rows).decode()])
