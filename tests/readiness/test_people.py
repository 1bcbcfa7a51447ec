"""The people model, the pace of ticks and the water curves: pure parts of the drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.readiness.engine.people import delay, spread_at, triangle
from anlan.readiness.engine.tempo import Tempo, grid_times, tick_of, tick_time
from anlan.readiness.plot import Spread
from anlan.readiness.scenario import scenario_load

START = datetime(2021, 7, 19, 4, tzinfo=UTC)
unit = st.floats(0, 1, exclude_max=True)


@given(st.tuples(*[st.floats(0, 1000)] * 3).map(sorted), unit, unit)
def test_triangle_stays_inside_and_rises(corners: list[float], u: float, v: float) -> None:
    least, likely, most = corners
    low, high = sorted((triangle(least, likely, most, u), triangle(least, likely, most, v)))
    assert least - 1e-6 <= low <= high <= most + 1e-6
    if u < v:
        assert triangle(least, likely, most, u) <= triangle(least, likely, most, v) + 1e-9


def test_triangle_mean_is_the_known_one() -> None:
    n = 20_000
    mean = sum(triangle(4, 6, 9, (i + 0.5) / n) for i in range(n)) / n
    assert mean == pytest.approx((4 + 6 + 9) / 3, abs=1e-3)


def test_delay_never_when_chance_is_missed() -> None:
    spread = Spread(chance=0.5, minutes=(1, 2, 3))
    assert delay(spread, 0.5, 0.1) is None
    assert delay(spread, 0.49, 0.0) == timedelta(minutes=1)


def test_day_and_night_follow_local_hours() -> None:
    people = scenario_load("zhengzhou-2021").responders
    noon, night = START, START + timedelta(hours=14)
    table = people.tasks.receipt
    assert spread_at(people, table, "village_officer", noon).chance == 0.92
    assert spread_at(people, table, "village_officer", night).chance == 0.82
    assert spread_at(people, table, "no_such_role", noon) == table["default"].day


def test_tempo_is_due_by_speed_and_never_races() -> None:
    tempo = Tempo(10, 100.0, 30, 60)
    assert tempo.due(12) == 101.0
    assert tempo.kept(12, 101.5) is tempo
    again = tempo.kept(12, 200.0)
    assert (again.due(12), again.due(13)) == (200.0, 200.5)
    assert Tempo(0, 5.0, 30, 0).due(999) == 5.0


@given(st.integers(0, 200_000), st.integers(1, 300))
def test_tick_is_the_first_at_or_after(seconds: int, tick_s: int) -> None:
    moment = START + timedelta(seconds=seconds)
    tick = tick_of(START, tick_s, moment)
    assert tick_time(START, tick_s, tick) >= moment
    assert tick == 0 or tick_time(START, tick_s, tick - 1) < moment


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=8))
def test_grid_times_are_each_taken_once(steps: list[int]) -> None:
    every = timedelta(minutes=15)
    at, seen = START - timedelta(seconds=1), []
    for step in steps:
        later = at + timedelta(seconds=step)
        seen += grid_times(START, every, at, later)
        at = later
    assert seen == [START + n * every for n in range(len(seen))]
    assert seen == grid_times(START, every, START - timedelta(seconds=1), at)
