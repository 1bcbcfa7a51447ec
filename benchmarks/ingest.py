"""Readings from the log to judged rows: end to end on a durable server of its own, against raw COPY in the same run.

    ./anlan bench ingest [--log jetstream] [--minutes N] [--write]

20,000 rain gauges, one rule with five windows (1, 3, 6, 12, 24 h) and hysteresis. A producer process appends packed
messages of 500 readings; the worker process is the node's own (services/working.py) and reports when it committed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

from _ingest_processes import MESSAGE, Running, producer

STATIONS, MINUTES = 20_000, 100
STEADY, STEADY_S = 20_000, 30
MANY, MANY_MINUTES = 100_000, 3
BAR_RATE, BAR_SHARE, BAR_P99_S, BAR_RESTART_S, BAR_CPU = 80_000, 0.3, 2.0, 10.0, 0.25
RULE: dict[str, Any] = {
    "code": "rainstorm", "kind": "rain", "metric": "rain_mm", "unit": "mm", "scale": "warning_colour", "hazard": "11B03",
    "name": {"zh": "暴雨", "en": "Rainstorm"},
    "levels": [
        {"code": "blue", "window_h": 24, "threshold": 50}, {"code": "blue2", "window_h": 12, "threshold": 55},
        {"code": "yellow", "window_h": 6, "threshold": 60}, {"code": "orange", "window_h": 3, "threshold": 70},
        {"code": "red", "window_h": 1, "threshold": 60},
    ],
    "leave": {"ratio": 0.9, "margin": 0, "hold_min": 60},
}  # fmt: skip


def main(words: list[str]) -> None:
    """Run the parts on a server that is there (this file starts itself for them), else the whole bench."""
    from anlan.site.bench import rows_leave

    if words[:1] == ["parts"]:
        rows_leave(Path(words[1]), parts(Path(words[1]), int(words[2])))
    else:
        whole(words)


# -- the whole ---------------------------------------------------------------------------------------------------------
def whole(words: list[str]) -> None:
    """Make a server and a database, run every part, print and publish the table."""
    from anlan.site.bench import own_server, parts_run, publish, table

    log, minutes = _word(words, "--log", "postgres"), _word(words, "--minutes", str(MANY_MINUTES))
    with own_server() as (folder, env):
        env |= {"ANLAN_LOG": log}
        with servers(folder / "home") if log == "jetstream" else nullcontext(env) as more:
            rows = parts_run(__file__, folder, env | more, minutes)
    note = (
        f"{STATIONS:,} stations, one rule of five windows with hysteresis, messages of {MESSAGE} readings; PostgreSQL with"
        " fsync on. Raw COPY: the same rows, binary, 100,000 a transaction, into an equal partition. Delay: from the"
        " moment a message is packed to the commit of its rows and signals."
    )
    heads = ("what", "measured", "bar")
    name, title = "ingest", "Readings taken in and judged"
    if log == "jetstream":
        name, title = "ingest-jetstream", f"{title}, the log in JetStream on three servers of this machine"
    publish(table(name, title, heads, rows, note=note), name, write="--write" in words)


@contextmanager
def servers(home: Path) -> Iterator[dict[str, str]]:
    """Run three NATS servers that keep a copy each, and return what names them."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.faults.nats_nodes import Nodes

    with Nodes(home, 3):
        yield {"ANLAN_NATS_REPLICAS": "3", "ANLAN_NATS_STREAM_GB": "1"}


