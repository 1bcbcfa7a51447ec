"""Taking readings on a real database: once, in any order, doubtful ones apart; signals open, rise, fall and clear."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Batch, Pulse, Reading, Series, Signal, SignalStep, Station
from anlan.monitoring.services import memory, readings_take, stations_register
from tests.monitoring.making import BY, SIGNALS, T0, fed, gauge, registered, step, take, told

pytestmark = pytest.mark.django_db
STORM = [0, 5, 12, 15, 15, 10, 20, 25, 20, 10, 5, 2, *[0] * 40]


@pytest.fixture(autouse=True)
def _cold() -> None:
    memory.forget()


def test_a_batch_taken_twice_is_taken_once():
    registered(gauge("a"), gauge("b"))
    rows = fed("a", STORM) + fed("b", [1.5] * 10)
    first = take(rows)
    before = Entry.objects.count()
    again = take(rows)
    assert (first.count, first.repeated) == (len(rows), 0)
    assert (again.count, again.repeated, again.batch, again.changes) == (0, len(rows), None, {})
    assert Entry.objects.count() == before
    assert Reading.objects.count() == len(rows)
    assert Batch.objects.get().count == len(rows)


def test_a_signal_opens_rises_falls_and_clears_with_its_reasons():
    registered(gauge("a"))
    for row in fed("a", STORM + [0] * 60):
        take([row])
    changes = told(*SIGNALS)
    assert [(kind.partition(".")[2], level) for kind, _, level in changes] == [
        ("opened", "orange"), ("raised", "red"), ("lowered", "yellow"), ("lowered", "blue"), ("cleared", ""),
    ]  # fmt: skip
    assert changes[0][1] == step(6)  # 5+12+15+15+10 = 57 mm
    assert changes[1][1] == step(8)  # 102 mm
    signal = Signal.objects.get()
    assert (signal.state, signal.rule, signal.rule_version) == ("cleared", "rainstorm", "16-2007")
    assert signal.opened_at == step(6)
    assert signal.cleared_at == changes[-1][1]
    raised = Entry.objects.get(kind="signal.raised").data
    assert (raised["value"], raised["threshold"], raised["window_h"], raised["previous"]) == (102.0, 100.0, 3, "orange")
    assert "3小时累计雨量102毫米，达到红色标准（≥100毫米）" in raised["explanation"]["zh"]
    assert "CMA Order No. 16" in raised["explanation"]["en"]


def steps(code: str) -> list[tuple[object, ...]]:
    """The steps of a station's signals that hold, by event time."""
    rows = SignalStep.objects.filter(signal__station__code=code, superseded_at=None).order_by("at", "id")
    return list(rows.values_list("signal__rule", "event", "at", "level", "previous", "value"))


