"""Letting calls climb: A-holder, B-holder, superior post, duty desk, each at its exact due time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record_many
from anlan.territory.selectors import division_names
from anlan.warning.bulk import rows_write
from anlan.warning.engine import ladder
from anlan.warning.engine.ladder import Move, Route, Rung, Standing
from anlan.warning.events import CallEscalated, CallExhausted, VisitAsked
from anlan.warning.models import Call, Warning
from anlan.warning.services.calls import attempt
from anlan.warning.services.moment import pinned
from anlan.warning.services.sending import Ring, calls_send

BATCH = 2000
FIELDS = (
    "id",
    "division",
    "warning_id",
    "reason",
    "channels",
    "route",
    "step",
    "holder",
    "state",
    "placed_at",
    "due_at",
)
_UPDATE = """
UPDATE warning_call c SET state = n.state, step = n.step, holder = n.holder, placed_at = n.placed_at, due_at = n.due_at,
  attempts = c.attempts || n.attempts
FROM json_to_recordset(%s) AS n(id uuid, state text, step int, holder text, placed_at timestamptz, due_at timestamptz,
  attempts jsonb)
WHERE c.id = n.id
"""


@dataclass(frozen=True, slots=True)
class Climb:
    """A locked, open call that goes on to its next step at `at`, by silence or because its person cannot act."""

    call: Call
    at: datetime
    cause: Literal["silence", "cannot"]


def calls_escalate(now: datetime) -> int:
    """Let every call that has fallen due by `now` climb one step, at its exact due time; returns how many."""
    done = 0
    while True:
        with transaction.atomic():
            due = list(
                Call.objects.select_for_update(skip_locked=True)
                .filter(due_at__lte=now)
                .order_by("due_at", "id")
                .only(*FIELDS)[:BATCH]
            )
            if due:
                with pinned(due[-1].due_at or now):
                    climbs = [Climb(call, call.due_at or now, "silence") for call in due]
                    calls_climb(by=Actor.system("warning"), climbs=climbs)
        done += len(due)
        if len(due) < BATCH:
            return done


def calls_climb(*, by: Actor, climbs: Sequence[Climb]) -> None:
    """Move the calls to their next step, ring who is there, record each. The caller holds their locks."""
    moved = [(climb, *_move(climb)) for climb in climbs]
    rows_write(_UPDATE, [_row(climb, route, move) for climb, route, move in moved])
    record_many([_recorded(by, climb, route, move) for climb, route, move in moved])
    climbed = [(c.call, route[move.to.step], move) for c, route, move in moved if move.to.state == "escalated"]
    visits = [(call, rung, move) for call, rung, move in climbed if rung.holder == "visit"]
    record_many([_visit(by, *visit) for visit in visits])
    names = division_names(sorted({call.division for call, _, _ in visits})) if visits else {}
    rings = [
        Ring(
            call.warning_id, call.id, call.division, contact, move.to.step, tuple(call.channels), move.at,
            _sought(call, names) if rung.holder == "visit" else None,
        )
        for call, rung, move in climbed
        for contact in rung.contacts
    ]  # fmt: skip
    if rings:
        calls_send(rings, Warning.objects.in_bulk({ring.warning for ring in rings}))


def _sought(call: Call, names: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """The post nobody answered for, in words (Chinese, English)."""
    why, name = call.reason[0], names.get(call.division, {"zh": call.division, "en": call.division})
    return f"{name['zh']}{why['zh']}", f"{why['en']}, {name['en']}"


def _visit(by: Actor, call: Call, rung: Rung, move: Move) -> tuple[Event, dict[str, Any]]:
    event = VisitAsked(
        call=str(call.id),
        warning=str(call.warning_id),
        sought=call.reason[0]["post"],
        visitor=rung.contacts[0].post_code,
        due_at=move.to.due_at or move.at,
    )
    return event, {"by": by, "about": f"call:{call.id}", "division": call.division, "at": move.at}


def _move(climb: Climb) -> tuple[Route, Move]:
    call = climb.call
    route = ladder.from_json(call.route)
    return route, ladder.climb(route, Standing(call.state, call.step, call.placed_at, call.due_at), climb.at)


def _row(climb: Climb, route: Route, move: Move) -> dict[str, Any]:
    to = move.to
    climbed = to.state == "escalated"
    return {
        "id": climb.call.id,
        "state": to.state,
        "step": to.step,
        "holder": route[to.step].holder if climbed else climb.call.holder,
        "placed_at": to.placed_at,
        "due_at": to.due_at,
        "attempts": [attempt(to)] if climbed else [],
    }


def _recorded(by: Actor, climb: Climb, route: Route, move: Move) -> tuple[Event, dict[str, Any]]:
    call, to = climb.call, move.to
    meta = {"by": by, "about": f"call:{call.id}", "division": call.division, "at": move.at}
    if to.state == "exhausted":
        post = call.reason[0]["post"]
        return CallExhausted(call=str(call.id), warning=str(call.warning_id), post=post, cause=climb.cause), meta
    rung = route[to.step]
    event = CallEscalated(
        call=str(call.id),
        warning=str(call.warning_id),
        step=to.step,
        holder=rung.holder,
        posts=[contact.post_code for contact in rung.contacts],
        due_at=to.due_at or move.at,
        cause=climb.cause,
    )
    return event, meta
