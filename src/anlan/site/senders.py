"""The process of the senders: `python -m anlan.site.senders`. Sends what the outbox holds by every way out that is set up.

Not in a drill: nothing of a drill leaves the house.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django
import structlog

log = structlog.get_logger()
BEAT_S, STUCK_S = 2.0, 60.0


def main() -> int:
    """Run until told to stop."""
    django.setup()
    return asyncio.run(_work())


async def _work() -> int:
    from anlan.kernel.options import options
    from anlan.warning.channels.post_room import PostRoom

    if options.drill:
        log.error("senders.drill", zh="演练节点不运行发送进程", en="a drill's node runs no senders")
        return 1
    home = Path(options.home_path)
    room = PostRoom(home / "senders")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, room.stop.set)
    working = asyncio.create_task(room.run())
    log.info("senders.ready")
    beat = home / "senders.beat"
    while not working.done():
        if time.monotonic() - room.alive < STUCK_S:
            beat.touch()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(working), BEAT_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