def parts(folder: Path, minutes: int) -> list[tuple[str, str, str]]:
    """Measure part after part."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    register(STATIONS)
    readings = STATIONS * MINUTES
    rate, peak = flood(folder, readings)
    raw = raw_copy(readings)
    p50, p99, signals = steady(folder)
    ready = restarted(folder)
    share, known = quiet_many(folder, minutes)
    return [
        ("end to end, readings a second", f"{rate:,.0f}", f"≥ {BAR_RATE:,}"),
        ("raw COPY of the same rows, rows a second", f"{raw:,.0f}", ""),
        ("share of raw COPY", f"{rate / raw:.2f}", f"≥ {BAR_SHARE}"),
        (f"delay at {STEADY:,} readings a second, p50 / p99", f"{p50:.2f} / {p99:.2f} s", f"p99 ≤ {BAR_P99_S:g} s"),
        ("signals opened or changed in all", f"{signals:,}", ""),
        ("memory of the worker, peak", f"{peak:,.0f} MB", ""),
        ("restart to first evaluation", f"{ready:.1f} s", f"≤ {BAR_RESTART_S:g} s"),
        (f"{MANY:,} stations × 1/min, {minutes} min: worker's share of a core", f"{share:.0%}", f"≤ {BAR_CPU:.0%}"),
        (f"restart with {MANY:,} stations", f"{known:.1f} s", f"≤ {BAR_RESTART_S:g} s"),
    ]


def register(count: int) -> None:
    """Register rain gauges up to `count`, and the rule."""
    from anlan.kernel.actor import Actor
    from anlan.monitoring.models import RuleVersion, Station
    from anlan.monitoring.services import StationSpec, stations_register
    from anlan.monitoring.services.rules import rule_save

    by, have = Actor.system("bench"), Station.objects.count()
    for first in range(have, count, 10_000):
        stations_register(by=by, stations=[
            StationSpec(code=f"B{n:06d}", name_zh=f"{n}站", name_en=f"Gauge {n}", kind="rain", metric="rain_mm", interval_s=60,
                        max_silence_s=86_400, lon=113 + n % 100 / 100, lat=34 + n // 1000 / 100, division=f"4101{n % 90 + 10:02d}")
            for n in range(first, min(first + 10_000, count))
        ])  # fmt: skip
    if not RuleVersion.objects.exists():
        levels = [level for level in RULE["levels"] if level["code"] != "blue2"]
        long = {"window_h": 12, "threshold": 45}
        levels[0] = {"code": "blue", "when": {"any": [
            {"measure": "sum", "window": "24h", "at_least": 50},
            {"measure": "sum", "window": f"{long['window_h']}h", "at_least": long["threshold"]},
        ]}}  # fmt: skip
        start = datetime.now(UTC) - timedelta(days=2)
        rule_save(
            by=by, code="rainstorm", body={**RULE, "levels": levels}, division="41", valid_from=start, note="bench"
        )


def wait_judged(since: int, count: int, worker: Running) -> None:
    """Wait until `count` more messages are judged."""
    from django.db import connection

    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT done FROM monitoring_progress WHERE shard = 0")
            row = cursor.fetchone()
        if row and row[0] - since >= count:
            return
        if worker.process.poll() is not None:
            raise SystemExit("the worker died; see above")
        time.sleep(0.05)


def judged() -> int:
    """Return how many messages are judged."""
    from anlan.monitoring.models import Progress

    return Progress.objects.filter(shard=0).values_list("done", flat=True).first() or 0


def flood(folder: Path, readings: int) -> tuple[float, float]:
    """Append as fast as it goes while the worker judges; return readings a second end to end, and the worker's memory."""
    worker = Running(folder, "flood")
    worker.ready()
    since, first = judged(), time.time_ns() // 1000 - (MINUTES + 1) * 60_000_000
    sender = producer(first, MINUTES, STATIONS, 0)
    wait_judged(since, readings // MESSAGE, worker)
    began = float(sender.communicate()[0])
    told = worker.stop()
    return readings / (max(done for done, _, _ in told["lags"]) - began), told["peak_mb"]


def raw_copy(readings: int) -> float:
    """COPY the same rows into an equal table, nothing else; return rows a second."""
    import numpy as np
    from django.db import connection

    from anlan.monitoring.engine.columns import Columns
    from anlan.monitoring.formats.readings_copy import framed
    from anlan.monitoring.services.storing import read_since

    rows = read_since(0, 0)
    order = np.argsort(rows.at, kind="stable")
    rows = rows.where(order)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_reading (LIKE monitoring_reading INCLUDING ALL) PARTITION BY RANGE (at)")
        cursor.execute("CREATE TABLE bench_all PARTITION OF bench_reading DEFAULT")
    spent = 0.0
    for first in range(0, len(rows), 100_000):
        part: Columns = rows.where(np.arange(first, min(first + 100_000, len(rows))))
        body = framed(part)
        began = time.monotonic()
        with connection.cursor() as cursor, cursor.copy("COPY bench_reading FROM STDIN (FORMAT binary)") as copy:
            copy.write(body)
        spent += time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_reading")
    return readings / spent


def steady(folder: Path) -> tuple[float, float, int]:
    """Append at a steady pace; return the delay of readings (p50, p99, s), and how many steps signals have taken."""
    from anlan.monitoring.models import SignalStep
    from anlan.site.bench import percentile

    worker = Running(folder, "steady")
    worker.ready()
    since = judged()
    sender = producer(0, STEADY * STEADY_S // STATIONS, STATIONS, STEADY)
    wait_judged(since, STEADY * STEADY_S // MESSAGE, worker)
    sender.wait()
    lags = [lag for _, lag, _ in worker.stop()["lags"]]
    return percentile(lags, 0.5), percentile(lags, 0.99), SignalStep.objects.filter(superseded_at=None).count()


def restarted(folder: Path) -> float:
    """Return the seconds from starting a worker to its first evaluation, imports included."""
    worker = Running(folder, "again")
    spent = worker.ready()
    worker.stop()
    return spent


def quiet_many(folder: Path, minutes: int) -> tuple[float, float]:
    """Let many stations send once a minute; return the worker's share of a core, and its next restart in seconds."""
    register(MANY)
    worker = Running(folder, "many")
    worker.ready()
    since, began, cpu = judged(), time.monotonic(), worker.cpu_s()
    sender = producer(0, minutes, MANY, MANY // 60)
    wait_judged(since, MANY * minutes // MESSAGE, worker)
    share = (worker.cpu_s() - cpu) / (time.monotonic() - began)
    sender.wait()
    worker.stop()
    return share, restarted(folder)


def _word(words: list[str], name: str, default: str) -> str:
    return words[words.index(name) + 1] if name in words else default


if __name__ == "__main__":
    main(sys.argv[1:])
