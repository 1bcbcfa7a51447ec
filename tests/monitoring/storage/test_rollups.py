"""Rollups: equal to a slow oracle however the readings came, of whole spans only, and made again where they must be."""

from __future__ import annotations

import random
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.kernel import clock
from anlan.monitoring.models import Day, Series
from anlan.monitoring.services import rollups
from anlan.monitoring.services.rollups import rollups_make
from anlan.monitoring.services.spans import DAY, HOUR, TEN
from tests.monitoring.storage.making import D0, Row, minutes, oracle, put, rollup, series

pytestmark = pytest.mark.django_db
COUNTERS = {3: None, 4: 1000.0}


@pytest.fixture(autouse=True)
def _clock():
    with clock.at(D0 + timedelta(days=3)):
        yield


def check(rows: list[Row], upto) -> None:
    for span in (TEN, HOUR, DAY):
        # each step of folding rounds to millionths, and PostgreSQL and Python may add floats in another order
        near = {
            key: tuple(pytest.approx(v, abs=1e-4) if v is not None else None for v in row)
            for key, row in rollup(span).items()
        }
        assert near == oracle(rows, span, span.floor(upto), COUNTERS), span.table


def mixed(rng: random.Random, days: float = 2.2, every: int = 7) -> list[Row]:
    """Rain, a level, a counter that is reset and one that wraps, at odd times and exactly on the borders of spans."""
    rows: list[Row] = []
    level, plain, wrapping = 5.0, 990.0, 900.0
    for number in range(int(days * 1440 / every)):
        at = D0 + minutes(number * every) + timedelta(microseconds=rng.choice((0, 0, 1, 999_999)))
        level, plain, wrapping = (
            level + rng.uniform(-1, 1),
            plain + rng.random(),
            (wrapping + rng.randint(0, 40)) % 1000,
        )
        plain = 0.5 if rng.random() < 0.02 else plain
        doubt = 4 if rng.random() < 0.05 else 0
        rows += [
            (1, at, round(rng.random() * 3, 1), doubt),
            (2, at, level, 0),
            (3, at, plain, doubt),
            (4, at, wrapping, 0),
        ]
    return rows


def made() -> None:
    series(1)
    series(2, "gauge", "level_m")
    series(3, "counter", "rain_total_mm")
    series(4, "counter", "flow_total_m3", checks={"wrap": 1000})


def test_all_at_once():
    made()
    rows = mixed(random.Random(1))
    put(rows)
    done = rollups_make()
    assert [d.day.isoformat() for d in done] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    check(rows, D0 + timedelta(days=3))
    assert rollups_make()[0].day.isoformat() == "2026-11-22"  # waits for its Beijing day
    with clock.at(D0 + timedelta(days=3, hours=16)):
        rollups_make()
        check(rows, D0 + timedelta(days=3, hours=16))
        assert rollups_make() == []
    assert not Day.objects.filter(dirty_from__isnull=False).exists()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_any_order_any_batches_late_ones_too(seed):
    rng = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE monitoring_reading, monitoring_rollup_ten, monitoring_rollup_hour, monitoring_rollup_day"
        )
    Day.objects.all().delete()
    if not Series.objects.exists():
        made()
    rows = mixed(rng, days=1.5, every=11)
    coming = [
        (at + minutes(rng.expovariate(1 / 300) if rng.random() < 0.1 else 0), (n, at, v, q)) for n, at, v, q in rows
    ]
    now, stored = D0, []
    while coming:
        now += minutes(rng.choice((3, 25, 200)))
        batch = [row for due, row in coming if due <= now]
        coming = [(due, row) for due, row in coming if due > now]
        rng.shuffle(batch)
        with clock.at(now):
            put(batch, now)
            stored += batch
            if rng.random() < 0.7:
                rollups_make()
    with clock.at(now):
        rollups_make()
        rollups_make()  # what a late counter reading asked for on an earlier pass
        check(stored, now)


def test_a_late_counter_reading_mends_the_next_day_too():
    made()
    early = [(3, D0 + minutes(10), 10.0, 0), (3, D0 + timedelta(days=1, minutes=10), 30.0, 0)]
    put(early)
    rollups_make()
    assert rollup(DAY)[3, D0 + timedelta(hours=16)][1] == 0.0
    late = [(3, D0 + timedelta(hours=23), 29.0, 0)]
    put(late)
    rollups_make()
    check(early + late, D0 + timedelta(days=3))
    assert rollup(TEN)[3, D0 + timedelta(days=1, minutes=10)][1] == 1.0


def test_only_spans_that_are_over_and_a_late_reading_makes_its_own_again():
    made()
    with clock.at(D0 + minutes(25)):
        put([(1, D0 + minutes(m), 1.0, 0) for m in (5, 10, 15, 24)])
        rollups_make()
        assert {at: row[:2] for (_, at), row in rollup(TEN).items()} == {
            D0 + minutes(10): (2, 2.0), D0 + minutes(20): (1, 1.0),
        }  # fmt: skip
        assert rollup(HOUR) == {}
        put([(1, D0 + minutes(2), 1.0, 0)])
        (again,) = rollups_make()
        assert (again.since, again.tens) == (D0 + minutes(2), 1)  # rows that don't change are not touched
    with clock.at(D0 + minutes(61)):
        rollups_make()
        assert rollup(HOUR)[1, D0 + minutes(60)][:2] == (5, 5.0)


def test_a_reading_at_midnight_belongs_to_the_day_before():
    made()
    rows = [(1, D0 + timedelta(days=1) - minutes(5), 1.0, 0), (1, D0 + timedelta(days=1), 2.0, 0)]
    put(rows[:1])
    rollups_make()
    put(rows[1:])
    rollups_make()
    check(rows, D0 + timedelta(days=3))
    assert rollup(HOUR)[1, D0 + timedelta(days=1)][:2] == (2, 3.0)


def test_what_a_crash_left_is_made_again(monkeypatch):
    made()
    rows = [(1, D0 + minutes(5), 1.0, 0)]
    put(rows)

    def broken(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rollups, "_write", broken)
        rollups_make()
    assert rollup(TEN) == {}
    assert Day.objects.get().rolling_from == D0 + minutes(5)
    rollups_make()
    check(rows, D0 + timedelta(days=3))


def test_only_one_process_at_a_time(monkeypatch):
    made()
    put([(1, D0 + minutes(5), 1.0, 0)])
    with rollups.alone("rollups") as mine:
        assert mine
        names = ("dbname", "user", "host", "port", "password")
        where = {name: value for name, value in connection.get_connection_params().items() if name in names}
        with psycopg.connect(**where) as other:
            assert other.execute("SELECT pg_try_advisory_lock(hashtext('anlan.rollups'))").fetchone() == (False,)
