"""Placing the calls of a warning and letting them climb (叫应)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record, record_many
from anlan.warning import rules
from anlan.warning.engine import ladder
from anlan.warning.engine.ladder import LadderRule, Move, Route, Standing
from anlan.warning.engine.targeting import Reason, Target
from anlan.warning.events import CallEscalated, CallExhausted, CallsClosed, CallsPlaced
from anlan.warning.models import Call, Warning
from anlan.warning.services import audience
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.sending import Ring, calls_send

BATCH = 2000
_CLIMB = """
UPDATE warning_call c SET state = n.state, step = n.step, holder = n.holder, placed_at = n.placed_at, due_at = n.due_at,
  attempts = c.attempts || n.attempt
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::jsonb[])
  AS n(id, state, step, holder, placed_at, due_at, attempt)
WHERE c.id = n.id
"""


def fingerprint(ids: Iterable[UUID]) -> str:
    """SHA-256 over the sorted ids: what the journal keeps of a batch of calls."""
    return hashlib.sha256("\n".join(sorted(str(i) for i in ids)).encode()).hexdigest()


@transaction.atomic
def calls_place(*, by: Actor, warning: Warning, channels: Sequence[str], at: datetime) -> int:
    """Call everybody the ladder names in the warning's area; returns how many. One call a person."""
    rule = audience.ladder_rule(warning.hazard, warning.colour, at)
    with whole_reach():
        found = audience.targets(warning.area, rule)
        used = [code for code in rule.channels if code in channels]
        calls = [_call(warning, target, rule, used, at) for target in found]
        Call.objects.bulk_create(calls, batch_size=BATCH)
        rings = [
            Ring(call.id, call.division, contact, 0, tuple(used))
            for call, route in calls_routes(calls)
            for contact in (route[0].contacts if route else ())
        ]
        calls_send(warning, rings, at)
        _record_placed(by, warning, calls, rule, at)
    return len(calls)


def calls_routes(calls: Iterable[Call]) -> list[tuple[Call, Route]]:
    """Each call with its route as values."""
    return [(call, ladder.from_json(call.route)) for call in calls]


def _call(warning: Warning, target: Target, rule: LadderRule, channels: list[str], at: datetime) -> Call:
    route = ladder.route_for(rule, dict(target.contacts))
    standing = ladder.begin(route, at)
    lead = target.lead
    return Call(
        division=lead.division,
        warning=warning,
        post_id=lead.post,
        person_id=target.person,
        place_id=lead.place,
        role=lead.role,
        level=target.level,
        place_kind=lead.place_kind or "",
        channels=channels,
        reason=[_reason(reason) for reason in target.reasons],
        route=ladder.to_json(route),
        step=0,
        holder=route[0].holder if route else "A",
        state=standing.state,
        first_placed_at=at,
        placed_at=at,
        due_at=standing.due_at,
        attempts=[_attempt(standing)] if route else [],
    )


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "post": reason.post_code,
        "role": reason.role,
        "division": reason.division,
        "place": str(reason.place) if reason.place else None,
        "zh": reason.zh,
        "en": reason.en,
    }


def _attempt(standing: Standing) -> list[str | None]:
    return [standing.placed_at.isoformat(), standing.due_at.isoformat() if standing.due_at else None]


def _record_placed(by: Actor, warning: Warning, calls: Sequence[Call], rule: LadderRule, at: datetime) -> None:
    empty = [call for call in calls if call.state == "exhausted"]
    levels = Counter(call.level for call in calls)
    record(
        CallsPlaced(
            warning=str(warning.id),
            count=len(calls),
            sha256=fingerprint(c.id for c in calls),
            step=0,
            levels={level: levels[level] for level in sorted(levels)},
            unmanned=len(empty),
            ladder=f"{rule.code}@{rules.ladders().version}",
        ),
        by=by,
        about=f"warning:{warning.id}",
        division=warning.division,
        at=at,
    )
    record_many(
        [
            (
                CallExhausted(call=str(call.id), warning=str(warning.id), post=call.reason[0]["post"], cause="vacant"),
                _about(call, by, at),
            )
            for call in empty
        ]
    )


