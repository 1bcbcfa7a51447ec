"""All rings of a message judged in one pass: the same as one after the other, and nothing called simple that is not."""

from __future__ import annotations

import math
import random

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry, rings
from tests.faults import fuzz_cap
from tests.warning.cap.messages import ALERT, INFO, change, raw

POINT = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
RINGS = st.lists(st.lists(POINT, min_size=3, max_size=12), min_size=1, max_size=6)
CLOSED = [[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]]


def text(points: list[tuple[float, float]]) -> str:
    """Return points as the text of a polygon."""
    return " ".join(f"{lat},{lon}" for lat, lon in points)


def star(points: int, turns: int, rough: float, seed: int = 0) -> str:
    """Return a closed ring that goes so many times around a place, each time at other distances."""
    chance = random.Random(seed)
    found = []
    for number in range(points):
        angle, radius = 2 * math.pi * turns * number / points, chance.uniform(1 - rough, 1)
        found.append((round(34 + radius * math.sin(angle), 5), round(113 + radius * math.cos(angle), 5)))
    return text([*found, found[0]])


MANY = star(200, 1, 0.1)  # with so many points more, all are looked at by numpy


@given(RINGS)
def test_one_pass_finds_the_crossings_geos_finds(made: list[list[tuple[int, int]]]) -> None:
    closed = [[*points, points[0]] for points in made]
    assume(all(len(set(points)) > 2 for points in made))
    texts = [text(points) for points in closed]
    crosses = [not shapely.LinearRing([(lon, lat) for lat, lon in points]).is_simple for points in closed]
    assert rings.crossings(texts) == crosses
    assert rings.crossings([*texts, MANY]) == [*crosses, False]


@given(st.integers(0, 10**6))
def test_one_pass_says_what_is_said_of_one_ring_after_the_other(seed: int) -> None:
    made = fuzz_cap.ring(random.Random(seed)).decode()
    told = rings.crossings([made])
    if told is not None:
        assert told == geometry.crossing([geometry.flat(made)])


@pytest.mark.parametrize(
    ("made", "crosses"),
    [
        (star(90, 1, 0.0), False),
        (star(90, 1, 0.2), False),
        (star(91, 2, 0.0), True),  # a pentagram's way: it turns one way only, but more than once around
        (star(91, 45, 0.0), True),
        ("0,0 0,2 2,2 2,0 0,0 0,2 2,2 2,0 0,0", True),  # the same square twice
        ("0,0 0,1 0,1 1,1 1,0 0,0", False),  # a point twice running
        ("0,0 0,2 1,1 2,2 2,0 1,1 0,0", True),  # touches itself in a point
    ],
)
def test_rings_that_turn_one_way_but_more_than_once_cross(made: str, crosses: bool) -> None:
    square = "0,0 0,1 1,1 1,0 0,0"
    assert rings.crossings([made]) == [crosses]
    assert rings.crossings([square, made, MANY, made]) == [False, crosses, False, crosses]


@pytest.mark.parametrize(
    "made",
    ["0,0 0,1 0,0", "0,0 0,1 1,1 1,0", "0,0 0,1 1,1 91,0 0,0", "0,0 0,181 1,1 1,0 0,0", "0,-100 0,100 1,1 1,0 0,-100",
     "0,0 0,1 .5,1 1,0 0,0", "0,0;0,1 1,1 1,0 0,0", "0,0 0,1,1,1 1,0 0,0", "", "x", "0,0 1 1,1 1,0 0,0"],
)  # fmt: skip
def test_what_is_no_plain_ring_is_left_to_who_has_the_words(made: str) -> None:
    assert rings.crossings([made]) is None
    assert rings.crossings([MANY, made]) is None


def test_blanks_of_all_kinds_divide() -> None:
    plain = star(80, 1, 0.1)
    assert rings.numbers([plain.replace(" ", "\n\t  "), plain.replace(" ", "\t")]) == rings.numbers([plain, plain])


def test_more_points_than_are_looked_at_are_counted_again_for_a_ring_that_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(geometry, "MOST_POINTS", 100)
    assert rings.crossings([star(79, 1, 0.1)]) == [False]
    assert rings.crossings([star(79, 1, 0.1)] * 2) is None


def test_rings_handed_to_geos_in_portions_are_told_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "AT_ONCE", 10)
    assert geometry.crossing(CLOSED * 5) == [False, True] * 5


def test_findings_name_the_ring_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same message, its rings in one pass and one after the other."""
    area, bow = INFO.areas[0], star(91, 2, 0.0)
    areas = (
        change(area, polygons=(star(90, 1, 0.2), bow)),
        change(area, polygons=(star(85, 1, 0.1),)),
        change(area, polygons=(bow,)),
    )
    made = change(ALERT, infos=(INFO, change(INFO, language="en", description="x", areas=areas)))
    told = cap.check(made)
    assert [one.path for one in told if one.code == "ring_crosses"] == [
        "/alert/info[2]/area[1]/polygon[2]", "/alert/info[2]/area[3]/polygon[1]",
    ]  # fmt: skip
    monkeypatch.setattr(rings, "crossings", lambda texts: None)
    assert cap.check(made) == told
    assert cap.read(raw(made)).findings == tuple(told)
