"""The drill's own clock: one row in the drill's own database (law 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.journal.record import record
from anlan.kernel.models import DrillState, NodeState
from anlan.kernel.problem import Conflict, Invalid

SPEEDS = (1.0, 600.0)
_ROW = "SELECT * FROM kernel_drillstate WHERE id = 1"  # asked all the time: building it takes longer than answering it


class DrillStarted(Event, kind="drill.started"):
    """A drill database was made and its clock set. scenario, seed, profile: what is played; ends_at: ISO time."""

    scenario: str
    seed: int
    profile: str
    ends_at: datetime


class DrillControlled(Event, kind="drill.controlled"):
    """Somebody paused, resumed or changed the speed of the drill. state: running/paused; speed: 0 is flat out."""

    state: str
    speed: float


@transaction.atomic
def drill_create(
    *,
    by: Actor,
    scenario: str,
    seed: int,
    profile: str,
    starts_at: datetime,
    ends_at: datetime,
    tick_s: int,
    settings: dict[str, Any],
) -> DrillState:
    """Turn this (fresh) database into a drill's: the clock row is made and the node marked. Refuses a used one."""
    if DrillState.objects.exists():
        raise Conflict(
            code="drill.exists",
            zh="此库已有一场演练；请另建演练库。",
            en="This database already holds a drill; make a new drill database.",
        )
    state = DrillState.objects.create(
        id=1, scenario=scenario, seed=seed, profile=profile, starts_at=starts_at, ends_at=ends_at, at=starts_at,
        tick_s=tick_s, settings=settings,
    )  # fmt: skip
    NodeState.objects.update_or_create(id=1, defaults={"node": "drill", "drill": True})
    event = DrillStarted(scenario=scenario, seed=seed, profile=profile, ends_at=ends_at)
    record(event, by=by, about=f"drill:{scenario}", division="", at=starts_at)
    return state


def drill_state() -> DrillState | None:
    """Return the drill row, or None in a database that is not a drill's."""
    return next(iter(DrillState.objects.raw(_ROW)), None)


def drill_locked() -> DrillState:
    """Return the drill row, ours until the transaction ends. Raises DoesNotExist in a database that is not a drill's."""
    row = next(iter(DrillState.objects.raw(_ROW + " FOR UPDATE")), None)
    if row is None:
        raise DrillState.DoesNotExist
    return row


def drill_move(at: datetime, state: str) -> None:
    """Let the drill's clock stand at `at`."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_drillstate SET at = %s, state = %s WHERE id = 1", [at, state])


@transaction.atomic
def drill_control(*, by: Actor, state: str | None = None, speed: float | None = None) -> DrillState:
    """Pause, resume or change speed (0: flat out, else 1 to 600 times), by a post over the drill's whole area."""
    row = drill_locked()
    by.must("drill.control", drill_area(row))
    if speed is not None and speed != 0 and not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise Invalid(
            code="drill.speed",
            zh="演练速度应为 1 至 600 倍，或 0（最快）。",
            en="Give a drill speed from 1 to 600, or 0 for flat out.",
            field="speed",
            value=speed,
        )
    row.state = state or row.state
    row.speed = row.speed if speed is None else speed
    row.save(update_fields=["state", "speed"])
    event = DrillControlled(state=row.state, speed=row.speed)
    record(event, by=by, about=f"drill:{row.scenario}", division=drill_area(row), at=row.at)
    return row


def drill_area(row: DrillState) -> str:
    """Return the division the drill is played for; "" is everything."""
    return str(row.settings.get("division", ""))


def current_time() -> datetime | None:
    """Return where the drill's clock stands; the source `clock.follow` is given in every process of a drill node."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM kernel_drillstate WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else None


def follow_clock() -> None:
    """Make this process live by the drill's clock."""
    clock.follow(current_time)
