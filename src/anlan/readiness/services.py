"""The only writers of this stage's tables: planned acts of simulated people, and the facts of the real event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.asking import asked
from anlan.kernel.journal import record
from anlan.readiness.events import FactNoted, MessageChecked
from anlan.readiness.models import PlannedAct, ReferenceFact
from anlan.readiness.plot import Fact

BATCH = 2000
_TAKE = """
DELETE FROM readiness_plannedact WHERE id IN (SELECT id FROM readiness_plannedact WHERE due_at <= %s FOR UPDATE)
RETURNING due_at, id, kind, subject, division, body::text
"""


class Planned(NamedTuple):
    """What a simulated person will do: when, what kind, to what thing, where, and with which details."""

    due_at: datetime
    kind: str
    subject: UUID
    division: str
    body: dict[str, Any]


@transaction.atomic
def acts_plan(acts: Iterable[Planned]) -> int:
    """Keep acts until they fall due; returns how many."""
    rows = [PlannedAct(due_at=a.due_at, kind=a.kind, subject=a.subject, division=a.division, body=a.body) for a in acts]
    PlannedAct.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def acts_due() -> datetime | None:
    """When the next planned act falls due."""
    found: datetime | None = asked("SELECT min(due_at) FROM readiness_plannedact")[0]
    return found


@transaction.atomic(savepoint=False)
def acts_take(now: datetime) -> list[PlannedAct]:
    """Take out everything due at or before `now`, in order of due time and of planning."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [now])
        found = cursor.fetchall()
    names = ("due_at", "id", "kind", "subject", "division", "body")
    return [
        PlannedAct(**dict(zip(names, (*row[:5], json.loads(row[5])), strict=True)))
        for row in sorted(found, key=lambda row: row[:2])
    ]


@transaction.atomic
def facts_keep(facts: Sequence[Fact]) -> None:
    """Keep the dated facts of the real event beside the drill, for the comparison in its report."""
    ReferenceFact.objects.bulk_create(
        [
            ReferenceFact(
                division=fact.division, code=fact.id, at=fact.at, until=fact.until, precision=fact.precision,
                kind=fact.kind, place=fact.place, actor=fact.actor.as_dict(), what=fact.what.as_dict(),
                colour=fact.colour, level=fact.level, value=fact.value, unit=fact.unit, weak=fact.weak,
                source=list(fact.source),
            )
            for fact in facts
        ]
    )  # fmt: skip


@transaction.atomic
def fact_note(*, by: Actor, fact: Fact, at: datetime) -> None:
    """Put on record that the drill clock has reached a dated fact."""
    event = FactNoted(
        fact=fact.id, fact_kind=fact.kind, actor=fact.actor.as_dict(), what=fact.what.as_dict(), colour=fact.colour,
        level=fact.level, value=fact.value, unit=fact.unit, precision=fact.precision, weak=fact.weak,
        source=list(fact.source),
    )  # fmt: skip
    record(event, by=by, about=f"fact:{fact.id}", division=fact.division, at=at)


@transaction.atomic
def message_check_note(
    *, by: Actor, fact: str, text: dict[str, str], refusal: dict[str, Any] | None, at: datetime
) -> None:
    """Put on record whether a public text went against the stop orders in force; `refusal` None: nothing found."""
    event = MessageChecked(fact=fact, text=text, blocked=refusal is not None, refusal=refusal or {})
    record(event, by=by, about=f"fact:{fact}", division="4101", at=at)
