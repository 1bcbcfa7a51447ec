"""The worker of a shard: any split, crash, forgotten memory or snapshot gives the same readings and signals."""

from __future__ import annotations

import random
import shutil
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Invalid
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.models import LogEntry, Progress, Pulse, Reading, Series, Signal, SignalStep, Station
from anlan.monitoring.services import (
    SeriesSpec,
    intake_append,
    memory,
    snapshots,
    station_isolate,
    station_mend,
    stations_register,
)
from anlan.monitoring.services.marks import trim_upto
from anlan.monitoring.services.rules import rule_save
from anlan.monitoring.services.stepping import shard_step
from anlan.monitoring.services.ticking import shard_tick
from anlan.monitoring.sources.log import LogGap, log_open
from tests.monitoring.making import BY, T0, fed, gauge, registered, step, take, told

pytestmark = pytest.mark.django_db
STORM = [0, 5, 12, 15, 15, 10, 20, 25, 20, 10, 5, 2, *[0] * 20, 30, 30, 0, 0, 5, *[0] * 12]
END = step(len(STORM) + 60)


@pytest.fixture(autouse=True)
def _cold():
    memory.forget()
    shutil.rmtree(snapshots.folder())
    (snapshots.folder() / "0.marks").unlink(missing_ok=True)
    yield
    memory.forget()
    shutil.rmtree(snapshots.folder())


def send(rows: list[tuple[str, datetime, float]], now: datetime, element: str = "") -> int:
    """Put readings into the log at `now`."""
    with clock.at(now):
        return intake_append(
            by=BY, rows=[(code, element, microseconds(at), value, 0) for code, at, value in rows], source="t"
        ).count


def judge(now: datetime, most: int = 64) -> None:
    """Judge everything that lies in the log."""
    while shard_step(0, now=microseconds(now), most=most).entries:
        pass


def steps(code: str) -> list[tuple[object, ...]]:
    rows = SignalStep.objects.filter(signal__station__code=code, superseded_at=None).order_by("at", "id")
    return list(rows.values_list("signal__rule", "event", "at", "level", "previous", "value"))


@pytest.mark.parametrize("seed", range(4))
def test_any_split_crash_and_snapshot_gives_the_same(seed):
    registered(gauge("a"), gauge("b"))
    take(fed("a", STORM), now=END)
    rows, chance = fed("b", STORM), random.Random(seed)
    rows += chance.sample(rows, 6)
    for place in range(0, len(rows), 7):  # late by an hour and more
        rows.insert(place, rows.pop(min(place + 9, len(rows) - 1)))
    while rows:
        size = chance.randint(1, 9)
        part, rows = rows[:size], rows[size:]
        send(part, END)
        mishap = chance.random()
        if mishap < 0.25:
            memory.forget()
        elif mishap < 0.45:
            memory.snapshot_keep(0)
            memory.forget()
        elif mishap < 0.6:
            with pytest.raises(RuntimeError), transaction.atomic():  # killed before it could commit
                shard_step(0, now=microseconds(END))
                raise RuntimeError
        if chance.random() < 0.7:
            judge(END, most=chance.randint(1, 5))
    judge(END)
    shard_tick(0, END, log_open())
    assert steps("a") == steps("b")
    assert len(steps("a")) >= 4
    values = {
        code: list(
            Reading.objects.filter(series__station__code=code).order_by("at").values_list("at", "value", "quality")
        )
        for code in "ab"
    }
    assert values["a"] == values["b"]
    pulses = [
        Pulse.objects.filter(station__code=code)
        .values("last_at", "last_value", "sum_1h", "sum_3h", "sum_24h", "due_at")
        .get()
        for code in "ab"
    ]
    assert pulses[0] == pulses[1]


def test_what_an_outage_left_is_judged_as_if_there_had_been_none():
    registered(gauge("a", max_silence_s=86_400), gauge("b", max_silence_s=86_400))  # silence would hold everything
    for row in fed("a", STORM):  # judged as it comes
        send([row], row[1])
        judge(row[1])
    for row in fed("b", STORM):  # all of it hours later, a few messages at a time
        send([row], row[1])
    judge(END, most=5)
    shard_tick(0, END, log_open())
    assert steps("a") == steps("b")
    assert len(steps("a")) >= 4
    assert not SignalStep.objects.exclude(superseded_at=None).exists()  # no lull was told that later messages deny


