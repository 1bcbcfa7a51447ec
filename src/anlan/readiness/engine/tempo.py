"""When a tick of the drill is due on the wall: pure arithmetic on a monotonic clock handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LAG_S = 2.0


@dataclass(frozen=True)
class Tempo:
    """Tick `tick` was due at monotonic second `wall`; each tick lasts tick_s drill seconds at `speed` (0: flat out)."""

    tick: int
    wall: float
    tick_s: int
    speed: float

    def due(self, tick: int) -> float:
        """Monotonic second at which `tick` is due; the anchor itself when running flat out."""
        if self.speed <= 0.0:
            return self.wall
        return self.wall + (tick - self.tick) * self.tick_s / self.speed

    def kept(self, tick: int, now: float) -> Tempo:
        """The same tempo, or one anchored anew at `tick` when the drill has fallen more than LAG_S behind.

        A drill that was held up (pause, crash, busy machine) goes on from where it is; it doesn't race to catch up.
        """
        late = now - self.due(tick)
        return Tempo(tick, now, self.tick_s, self.speed) if self.speed > 0.0 and late > LAG_S else self


def tick_of(starts_at: datetime, tick_s: int, moment: datetime) -> int:
    """Number of the first tick at or after `moment`; tick 0 is the start."""
    seconds = (moment - starts_at) / timedelta(seconds=1)
    return max(0, -int(-seconds // tick_s))


def tick_time(starts_at: datetime, tick_s: int, tick: int) -> datetime:
    """Drill time of a tick."""
    return starts_at + timedelta(seconds=tick * tick_s)


def grid_times(starts_at: datetime, every: timedelta, after: datetime, upto: datetime) -> list[datetime]:
    """Times starts_at + n·every (n ≥ 0) in the half-open span (after, upto]."""
    first = max(0, (after - starts_at) // every + 1) if after >= starts_at else 0
    times = []
    moment = starts_at + first * every
    while moment <= upto:
        times.append(moment)
        moment += every
    return times