@pytest.mark.parametrize("seed", range(4))
def test_any_split_into_batches_gives_the_same_signals(seed):
    registered(gauge("a"), gauge("b"))
    values = [round(random.Random(seed + 9).uniform(0, 14), 1) if n % 40 < 25 else 0.0 for n in range(160)]
    take(fed("a", values))
    rows, chance = fed("b", values), random.Random(seed)
    while rows:
        size = chance.randint(1, 30)
        part, rows = rows[:size], rows[size:]
        chance.shuffle(part)
        if chance.random() < 0.3:
            memory.forget()
        take(part + part[: len(part) // 3], now=step(400))
    assert steps("a") == steps("b")
    assert steps("a")
    assert (
        Pulse.objects.get(station__code="a", main=True).sum_24h
        == Pulse.objects.get(station__code="b", main=True).sum_24h
    )


def test_late_rain_gives_the_signals_it_would_have_given_in_time():
    registered(gauge("a"), gauge("b"))
    rows = fed("a", [10.0] * 6)
    take(rows[:2] + rows[3:])
    assert told(*SIGNALS) == [("signal.opened", step(6), "orange")]  # 50 mm in 3 h
    report = take(fed("a", [51.0], first=0), now=step(7))
    assert report.late == 1
    assert told("signal.revised", "signal.raised") == [
        ("signal.raised", step(6), "red"),
        ("signal.revised", step(7), "red"),
    ]
    signal = Signal.objects.get()
    assert (signal.opened_at, signal.level, signal.level_at) == (step(0), "red", step(6))
    take([("b", at, value) for _, at, value in [*fed("a", [51.0], first=0), *rows[:2], *rows[3:]]], now=step(7))
    assert steps("a") == steps("b")
    assert SignalStep.objects.exclude(superseded_at=None).count() == 1


def test_the_first_value_stands_and_another_is_counted():
    registered(gauge("a"))
    take(fed("a", [3.0]))
    report = take([*fed("a", [4.0]), *fed("a", [3.0]), *fed("a", [1.0], first=2)], now=step(3))
    assert (report.count, report.repeated, report.differing) == (1, 2, 1)
    assert Reading.objects.get(at=step(1)).value == 3.0


def test_doubtful_values_are_kept_and_never_raise():
    registered(gauge("a"), gauge("b"), gauge("c"), gauge("d"))
    rows = [*fed("a", [-5.0]), *fed("b", [400.0]), *fed("c", [20.0], first=30), *fed("d", [70.0] * 6)]
    report = take(rows, now=step(6))
    assert report.doubtful == 4
    codes = dict(Reading.objects.values_list("series__station__code", "quality").exclude(quality=0))
    assert codes["a"], codes["c"] == (1, 3)
    assert codes["b"] in (2, 8)  # too high, or too much in one reading
    assert codes["d"] == 4  # the sixth brings the hour to 420 mm
    firing = Signal.objects.filter(state="firing").select_related("station")
    assert [s.station.code for s in firing] == ["d"]
    shown = Signal.objects.filter(suspect=True).select_related("station")
    assert {(s.station.code, s.state) for s in shown} <= {("b", "lapsed"), ("d", "firing")}
    assert shown.filter(station__code="b").exists()
    assert told(*SIGNALS) == [("signal.opened", step(1), "orange"), ("signal.raised", step(2), "red")]
    again = take(rows, now=step(6))
    assert (again.count, Signal.objects.filter(station__code="b").count()) == (0, 1)


def test_water_over_its_limits_and_depth_over_the_default():
    dam = gauge("dam", kind="level", metric="level_m", limits={"warning_m": 127.49}, place_code="p1")
    road = gauge("road", kind="level", metric="depth_m")
    registered(dam, road)
    take([*fed("dam", [127.48, 127.49, 128.0]), *fed("road", [0.1, 0.2, 0.3])])
    assert sorted(told(*SIGNALS)) == [
        ("signal.opened", step(2), "caution"), ("signal.opened", step(2), "warning"), ("signal.raised", step(3), "stop"),
    ]  # fmt: skip
    entry = Entry.objects.get(kind="signal.opened", data__station="dam")
    assert (entry.data["place"], entry.data["explanation"]["numbers"]["over"]) == ("p1", 0.0)
    take([*fed("dam", [127.45] * 8, first=4), *fed("dam", [127.3] * 8, first=12)])
    assert told("signal.cleared") == [("signal.cleared", step(18), "")]  # an hour under 127.39


def test_unknown_stations_are_told_and_the_others_taken():
    registered(gauge("a"))
    report = take([*fed("a", [1.0]), *fed("nobody", [1.0])])
    assert (report.count, report.unknown) == (1, ("nobody",))


def test_a_person_takes_readings_only_in_scope_and_role():
    registered(gauge("a"))
    for actor in (
        Actor("person", "x", Scope(("410182",)), roles=frozenset({"duty"})),
        Actor("person", "x", Scope(("410183",)), roles=frozenset({"auditor"})),
    ):
        with pytest.raises(Forbidden):
            readings_take(by=actor, rows=fed("a", [1.0]), source="t", at=step(1))
    duty = Actor("person", "x", Scope(("410183",)), roles=frozenset({"duty"}))
    assert readings_take(by=duty, rows=fed("a", [1.0]), source="t", at=step(1)).count == 1


def test_another_log_than_the_databases_is_no_place_for_it(monkeypatch):
    registered(gauge("a"))
    monkeypatch.setitem(vars(options), "log", "jetstream")
    with pytest.raises(Conflict) as refused:
        take(fed("a", [1.0]))
    assert (refused.value.field, refused.value.value) == ("log", "jetstream")
    assert "网关" in refused.value.zh
    assert "gateway" in refused.value.en
    assert Reading.objects.count() == 0
    monkeypatch.setitem(vars(options), "drill", True)  # a drill's log is always in its own database
    assert take(fed("a", [1.0])).count == 1


def test_queries_do_not_grow_with_stations_or_rows():
    registered(*(gauge(f"g{n:03d}") for n in range(120)))
    take([row for n in range(2) for row in fed(f"g{n:03d}", [1.0])])
    for mm, most in ((1.0, 16), (60.0, 32)):  # the second opens signals; past some of them the storm limiter writes too
        counts = []
        for first, last in ((0, 30), (30, 120)):
            with CaptureQueriesContext(connection) as queries:
                take([row for n in range(first, last) for row in fed(f"g{n:03d}", [mm], first=int(mm) + 1)])
            counts.append(len(queries))
        assert max(counts) - min(counts) <= (1 if mm > 1 else 0), counts
        assert max(counts) <= most


def test_registering_again_changes_particulars_only():
    registered(gauge("a"))
    take(fed("a", [1.0]))
    stations_register(by=BY, stations=[gauge("a", lon=113.6, max_silence_s=900)], at=T0 + timedelta(hours=1))
    station = Station.objects.get()
    assert (station.lon, station.max_silence_s, station.pulses.get().last_value) == (113.6, 900, 1.0)
    with pytest.raises(Invalid) as caught:
        registered(gauge("b", kind="rain", metric="level_m"))
    assert caught.value.field == "stations[0].metric"


def test_where_the_table_knows_more_than_the_memory_the_table_is_right() -> None:
    registered(gauge("A"))
    take(fed("A", [1.0, 2.0]))
    number = Series.objects.get(station__code="A").number
    Reading.objects.bulk_create([Reading(series_id=number, at=step(3), value=3.0)])
    report = take(fed("A", [3.0, 4.0], first=3))
    assert (report.count, report.repeated) == (1, 1)
    assert [r.value for r in Reading.objects.filter(series=number).order_by("at")] == [1.0, 2.0, 3.0, 4.0]
