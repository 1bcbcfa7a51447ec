"""The process of the senders: `python -m anlan.site.senders`. Sends what the outbox holds by every way out that is set up.

Two processes: one that has loaded everything and does nothing but keep the other, which is its copy and does the work. A
worker that is killed is there again within a fraction of a second, however busy the machine is with starting programs.
Not in a drill: nothing of a drill leaves the house.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django
import structlog

if TYPE_CHECKING:
    from anlan.warning.channels.post_room import PostRoom

log = structlog.get_logger()
BEAT_S, STUCK_S, AGAIN_S, LONGEST_S = 2.0, 60.0, 0.1, 5.0
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Keep a worker until told to stop. Ends with 1 in a drill."""
    django.setup()
    from anlan.kernel.options import options
    from anlan.warning.channels import post_room, registry

    if options.drill:
        log.error("senders.drill", zh="演练节点不运行发送进程", en="a drill's node runs no senders")
        return 1
    registry.load()
    asked: list[int] = []
    worker = 0

    def stop(number: int, _frame: object) -> None:
        asked.append(number)
        if worker:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    pause = AGAIN_S
    while not asked:
        started, own = time.monotonic(), os.getpid()
        worker = os.fork()
        if worker == 0:
            _die_with(own)
            os._exit(asyncio.run(_work(post_room.PostRoom(Path(options.home_path) / "senders"), options.home_path)))
        _, status = os.waitpid(worker, 0)
        worker = 0
        if not asked:
            log.warning("senders.worker_died", status=status)
            pause = AGAIN_S if time.monotonic() - started > LONGEST_S else min(pause * 2, LONGEST_S)
            time.sleep(pause)
    return 0


def _die_with(parent: int) -> None:
    """Let the kernel kill us when our keeper dies, whatever it dies of."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


async def _work(room: PostRoom, home: Path) -> int:
    gc.freeze()  # what is loaded stays; messages come and go by the thousand and make no rings
    gc.set_threshold(50_000, 20, 100)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, room.stop.set)
    working = asyncio.create_task(room.run())
    log.info("senders.ready")
    beat = Path(home) / "senders.beat"
    while not working.done():
        if time.monotonic() - room.alive < STUCK_S:
            beat.touch()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(working), BEAT_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
