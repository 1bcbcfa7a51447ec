"""Placing the calls of a warning (叫应): everybody the ladder names, one call a person, in one statement."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from anlan.kernel import ids
from anlan.kernel.actor import Actor
from anlan.kernel.asking import bound
from anlan.kernel.journal import record, record_many
from anlan.warning import rules
from anlan.warning.bulk import uncollected
from anlan.warning.engine import ladder
from anlan.warning.engine.ladder import LadderRule, Route, Standing
from anlan.warning.engine.targeting import Reason, Target
from anlan.warning.events import CallExhausted, CallsClosed, CallsPlaced
from anlan.warning.models import Call, Warning
from anlan.warning.services import audience, placing
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.outbox import messages_stop
from anlan.warning.services.sending import Ring, calls_send

_INSERT = """
INSERT INTO warning_call (id, division, warning_id, post_id, person_id, place_id, role, level, place_kind, reason,
  channels, route, step, holder, state, first_placed_at, placed_at, due_at, attempts, answered_holder, late_s, answers)
SELECT id, division, %(warning)s::uuid, post, person, place, role, level, place_kind, reason::jsonb, channels::jsonb,
  route::jsonb, 0, holder, state, %(at)s::timestamptz, %(at)s::timestamptz, due_at, attempts::jsonb, '', 0, '[]'
FROM unnest(%(id)b::uuid[], %(division)b::text[], %(post)b::uuid[], %(person)b::uuid[], %(place)b::uuid[], %(role)b::text[],
  %(level)b::text[], %(place_kind)b::text[], %(reason)b::text[], %(channels)b::text[], %(route)b::text[],
  %(holder)b::text[], %(state)b::text[], %(due_at)b::timestamptz[], %(attempts)b::text[])
  AS x(id, division, post, person, place, role, level, place_kind, reason, channels, route, holder, state, due_at, attempts)
"""
_COLUMNS = ("id", "division", "post", "person", "place", "role", "level", "place_kind", "reason", "channels", "route", "holder",
            "state", "due_at", "attempts")  # fmt: skip
_LISTS = frozenset({"reason", "channels", "route", "attempts"})


def fingerprint(call_ids: Iterable[UUID]) -> str:
    """SHA-256 over the sorted ids: what the journal keeps of a batch of calls."""
    return hashlib.sha256("\n".join(sorted(str(i) for i in call_ids)).encode()).hexdigest()


@transaction.atomic
def calls_place(*, by: Actor, warning: Warning, channels: Sequence[str], at: datetime) -> int:
    """Call everybody the ladder names in the warning's area; returns how many. One call a person.

    Of thousands the gravest are called at once and the others by the sweeper, block by block (`placing.py`).
    """
    rule = audience.ladder_rule(warning.hazard, warning.colour, at)
    with whole_reach():
        now, total = placing.first(warning, rule, at)
        calls_put(by=by, warning=warning, targets=now, rule=rule, channels=channels, at=at)
        if left := total - len(now):
            placing.wait_for(warning=warning, channels=channels, total=total, left=left, at=at)
    return total


def calls_put(
    *, by: Actor, warning: Warning, targets: Sequence[Target], rule: LadderRule, channels: Sequence[str], at: datetime
) -> None:
    """Place the calls of these people, send their messages, tell the journal. In the caller's transaction and reach.

    `channels` are those used for the warning; each person hears by those the rule names for the role.
    """
    with uncollected():
        rings, rows = _calls(warning, targets, rule, channels, at)
        _calls_write(warning, rows, at)
        calls_send(rings, {warning.id: warning})
    _record_placed(by, warning, rows, rule, at)


def _calls(
    warning: Warning, targets: Sequence[Target], rule: LadderRule, channels: Sequence[str], at: datetime
) -> tuple[list[Ring], list[dict[str, Any]]]:
    """Whom to ring, and the rows of their calls."""
    rows: list[dict[str, Any]] = []
    rings: list[Ring] = []
    by_role: dict[str, tuple[str, ...]] = {}
    for target in targets:
        role = target.lead.role
        if role not in by_role:
            by_role[role] = tuple(code for code in rule.channels_of(role) if code in channels)
        used = by_role[role]
        route = ladder.route_for(rule, dict(target.contacts))
        row = _row(target, route, used, at)
        rows.append(row)
        rings.extend(
            Ring(warning.id, row["id"], row["division"], contact, 0, used, at)
            for contact in (route[0].contacts if route else ())
        )
    return rings, rows


def _calls_write(warning: Warning, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    if not rows:
        return
    words: dict[str, Any] = {name: [row[name] for row in rows] for name in _COLUMNS}
    for name in _LISTS:
        words[name] = [msgspec.json.encode(value).decode() for value in words[name]]
    with bound() as cursor:
        cursor.execute(_INSERT, {**words, "warning": warning.id, "at": at})


def _row(target: Target, route: Route, channels: Sequence[str], at: datetime) -> dict[str, Any]:
    standing = ladder.begin(route, at)
    lead = target.lead
    return {
        "id": ids.new_id(),
        "division": lead.division,
        "post": lead.post,
        "person": target.person,
        "place": lead.place,
        "role": lead.role,
        "level": target.level,
        "place_kind": lead.place_kind or "",
        "reason": [_reason(reason) for reason in target.reasons],
        "channels": channels,
        "route": ladder.to_json(route),
        "holder": route[0].holder if route else "A",
        "state": standing.state,
        "due_at": standing.due_at,
        "attempts": [attempt(standing)] if route else [],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "post": reason.post_code,
        "role": reason.role,
        "division": reason.division,
        "place": reason.place,
        "zh": reason.zh,
        "en": reason.en,
    }


def attempt(standing: Standing) -> list[datetime | None]:
    """What a call keeps of one step: when it was called, and until when it had to answer."""
    return [standing.placed_at, standing.due_at]


def _record_placed(by: Actor, warning: Warning, rows: Sequence[dict[str, Any]], rule: LadderRule, at: datetime) -> None:
    empty = [row for row in rows if row["state"] == "exhausted"]
    levels = Counter(row["level"] for row in rows)
    event = CallsPlaced(
        warning=str(warning.id),
        count=len(rows),
        sha256=fingerprint(row["id"] for row in rows),
        step=0,
        levels={level: levels[level] for level in sorted(levels)},
        unmanned=len(empty),
        ladder=f"{rule.code}@{rules.ladders().version}",
    )
    record(event, by=by, about=f"warning:{warning.id}", division=warning.division, at=at)
    record_many(
        [
            (
                CallExhausted(call=str(r["id"]), warning=str(warning.id), post=r["reason"][0]["post"], cause="vacant"),
                {"by": by, "about": f"call:{r['id']}", "division": r["division"], "at": at},
            )
            for r in empty
        ]
    )


def calls_close(*, by: Actor, warning: Warning, at: datetime) -> int:
    """Stop the clocks of a warning's open calls because the warning is over; returns how many were unanswered."""
    with whole_reach():
        placing.waiting_end(warning)
        open_calls = Call.objects.select_for_update().filter(warning=warning, state__in=sorted(ladder.OPEN))
        found = list(open_calls.order_by("id").values_list("id", flat=True))
        if found:
            Call.objects.filter(id__in=found).update(state="closed", due_at=None)
            event = CallsClosed(warning=str(warning.id), count=len(found), sha256=fingerprint(found))
            record(event, by=by, about=f"warning:{warning.id}", division=warning.division, at=at)
        messages_stop(by=by, warning=warning, at=at)
    return len(found)
