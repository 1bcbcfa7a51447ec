"""Background entry points of monitoring: the clocks of silence and of rules, where no worker of the shards runs them."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.options import options
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.services.mutes import mutes_due, mutes_sweep
from anlan.monitoring.services.stepping import shard_step
from anlan.monitoring.services.ticking import clocks_due, shard_tick, shards_waiting
from anlan.monitoring.sources.log import log_inline


def sweep(now: datetime) -> int:
    """Judge what lies in the log, then let everything happen that fell due at or before `now` by the clock alone; return
    how much did."""
    if _elsewhere():
        return 0
    done = 0
    for shard, waiting in shards_waiting():
        while waiting and (stepped := shard_step(shard, now=microseconds(now), source=log_inline()).entries):
            done += stepped
        done += shard_tick(shard, now, log_inline())
    return done


def next_due() -> datetime | None:
    """Return when the next series falls silent if it sends nothing, or a rule's deadline comes."""
    return None if _elsewhere() else clocks_due(log_inline())


def passing_sweep(now: datetime) -> int:
    """End mutes whose time is up and pass on what they held back; return how many things changed."""
    return mutes_sweep(at=now)


def passing_due() -> datetime | None:
    """Return when the next mute ends, or now when something is held back for no reason any more."""
    return mutes_due()


def _elsewhere() -> bool:
    """On a running node the workers of the shards do it, who know what is still on its way (site/shards.py)."""
    return options.role == "worker" and not options.drill
