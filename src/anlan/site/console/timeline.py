"""The timeline under the map: what was warned and what was decided when, from the sealed journal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.scope import Scope

Rows = list[dict[str, Any]]

WARNED = ("warning.issued",)
DECIDED = ("level.started", "level.raised", "level.lowered", "level.ended")
ASKED = ("level.proposed", "level.undecided")
HAPPENED = ("incident.opened", "stopline.crossed", "contact.lost", "command.unattended")
TOLD = (*WARNED, *DECIDED, *ASKED, *HAPPENED, "channel.missing", "report.breach", "drill.fact_noted")
QUIET = timedelta(hours=24)
RECENT = 60

_SQL = """
SELECT s.seq, e.kind, e.about, e.division, e.at,
       e.data::jsonb ->> 'colour', (e.data::jsonb ->> 'level')::int, e.data::jsonb ->> 'track', e.data::jsonb -> 'what'
FROM kernel_seal s JOIN kernel_entry e ON e.id = s.entry_id
WHERE e.kind = ANY(%s) AND e.at >= %s ORDER BY e.at, s.seq
"""


def timeline(scope: Scope) -> dict[str, Any]:
    """Start, end and now of the line, its `marks` in order of time, and the latest entries (`recent`).

    A mark: at, kind, about, division, lane ("warning", "main", "history" or "event"), colour or level; `title` {zh, en}
    of a dated fact.
    """
    drill = drill_state()
    now = clock.now()
    start, end = (drill.starts_at, drill.ends_at) if drill else (now - QUIET, now)
    marks = [mark for mark in _marks(start) if scope.sees(mark["division"])]
    return {
        "start": start,
        "end": end,
        "now": drill.at if drill else now,
        "marks": marks,
        "recent": sorted(marks, key=lambda m: m["seq"])[-RECENT:],
    }


def _marks(start: datetime) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [list(TOLD), start])
        found = cursor.fetchall()
    return [
        {
            "seq": seq, "kind": kind, "about": about, "division": division, "at": at,
            "lane": _lane(kind, track), "colour": colour or None, "level": level,
            "title": json.loads(what) if isinstance(what, str) else what,
        }
        for seq, kind, about, division, at, colour, level, track, what in found
    ]  # fmt: skip


def _lane(kind: str, track: str | None) -> str:
    if kind in WARNED:
        return "warning"
    return (track or "main") if kind in DECIDED else "event"