def test_the_journal_is_told_once_a_minute():
    registered(gauge("a"))
    for n in range(4):
        send(fed("a", [1.0], first=n + 1), step(1) + timedelta(seconds=10 * n))
        judge(step(1) + timedelta(seconds=10 * n))
    assert not Entry.objects.filter(kind="readings.taken").exists()
    shard_tick(0, step(1) + timedelta(seconds=59), log_open())
    assert not Entry.objects.filter(kind="readings.taken").exists()
    shard_tick(0, step(1) + timedelta(seconds=60), log_open())
    entry = Entry.objects.get(kind="readings.taken")
    assert (entry.data["count"], entry.data["source"]) == (4, "log:0")
    send(fed("a", [1.0], first=9), step(9))
    judge(step(9))
    judge(step(9))
    shard_tick(0, step(10), log_open())
    assert [e.data["count"] for e in Entry.objects.filter(kind="readings.taken").order_by("id")] == [4, 1]


def test_silence_comes_by_the_clock_but_not_before_the_log_is_judged():
    registered(gauge("a", max_silence_s=1800, series=(SeriesSpec("battery_v", max_silence_s=7200),)), gauge("b"))
    send(fed("a", [60.0]), step(1))
    assert shard_tick(0, step(9), log_open()) == 0  # something lies in the log
    judge(step(1))
    shard_tick(0, step(2), log_open())
    assert told("station.silent") == []
    shard_tick(0, step(4), log_open())
    shard_tick(0, step(6), log_open())
    assert told("station.silent") == [("station.silent", step(3), "b"), ("station.silent", step(4), "a")]
    assert Signal.objects.get(state="firing").no_data_since == step(4)
    assert dict(Series.objects.filter(station__code="a").values_list("element", "state")) == {
        "rain_mm": "silent", "battery_v": "normal",
    }  # fmt: skip
    send([("a", step(7), 12.1)], step(7), element="battery_v")
    judge(step(7))
    assert Station.objects.get(code="a").state == "silent"
    send(fed("a", [0.0], first=8), step(8))
    judge(step(8))
    assert Station.objects.get(code="a").state == "normal"
    assert Signal.objects.get(state="firing").no_data_since is None
    assert told("station.heard") == [("station.heard", step(8), "a")]


def test_a_reading_the_table_knows_and_memory_does_not_is_no_fault():
    registered(gauge("a"))
    take(fed("a", [1.0]), now=step(5))
    number = Series.objects.get(station__code="a").number
    Reading.objects.create(series_id=number, at=step(2), value=7.0, quality=0)
    report = take(fed("a", [2.0, 3.0], first=2), now=step(5))
    assert (report.count, report.repeated, report.differing) == (1, 1, 1)
    assert Reading.objects.get(at=step(2)).value == 7.0


def test_a_gap_in_the_log_stops_the_shard():
    registered(gauge("a"))
    for n in range(3):
        send(fed("a", [1.0], first=n + 1), step(4))
    LogEntry.objects.filter(number=LogEntry.objects.order_by("number")[1].number).delete()
    with pytest.raises(LogGap):
        judge(step(4))
    assert Reading.objects.count() == 0


def test_a_damaged_snapshot_is_refused_and_a_trimmed_log_is_made_up_from_the_table():
    registered(gauge("a"), gauge("b"))
    take(fed("b", STORM), now=END)
    for row in fed("a", STORM[:9]):
        send([row], END)
        judge(END)
    memory.snapshot_keep(0)
    path = snapshots.snapshot_paths(0)[0]
    assert snapshots.snapshot_load(path).stamp == memory.peek(0).stamp
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))
    assert snapshots.snapshot_load(path) is None
    memory.forget()
    log_open().trim(0, Progress.objects.get(shard=0).done)
    for row in fed("a", STORM[9:], first=10):
        send([row], END)
    judge(END)
    assert steps("a") == steps("b")


