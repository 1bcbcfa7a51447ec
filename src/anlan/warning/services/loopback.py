"""The simulated people of a drill: setting them up, and letting their answers come in when due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Forbidden, Invalid
from anlan.warning import choices
from anlan.warning.engine import people as people_engine
from anlan.warning.events import LoopbackConfigured
from anlan.warning.models import LoopbackSetting
from anlan.warning.services.answers import answers_take
from anlan.warning.services.moment import pinned
from anlan.warning.services.values import Answer

BATCH = 2000
_READY = """
SELECT id, call_id, person, due_at, content FROM warning_loopback WHERE NOT delivered AND due_at <= %s
ORDER BY due_at, call_id, person LIMIT %s FOR UPDATE SKIP LOCKED
"""
_DELIVERED = "UPDATE warning_loopback SET delivered = true WHERE id = ANY(%s::bigint[])"
PEOPLE = Actor.scenario("people")


@transaction.atomic
def loopback_configure(
    *,
    by: Actor,
    seed: int,
    channels: Sequence[str] = choices.PLAYED_CHANNELS,
    people: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> LoopbackSetting:
    """Let simulated people answer on `channels`. Only a scenario may: a simulated answer must never pass for a real one.

    `people` is the scenario's section (see `engine.people.DEFAULT`); what is absent takes the default habits.
    """
    if by.kind != "scenario":
        raise Forbidden(
            code="loopback.scenario_only",
            zh="只有演练场景可以启用回环渠道。",
            field="by",
            value=by.name,
            en="Only a drill's scenario may switch the loop-back channel on.",
        )
    unknown = sorted(set(channels) - set(choices.CHANNELS))
    if unknown:
        raise Invalid(
            code="loopback.channels",
            zh=f"未知渠道：{'、'.join(unknown)}。",
            field="channels",
            value=unknown,
            en=f"Unknown channels: {', '.join(unknown)}.",
        )
    try:
        people_engine.model(people or {})
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(
            code="loopback.people",
            zh=f"场景的人员参数有误：{error}。",
            field="people",
            value=error,
            en=f"The scenario's people section is wrong: {error}.",
        ) from error
    moment, habits = at or clock.now(), dict(people or {})
    with pinned(moment):
        setting, _ = LoopbackSetting.objects.update_or_create(
            name="default", defaults={"division": "", "seed": seed, "channels": list(channels), "people": habits}
        )
        event = LoopbackConfigured(seed=seed, channels=list(channels), people=habits)
        record(event, by=by, about=f"loopback:{setting.id}", division="", at=moment)
    return setting


def loopback_deliver(now: datetime) -> int:
    """Take every simulated answer due by `now` that comes before its call climbs again; returns how many.

    An answer due after its call's own deadline waits for the climb. After a "cannot" the call climbs at that moment
    and may ring somebody who answers sooner: what else its people will say waits for the next batch.
    """
    done, more = 0, True
    while more:
        count, more = _deliver_batch(now)
        done += count
    return done


@transaction.atomic(savepoint=False)
def _deliver_batch(now: datetime) -> tuple[int, bool]:
    """Take one batch; returns how many, and whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(_READY, [now, BATCH])
        rows = cursor.fetchall()
        cursor.execute("SELECT id, due_at FROM warning_call WHERE id = ANY(%s)", [[row[1] for row in rows]])
        until: dict[UUID, datetime | None] = dict(cursor.fetchall())
    climbing: set[UUID] = set()
    taken = []
    for row in rows:
        limit = until[row[1]]
        if row[1] in climbing or (limit is not None and row[3] > limit):
            continue
        taken.append(row)
        if row[4] == "cannot":
            climbing.add(row[1])
    if taken:
        with pinned(taken[-1][3]):
            answers = [Answer(call, content, due, person) for _, call, person, due, content in taken]
            answers_take(by=PEOPLE, channel="loopback", answers=answers)
            with connection.cursor() as cursor:
                cursor.execute(_DELIVERED, [[row[0] for row in taken]])
    return len(taken), bool(taken) and (bool(climbing) or len(rows) == BATCH)
