"""Up to which message a shard's log may be let go: judged long enough ago, and held by every snapshot that is kept."""

from __future__ import annotations

from datetime import datetime

import msgspec

from anlan.monitoring.services.snapshots import folder, oldest_done

MOST = 2000


def trim_upto(shard: int, done: int, before: datetime, now: datetime) -> int:
    """Note that `done` is judged now; return the number up to which messages were judged at or before `before`, no
    further than the oldest snapshot; 0 for none."""
    path = folder() / f"{shard}.marks"
    try:
        marks = [(float(at), int(number)) for at, number in msgspec.json.decode(path.read_bytes())]
    except (OSError, ValueError, TypeError, msgspec.DecodeError):
        marks = []
    old = [number for at, number in marks if at <= before.timestamp() and number <= done]
    marks = [(at, number) for at, number in marks if at > before.timestamp() and number <= done]
    fresh = path.with_suffix(".part")
    fresh.write_bytes(msgspec.json.encode([*marks[-MOST:], (now.timestamp(), done)]))
    fresh.replace(path)
    snapshot = oldest_done(shard)
    return min(max(old, default=0), done if snapshot is None else snapshot)
