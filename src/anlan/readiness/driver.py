"""The drill's driver: moves the drill clock tick by tick and lets everything due happen (law 7).

One tick is one transaction: a crash anywhere rolls the tick back whole, and it is done again with the same ids and
times. What a tick does follows from the scenario, the seed and what stands in the database, never from the wall.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import structlog
from django.db import connection, transaction

from anlan.kernel import clock, ids, sweep
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_locked, drill_move, drill_state
from anlan.kernel.journal import record, run_once, seal
from anlan.kernel.journal.reactor import BATCH as REACTIONS
from anlan.kernel.journal.record import written
from anlan.kernel.models import DrillState
from anlan.readiness import stagecraft
from anlan.readiness.engine.tempo import Tempo, tick_of, tick_time
from anlan.readiness.events import DrillEnded

log = structlog.get_logger()
ROUNDS = 20
IDLE_S = 0.25
ACTS_PER_TICK = 4096
_numbers = count()
_ACT = """
SELECT set_config('anlan.act', (-(pg_current_xact_id()::text::bigint * %s + %s))::text, true),
       set_config('anlan.now', %s, true)
"""


@dataclass(frozen=True)
class Done:
    """What one tick did: its number and time, how many things, whether the drill is over, the stages' next deadline,
    and the clock row as it stands now."""

    tick: int
    at: datetime
    things: int
    ended: bool
    sweep_due: datetime | None
    row: DrillState


def drive_forever(stop: threading.Event) -> None:
    """Drive the drill of this database until told to stop; waits while it is paused, ended or not yet made."""
    while not stop.is_set():
        row = drill_state()
        if row is None or row.state != "running":
            stop.wait(IDLE_S)
            continue
        drive(stop)


def drive(
    stop: threading.Event,
    *,
    upto: datetime | None = None,
    seen: Callable[[Done], None] | None = None,
    play: stagecraft.Play | None = None,
    strict: bool = False,
) -> None:
    """Drive from where the clock stands until the end, `upto`, a pause or `stop`; `seen` hears of every tick.

    `play` is made from the drill row where none is given; `strict` raises what a reaction raises, instead of parking it.
    """
    tempo: Tempo | None = None
    done: Done | None = None
    while not stop.is_set():
        row = done.row if done is not None and done.row.speed == 0 else drill_state()
        if row is None or row.state != "running" or (upto is not None and row.at >= upto):
            return
        play = play or stagecraft.play(row)
        tick = _next_tick(row, play, done)
        if tempo is None or tempo.speed != row.speed:
            tempo = Tempo(tick - 1, time.monotonic(), row.tick_s, row.speed)
        if row.speed > 0 and not _wait(stop, tempo, tick):
            return
        done = tick_do(play, tick, strict=strict)
        tempo = tempo.kept(tick, time.monotonic())
        if seen is not None and done is not None:
            seen(done)


def _wait(stop: threading.Event, tempo: Tempo, tick: int) -> bool:
    """Wait until the tick is due on the wall; False when told to stop meanwhile."""
    left = tempo.due(tick) - time.monotonic()
    return not (stop.wait(left) if left > 0 else stop.is_set())


def _next_tick(row: DrillState, play: stagecraft.Play, done: Done | None) -> int:
    """The next tick with something to do. At a paced speed the clock shows every tick, so none is left out."""
    here = tick_of(row.starts_at, row.tick_s, row.at)
    last = tick_of(row.starts_at, row.tick_s, row.ends_at)
    if row.speed > 0:
        return min(here + 1, last)
    swept = done.sweep_due if done is not None else sweep.next_due()
    times = [time for time in (swept, play.next_due(row.at)) if time is not None]
    due = min(times, default=row.ends_at)
    return min(max(here + 1, tick_of(row.starts_at, row.tick_s, due)), last)


@transaction.atomic
def tick_do(play: stagecraft.Play, tick: int, *, strict: bool = False) -> Done | None:
    """Do one tick: all that fell due since the last one, until nothing new appears; then the clock moves.

    None when the drill was paused, or another driver was faster.
    """
    row = drill_locked()
    now = min(tick_time(row.starts_at, row.tick_s, tick), row.ends_at)
    if row.state != "running" or now <= row.at:
        return None
    ended = now >= row.ends_at
    things = 0
    with ids.drill(row.seed, tick), clock.at(now), quiet(now, strict=strict) as rest:
        things += play.perform(row.at, now)
        if ended:
            record(DrillEnded(scenario=row.scenario, seed=row.seed), by=Actor.system("readiness"),
                   about=f"drill:{row.scenario}", division="", at=now)  # fmt: skip
    row.at, row.state = now, "ended" if ended else row.state
    drill_move(row.at, row.state)
    return Done(tick, now, things, ended, rest.due, row)


@dataclass
class Rest:
    """When the stages' next deadline falls due, known once a `quiet` block has come to rest."""

    due: datetime | None = None


@contextmanager
def quiet(now: datetime, *, strict: bool = False) -> Iterator[Rest]:
    """Inside a transaction: let the database's time be `now`, do the block, then sweep, seal and react until nothing
    new appears. Each round of reactions is an act of its own in the chain."""
    act, rest = _Act(now), Rest()
    yield rest
    for _ in range(ROUNDS):
        _react(act, strict)
        done, rest.due = sweep.round_of(now)
        if not done:
            return


def _react(act: _Act, strict: bool) -> None:
    """Seal and react until nothing new is recorded."""
    while act.fresh():
        seal()
        act.renew()
        while run_once(strict=strict) >= REACTIONS:
            pass


class _Act:
    """Numbers the acts inside one transaction: each round's row versions are sealed with its own entries."""

    def __init__(self, now: datetime) -> None:
        self.count, self.told = 0, written()
        self.now = now.isoformat()
        self.renew()

    def fresh(self) -> bool:
        """Has anything been recorded since this was last asked?"""
        before, self.told = self.told, written()
        return self.told != before

    def renew(self) -> None:
        """Begin a new act: what is written from here on is sealed together. The database's own time stamps (of row
        versions) follow the drill."""
        self.count += 1
        if self.count >= ACTS_PER_TICK:
            raise RuntimeError("a tick never came to rest: its reactions keep setting off new ones")
        with connection.cursor() as cursor:
            cursor.execute(_ACT, [ACTS_PER_TICK, next(_numbers) % ACTS_PER_TICK, self.now])
