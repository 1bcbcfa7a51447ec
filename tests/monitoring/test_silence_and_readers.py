"""Silence with its exact time, the readers now and then, their scope, and the live feed that equals a refetch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.kernel import clock, journal, live
from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope, activate
from anlan.monitoring import selectors, tasks
from anlan.monitoring.models import Station
from tests.monitoring.making import T0, fed, gauge, registered, step, take, told

pytestmark = pytest.mark.django_db


def test_silence_falls_due_at_its_own_moment_however_late_the_sweep():
    registered(gauge("a", max_silence_s=1800), gauge("b", max_silence_s=1200))
    take(fed("a", [1.0]))
    assert tasks.next_due() == T0 + timedelta(minutes=20)
    assert tasks.sweep(T0 + timedelta(minutes=19)) == 0
    assert tasks.sweep(T0 + timedelta(hours=9)) == 2
    assert tasks.sweep(T0 + timedelta(hours=9)) == 0
    assert told("station.silent") == [
        ("station.silent", T0 + timedelta(minutes=20), "b"), ("station.silent", T0 + timedelta(minutes=40), "a"),
    ]  # fmt: skip
    assert tasks.next_due() is None
    assert set(Station.objects.values_list("state", flat=True)) == {"silent"}


def test_a_silent_station_is_heard_only_by_fresh_readings_and_its_signal_stands_meanwhile():
    registered(gauge("a", max_silence_s=1800))
    take(fed("a", [60.0]))
    tasks.sweep(step(10))
    assert len(selectors.signals_active(Scope.whole())) == 1
    take(fed("a", [0.0], first=2), now=step(40))  # an old reading that comes late is no sign of life
    assert Station.objects.get().state == "silent"
    take(fed("a", [0.0], first=41), now=step(41))
    assert Station.objects.get().state == "normal"
    assert told("station.heard") == [("station.heard", step(41), "a")]
    assert tasks.next_due() == step(41) + timedelta(seconds=1800)


def test_readers_show_only_their_scope_and_one_query_each():
    registered(gauge("a", "410183108"), gauge("b", "410182109"))
    take(fed("a", [60.0]) + fed("b", [61.0]))
    county = Scope(("410183",))
    with CaptureQueriesContext(connection) as queries:
        assert [item["code"] for item in selectors.stations_state(county).values()] == ["a"]
        assert [item["station"] for item in selectors.signals_active(county).values()] == ["a"]
    assert len(queries) == 2
    assert selectors.stations_state(Scope()) == {}
    with pytest.raises(NotFound):
        selectors.series(county, "b", T0, step(9))
    assert [p["value"] for p in selectors.series(county, "a", T0, step(9))] == [60.0]


def test_the_database_keeps_the_web_in_scope_too(web_role):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    registered(gauge("a", "410183108"), gauge("b", "410182109"))
    take(fed("a", [60.0]) + fed("b", [61.0]))
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        activate(Scope(("410183",)), options.secret_key)
        for table in ("station", "series", "pulse", "signal", "signalstep", "watch"):
            cursor.execute(f"SELECT DISTINCT division FROM monitoring_{table}")
            assert cursor.fetchall() == [("410183108",)], table
        cursor.execute("SELECT DISTINCT value FROM monitoring_reading")
        assert cursor.fetchall() == [(60.0,)]
        cursor.execute("SELECT count(*) FROM monitoring_batch")
        assert cursor.fetchone() == (0,)  # the batch held other counties' readings


def test_as_of_equals_what_stood_then():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.now', %s, false)", [T0.isoformat()])
    registered(gauge("a"), gauge("dam", kind="level", metric="level_m", limits={"warning_m": 5.0}))
    snapshots = []
    for number, mm in enumerate([10.0, 20.0, 25.0, 30.0, 40.0, 0.0, 0.0], start=1):
        with clock.at(step(number)), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('anlan.now', %s, false)", [step(number).isoformat()])
            take([*fed("a", [mm], first=number), *fed("dam", [number - 0.5], first=number)])
            tasks.sweep(step(number))
        snapshots.append((selectors.stations_state(Scope.whole()), selectors.signals_active(Scope.whole())))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.now', '', false)")
    for number, (stations, signals) in enumerate(snapshots, start=1):
        assert selectors.stations_state(Scope.whole(), step(number)) == stations
        assert selectors.signals_active(Scope.whole(), step(number)) == signals


def test_state_plus_frames_equals_a_refetch():
    registered(gauge("a"), gauge("b", max_silence_s=1200))
    journal.seal()
    page = live.state(Scope.whole())
    seq = page["seq"]
    for number in range(1, 8):
        take(fed("a", [20.0], first=number))
        tasks.sweep(step(number))
        journal.seal()
        upto, _ = journal.head()
        frame = live.frame(Scope.whole(), seq, upto)
        live.merge(page["items"], frame)
        seq = upto
        fresh = live.state(Scope.whole())["items"]
        assert page["items"]["station"] == fresh["station"]
        assert page["items"]["signal"] == fresh["signal"]
    assert {item["state"] for item in fresh["station"].values()} == {"normal", "silent"}
