"""Power cut under load: every message the log has confirmed must be there when the machine is back.

python -m tests.faults.power_cut STORE [SECONDS]   STORE: postgres, jetstream, jetstream-3, jetstream-2m (loses: the
server's own default, which our log refuses to open; it shows that the cut is a real one).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from anlan.kernel.problem import Unavailable
from anlan.monitoring.sources import jetstream_servers
from anlan.monitoring.sources.log import Entry, Log
from tests.faults.cut_disk import CutDisk, impossible
from tests.faults.nats_nodes import Nodes

STORES = ("postgres", "jetstream", "jetstream-3", "jetstream-2m")
SHARD, BATCH, SIZE = 0, 10, 2000


@dataclass
class Outcome:
    """Ids of messages that were confirmed before the cut, and (number, id) of those found after it."""

    confirmed: list[str] = field(default_factory=list)
    found: list[tuple[int, str]] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        """Confirmed, but gone."""
        return sorted(set(self.confirmed) - {name for _, name in self.found})

    @property
    def doubled(self) -> int:
        """How many are there more than once."""
        return len(self.found) - len({name for _, name in self.found})

    @property
    def gapless(self) -> bool:
        """Whether the numbers found have no gap."""
        return [number for number, _ in self.found] == list(range(1, len(self.found) + 1))


def play(folder: Path, store: str, *, seconds: float = 3.0) -> Outcome:
    """Write to a log on a disk of its own, cut the disk's power after `seconds`, bring it back, and look."""
    outcome = Outcome()
    with CutDisk(folder) as disk:
        if store == "postgres":
            _postgres(disk, outcome, seconds)
        else:
            _jetstream(disk, outcome, seconds, count=3 if store.endswith("-3") else 1, lazy=store.endswith("-2m"))
    return outcome


def _jetstream(disk: CutDisk, outcome: Outcome, seconds: float, *, count: int, lazy: bool) -> None:
    config = {"sync_interval": '"2m"'} if lazy else None
    closed = patch.object(jetstream_servers, "refuse" if lazy else "_remember")
    with closed, Nodes(disk.place / "home", count, config) as nodes:
        os.sync()  # it was installed some time ago; the log itself is written from now on
        log, stop = nodes.log(), threading.Event()
        writer = threading.Thread(target=_write, args=(log, outcome.confirmed, stop), daemon=True)
        writer.start()
        time.sleep(seconds)
        disk.cut()
        stop.set()
        time.sleep(0.2)
        for name in list(nodes.running):
            nodes.kill(name)
        confirmed = list(outcome.confirmed)
        disk.again()
        nodes.nats.configure(config)
        for server in nodes.nats.servers:
            nodes.start(server)
        nodes.wait(60)
        writer.join(5)  # what it had in flight is sent again and confirmed now; only what was before counts
        fresh = nodes.log()
        outcome.found = [(e.number, e.body.rstrip(b"\0").decode()) for e in _all(fresh)]
        outcome.confirmed = confirmed
        log.close()
        fresh.close()


def _postgres(disk: CutDisk, outcome: Outcome, seconds: float) -> None:
    with _server(disk) as environment:
        writer = _child("write", environment)
        assert writer.stdout is not None
        taker = threading.Thread(target=_take, args=(writer, outcome.confirmed), daemon=True)
        taker.start()
        end = time.monotonic() + 60
        while not outcome.confirmed:
            assert time.monotonic() < end and writer.poll() is None, "the writer never began"
            time.sleep(0.05)
        os.sync()  # it was installed some time ago; the log goes on being written
        time.sleep(seconds)
        disk.cut()
        time.sleep(0.2)
        writer.kill()
        taker.join(10)
    disk.again()
    with _server(disk) as environment:
        reader = _child("read", environment)
        outcome.found = [(number, name) for number, name in json.loads(reader.communicate(timeout=60)[0])]


@contextmanager
def _server(disk: CutDisk) -> Iterator[dict[str, str]]:
    """Run the embedded PostgreSQL, as `anlan up` does, from the disk; the processes are killed at the end."""
    from anlan.site import database
    from anlan.site.postgres import Server

    server = Server(disk.place / "home")
    process = server.start()
    try:
        server.wait(process)
        address = database._embedded(server, "cut").owner
        yield {
            **os.environ,
            "ANLAN_DATABASE_URL": address,
            "ANLAN_HOME": str(disk.place / "home"),
            "ANLAN_LOG": "postgres",
        }
    finally:
        pid = server.pid()
        subprocess.run(["pkill", "-9", "-P", str(pid or process.pid)])
        process.kill()
        process.wait()
        _wait_gone(disk.place)


def _wait_gone(place: Path) -> None:
    """Wait until no process has anything open on the disk, so that it can be unmounted."""
    end = time.monotonic() + 20
    while subprocess.run(["fuser", "-sm", str(place)], capture_output=True).returncode == 0:
        assert time.monotonic() < end, f"{place} is still in use"
        time.sleep(0.1)


def _child(what: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    here = Path(__file__).parents[2]
    own = {**environment, "PYTHONPATH": f"{here / 'src'}{os.pathsep}{here}"}
    command = [sys.executable, "-m", "tests.faults.power_cut", what]
    said = None if what == "read" else subprocess.DEVNULL  # the writer dies of the cut and says so at length
    return subprocess.Popen(command, env=own, cwd="/", stdout=subprocess.PIPE, stderr=said, text=True)


def _take(writer: subprocess.Popen[str], confirmed: list[str]) -> None:
    """Note what the writer says is confirmed; a line that was cut off doesn't count."""
    assert writer.stdout is not None
    for line in writer.stdout:
        if line.endswith("\n"):
            confirmed += line.split()


def _write(log: Log, confirmed: list[str], stop: threading.Event | None = None) -> None:
    number = 0
    while stop is None or not stop.is_set():
        names = [f"m{number + i}" for i in range(BATCH)]
        try:
            log.append([(SHARD, name.encode().ljust(SIZE, b"\0")) for name in names])
        except Unavailable:
            if stop is not None and stop.is_set():
                return  # the stream is gone
            continue
        number += BATCH
        if stop is None:
            print(*names, flush=True)
        elif not stop.is_set():
            confirmed += names


def _all(log: Log) -> Iterator[Entry]:
    after = 0
    while entries := log.read(SHARD, after, most=1000, wait_s=0.0):
        after = entries[-1].number
        yield from entries


def _inside(what: str) -> None:
    """Do the child's part: write until killed, or print all that is in the log."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    from django.db import connection

    from anlan.monitoring.models import LogEntry, LogHead
    from anlan.monitoring.sources.log import log_open

    if what == "read":
        print(json.dumps([(e.number, e.body.rstrip(b"\0").decode()) for e in _all(log_open())]))
        return
    with connection.schema_editor() as editor:
        for model in (LogHead, LogEntry):
            editor.create_model(model)
    _write(log_open(), [])


if __name__ == "__main__":
    if sys.argv[1] in ("write", "read"):
        _inside(sys.argv[1])
        sys.exit()
    if reason := impossible():
        sys.exit(reason)
    with tempfile.TemporaryDirectory(prefix="anlan-cut-") as home:
        Path(home).chmod(0o711)
        result = play(Path(home), sys.argv[1], seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 3.0)
    print(
        f"{sys.argv[1]}: confirmed {len(result.confirmed)}, found {len(result.found)}, lost {len(result.lost)},",
        end=" ",
    )
    print(f"doubled {result.doubled}, gapless {result.gapless}")
    sys.exit(bool(result.lost or result.doubled or not result.gapless))
