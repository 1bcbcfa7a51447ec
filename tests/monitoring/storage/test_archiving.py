"""Archiving: the file holds every reading whatever happens on the way, and any Parquet reader reads it."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow.parquet as pq
import pytest
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid, Unavailable
from anlan.monitoring.models import Day
from anlan.monitoring.services import archive_files, archiving
from anlan.monitoring.services.archiving import readings_archive
from anlan.monitoring.services.partitions import partitions, partitions_ensure
from anlan.monitoring.services.retention import retention_apply
from anlan.monitoring.services.rollups import rollups_make
from anlan.monitoring.services.spans import DAY, HOUR, TEN
from anlan.monitoring.services.thawing import archive_path, archived
from tests.monitoring.storage.making import D0, minutes, oracle, put, rollup, series

pytestmark = pytest.mark.django_db
BY = Actor.system("monitoring")
LATER = D0 + timedelta(days=40)
DAY0 = D0.date()


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setitem(vars(options), "home_path", tmp_path)
    with clock.at(LATER):
        yield


def day_of(seed: int, every: int = 5, numbers=(1, 2)) -> list:
    rng = random.Random(seed)
    times = [D0 + minutes(m) + timedelta(microseconds=rng.choice((0, 1, 999_999))) for m in range(0, 1440, every)]
    rows = [(n, at, round(rng.random() * 9, 1), rng.choice((0, 0, 0, 4))) for at in times for n in numbers]
    rng.shuffle(rows)
    return rows


def read(day: date) -> list:
    table = pq.read_table(archive_path(day))
    return list(zip(*(table.column(n).to_pylist() for n in ("series", "at", "value", "quality")), strict=True))


def made() -> None:
    series(1)
    series(2, "gauge", "level_m")


def test_a_day_becomes_a_file_that_anybody_can_read():
    made()
    rows = day_of(1)
    put(rows)
    (done,) = readings_archive(by=BY)
    assert (done.day, done.rows, done.late) == (DAY0, len(rows), 0)
    assert read(DAY0) == sorted(rows)
    path = archive_path(DAY0)
    assert path.relative_to(options.home_path).as_posix() == "archive/readings/2026/11/2026-11-20.parquet"
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with duckdb.connect() as duck:
        found = duck.execute(
            'SELECT station, element, count(*), round(sum(value), 1), min("at"), max(series) FROM read_parquet(?)'
            " WHERE quality = 0 GROUP BY ALL ORDER BY station",
            [str(path)],
        ).fetchall()
    good = [[v for n, _, v, q in rows if n == number and q == 0] for number in (1, 2)]
    assert [(f[0], f[1], f[2], f[3], f[5]) for f in found] == [
        ("s1", "rain_mm", len(good[0]), round(sum(good[0]), 1), 1),
        ("s2", "level_m", len(good[1]), round(sum(good[1]), 1), 2),
    ]
    (entry,) = Entry.objects.filter(kind="readings.archived")
    assert (entry.data["rows"], entry.data["path"]) == (len(rows), "2026/11/2026-11-20.parquet")
    assert entry.data["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() == Day.objects.get().sha256
    assert partitions("reading") == {}
    assert readings_archive(by=BY) == []
    assert len(rollup(DAY)) == 4  # two series, two Beijing days: charts go on


@pytest.mark.parametrize("bad", ["monitoring_reading_20261120", "file"])
def test_a_file_that_reads_back_differently_is_refused(monkeypatch, bad):
    made()
    put(day_of(1))
    if bad == "file":
        monkeypatch.setattr(archive_files.readings_parquet, "content", lambda file: archive_files.Content(1, 1.0, ""))
        with pytest.raises(Unavailable, match="reads back differently"):
            readings_archive(by=BY)
    else:
        monkeypatch.setattr(
            archive_files.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left"))
        )
        with pytest.raises(OSError, match="No space"):
            readings_archive(by=BY)
    assert not archive_path(DAY0).exists()
    assert list(partitions("reading")) == [DAY0]
    assert not Entry.objects.filter(kind="readings.archived").exists()


class Killed(BaseException):
    pass


POINTS = {
    "before the file is renamed": (archive_files, "_sync_folder"),
    "after the file is written": (archiving, "_take_off"),
    "after the table is taken off": (archiving, "_drop"),
    "while it is dropped": (archiving, "record"),
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("late", [False, True])
def test_killed_anywhere_the_next_run_ends_with_every_reading_once(monkeypatch, point, late):
    made()
    rows = day_of(2)
    put(rows)
    if late:  # archived before, and more came since
        readings_archive(by=BY)
        more = [(1, D0 + minutes(7), 3.0, 0), (2, D0 + minutes(1439), 4.0, 0)]
        put(more)
        rows = rows + more

    def killed(*_, **__):
        raise Killed

    room, name = POINTS[point]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(room, name, killed)
        readings_archive(by=BY)
    after = [(1, D0 + minutes(11), 8.0, 0)]  # comes before the next run
    put(after)
    readings_archive(by=BY)
    rollups_make()
    readings_archive(by=BY)  # what came after the crash may have had to wait for its turn
    assert read(DAY0) == sorted(rows + after)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname ~ 'monitoring_reading_2026'")
        assert cursor.fetchone() == (0,)
    kept = Entry.objects.filter(kind="readings.archived").order_by("-id").first()
    assert kept.data["rows"] == len(rows + after) == Day.objects.get().archived_rows
    rollups_make()
    near = {
        key: tuple(pytest.approx(v, abs=1e-4) if v is not None else None for v in row)
        for key, row in rollup(HOUR).items()
    }
    assert near == oracle(rows + after, HOUR, LATER, {})


def test_late_readings_of_an_archived_day_are_merged_and_its_rollups_made_of_all():
    made()
    rows = day_of(3)
    put(rows)
    readings_archive(by=BY)
    ten = rollup(TEN)
    same = next(row for row in rows if row[0] == 1)
    put([(1, D0 + minutes(3), 50.0, 0), (same[0], same[1], 77.0, 0)])  # one is new, one was archived with another value
    assert list(partitions("reading")) == [DAY0]
    rollups_make()
    changed = {key for key, row in rollup(TEN).items() if ten.get(key) != row}
    assert changed == {(1, D0 + minutes(10))}
    (done,) = readings_archive(by=BY)
    assert (done.rows, done.late) == (len(rows) + 1, 1)
    assert read(DAY0) == sorted([*rows, (1, D0 + minutes(3), 50.0, 0)])
    assert partitions("reading") == {}
    assert [e.data["late"] for e in Entry.objects.filter(kind="readings.archived").order_by("id")] == [0, 1]


def test_a_day_whose_archive_is_missing_is_told_and_nothing_is_made_of_half_of_it():
    made()
    rows = day_of(4)
    put(rows)
    readings_archive(by=BY)
    hours = rollup(HOUR)
    away = archive_path(DAY0).rename(options.home_path / "away.parquet")
    put([(1, D0 + minutes(3), 50.0, 0)])
    put([(1, D0 + timedelta(days=2), 50.0, 0)])
    done = rollups_make()
    assert [d.day for d in done] == [DAY0 + timedelta(days=2)]  # the others go on
    assert {key: row for key, row in rollup(HOUR).items() if key[1].date() <= DAY0 + timedelta(days=1)} == hours
    assert [d.day for d in readings_archive(by=BY)] == [DAY0 + timedelta(days=2)]
    assert list(partitions("reading")) == [DAY0]
    away.rename(archive_path(DAY0))
    rollups_make()
    assert [d.rows for d in readings_archive(by=BY)] == [len(rows) + 1]


def test_only_old_days_leave_and_empty_ones_without_a_trace():
    made()
    recent = [(1, LATER - timedelta(days=30), 1.0, 0), (1, LATER, 1.0, 0)]
    put(recent)
    partitions_ensure("reading", [DAY0 + timedelta(days=3)])
    assert readings_archive(by=BY) == []
    assert list(partitions("reading")) == [at.date() for _, at, _, _ in recent]
    assert Entry.objects.filter(kind="readings.archived").count() == 0
    assert [d.day for d in readings_archive(by=BY, until=LATER.date() - timedelta(days=1))] == [recent[0][1].date()]
    with pytest.raises(Invalid, match="isn't over"):
        readings_archive(by=BY, until=LATER.date())
    with pytest.raises(Forbidden):
        readings_archive(by=Actor("person", "x"))


def test_archived_readings_of_one_series_and_span():
    made()
    rows = day_of(5)
    put(rows)
    readings_archive(by=BY)
    after, upto = D0 + minutes(60), D0 + minutes(120)
    found = [
        tuple(r) for part in archived(DAY0, after, upto, 2) for r in zip(part.series, part.at, part.value, strict=True)
    ]
    us = lambda at: int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))  # noqa: E731
    assert found == [(n, us(at), v) for n, at, v, _ in sorted(rows) if n == 2 and after < at <= upto]


def test_frames_and_tens_go_when_their_time_is_over_and_hours_stay():
    made()
    put(day_of(6))
    rollups_make()
    partitions_ensure("frame", [DAY0, LATER.date()])
    assert retention_apply(by=BY) == ["monitoring_frame_20261120"]
    with clock.at(D0 + timedelta(days=440)):
        assert retention_apply(by=BY) == ["monitoring_frame_20261230", "monitoring_rollup_ten_202611"]
    assert rollup(TEN) == {}
    assert len(rollup(HOUR)) in (48, 50)  # a reading at midnight belongs to the hour before


def test_a_drill_in_the_same_home_neither_archives_nor_sees_what_is_archived(monkeypatch):
    made()
    put(day_of(7))
    readings_archive(by=BY)
    assert archive_path(DAY0).exists()
    monkeypatch.setitem(vars(options), "drill", True)
    assert not archive_path(DAY0).exists()
    put([(1, D0 + minutes(3), 1.0, 0)])
    assert readings_archive(by=BY) == []
    assert list(partitions("reading")) == [DAY0]
