"""What the journal is told of readings: each batch that is taken inside a transaction, else a minute of a shard at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from anlan.kernel import ids
from anlan.monitoring.engine.columns import Columns
from anlan.monitoring.events import ReadingsTaken
from anlan.monitoring.models import Batch as BatchRow
from anlan.monitoring.services.snapshots import Stamp
from anlan.monitoring.services.storing import moment
from anlan.monitoring.services.telling import SYSTEM, Recorded

if TYPE_CHECKING:
    from anlan.monitoring.services.stepping import Inline

EVERY_US = 60_000_000
COUNTS = ("offered", "count", "repeated", "differing", "doubtful", "late")
_PROGRESS = """
UPDATE monitoring_progress SET done = %s, chain = %s, judged_at = %s, told = %s::jsonb WHERE shard = %s
"""


class Told(NamedTuple):
    """The event to record, if any, and the id of its batch."""

    event: Recorded | None
    batch: UUID | None


def tell(
    shard: int, stamp: Stamp, told: dict[str, Any], report: dict[str, int], new: Columns, now: int,
    inline: Inline | None = None,
) -> Told:  # fmt: skip
    """Move the shard's progress on, and return what the journal is to be told now. told: what was not told yet; report:
    what became of a step's readings; new: those that were new."""
    told["newest"] = max(int(told.get("newest", 0)), _newest(new, now))
    for name in ("unknown", "damaged"):
        told[name] = int(told.get(name, 0)) + report[name]
    _add(told, report, new)
    told.setdefault("since", now)
    event, batch = None, None
    if int(told["count"]) and (inline is not None or not 0 <= now - int(told["since"]) < EVERY_US):
        event, batch = _entry(shard, told, now, inline)
        for name in (*COUNTS, "sha256", "first", "last", "since"):
            told.pop(name, None)
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [stamp.done, stamp.chain, moment(now), msgspec.json.encode(told).decode(), shard])
    return Told(event, batch)


def due(told: dict[str, Any], now: int) -> bool:
    """Is there something the journal should have been told by now?"""
    return bool(int(told.get("count", 0))) and not 0 <= now - int(told.get("since", now)) < EVERY_US


def _newest(rows: Columns, now: int) -> int:
    """The newest time that isn't from the future."""
    past = rows.at[rows.at <= now]
    return int(past.max(initial=0))


def _add(told: dict[str, Any], report: dict[str, int], stored: Columns) -> None:
    """Add a step to what is to be told; the hash runs on over the new readings of every step."""
    for name in COUNTS:
        told[name] = int(told.get(name, 0)) + report[name]
    if len(stored) == 0:
        return
    before = bytes.fromhex(told.get("sha256", ""))
    body = b"".join(column.astype(column.dtype.newbyteorder("<")).tobytes() for column in stored[:3])
    told["sha256"] = hashlib.sha256(before + body).hexdigest()
    first, last = int(stored.at.min()), int(stored.at.max())
    told["first"], told["last"] = min(int(told.get("first", first)), first), max(int(told.get("last", last)), last)


def _entry(shard: int, told: dict[str, Any], now: int, inline: Inline | None) -> tuple[Recorded, UUID]:
    """Keep the batch's account, and return its event."""
    key = ids.new_id()
    division, source = (inline.division, inline.source[:128]) if inline else ("", f"log:{shard}")
    first, last = moment(told["first"]), moment(told["last"])
    counts = {name: told[name] for name in COUNTS}
    BatchRow.objects.create(
        id=key, division=division, source=source, sha256=told["sha256"], first_at=first, last_at=last,
        taken_at=moment(now), **counts,
    )  # fmt: skip
    counts.pop("offered")
    event = ReadingsTaken(
        batch=str(key), source=source, sha256=told["sha256"], first_at=first.isoformat(), last_at=last.isoformat(), **counts
    )  # fmt: skip
    by = inline.by if inline else SYSTEM
    return (event, {"by": by, "about": f"batch:{key}", "division": division, "at": moment(now)}), key