def test_the_log_is_let_go_when_it_is_old_and_in_every_snapshot():
    assert trim_upto(0, 10, T0, T0 + timedelta(hours=24)) == 0
    assert trim_upto(0, 90, T0 + timedelta(hours=24), T0 + timedelta(hours=48)) == 10
    assert trim_upto(0, 95, T0 + timedelta(hours=47), T0 + timedelta(hours=71)) == 0


def test_an_isolated_station_counts_for_nothing_until_it_is_mended():
    registered(gauge("a"))
    with clock.at(step(1)), pytest.raises(Invalid):
        station_isolate(by=BY, station="a", reason=" ")
    with clock.at(step(1)):
        station_isolate(by=BY, station="a", reason="倾倒")
        with pytest.raises(Conflict):
            station_isolate(by=BY, station="a", reason="again")
    report = take(fed("a", [60.0, 60.0], first=2), now=step(3))
    assert (report.count, report.doubtful, report.changes) == (2, 2, {})
    assert set(Reading.objects.values_list("quality", flat=True)) == {10}
    assert shard_tick(0, step(30), log_open()) == 0  # and silence is no news of it
    with clock.at(step(31)):
        station_mend(by=BY, station="a", note="重新安装")
    assert take(fed("a", [60.0], first=32), now=step(32)).changes == {"opened": 1}
    assert [kind for kind, _, _ in told("station.isolated", "station.mended")] == ["station.isolated", "station.mended"]


def test_a_line_crossed_for_a_while_is_pending_then_fires_or_lapses():
    registered(gauge("dam", kind="level", metric="level_m"), gauge("weir", kind="level", metric="level_m"))
    body = {
        "code": "rise", "kind": "level", "metric": "level_m", "unit": "m", "scale": "water_level", "for": "30m",
        "name": {"zh": "高水位", "en": "High water"}, "hazard": "11A01",
        "levels": [{"code": "warning", "window_h": 0, "threshold": 5.0, "name": {"zh": "警戒", "en": "warning"}}],
        "leave": {"ratio": 1.0, "margin": 0.1, "hold_min": 0},
    }  # fmt: skip
    with clock.at(T0):
        rule_save(by=BY, code="rise", body=body, division="41", valid_from=T0, note="test")
    take([*fed("dam", [5.1]), *fed("weir", [5.1])], now=step(1))
    assert set(Signal.objects.values_list("state", "opened_at")) == {("pending", step(1))}
    assert told("signal.opened") == []
    take([*fed("dam", [5.2], first=2), *fed("weir", [4.0], first=2)], now=step(2))
    assert dict(Signal.objects.values_list("station__code", "state")) == {"dam": "pending", "weir": "lapsed"}
    take(fed("dam", [5.2], first=3), now=step(3))
    shard_tick(0, step(4), log_open())
    signal = Signal.objects.get(station__code="dam")
    assert (signal.state, signal.opened_at, signal.hazard) == ("firing", step(4), "11A01")
    assert told("signal.opened") == [("signal.opened", step(4), "warning")]


def test_registering_again_adds_elements_and_keeps_the_others():
    registered(gauge("a"))
    stations_register(
        by=BY, stations=[gauge("a", series=(SeriesSpec("battery_v"), SeriesSpec("x1", "ppm", "counter")))], at=T0
    )
    stations_register(by=BY, stations=[gauge("a", division="410184109")], at=T0)
    rows = (
        Series.objects.filter(station__code="a")
        .order_by("number")
        .values_list("element", "unit", "kind", "main", "division")
    )
    assert list(rows) == [
        ("rain_mm", "mm", "increment", True, "410184109"), ("battery_v", "V", "gauge", False, "410184109"),
        ("x1", "ppm", "counter", False, "410184109"),
    ]  # fmt: skip
    assert set(Pulse.objects.values_list("division", flat=True)) == {"410184109"}
    assert send([("a", step(1), 3.0)], step(1), element="battery_v") == 1
