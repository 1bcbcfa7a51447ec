"""Which county a point lies in: equal to trying every outline, and to a ray cast by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine.locate import Located, Locator, Seats, locate
from anlan.territory.sources import embedded

OUTLINES = sorted(embedded.outlines().items())
LOCATOR = Locator(OUTLINES[::-1])


def by_trying_all(lon: float, lat: float) -> str:
    point = shapely.Point(lon, lat)
    return next((code for code, outline in OUTLINES if shapely.intersects(outline, point)), "")


def ray_cast(lon: float, lat: float) -> list[str]:
    """Even-odd rule over all rings, in plain Python."""
    found = []
    for code, outline in OUTLINES:
        crossings = 0
        for polygon in shapely.get_parts(outline):
            for ring in (polygon.exterior, *polygon.interiors):
                xs, ys = np.asarray(ring.coords).T
                for i in range(len(xs) - 1):
                    if (ys[i] > lat) != (ys[i + 1] > lat):
                        crossings += lon < (xs[i + 1] - xs[i]) * (lat - ys[i]) / (ys[i + 1] - ys[i]) + xs[i]
        if crossings % 2:
            found.append(code)
    return found


@settings(max_examples=300)
@given(st.floats(110.2, 116.8), st.floats(31.2, 36.5))
def test_the_tree_agrees_with_trying_every_outline(lon: float, lat: float) -> None:
    assert LOCATOR.find(lon, lat) == by_trying_all(lon, lat)


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_and_with_a_ray_cast_by_hand(a: int, b: int) -> None:
    lon, lat = 110.2 + 6.6 * (a + 0.123) / 10**6, 31.2 + 5.3 * (b + 0.456) / 10**6
    assert LOCATOR.find(lon, lat) == (ray_cast(lon, lat) or [""])[0]


def test_known_points_and_many_at_once() -> None:
    points = {(113.63, 34.72): "410103", (113.53, 34.73): "410102", (113.20, 34.67): "410181", (121.0, 31.0): ""}
    assert LOCATOR.find_many([p[0] for p in points], [p[1] for p in points]) == list(points.values())
    assert LOCATOR.find_many([], []) == []


def test_a_point_on_a_common_border_goes_to_the_first_by_code() -> None:
    squares = [("2", shapely.box(0, 0, 1, 1)), ("1", shapely.box(1, 0, 2, 1))]
    for order in (squares, squares[::-1]):
        assert Locator(order).find(1.0, 0.5) == "1"


def test_of_outlines_one_inside_the_other_the_lowest_answers() -> None:
    land = [("41", shapely.box(0, 0, 4, 4)), ("4101", shapely.box(0, 0, 2, 4)), ("410102", shapely.box(0, 0, 1, 1))]
    for order in (land, land[::-1]):
        locator = Locator(order)
        assert locator.find_many([0.5, 1.5, 3.0, 5.0], [0.5, 2.0, 1.0, 1.0]) == ["410102", "4101", "41", ""]


LAND = Locator([("4101", shapely.box(113, 34, 114, 35)), ("410102", shapely.box(113, 34, 113.5, 35))])
SEATS = Seats(
    [("410102001", 113.1, 34.5), ("410102002", 113.3, 34.5), ("410103001", 113.7, 34.5), ("410102", 113.2, 34.6)]
)


def test_below_the_outlines_the_nearest_seat_is_a_guess_and_said_to_be_one() -> None:
    found = locate(LAND, SEATS, 113.28, 34.5)
    assert (found.code, found.estimate) == ("410102", "410102002")
    assert found.km == pytest.approx(1.83, abs=0.01)
    # In the prefecture but in no county's outline: the guess is among what is right below, seats of counties first.
    assert locate(LAND, SEATS, 113.55, 34.5) == Located("4101")
    assert locate(LAND, SEATS, 113.55, 34.5, most_km=60).estimate == "410102"


def test_outside_the_territory_nothing_is_guessed() -> None:
    assert locate(LAND, SEATS, 112.999, 34.5) == Located("")
    assert locate(LAND, Seats([]), 113.28, 34.5) == Located("410102")


def test_without_any_outline_the_answer_is_only_a_guess() -> None:
    nowhere = Locator([])
    assert nowhere.find(113.1, 34.5) == ""
    found = locate(nowhere, Seats([("659001500", 86.0, 44.3), ("659001501", 86.4, 44.3)]), 86.05, 44.3)
    assert (found.code, found.estimate) == ("", "659001500")
    assert locate(nowhere, Seats([("659001500", 86.0, 44.3)]), 87.0, 44.3) == Located("")


@given(st.floats(113.0, 113.5), st.floats(34.0, 35.0))
def test_the_nearest_seat_is_the_nearest_of_all(lon: float, lat: float) -> None:
    found = SEATS.nearest(lon, lat, "410102", most_km=1e9)
    assert found is not None
    distances = {code: Seats([(code, *at)]).nearest(lon, lat, "", 1e9) for code, *at in
                 (("410102001", 113.1, 34.5), ("410102002", 113.3, 34.5))}  # fmt: skip
    assert found[1] == min(pair[1] for pair in distances.values() if pair)
