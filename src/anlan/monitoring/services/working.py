"""A shard's worker: waits for messages, judges them, lets the clock go on, keeps snapshots and trims the log."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.services.marks import trim_upto
from anlan.monitoring.services.memory import forget, peek, snapshot_keep
from anlan.monitoring.services.stepping import MOST, lock, shard_step
from anlan.monitoring.services.ticking import shard_tick
from anlan.monitoring.sources.log import Log, LogGap, log_open

log = structlog.get_logger()
WAIT_S = 0.2
TICK_S = 1.0
SNAPSHOT_S = 300.0
LONGEST_PAUSE_S = 5.0
MANY = 5_000_000  # readings in memory from which on a snapshot is written beside the judging, by a copy of the process


class Worker:
    """Judges one shard until `stop`. alive: when it last came round (monotonic)."""

    def __init__(self, shard: int, stop: threading.Event) -> None:
        self.shard, self.stop = shard, stop
        self.alive = time.monotonic()
        self.done = 0
        self.ticked = self.kept = 0.0
        self.kept_done = -1
        self.child: int | None = None

    def run(self) -> None:
        """Work until told to stop; a lost database is waited out, a gap in the log ends it."""
        source, pause = log_open(), WAIT_S
        begun = False
        while not self.stop.is_set():
            try:
                if not begun:
                    self.begin(source)
                    begun = True
                self.round(source)
                pause = WAIT_S
            except LogGap as gap:
                log.error("shard.gap", shard=self.shard, wanted=gap.wanted, found=gap.found)
                self.stop.wait(LONGEST_PAUSE_S)
                return
            except (OperationalError, InterfaceError, Unavailable) as failure:
                log.warning("shard.waiting", shard=self.shard, error=f"{type(failure).__name__}: {failure}")
                connection.close()
                self.stop.wait(pause)
                pause, self.alive = min(pause * 2, LONGEST_PAUSE_S), time.monotonic()
            except Exception as failure:
                log.exception("shard.failed", shard=self.shard, error=f"{type(failure).__name__}: {failure}")
                connection.close()
                forget(self.shard)
                self.stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        self.keep(whole=True)
        connection.close()

    def begin(self, source: Log) -> None:
        """Bring the memory to where the shard stands."""
        started = time.monotonic()
        shard_tick(self.shard, clock.now(), source)
        with transaction.atomic():
            self.done = lock(self.shard, source).stamp.done
        self.kept, self.kept_done = time.monotonic(), self.done
        log.info("shard.ready", shard=self.shard, done=self.done, seconds=round(time.monotonic() - started, 2))

    def round(self, source: Log) -> int:
        """Once round: wait for messages, judge them, look at the clock; return how many readings were judged."""
        offered = 0
        try:
            entries = source.read(self.shard, self.done, most=MOST, wait_s=WAIT_S)
        except LogGap:
            entries = []  # somebody else may have judged meanwhile; under the lock it is known for sure
            self.done = shard_step(self.shard, now=microseconds(clock.now()), source=source).done
        if entries:
            stepped = shard_step(self.shard, now=microseconds(clock.now()), source=source, ahead=entries)
            self.done, offered = stepped.done, stepped.offered
        tick = time.monotonic()
        self.alive = tick
        if tick - self.ticked >= TICK_S:
            shard_tick(self.shard, clock.now(), source)
            self.ticked = tick
        if tick - self.kept >= SNAPSHOT_S:
            self.keep()
            upto = trim_upto(self.shard, self.done, clock.now() - timedelta(hours=options.log_keep_h), clock.now())
            if upto:
                source.trim(self.shard, upto)
        return offered

    def keep(self, *, whole: bool = False) -> None:
        """Keep a snapshot if anything was judged since the last one. A large one is written by a forked copy of this
        process, so that judging goes on meanwhile; `whole` waits for it."""
        self.kept = time.monotonic()
        held = peek(self.shard)
        if held is None or held.stamp.done == self.kept_done or self._writing(whole):
            return
        if int((held.engine.memory.pool.stop - held.engine.memory.pool.start).sum()) < MANY or whole:
            snapshot_keep(self.shard)
        else:
            self.child = os.fork()
            if self.child == 0:
                code = 1
                try:
                    os.nice(5)
                    snapshot_keep(self.shard)
                    code = 0
                finally:
                    os._exit(code)  # nothing of this process's connections and threads is to be touched
        self.kept_done = held.stamp.done

    def _writing(self, whole: bool) -> bool:
        """Is the last snapshot still being written?"""
        if self.child is None:
            return False
        pid, _ = os.waitpid(self.child, 0 if whole else os.WNOHANG)
        if pid == 0:
            return True
        self.child = None
        return False
