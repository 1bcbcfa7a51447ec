"""The one source of time (law 7): the wall, a drill's own clock, or the exact moment a deadline fell due.

Services ask `now()` and never the system. A late sweeper wraps each piece of work in `at(due)`, so the record says
when a thing fell due, not when a busy machine got round to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
CACHE_S = 0.1

_moment: ContextVar[datetime | None] = ContextVar("anlan_moment", default=None)
_source: Callable[[], datetime | None] | None = None
_cached: tuple[float, datetime] | None = None


def now() -> datetime:
    """Return the current time, aware, in UTC: the pinned moment, else the drill clock, else the wall."""
    pinned = _moment.get()
    if pinned is not None:
        return pinned
    if _source is not None:
        drill = _from_source()
        if drill is not None:
            return drill
    return datetime.now(UTC)


def today() -> date:
    """Return the current day in China, where the law's days are counted."""
    return now().astimezone(BEIJING).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Pin the time inside the block to `moment` (aware); used by sweepers, the drill driver and tests."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment!r}")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)


def follow(source: Callable[[], datetime | None] | None) -> None:
    """Make `now()` follow `source` (the drill row) in this process; None goes back to the wall clock."""
    global _source, _cached
    _source, _cached = source, None


def _from_source() -> datetime | None:
    """Ask the drill row at most ten times a second; a page asks for the time many times."""
    global _cached
    if _source is None:
        return None
    tick = time.monotonic()
    if _cached is not None and tick - _cached[0] < CACHE_S:
        return _cached[1]
    moment = _source()
    _cached = (tick, moment) if moment is not None else None
    return moment