def _about(call: Call, by: Actor, at: datetime) -> dict[str, Any]:
    return {"by": by, "about": f"call:{call.id}", "division": call.division, "at": at}


def calls_escalate(now: datetime) -> int:
    """Let every call that has fallen due by `now` climb one step, at its exact due time; returns how many.

    What falls due again by `now` is left for the next call of this function: other clocks may come in between.
    """
    done = 0
    while True:
        with transaction.atomic():
            due = list(
                Call.objects.select_for_update(skip_locked=True)
                .filter(due_at__lte=now)
                .order_by("due_at", "id")[:BATCH]
            )
            for at, group in groupby(due, key=lambda call: call.due_at or now):
                with pinned(at):
                    calls_climb(by=Actor.system("warning"), calls=list(group), at=at, cause="silence")
        done += len(due)
        if len(due) < BATCH:
            return done


def calls_climb(*, by: Actor, calls: Sequence[Call], at: datetime, cause: str) -> None:
    """Move locked, open calls to their next step at `at`, ring who is there, record each."""
    moved = [
        (call, route, ladder.climb(route, Standing(call.state, call.step, call.placed_at, call.due_at), at))
        for call, route in calls_routes(calls)
    ]
    _store(moved)
    warnings = Warning.objects.in_bulk({call.warning_id for call in calls})
    events: list[tuple[Event, dict[str, Any]]] = []
    rings: dict[UUID, list[Ring]] = {}
    for call, route, move in moved:
        events.append((_climbed(call, route, move, cause), _about(call, by, at)))
        if move.to.state == "escalated":
            rings.setdefault(call.warning_id, []).extend(
                Ring(call.id, call.division, contact, move.to.step, tuple(call.channels))
                for contact in route[move.to.step].contacts
            )
    record_many(events)
    for warning_id in sorted(rings, key=str):
        calls_send(warnings[warning_id], rings[warning_id], at)


def _store(moved: Sequence[tuple[Call, Route, Move]]) -> None:
    columns: list[list[Any]] = [[] for _ in range(7)]
    for call, route, move in moved:
        to = move.to
        climbed = to.state == "escalated"
        values = (
            call.id,
            to.state,
            to.step,
            route[to.step].holder if climbed else call.holder,
            to.placed_at,
            to.due_at,
            Jsonb([_attempt(to)] if climbed else []),
        )
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_CLIMB, columns)


def _climbed(call: Call, route: Route, move: Move, cause: str) -> Event:
    if move.to.state == "exhausted":
        return CallExhausted(call=str(call.id), warning=str(call.warning_id), post=call.reason[0]["post"], cause=cause)
    rung = route[move.to.step]
    return CallEscalated(
        call=str(call.id),
        warning=str(call.warning_id),
        step=move.to.step,
        holder=rung.holder,
        posts=[c.post_code for c in rung.contacts],
        due_at=move.to.due_at or move.at,
        cause=cause,
    )


def calls_close(*, by: Actor, warning: Warning, at: datetime) -> int:
    """Stop the clocks of a warning's open calls because the warning is over; returns how many were unanswered."""
    with whole_reach():
        ids = list(
            Call.objects.select_for_update()
            .filter(warning=warning, state__in=sorted(ladder.OPEN))
            .order_by("id")
            .values_list("id", flat=True)
        )
        if ids:
            Call.objects.filter(id__in=ids).update(state="closed", due_at=None)
            record(
                CallsClosed(warning=str(warning.id), count=len(ids), sha256=fingerprint(ids)),
                by=by,
                about=f"warning:{warning.id}",
                division=warning.division,
                at=at,
            )
    return len(ids)
