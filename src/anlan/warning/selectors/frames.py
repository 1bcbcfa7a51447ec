"""Pieces of SQL the readers share: the scope of a reader, and a table as it stood at a moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from anlan.kernel.scope import Scope

# What a board counts of calls, over alias c of `counts_sql`. `waiting` is everybody who may still answer in time.
_SUM = "coalesce(sum(c.n) FILTER (WHERE {}), 0)::int"
FUNNEL = f"""
coalesce(sum(c.n), 0)::int AS targeted,
{_SUM.format("c.state = 'answered'")} AS answered,
{_SUM.format("c.state = 'answered' AND c.answer = 'acting'")} AS acting,
{_SUM.format("c.state = 'answered' AND c.answer = 'need_help'")} AS need_help,
{_SUM.format("c.state IN ('placed', 'escalated')")} AS waiting,
{_SUM.format("c.state = 'escalated'")} AS escalated,
{_SUM.format("c.state IN ('exhausted', 'closed')")} AS exhausted
"""
FUNNEL_KEYS = ("targeted", "answered", "acting", "need_help", "waiting", "escalated", "exhausted")


TOWNSHIP = 9
_ALIKE = "division, warning_id, level, role, first_placed_at, state, answer, via"

# What of a call never changes, and what its row versions carry.
_FIXED = (
    "id", "division", "warning_id", "post_id", "place_id", "role", "level", "place_kind", "reason", "route",
    "first_placed_at",
)  # fmt: skip
_MOVING = "state text, step int, holder text, answer text, placed_at timestamptz, due_at timestamptz, answers jsonb"


def calls_sql(at: datetime | None, where: str) -> tuple[str, list[Any]]:
    """A FROM item: the calls (over alias k, narrowed by `where`) as they stood at `at`, None as they are.

    Calls are never deleted and keep their warning and place, so each one's version is looked up by its key: many
    times cheaper than reading all versions of all calls. Put the parameters of `where` before those returned.
    """
    fixed = ", ".join(f"k.{name}" for name in _FIXED)
    if at is None:
        return (
            f"(SELECT {fixed}, k.state, k.step, k.holder, k.answer, k.placed_at, k.due_at, k.answers FROM warning_call k WHERE {where})",
            [],
        )
    sql = f"""(SELECT {fixed}, m.* FROM (SELECT k.* FROM warning_call k WHERE {where}) k
CROSS JOIN LATERAL (SELECT v.row FROM kernel_change v WHERE v.tbl = 'warning_call' AND v.key = k.id::text
  AND v.at <= %s ORDER BY v.id DESC LIMIT 1) v
CROSS JOIN LATERAL jsonb_to_record(v.row) AS m({_MOVING}))"""
    return sql, [at]


def counts_sql(scope: Scope, at: datetime | None, where: str) -> tuple[str, list[Any]]:
    """A FROM item: calls that stand alike, and how many (`n`), narrowed by `where` over k.warning_id and k.division.

    `division` is the township at most. As they are, from the tally that the database keeps; as they stood at `at`, or
    for a reader of a village, from the calls themselves. A figure is a sum of `n`: single rows may be negative.
    """
    if at is None and all(len(prefix) <= TOWNSHIP for prefix in scope.prefixes):
        tally = "SELECT t.*, t.warning AS warning_id FROM warning_call_tally t"
        return f"(SELECT {_ALIKE}, n FROM ({tally}) k WHERE {where})", []
    call, params = calls_sql(at, where)
    sql = f"""(SELECT left(a.division, {TOWNSHIP}) AS division, a.warning_id, a.level, a.role, a.first_placed_at, a.state,
  coalesce(a.answer, '') AS answer, coalesce(a.answers -> 0 ->> 'channel', '') AS via, 1 AS n FROM {call} a)"""
    return sql, params


def inside(scope: Scope, alias: str) -> tuple[str, list[Any]]:
    """Rows inside the scope."""
    return f"{alias}.division ^@ ANY(%s)", [list(scope.prefixes)]


def chain(scope: Scope, alias: str) -> tuple[str, list[Any]]:
    """Rows inside the scope, and those decided above it."""
    return (
        f"({alias}.division ^@ ANY(%s) OR {alias}.division = ANY(%s))",
        [list(scope.prefixes), list(scope.ancestors())],
    )


def rows(sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    """Run a query; one dict a row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def unpacked(value: Any) -> Any:
    """Return what a JSON column holds; plain SQL gives it as text, or as a value already."""
    return json.loads(value) if isinstance(value, str) else value


def stamp(moment: datetime | None) -> str | None:
    """ISO time, or None."""
    return moment.isoformat() if moment is not None else None
