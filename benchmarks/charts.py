"""Storage of readings: charts of any span, rollups, archive files, the gap report, and what a row costs on the disk.

In a database of its own beside that of ANLAN_DATABASE_URL, dropped at the end. Laid down: 1,001 stations with a year of
5-minute rain as hour and day rollups, 20 days as tens, 2 days as readings; a day of 5,000 series × 1 a minute as
readings, rolled up and archived; for the gap report 20,000 stations with a month of day rollups; for the pages 10,000
signals that stand.

    ./anlan bench charts [--write]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _monitoring_pages

from anlan.kernel.options import options
from anlan.site.bench import percentile, publish, table
from anlan.site.database import create_database, with_database

DATABASE = "anlan_bench_charts"
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
STATIONS, TRIES, MANY, WIDE = 1_001, 60, 20_000, 5_000
Line = tuple[object, ...]

SEED_STATIONS = """
INSERT INTO monitoring_station (id, division, code, name_zh, name_en, kind, metric, lon, lat, interval_s, max_silence_s,
  attributes, state, state_at, state_note)
SELECT gen_random_uuid(), '410183' || lpad((n %% 900)::text, 3, '0'), 'B' || lpad(n::text, 6, '0'), n || '站', 'Gauge ' || n,
  'rain', 'rain_mm', 113, 34, {interval}, 3600, '{{}}', 'normal', now(), '' FROM generate_series(%s, %s) n;
"""
SEED_SERIES = """
INSERT INTO monitoring_series (id, division, number, station_id, element, unit, kind, main, interval_s, max_silence_s,
  limits, checks, shard, state, state_at)
SELECT gen_random_uuid(), division, substr(code, 2)::int, id, 'rain_mm', 'mm', 'increment', true, interval_s, 3600,
  '{"warning_mm": 50}', '{}', 0, 'normal', now() FROM monitoring_station
WHERE NOT EXISTS (SELECT FROM monitoring_series s WHERE s.station_id = monitoring_station.id)
"""
SEED_ROLLUP = """
INSERT INTO monitoring_{} SELECT s, t, {} , round((random() * 20)::numeric, 1), 0, 2.5, 0.1, 0
FROM generate_series(%s::timestamptz, %s, %s) t, generate_series(%s, %s) s
"""
SEED_READINGS = """
INSERT INTO monitoring_reading SELECT s, t, round((random() * 3)::numeric, 1), CASE WHEN random() < 0.01 THEN 4 ELSE 0 END
FROM generate_series(%s::timestamptz, %s, %s) t, generate_series(%s, %s) s
"""
SIZES = """
SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass
"""


def run(sql: str, *params: object) -> Any:
    """Run one statement; return its first value where it has one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchone()[0] if cursor.description else cursor.rowcount


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def seed() -> None:
    """Lay down a year of 1,001 stations."""
    from anlan.monitoring.services.partitions import partitions_ensure

    year = NOW - timedelta(days=365)
    days = [(year + timedelta(days=n)).date() for n in range(367)]
    for name in ("rollup_ten", "rollup_hour", "rollup_day"):
        partitions_ensure(name, days)  # type: ignore[arg-type]
    partitions_ensure("reading", days[-5:])
    run(SEED_STATIONS.format(interval=300), 1, STATIONS)
    run(SEED_SERIES)
    hour, day = timedelta(hours=1), timedelta(days=1)
    run(SEED_ROLLUP.format("rollup_hour", 12), year, NOW, hour, 1, STATIONS)
    run(SEED_ROLLUP.format("rollup_day", 288), year.replace(hour=16), NOW, day, 1, STATIONS)
    run(SEED_ROLLUP.format("rollup_ten", 2), NOW - timedelta(days=20), NOW, timedelta(minutes=10), 1, STATIONS)
    run(SEED_READINGS, NOW - timedelta(days=2), NOW, timedelta(minutes=5), 1, STATIONS)


def charts() -> list[Line]:
    """Return a line for each span, read as the web reads: its role, a county's scope."""
    from anlan.kernel.scope import Scope, activate
    from anlan.monitoring.selectors.charts import chart

    scope, lines = Scope(("410183",)), []
    run("VACUUM ANALYZE")
    run("SET ROLE anlan_web")
    activate(scope, options.secret_key)
    for name, days in (("2 days", 2), ("20 days", 20), ("a year", 365), ("ten years", 3650)):
        taken, found, size = [], {}, 0
        for n in range(TRIES):
            started = time.perf_counter()
            found = chart(scope, f"B{n * 16 + 1:06}", "", NOW - timedelta(days=days), NOW)
            size = len(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY))
            taken.append(1000 * (time.perf_counter() - started))
        bar = " (bar 200)" if days == 365 else ""
        what = f"{found['step']}, {len(found['t']):,} points, {size / 1000:.0f} kB"
        lines.append((f"chart of {name}", f"{percentile(taken, 0.5):.0f}", f"{percentile(taken, 0.95):.0f}{bar}", what))
    run("RESET ROLE")
    return lines


