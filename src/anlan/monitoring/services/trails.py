"""Trails of places that aren't plainly normal, kept in the table between two memories of a shard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from anlan.monitoring.engine.machine import Change, State
from anlan.monitoring.engine.outcome import Standing

_WATCH = """
INSERT INTO monitoring_watch (rule, place, shard, rule_version, trail, division)
SELECT * FROM unnest(%s::text[], %s::text[], %s::int2[], %s::text[], %s::jsonb[], %s::text[])
ON CONFLICT (rule, place) DO UPDATE SET rule_version = excluded.rule_version, trail = excluded.trail
"""


def write_watches(standings: Sequence[tuple[Standing, int]]) -> None:
    """Keep the trails of (standing, shard); a place that is plainly normal again needs none."""
    gone = [(s.rule, s.place) for s, _ in standings if not s.trail]
    rows = [
        (s.rule, s.place, shard, s.version, json.dumps(trail_out(s.trail)), s.division)
        for s, shard in standings
        if s.trail
    ]
    with connection.cursor() as cursor:
        if rows:
            cursor.execute(_WATCH, [list(column) for column in zip(*rows, strict=True)])
        if gone:
            cursor.execute(
                "DELETE FROM monitoring_watch w USING unnest(%s::text[], %s::text[]) AS x(rule, place)"
                " WHERE w.rule = x.rule AND w.place = x.place",
                [list(column) for column in zip(*gone, strict=True)],
            )


def read_watches(shard: int) -> dict[tuple[str, str], tuple[str, list[Change]]]:
    """Return the trails of a shard as the engine restores them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule, place, rule_version, trail::text FROM monitoring_watch WHERE shard = %s", [shard])
        return {
            (rule, place): (version, trail_in(json.loads(trail))) for rule, place, version, trail in cursor.fetchall()
        }


def trail_out(trail: Sequence[Change]) -> list[Any]:
    """Return a trail as plain lists: [at, rank, [[rank, since], …], [since, rank] or null]."""
    return [[c.at, c.state.rank, [list(pair) for pair in c.state.since], c.state.below] for c in trail]


def trail_in(plain: list[Any]) -> list[Change]:
    """Return the trail of plain lists."""
    return [
        Change(at, State(rank, tuple((r, s) for r, s in since), None if below is None else (below[0], below[1])))
        for at, rank, since, below in plain
    ]
