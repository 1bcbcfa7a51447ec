"""The simulated people of a drill: setting them up, and letting their answers come in when due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Forbidden, Invalid
from anlan.warning import choices
from anlan.warning.engine import people as people_engine
from anlan.warning.models import Loopback, LoopbackSetting
from anlan.warning.services.answers import answers_take
from anlan.warning.services.moment import pinned
from anlan.warning.services.values import Answer

BATCH = 2000
PEOPLE = Actor.scenario("people")


@transaction.atomic
def loopback_configure(
    *,
    by: Actor,
    seed: int,
    channels: Sequence[str] = tuple(choices.CHANNELS),
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
    with pinned(at or clock.now()):
        setting, _ = LoopbackSetting.objects.update_or_create(
            name="default",
            defaults={"division": "", "seed": seed, "channels": list(channels), "people": dict(people or {})},
        )
    return setting


def loopback_deliver(now: datetime) -> int:
    """Take every simulated answer due by `now`, oldest first; returns how many.

    A "cannot" makes its call climb at that moment, which may ring people who answer sooner than others already due:
    so a batch ends with the first one, and the next starts from the clocks as they then stand.
    """
    done = 0
    while batch := _deliver_batch(now):
        done += batch
    return done


@transaction.atomic
def _deliver_batch(now: datetime) -> int:
    ready = Q(delivered=False, due_at__lte=now)
    stop = Loopback.objects.filter(ready, content="cannot").order_by("due_at").values_list("due_at", flat=True).first()
    rows = list(
        Loopback.objects.select_for_update(skip_locked=True)
        .filter(ready, due_at__lte=min(stop, now) if stop else now)
        .order_by("due_at", "call_id", "person")[:BATCH]
    )
    if not rows:
        return 0
    with pinned(rows[-1].due_at):
        answers_take(
            by=PEOPLE,
            channel="loopback",
            answers=[Answer(row.call_id, row.content, row.due_at, row.person) for row in rows],
        )
        Loopback.objects.filter(id__in=[row.id for row in rows]).update(delivered=True)
    return len(rows)
