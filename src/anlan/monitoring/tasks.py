"""Background entry points of monitoring: the clock of silence."""

from __future__ import annotations

from datetime import datetime

from anlan.monitoring.models import Pulse
from anlan.monitoring.services.mutes import mutes_due, mutes_sweep
from anlan.monitoring.services.silence import stations_fall_silent


def sweep(now: datetime) -> int:
    """Mark every station silent whose silence fell due at or before `now`; return how many."""
    return stations_fall_silent(now=now)


def next_due() -> datetime | None:
    """Return when the next station falls silent if it sends nothing."""
    return Pulse.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def passing_sweep(now: datetime) -> int:
    """End mutes whose time is up and pass on what they held back; return how many things changed."""
    return mutes_sweep(at=now)


def passing_due() -> datetime | None:
    """Return when the next mute ends, or now when something is held back for no reason any more."""
    return mutes_due()
