"""May two reports speak of one event? And times and counts as a hand types them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.clock import BEIJING
from anlan.response.engine.alike import Seen, alike, distance_km, ranked
from anlan.response.engine.figures import standing
from anlan.response.engine.moment_said import count_said, moment_said

NOW = datetime(2026, 7, 20, 14, 30, tzinfo=BEIJING)


def seen(km_north: float | None = 0, hours: float = 0, code: str = "12F00", division: str = "410182109") -> Seen:
    point = (None, None) if km_north is None else (113.28, 34.66 + km_north / 111.195)
    return Seen(*point, division, NOW - timedelta(hours=hours), code)


HERE = seen()


@pytest.mark.parametrize(
    ("other", "wanted"),
    [(seen(3, 1), True), (seen(19, 1), True), (seen(21, 1), False), (seen(1, 47), True), (seen(1, 49), False),
     (seen(1, 1, "12G00"), True), (seen(3, 1, "12G00"), False), (seen(1, 1, "11D01"), True), (seen(9, 1, ""), True),
     (seen(None, 1), True), (seen(None, 1, "12G00"), False), (seen(None, 1, division="410181100"), False),
     (seen(None, 1, division="410182"), True)],
)  # fmt: skip
def test_near_in_place_time_and_class_may_be_one(other: Seen, wanted: bool) -> None:
    found = alike(HERE, other)
    assert (found is not None) is wanted
    assert (alike(other, HERE) is not None) is wanted  # it doesn't matter which came first
    if found is not None:
        assert all(word.zh and word.en for word in found.why)


def test_the_likeliest_comes_first() -> None:
    others = {"far": seen(10, 5), "same": seen(0.1, 0.2), "kin": seen(1, 1, "12G00"), "no": seen(50, 1)}
    told = ranked([(key, alike(HERE, one)) for key, one in others.items()])
    assert [key for key, _ in told] == ["same", "kin", "far"]
    assert len(ranked([(str(n), alike(HERE, HERE)) for n in range(9)])) == 5


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 40), st.floats(0, 8))
def test_farther_and_longer_ago_is_never_likelier(km: float, more: float, hours: float, later: float) -> None:
    near, far = alike(HERE, seen(km, hours)), alike(HERE, seen(km + more, hours + later))
    assert near is not None
    assert far is not None
    assert far.score <= near.score + 1e-9


def test_distance_is_told_over_the_sphere() -> None:
    zhengzhou, dengfeng = Seen(113.625, 34.746, "", NOW, ""), Seen(113.050, 34.454, "", NOW, "")
    assert distance_km(zhengzhou, dengfeng) == pytest.approx(61.9, abs=0.5)
    assert distance_km(zhengzhou, seen(None)) is None


# --- as a hand types it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("", None), ("now", NOW), ("刚刚", NOW), ("-15", NOW - timedelta(minutes=15)), ("- 15分", NOW - timedelta(minutes=15)),
     ("14:20", NOW.replace(minute=20)), ("1420", NOW.replace(minute=20)), ("14时20分", NOW.replace(minute=20)),
     ("8:05", NOW.replace(hour=8, minute=5)), ("23:10", NOW.replace(day=19, hour=23, minute=10)),
     ("19 23:10", NOW.replace(day=19, hour=23, minute=10)), ("7-19 23:10", NOW.replace(day=19, hour=23, minute=10)),
     ("7月19日 23:10", NOW.replace(day=19, hour=23, minute=10)), ("2025-07-19 23:10", NOW.replace(year=2025, day=19, hour=23, minute=10)),
     ("2025-07-19T23:10", NOW.replace(year=2025, day=19, hour=23, minute=10))],
)  # fmt: skip
def test_times_are_read_as_they_are_typed(text: str, wanted: datetime | None) -> None:
    assert moment_said(text, NOW, BEIJING) == wanted


@pytest.mark.parametrize("text", ["later", "25:00", "14:75", "31-31 10:00", "-", "14", "1:2"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_said(text, NOW, BEIJING)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("", (False, None)), ("3", (True, 3)), ("?", (True, None)), ("不详", (True, None)), ("1,200", (True, 1200)),
     ("2.5", (True, 2.5)), ("0", (True, 0))],
)  # fmt: skip
def test_counts_are_read_as_they_are_typed(text: str, wanted: tuple[bool, float | None]) -> None:
    assert count_said(text) == wanted


@pytest.mark.parametrize("text", ["many", "-1", "inf", "nan"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        count_said(text)


class Told:
    def __init__(self, value: float, reason: str = "") -> None:
        self.metric, self.value, self.as_of, self.reason = "deaths", value, NOW, reason


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=12))
def test_a_count_falls_only_with_a_reason(told: list[tuple[int, bool]]) -> None:
    rows = [Told(value, "x" if why else "") for value, why in told]
    after_reason = max((n for n, row in enumerate(rows) if row.reason), default=0)
    stands = standing(rows, {"deaths"})["deaths"]
    assert stands.value == max(row.value for row in rows[after_reason:])
    assert standing(rows, ())["deaths"] is rows[-1]
