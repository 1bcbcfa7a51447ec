"""Which county a point lies in: equal to trying every outline, and to a ray cast by hand."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine.locate import Locator
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


@settings(max_examples=300, deadline=None)
@given(st.floats(110.2, 116.8), st.floats(31.2, 36.5))
def test_the_tree_agrees_with_trying_every_outline(lon: float, lat: float) -> None:
    assert LOCATOR.find(lon, lat) == by_trying_all(lon, lat)


@settings(max_examples=12, deadline=None)
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
