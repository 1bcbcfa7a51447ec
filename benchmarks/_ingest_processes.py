"""The processes of the ingest bench: one that sends, one that judges. `ingest.py` starts this file for both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

MESSAGE = 500


# -- the producer ------------------------------------------------------------------------------------------------------
def values(stations: int, minute: int) -> Any:
    """Return the rain (mm) of every station in one minute: a storm over a third of them, drizzle elsewhere."""
    import numpy as np

    draw = np.random.default_rng(7)
    peak = np.where(draw.random(stations) < 0.33, draw.random(stations) * 2.0, 0.02)
    middle, width = draw.random(stations) * 100, 10 + draw.random(stations) * 30
    return np.round(peak * np.exp(-(((minute - middle) / width) ** 2)), 1)


def produce(first: str, minutes: str, stations: str, pace: str) -> None:
    """Append `minutes` rounds of readings of all stations. pace: readings a second, each measured in the second it is to
    be sent in; with 0 it is what an outage left in the log: all at once, a round for each minute from `first` (µs) on,
    received 5 s after it was measured."""
    import django

    django.setup()
    import numpy as np

    from anlan.monitoring.engine.columns import columns
    from anlan.monitoring.formats.packed import pack
    from anlan.monitoring.models import Series
    from anlan.monitoring.sources.log import log_open

    numbers = np.array(
        Series.objects.order_by("number").values_list("number", flat=True)[: int(stations)], dtype=np.int32
    )
    log, sent, started, live = log_open(), 0, time.time(), int(pace)
    print(started, flush=True)
    group = MESSAGE * (1 if live else 40)
    for minute in range(int(minutes)):
        rain = values(len(numbers), minute)
        for start in range(0, len(numbers), group):
            at = int(started + sent / live) * 1_000_000 if live else int(first) + minute * 60_000_000
            if live:
                time.sleep(max(0.0, started + sent / live - time.time()))
            received, messages = time.time_ns() // 1000 if live else at + 5_000_000, []
            for place in range(start, min(start + group, len(numbers)), MESSAGE):
                part = slice(place, place + MESSAGE)
                rows = columns(numbers[part], np.full(len(numbers[part]), at), rain[part])
                messages.append((0, pack(rows, received_us=received, source="bench")))
                sent += len(rows)
            log.append(messages)


# -- the worker --------------------------------------------------------------------------------------------------------
def work(out: Path) -> None:
    """Be the shard's worker until told to stop, and tell when each batch was committed."""
    began = time.monotonic()
    import django

    django.setup()
    from anlan.monitoring.formats.packed import unpack
    from anlan.monitoring.services import working

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    lags: list[tuple[float, float, int]] = []
    step = working.shard_step

    def told(shard: int, **more: Any) -> Any:
        found = step(shard, **more)
        done = time.time()
        for entry in more.get("ahead", ())[: found.entries]:
            packed = unpack(entry.body)
            lags.append((done, done - packed.received_us / 1e6, len(packed.columns)))
        return found

    working.shard_step = told
    worker = working.Worker(0, stop)
    begin = worker.begin

    def ready(source: Any) -> None:
        begin(source)
        out.with_suffix(".ready").write_text(str(time.monotonic() - began))

    worker.begin = ready  # type: ignore[method-assign]
    thread = threading.Thread(target=worker.run)
    thread.start()
    stop.wait()
    thread.join()
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    out.write_text(json.dumps({"lags": lags, "peak_mb": peak / 1024, "cpu_s": time.process_time()}))


class Running:
    """A worker process of this bench."""

    def __init__(self, folder: Path, name: str) -> None:
        self.out = folder / name
        self.out.with_suffix(".ready").unlink(missing_ok=True)
        self.started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, __file__, "work", str(self.out)])

    def ready(self) -> float:
        """Wait until it has judged everything that lay in the log; return seconds since it was started."""
        while not self.out.with_suffix(".ready").exists():
            if self.process.poll() is not None:
                raise SystemExit("the worker died; see above")
            time.sleep(0.02)
        return time.monotonic() - self.started

    def cpu_s(self) -> float:
        """Return the seconds of processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> dict[str, Any]:
        """Stop it and return what it told."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        found: dict[str, Any] = json.loads(self.out.read_text())
        return found


def producer(first_us: int, minutes: int, stations: int, pace: int) -> subprocess.Popen[bytes]:
    """Start a producer; it prints when it begins to send (seconds since 1970)."""
    words = [sys.executable, __file__, "produce", str(first_us), str(minutes), str(stations), str(pace)]
    return subprocess.Popen(words, stdout=subprocess.PIPE)


if __name__ == "__main__":
    if sys.argv[1] == "produce":
        produce(*sys.argv[2:])
    else:
        work(Path(sys.argv[2]))
