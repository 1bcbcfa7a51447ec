"""The process of the senders: `python -m anlan.site.senders`. Sends what the outbox holds by every way out that is set up.

Three processes: the keeper has loaded everything and does nothing but keep its copy, the worker, which sends; the spare is
a second copy that only waits. A worker that is killed is there again within a fraction of a second, however busy the
machine is with starting programs. When the keeper is killed, the spare keeps a worker in its stead until the next keeper
has loaded and relieves it. Not in a drill: nothing of a drill leaves the house.
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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django
import structlog

if TYPE_CHECKING:
    from anlan.warning.channels.post_room import PostRoom

log = structlog.get_logger()
BEAT_S, STUCK_S, AGAIN_S, LONGEST_S = 2.0, 60.0, 0.1, 5.0
STAND_IN_S = 120.0  # a spare whose keeper never comes back does not go on for ever
RELIEF_S, LOOK_S = 8.0, 0.1
PR_SET_PDEATHSIG = 1
HELD = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1}


def main() -> int:
    """Keep a worker until told to stop. Ends with 1 in a drill."""
    django.setup()
    from anlan.kernel.options import options
    from anlan.warning.channels import registry

    if options.drill:
        log.error("senders.drill", zh="演练节点不运行发送进程", en="a drill's node runs no senders")
        return 1
    registry.load()
    home = Path(options.home_path)
    home.mkdir(parents=True, exist_ok=True)
    _relieve(home / "senders.standin")
    return Keeper(home).run()


@dataclass
class Keeper:
    """Keeps a worker, and a spare of itself. `boss`: who started the keeper this is a stand-in of, else 0."""

    home: Path
    boss: int = 0
    worker: int = 0
    spare: int = 0
    asked: bool = False

    def run(self) -> int:
        """Work until told to stop, or as a stand-in until relieved."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
        pause, until, started, again = AGAIN_S, time.monotonic() + STAND_IN_S, 0.0, 0.0
        while not self.asked:
            now = time.monotonic()
            if not self.boss and not self.spare:
                self._start_spare()
            if not self.worker and now >= again:
                started = now
                self._start_worker()
            if self.boss and (now > until or not Path(f"/proc/{self.boss}").exists()):
                self._stop()
            time.sleep(LOOK_S)
            died = self._died()
            if died and not self.asked:
                pause = AGAIN_S if now - started > LONGEST_S else min(pause * 2, LONGEST_S)
                again = time.monotonic() + pause
        while self.worker:
            self._stop()  # again: the wish may have come before this worker did
            time.sleep(LOOK_S)
            self._died()
        return 0

    def _stop(self, *_: object) -> None:
        self.asked = True
        for child in (self.worker, self.spare):
            if child:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGTERM)

    def _died(self) -> bool:
        """Notice which children are gone; tell whether the worker is."""
        worker = self.worker
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self.worker:
                    self.worker = 0
                    if not self.asked:
                        log.warning("senders.worker_died", status=found[1])
                elif found[0] == self.spare:
                    self.spare = 0
        return bool(worker) and not self.worker

    def _fork(self) -> int:
        """A copy of us, with the signals held back on both sides until each is ready to hear them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        return os.fork()

    def _start_worker(self) -> None:
        from anlan.warning.channels import post_room

        own = os.getpid()
        self.worker = self._fork()
        if self.worker:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
            return
        _die_with(own, signal.SIGKILL)
        code = 1
        try:
            code = asyncio.run(_work(post_room.PostRoom(self.home / "senders"), self.home))
        except Exception as failure:
            log.exception("senders.worker_failed", error=repr(failure))
        finally:
            os._exit(code)

    def _start_spare(self) -> None:
        """A copy of us that waits for our death, and then keeps a worker until the next keeper relieves it."""
        own, boss = os.getpid(), os.getppid()
        self.spare = self._fork()
        if self.spare:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
            return
        _die_with(own, signal.SIGUSR1)
        if signal.sigwait({signal.SIGUSR1, signal.SIGTERM}) == signal.SIGTERM:
            os._exit(0)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # each thread of the dead keeper may say so
        (self.home / "senders.standin").write_text(str(os.getpid()))
        log.warning("senders.stand_in", keeper=own)
        os._exit(Keeper(self.home, boss=boss).run())


def _relieve(note: Path) -> None:
    """Send a stand-in home and wait until its worker has let go; should it not, the database's locks keep order."""
    try:
        pid = int(note.read_text())
        end = time.monotonic() + RELIEF_S
        while b"anlan.site.senders" in Path(f"/proc/{pid}/cmdline").read_bytes() and time.monotonic() < end:
            os.kill(pid, signal.SIGTERM)
            time.sleep(LOOK_S)
    except (OSError, ValueError):
        pass  # nobody stands in, or no more
    note.unlink(missing_ok=True)


def _die_with(parent: int, number: int) -> None:
    """Let the kernel send us a signal when our parent dies, whatever it dies of; now, if it is dead already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


async def _work(room: PostRoom, home: Path) -> int:
    gc.freeze()  # what is loaded stays; messages come and go by the thousand and make no rings
    gc.set_threshold(50_000, 20, 100)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, room.stop.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
    working = asyncio.create_task(room.run())
    log.info("senders.ready")
    beat = Path(home) / "senders.beat"
    while not working.done():
        if time.monotonic() - room.alive < STUCK_S:
            with suppress(OSError):
                beat.touch()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(working), BEAT_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
