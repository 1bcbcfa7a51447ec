"""Partitions: made when rows need them, by one of many, never open to the web, and the default one cleared out."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from anlan.kernel import clock, schema
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, activate
from anlan.monitoring.services.partitions import partitions, partitions_ensure, partitions_tidy, reach, span

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


def put(series: int, at: datetime, value: float = 1.0) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO monitoring_reading VALUES (%s, %s, %s, 0)", [series, at, value])


def places(series: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM monitoring_reading WHERE series = %s ORDER BY at", [series]
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
def test_each_table_is_cut_in_its_own_way_and_made_once(django_assert_num_queries):
    assert partitions_ensure("reading", [TODAY, TODAY]) == ["monitoring_reading_20261122"]
    assert partitions_ensure("frame", [TODAY]) == ["monitoring_frame_20261122"]
    assert partitions_ensure("rollup_ten", [date(2026, 12, 31)]) == []  # more than two days ahead
    assert partitions_ensure("rollup_ten", [TODAY, date(2026, 11, 1)]) == ["monitoring_rollup_ten_202611"]
    assert partitions_ensure("rollup_hour", [date(2025, 12, 31)]) == ["monitoring_rollup_hour_202512"]
    assert partitions_ensure("rollup_day", [TODAY]) == ["monitoring_rollup_day_2026"]
    with django_assert_num_queries(1):
        assert partitions_ensure("reading", [TODAY]) == []
    assert partitions("reading") == {TODAY: "monitoring_reading_20261122"}
    assert partitions("rollup_hour") == {date(2025, 12, 1): "monitoring_rollup_hour_202512"}
    assert span("rollup_hour", date(2025, 12, 31)).end == date(2026, 1, 1)
    put(1, NOON)
    put(1, datetime(2026, 11, 22, tzinfo=UTC))
    assert places(1) == ["monitoring_reading_20261122"] * 2


@pytest.mark.django_db
def test_times_out_of_reach_stay_in_the_default_partition_until_they_come_into_reach():
    first, last = reach()
    assert last == TODAY + timedelta(days=2)
    assert first < date(2016, 11, 22) - timedelta(days=30)
    far = [date(1970, 1, 1), date(2099, 1, 1), first - timedelta(days=1), last + timedelta(days=1)]
    assert partitions_ensure("reading", far) == []
    put(1, NOON + timedelta(days=3))
    put(1, NOON + timedelta(days=400))
    assert places(1) == ["monitoring_reading_other"] * 2
    assert partitions_tidy("reading") == []
    with clock.at(NOON + timedelta(days=2)):
        put(2, NOON)  # nobody made its day
        assert partitions_tidy("reading") == ["monitoring_reading_20261122", "monitoring_reading_20261125"]
    assert places(1) == ["monitoring_reading_20261125", "monitoring_reading_other"]
    assert places(2) == ["monitoring_reading_20261122"]


@pytest.mark.django_db
def test_frames_move_with_their_numbers():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_frame (received_at, division, protocol, peer, station, body, readings, error)"
            " VALUES (%s, '', 'http', '', 'a', 'x', 0, '') RETURNING number",
            [NOON],
        )
        (number,) = cursor.fetchone()
        partitions_tidy("frame")
        cursor.execute("SELECT tableoid::regclass::text, number, body FROM monitoring_frame")
        assert [(name, n, bytes(body)) for name, n, body in cursor.fetchall()] == [
            ("monitoring_frame_20261122", number, b"x")
        ]
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'monitoring_frame_20261122'")
        assert cursor.fetchone() == (2,)


@pytest.mark.django_db
def test_a_rolled_back_partition_is_made_again():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        partitions_ensure("reading", [TODAY])
        raise ZeroDivisionError
    assert partitions("reading") == {}
    assert partitions_ensure("reading", [TODAY]) == ["monitoring_reading_20261122"]


@pytest.mark.django_db
def test_the_web_reads_through_the_parent_only_and_makes_nothing(web_role):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        partitions_ensure("reading", [TODAY])
        put(1, NOON)
        for _ in range(2):  # before and after the grants of a migration
            cursor.execute("SET ROLE anlan_web")
            activate(Scope.whole(), options.secret_key)
            assert partitions_ensure("reading", [TODAY + timedelta(days=1)]) == []
            cursor.execute("SELECT count(*) FROM monitoring_reading")
            assert cursor.fetchone() == (0,)  # series 1 isn't registered, so nobody may see it
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                cursor.execute("SELECT has_table_privilege('monitoring_reading_20261122', %s)", [right])
                assert cursor.fetchone() == (False,)
            cursor.execute("RESET ROLE")
            schema.sync()


@pytest.mark.django_db(transaction=True)
def test_many_makers_at_once_and_every_row_in_its_day():
    days = [TODAY - timedelta(days=back) for back in range(3)]
    made: list[str] = []
    errors: list[BaseException] = []
    start = threading.Barrier(6)

    def stored(series: int, day: date, at: datetime) -> None:
        with clock.at(NOON), transaction.atomic():
            made.extend(partitions_ensure("reading", [day]))
            put(series, at)

    def maker(series: int) -> None:
        try:
            start.wait()
            for back, day in enumerate(days if series % 2 else reversed(days)):
                try:
                    stored(series, day, NOON - timedelta(days=back))
                except IntegrityError:
                    # another's partition was seen a moment before its commit was told: the worker, too, steps again
                    stored(series, day, NOON - timedelta(days=back))
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=maker, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert errors == []
        assert sorted(made) == sorted(f"monitoring_reading_{day:%Y%m%d}" for day in days)
        assert [places(number) for number in range(6)] == [
            [f"monitoring_reading_{day:%Y%m%d}" for day in days[::-1]]
        ] * 6
    finally:
        with connection.cursor() as cursor:
            for name in partitions("reading").values():
                cursor.execute(f"DROP TABLE {name}")
