"""How each connection is doing: counted in memory, written to its row every few seconds, read back after a restart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.monitoring.choices import ConnectionState
from anlan.monitoring.models import ConnectionHealth
from anlan.monitoring.sources.batcher import Answer
from anlan.monitoring.sources.metrics import Metrics

MOST_UNKNOWN = 500  # devices kept by name; the longest silent goes first
LONGEST_ERROR = 300


def _now() -> datetime:
    return clock.now()


@dataclass(slots=True)
class Health:
    """One connection's state and counters. error: words in both languages; unknown: [frames, last time, peer] by
    "station element"."""

    code: str
    protocol: str
    division: str
    metrics: Metrics
    state: str = ConnectionState.STARTING
    state_at: datetime = field(default_factory=_now)
    error: dict[str, str] = field(default_factory=dict)
    error_at: datetime | None = None
    heard_at: datetime | None = None
    peers: int = 0
    frames: int = 0
    readings: int = 0
    refused: int = 0
    unknown: dict[str, list[Any]] = field(default_factory=dict)
    changed: bool = True

    def works(self) -> None:
        """Note that the connection works."""
        self._become(ConnectionState.UP)

    def failed(self, zh: str, en: str) -> None:
        """Note that it doesn't, and why."""
        self._become(ConnectionState.DOWN)
        self.wrong(zh, en)

    def off(self) -> None:
        """Note that it was switched off."""
        self._become(ConnectionState.OFF)

    def wrong(self, zh: str, en: str) -> None:
        """Note a fault that doesn't end the connection."""
        self.error, self.error_at, self.changed = {"zh": zh[:LONGEST_ERROR], "en": en[:LONGEST_ERROR]}, _now(), True

    def joined(self, count: int) -> None:
        """Note that so many devices came (or, below 0, left)."""
        self.peers += count
        self.metrics.peers.labels(self.code).set(self.peers)
        self.changed = True

    def took(self, peer: str, answer: Answer, *, understood: bool = True) -> None:
        """Count a frame whose readings are durable now."""
        now = _now()
        self.heard_at, self.frames, self.readings = now, self.frames + 1, self.readings + answer.taken
        self.metrics.frames.labels(self.code).inc()
        if not understood:
            self.refused += 1
            self.metrics.refused.labels(self.code).inc()
        for (station, element), count in answer.unknown.items():
            self.stranger(f"{station} {element}".strip(), peer, now)
            self.metrics.unknown.labels(self.code).inc(count)
        self.changed = True

    def stranger(self, name: str, peer: str, now: datetime) -> None:
        """Count a device nobody registered."""
        before = self.unknown.pop(name[:64], [0, "", ""])
        self.unknown[name[:64]] = [before[0] + 1, now.isoformat(timespec="seconds"), peer[:64]]
        if len(self.unknown) > MOST_UNKNOWN:
            del self.unknown[next(iter(self.unknown))]

    def _become(self, state: str) -> None:
        if self.state != state:
            self.state, self.state_at, self.changed = state, _now(), True
        self.metrics.up.labels(self.code).set(1 if state == ConnectionState.UP else 0)


_WRITE = """
INSERT INTO monitoring_connectionhealth (code, division, protocol, state, state_at, error, error_at, heard_at, peers,
  frames, readings, refused, unknown, written_at)
SELECT code, division, protocol, state, state_at, error, error_at, heard_at, peers, frames, readings, refused, unknown,
  clock_timestamp()
FROM json_to_recordset(%s::json) AS x(code text, division text, protocol text, state text, state_at timestamptz,
  error jsonb, error_at timestamptz, heard_at timestamptz, peers int, frames int8, readings int8, refused int8,
  unknown jsonb)
ON CONFLICT (code) DO UPDATE SET (division, protocol, state, state_at, error, error_at, heard_at, peers, frames,
  readings, refused, unknown, written_at) = (excluded.division, excluded.protocol, excluded.state, excluded.state_at,
  excluded.error, excluded.error_at, excluded.heard_at, excluded.peers, excluded.frames, excluded.readings,
  excluded.refused, excluded.unknown, excluded.written_at)
"""
_COUNTED = ("error", "error_at", "heard_at", "frames", "readings", "refused", "unknown")
_WRITTEN = ("code", "division", "protocol", "state", "state_at", "peers", *_COUNTED)


def health_write(healths: Iterable[Health], codes: Iterable[str]) -> None:
    """Write what changed, and take away the rows of connections that are no more. `codes`: those that are."""
    changed = [health for health in healths if health.changed]
    for health in changed:
        health.changed = False
    rows = [{name: getattr(health, name) for name in _WRITTEN} for health in changed]
    with transaction.atomic(), connection.cursor() as cursor:
        if rows:
            cursor.execute(_WRITE, [msgspec.json.encode(rows).decode().replace("\\u0000", "")])
        cursor.execute("DELETE FROM monitoring_connectionhealth WHERE NOT code = ANY(%s)", [list(codes)])


def health_read() -> dict[str, Mapping[str, Any]]:
    """Return the kept counters by connection."""
    return {row["code"]: row for row in ConnectionHealth.objects.values("code", *_COUNTED)}


def health_made(
    code: str, protocol: str, division: str, metrics: Metrics, kept: Mapping[str, Mapping[str, Any]]
) -> Health:
    """Make a connection's health, going on with the counters it had."""
    before = {name: value for name, value in kept.get(code, {}).items() if name in _COUNTED}
    return Health(code, protocol, division, metrics, **before)
