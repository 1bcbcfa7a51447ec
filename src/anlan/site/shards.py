"""The worker of the shards: judges what the gateways put into the log, and runs its clocks. One process for all shards, or
for those named: `python -m anlan.site.shards [NUMBER …]`. Not in a drill, whose driver judges as it plays."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django
import structlog

log = structlog.get_logger()
stop = threading.Event()
BEAT_S = 2.0
STUCK_S = 900.0  # reading a long past anew may take minutes; longer is a fault


def main() -> int:
    """Run until told to stop. Ends with 1 when the log has a gap: the supervisor starts it again, and an operator is
    told by the log and by `anlan doctor`."""
    django.setup()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    from anlan.kernel.options import options
    from anlan.monitoring.services.working import Worker

    numbers = [int(word) for word in sys.argv[1:]] or list(range(max(options.monitoring_shards, 1)))
    workers = [Worker(number, stop) for number in numbers]
    threads = [threading.Thread(target=worker.run, name=f"shard{worker.shard}", daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    log.info("shards.ready", shards=numbers)
    beat = Path(options.home_path) / f"{options.role}.beat"
    while not stop.wait(BEAT_S):
        if all(thread.is_alive() for thread in threads):
            if all(time.monotonic() - worker.alive < STUCK_S for worker in workers):
                beat.touch()
        elif not stop.is_set():
            stop.set()
            return 1
    for thread in threads:
        thread.join(timeout=8.0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
