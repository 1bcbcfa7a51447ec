"""Archiving with real processes: killed with kill -9 at its worst moments, and late writers coming in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.monitoring.services import archiving
from anlan.monitoring.services.archiving import readings_archive
from anlan.monitoring.services.partitions import partitions
from anlan.monitoring.services.thawing import archive_path
from tests.monitoring.storage.making import D0, minutes, put, series

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
BY = Actor.system("monitoring")
SCRIPT = """
import os, signal, sys
from datetime import date
import django
django.setup()
from anlan.kernel.actor import Actor
from anlan.monitoring.services import archive_files, archiving
room, name, after, day = sys.argv[1:]
module = {"files": archive_files, "archiving": archiving}[room]
real = getattr(module, name)
def killed(*args, **kwargs):
    if after == "after":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, killed)
archiving.readings_archive(by=Actor.system("monitoring"), until=date.fromisoformat(day))
"""
POINTS = [
    ("files", "_names", "before"), ("files", "_sync_folder", "before"), ("archiving", "_publish", "after"),
    ("archiving", "_take_off", "after"), ("archiving", "patiently", "after"), ("archiving", "record", "after"),
    ("archiving", "_drop", "after"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(tmp_path, monkeypatch):
    monkeypatch.setitem(vars(options), "home_path", tmp_path)
    with clock.at(D0 + timedelta(days=40)):
        yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^monitoring_(reading|rollup_[a-z]+)_[0-9]+(_leaving)?$'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")


def read(day: date) -> list:
    table = pq.read_table(archive_path(day))
    return list(zip(*(table.column(n).to_pylist() for n in ("series", "at", "value", "quality")), strict=True))


def rows_of(back: int) -> tuple[date, list]:
    """A day of readings of two series, `back` days before D0."""
    first = D0 - timedelta(days=back)
    return first.date(), [(n, first + minutes(m), float((m + back) % 7), 0) for m in range(0, 1440, 2) for n in (1, 2)]


def server_has_noticed() -> None:
    """Wait until the killed process' session is gone, and its locks with it."""
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the session of a killed process is still there")


def test_kill_9_at_the_worst_moments(tmp_path):  # one test, for emptying the database after each costs more than it
    series(1)
    series(2, "gauge", "level_m")
    names = ("dbname", "user", "host", "port", "password")
    where = {name: value for name, value in connection.get_connection_params().items() if name in names}
    environment = {**os.environ, "ANLAN_DATABASE_URL": make_conninfo(**where), "ANLAN_HOME": str(tmp_path)}
    for back, point in enumerate(POINTS):
        day, rows = rows_of(back)
        put(rows)
        call = [sys.executable, "-c", SCRIPT, *point, day.isoformat()]
        died = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=300)
        assert died.returncode == -9, died.stderr[-2000:]
        server_has_noticed()
        done = readings_archive(by=BY, until=day)
        assert [d.rows for d in done] == ([] if point[1] == "_drop" else [len(rows)]), point
        assert read(day) == sorted(rows), point
        assert partitions("reading") == {}, point
    files = {path.name for path in (tmp_path / "archive").rglob("*") if path.is_file()}
    assert files == {f"{rows_of(back)[0]}.parquet" for back in range(len(POINTS))}


def test_a_late_reading_that_comes_while_a_day_is_archived_is_not_lost(monkeypatch):
    series(1)
    series(2, "gauge", "level_m")
    for back, name in enumerate(("_take_off", "_drop")):
        day, rows = rows_of(back)
        put(rows)
        late = (1, D0 - timedelta(days=back) + minutes(0.5), 99.0, 0)
        threads: list[threading.Thread] = []

        def writer(late=late) -> None:
            try:
                with clock.at(D0 + timedelta(days=40, seconds=1)), transaction.atomic():
                    put([late], clock.now())
            finally:
                connection.close()

        real = getattr(archiving, name)

        def meanwhile(*args, real=real, threads=threads, writer=writer):
            if not threads:
                threads.append(threading.Thread(target=writer))
                threads[0].start()
                threads[0].join(1.5)  # a writer may have to wait for the table, but then it must get through
            return real(*args)

        with monkeypatch.context() as patch:
            patch.setattr(archiving, name, meanwhile)
            readings_archive(by=BY, until=day)
        threads[0].join(60)
        assert not threads[0].is_alive()
        readings_archive(by=BY, until=day)
        assert read(day) == sorted([*rows, late]), name
        assert partitions("reading") == {}, name