def rolled_and_archived() -> list[Line]:
    """Return lines of a day of 5,000 series × 1,440: rolled up, rolled up again, archived."""
    from anlan.kernel.actor import Actor
    from anlan.monitoring.services.archiving import readings_archive
    from anlan.monitoring.services.days import days_changed
    from anlan.monitoring.services.partitions import midnight, partitions_ensure
    from anlan.monitoring.services.rollups import rollups_make

    day = (NOW - timedelta(days=40)).date()
    partitions_ensure("reading", [day])
    run(SEED_STATIONS.format(interval=60), 100_001, 100_000 + WIDE)
    run(SEED_SERIES)
    first = midnight(day)
    rows = run(SEED_READINGS, first, first + timedelta(minutes=1439), timedelta(minutes=1), 100_001, 100_000 + WIDE)
    run("VACUUM ANALYZE monitoring_reading")
    days_changed({day: (rows, first)}, NOW)
    whole = seconds(rollups_make)
    days_changed({day: (1, first + timedelta(hours=23, minutes=1))}, NOW)
    late = seconds(rollups_make)
    done: list[Any] = []
    away = seconds(lambda: done.extend(readings_archive(by=Actor.system("bench"), until=day)))
    per_row = done[0].size / done[0].rows
    return [
        ("rollups of a whole day", f"{1000 * whole:.0f}", "", f"{rows:,} readings, {rows / whole:,.0f} a second"),
        ("rollups after one late reading", f"{1000 * late:.0f}", "", "the last hour made again"),
        (
            "archive of that day",
            f"{1000 * away:.0f}",
            "",
            f"{rows / away:,.0f} readings a second, {per_row:.1f} bytes each",
        ),
    ]


def report() -> list[Line]:
    """Return the line of the gap report over a month of 20,000 stations."""
    from anlan.kernel.scope import Scope, activate
    from anlan.monitoring.selectors.gaps import gaps

    run(SEED_STATIONS.format(interval=300), 200_001, 200_000 + MANY)
    run(SEED_SERIES)
    start = (NOW - timedelta(days=30)).replace(hour=16)
    run(
        SEED_ROLLUP.format("rollup_day", "(250 + random() * 38)::int"),
        start,
        NOW,
        timedelta(days=1),
        200_001,
        200_000 + MANY,
    )
    run("VACUUM ANALYZE")
    run("SET ROLE anlan_web")
    activate(Scope(("41",)), options.secret_key)
    taken = [1000 * seconds(lambda: gaps(Scope(("41",)), start, NOW.replace(hour=0))) for _ in range(5)]
    run("RESET ROLE")
    told = f"{STATIONS + WIDE + MANY:,} series, a page of 50 with their gaps"
    return [("gap report, a month", f"{percentile(taken, 0.5):.0f}", f"{max(taken):.0f}", told)]


def pages() -> list[Line]:
    """Return a line for each page at its full size: every station of before, and 10,000 signals that stand."""
    _monitoring_pages.seed(run, NOW)
    told = f"{STATIONS + WIDE + MANY:,} stations, {_monitoring_pages.OPEN:,} signals"
    return [
        (
            what,
            f"{percentile(taken, 0.5):.0f}",
            f"{percentile(taken, 0.95):.0f} (bar {bar})",
            f"{told}, {size / 1000:.0f} kB",
        )
        for what, bar, taken, size in _monitoring_pages.pages()
    ]


def sizes() -> list[Line]:
    lines: list[Line] = []
    for name in ("reading", "rollup_ten", "rollup_hour", "rollup_day"):
        count, size = run(f"SELECT count(*) FROM monitoring_{name}"), run(SIZES, f"monitoring_{name}")
        lines.append((f"table {name}", "", "", f"{count:,} rows, {int(size) / count:.0f} bytes each with indexes"))
    return lines


def main(words: list[str]) -> None:
    """Measure and publish."""
    plain = options.database_url
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        create_database(owner, DATABASE)
    vars(options)["database_url"] = with_database(plain, DATABASE)
    import django
    from django.core.management import call_command
    from django.db import connection

    from anlan.kernel import clock

    django.setup()
    try:
        with tempfile.TemporaryDirectory() as home, clock.at(NOW):
            secret = options.secret_key
            vars(options).update(home_path=Path(home), secret_key=secret)
            call_command("migrate", verbosity=0)
            seed()
            lines = charts() + sizes() + rolled_and_archived() + report() + pages()
    finally:
        connection.close()
        with psycopg.connect(plain, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    note = "A year of 1,001 stations is laid down as rollups (their readings would be archived after 30 days)."
    heads = ("what", "p50 or once, ms", "p95 or most, ms", "what it was")
    publish(
        table("charts", "Charts, rollups and archives", heads, lines, note=note), "charts", write="--write" in words
    )


if __name__ == "__main__":
    main(sys.argv[1:])
