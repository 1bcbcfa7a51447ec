"""The readers of connections: how each is set, how it is doing, and devices that nobody registered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from anlan.kernel.scope import Scope
from anlan.monitoring.choices import ConnectionState

FRESH_S = 30  # the gateway writes every few seconds; older health says that it isn't running


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection and its health. `stale`: the gateway hasn't written for a while. The HTTP port (code "http") has no
    settings. unknown: (name as it came, frames, last time ISO, peer), the newest first."""

    code: str
    name: dict[str, str]
    protocol: str
    division: str
    enabled: bool
    settings: dict[str, Any]
    mapping: dict[str, Any]
    state: str
    state_at: datetime | None
    error: dict[str, str]
    error_at: datetime | None
    heard_at: datetime | None
    peers: int
    frames: int
    readings: int
    refused: int
    unknown: tuple[tuple[str, int, str, str], ...]
    stale: bool


_LIST = """
SELECT coalesce(c.code, h.code) AS code, c.name_zh, c.name_en, coalesce(c.protocol, h.protocol) AS protocol,
       coalesce(c.division, h.division) AS division, coalesce(c.enabled, true) AS enabled, c.settings::text,
       c.mapping::text, h.state, h.state_at, h.error::text, h.error_at, h.heard_at, coalesce(h.peers, 0),
       coalesce(h.frames, 0), coalesce(h.readings, 0), coalesce(h.refused, 0), h.unknown::text,
       h.written_at IS NULL OR h.written_at < clock_timestamp() - make_interval(secs => %s) AS stale
FROM monitoring_connection c FULL JOIN monitoring_connectionhealth h ON h.code = c.code
WHERE h.code = 'http' OR c.division ^@ ANY(%s)
ORDER BY (c.code IS NOT NULL), coalesce(c.code, h.code)
"""


def connections_list(scope: Scope) -> list[ConnectionRow]:
    """Return the HTTP port, then the connections of the reader's divisions, with their health. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [FRESH_S, list(scope.prefixes)])
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> ConnectionRow:
    loose = [json.loads(text) if text else {} for text in (row[6], row[7], row[10], row[17])]
    settings, mapping, error, unknown = loose
    strangers = tuple(sorted(((n, *what) for n, what in unknown.items()), key=lambda one: one[2], reverse=True))
    name = {"zh": row[1] or "HTTP 批量接入", "en": row[2] or "Batches over HTTP"}
    state = row[8] or (ConnectionState.STARTING if row[5] else ConnectionState.OFF)
    return ConnectionRow(
        row[0], name, row[3], row[4], row[5], settings, mapping, state, row[9], error, row[11], row[12], row[13],
        row[14], row[15], row[16], strangers, row[18],
    )  # fmt: skip
