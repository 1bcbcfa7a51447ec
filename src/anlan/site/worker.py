"""The worker process: seals the journal, runs reactions, keeps the clocks, runs jobs, and drives a drill."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django
import structlog

from anlan.site.starting import loading

log = structlog.get_logger()
stop = threading.Event()
SEAL_PAUSE_S, SWEEP_PAUSE_S, RETRY_PAUSE_S = 0.2, 1.0, 60.0
BEAT_S = 2.0
INDEX_PAUSE_S = 15.0


def main() -> None:
    """Run until told to stop; a part that fails is logged and goes on with a fresh connection."""
    with loading():
        django.setup()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    from anlan.kernel.options import options
    from anlan.warning.rules import packs_read

    packs_read()
    loops: list[tuple[str, Callable[[], None]]] = [
        ("seal", _seal),
        ("retry", _retry),
        ("jobs", _jobs),
        ("index", _index),
    ]
    loops.append(("drill", _drill) if options.drill else ("sweep", _sweep))
    threads = [threading.Thread(target=_keep, args=loop, name=loop[0], daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    log.info("worker.ready", loops=[name for name, _ in loops])
    beat = Path(options.home_path) / "worker.beat"
    beat.touch()
    while not stop.wait(BEAT_S):
        beat.touch()
    for thread in threads:
        thread.join(timeout=8.0)


def _keep(name: str, loop: Callable[[], None]) -> None:
    """Run one loop for ever; a lost database or a fault is waited out, never fatal."""
    from django.db import connection

    pause = 0.2
    while not stop.is_set():
        started = time.monotonic()
        try:
            loop()
        except Exception as failure:
            log.error("worker.loop_failed", loop=name, error=f"{type(failure).__name__}: {failure}")
            connection.close()
            pause = 0.2 if time.monotonic() - started > 30 else min(pause * 2, 5.0)
            stop.wait(pause)


def _seal() -> None:
    """Seal and react as soon as the database tells of new entries, and every fifth of a second all the same."""
    from anlan.kernel.journal.reactor import run_until_quiet

    while not stop.is_set():
        run_until_quiet()
        stop.wait(SEAL_PAUSE_S)


def _sweep() -> None:
    from anlan.kernel import clock, sweep

    while not stop.is_set():
        sweep.run(clock.now())
        stop.wait(SWEEP_PAUSE_S)


def _index() -> None:
    """Keep the finding indexes fresh; a look every quarter of a minute, longer between two in a drill."""
    from anlan.kernel.options import options
    from anlan.territory.services.snapshots import snapshots_refresh

    while not stop.wait(INDEX_PAUSE_S * (4 if options.drill else 1)):
        snapshots_refresh()


def _retry() -> None:
    """Try parked reactions again, once a minute."""
    from anlan.kernel.journal.reactor import retry_parked

    while not stop.wait(RETRY_PAUSE_S):
        retry_parked()


def _jobs() -> None:
    """Run queued jobs and those of the calendar, one at a time."""
    import asyncio

    from anlan.site.tasks import worker_app
    from anlan.territory.services.imports import imports_resume

    imports_resume()  # a worker that died leaves imports in the middle; another process at one keeps it

    async def work() -> None:
        app = worker_app()
        async with app.open_async():
            task = asyncio.create_task(app.run_worker_async(install_signal_handlers=False, wait=True))
            while not stop.is_set() and not task.done():
                await asyncio.sleep(0.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())


def _drill() -> None:
    from anlan.readiness.driver import drive_forever

    drive_forever(stop)


if __name__ == "__main__":
    main()
