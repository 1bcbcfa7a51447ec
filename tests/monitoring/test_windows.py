"""Window sums against brute force: order, repeats, zones, leap days and clock changes never make a wrong sum."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.monitoring.engine.windows import HOURS, distinct, epochs, latest, window_sums

START = int(datetime(2024, 2, 28, 20, tzinfo=UTC).timestamp())
BEIJING, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40 * 3600), st.integers(0, 2000)), min_size=1, max_size=120)


def brute(readings: dict[tuple[int, int], float], station: int, at: int, hours: int) -> float:
    return sum(v for (s, t), v in readings.items() if s == station and at - hours * 3600 < t <= at)


@settings(max_examples=150, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_sums_equal_brute_force_in_any_order_with_repeats(drawn, random):
    readings = {}
    for station, offset, tenths in drawn:
        readings.setdefault((station, START + offset), tenths / 10)
    sent = [(s, t, v) for (s, t), v in readings.items()]
    sent += random.choices(sent, k=len(sent) // 2)
    random.shuffle(sent)
    station, at, value = (np.array(column) for column in zip(*sent, strict=True))
    kept = distinct(station.astype(np.int64), at.astype(np.int64), value.astype(np.float64))
    assert len(kept.at) == len(readings)
    ends_at = np.append(kept.at, kept.at + 1800)
    ends_station = np.append(kept.station, kept.station)
    sums = window_sums(kept, ends_station, ends_at)
    for place, (s, t) in enumerate(zip(ends_station.tolist(), ends_at.tolist(), strict=True)):
        for column, hours in enumerate(HOURS):
            assert sums[place, column] == pytest.approx(brute(readings, s, t, hours), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(rows)
def test_latest_equals_brute_force(drawn):
    readings = {}
    for station, offset, tenths in drawn:
        readings.setdefault((station, START + offset), tenths / 10)
    station, at, value = (np.array(c) for c in zip(*((s, t, v) for (s, t), v in readings.items()), strict=True))
    kept = distinct(station.astype(np.int64), at.astype(np.int64), value.astype(np.float64))
    asked = np.arange(4, dtype=np.int64), np.full(4, START + 20 * 3600, dtype=np.int64)
    for number, found in enumerate(latest(kept, *asked)):
        times = [t for s, t in readings if s == number and t <= START + 20 * 3600]
        assert (found == readings[number, max(times)]) if times else np.isnan(found)


def hour_sums(times: list[datetime]) -> list[float]:
    at = epochs(times)
    ones = np.ones(len(at))
    kept = distinct(np.zeros(len(at), dtype=np.int64), at, ones)
    return window_sums(kept, np.zeros(len(at), dtype=np.int64), at, (1, 24))[:, :].ravel().tolist()


def test_two_time_zones_give_the_same_sums():
    local = [datetime(2021, 7, 20, 16, 10, tzinfo=BEIJING) + timedelta(minutes=10 * n) for n in range(30)]
    mixed = [t.astimezone(NEW_YORK) if n % 2 else t.astimezone(UTC) for n, t in enumerate(local)]
    assert hour_sums(local) == hour_sums(mixed)


def test_a_leap_day_has_twenty_four_hours_like_any_other():
    times = [datetime(2024, 2, 28, 12, tzinfo=BEIJING) + timedelta(hours=n) for n in range(1, 49)]
    assert times[-1] == datetime(2024, 3, 1, 12, tzinfo=BEIJING)
    assert hour_sums(times)[1::2][-1] == 24
    plain = [datetime(2023, 2, 27, 12, tzinfo=BEIJING) + timedelta(hours=n) for n in range(1, 49)]
    assert hour_sums(times) == hour_sums(plain)


@pytest.mark.parametrize("start", [datetime(2021, 11, 7, 3, tzinfo=UTC), datetime(2021, 3, 14, 4, tzinfo=UTC)])
def test_a_clock_that_jumps_an_hour_changes_no_sum(start):
    instants = [start + timedelta(minutes=10 * n) for n in range(40)]
    faces = [t.astimezone(NEW_YORK) for t in instants]
    offsets = {t.utcoffset() for t in faces}
    assert len(offsets) == 2, "the clock must change within the span"
    assert hour_sums(faces) == hour_sums(instants)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        epochs([datetime(2021, 7, 20, 16)])


def test_the_window_is_open_at_its_start_and_closed_at_its_end():
    at = np.array([0, 600, 3600], dtype=np.int64)
    kept = distinct(np.zeros(3, dtype=np.int64), at, np.array([1.0, 2.0, 4.0]))
    assert window_sums(kept, np.zeros(1, dtype=np.int64), at[2:], (1,)).tolist() == [[6.0]]
