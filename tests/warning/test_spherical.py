"""Areas of CAP messages on the globe: longitude 180, poles, unions, circles; and masks exact against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.territory.engine.area import area_from_geojson
from anlan.territory.engine.extent import Polygonal
from anlan.warning.engine import inside as module
from anlan.warning.engine.inside import inside
from anlan.warning.engine.spherical import cap_area, circle_polygon, ring_area

Ring = list[tuple[float, float]]
RADIUS_KM = 6371.0088
_QUICK = settings(max_examples=150)


def holds(area: object, lon: float, lat: float) -> bool:
    return bool(inside(area, np.array([lon]), np.array([lat]))[0])  # type: ignore[arg-type]


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    a, b = np.radians(lat1), np.radians(lat2)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    return float(2 * RADIUS_KM * np.arcsin(np.sqrt(half)))


def told(ring: Ring, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inside, and on the edge, by counting crossings edge after edge in whole numbers (half degrees): exact."""
    x, y = (lon * 2).astype(np.int64), (lat * 2).astype(np.int64)
    inner, edge = np.zeros(len(x), np.bool_), np.zeros(len(x), np.bool_)
    corners = [(int(a * 2), int(b * 2)) for a, b in ring]
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        edge |= (side == 0) & (x >= min(ax, bx)) & (x <= max(ax, bx)) & (y >= min(ay, by)) & (y <= max(ay, by))
        inner ^= ((ay > y) != (by > y)) & ((side > 0) == (by > ay))
    return inner, edge


@st.composite
def stars(draw: st.DrawFn) -> Ring:
    """A ring around (0, 0) on whole degrees that doesn't cross itself: corners stand in the order of their bearing."""
    corner = st.tuples(st.integers(-20, 20), st.integers(-20, 20)).filter(lambda p: p != (0, 0))
    points = draw(st.lists(corner, min_size=4, max_size=12, unique=True))
    bearing: dict[float, tuple[int, int]] = {round(float(np.arctan2(y, x)), 9): (x, y) for x, y in points}
    ring = [bearing[at] for at in sorted(bearing)]
    gaps = np.diff([*sorted(bearing), min(bearing) + 2 * np.pi])
    if len(ring) < 4 or gaps.max() >= np.pi - 1e-6:
        ring = [(-5, -5), (5, -5), (5, 5), (-5, 5)]
    return [(float(x), float(y)) for x, y in ring]


def lattice(low: float = -21.0, high: float = 21.0) -> tuple[np.ndarray, np.ndarray]:
    """Points on half degrees: on corners, on edges, inside and outside."""
    side = np.arange(low, high + 0.1, 0.5)
    lon, lat = np.meshgrid(side, side)
    return lon.ravel(), lat.ravel()


@_QUICK
@given(stars())
def test_a_mask_is_what_plain_arithmetic_says_of_each_point_and_edges_are_inside(ring: Ring) -> None:
    lon, lat = lattice()
    found = inside(cap_area([[*ring, ring[0]]]), lon, lat)
    inner, edge = told(ring, lon, lat)
    assert (found == (inner | edge)).all()
    assert len(lon) > module._FEW  # so that cells were made


@_QUICK
@given(stars(), st.sampled_from((170, 180, -175, 190, 350)), st.booleans())
def test_a_ring_across_longitude_180_holds_what_it_would_elsewhere(ring: Ring, shift: int, beyond: bool) -> None:
    def turned(lon: np.ndarray) -> np.ndarray:
        return (lon + shift + 180.0) % 360.0 - 180.0

    there = [(x + shift, y) if beyond else (float(turned(np.array(x))), y) for x, y in ring]
    lon, lat = lattice()
    inner, edge = told(ring, lon, lat)
    # An edge that is cut at longitude 180 is straight to the last bit but one: what lies on edges is tested above.
    assert (inside(cap_area([there]), turned(lon), lat) == inner)[~edge].all()


def test_longitude_180_is_minus_180_and_a_box_of_the_whole_map_is_the_whole_map() -> None:
    area = cap_area([[(170, -10), (180, -10), (180, 10), (170, 10), (170, -10)]])
    assert holds(area, -180, 0)
    assert not holds(area, -179.99, 0)
    world = cap_area([[(-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90)]])
    assert holds(world, 0, 0)
    assert holds(world, -170, 80)
    narrow = cap_area([[(170, -10), (-180, -10), (-180, 10), (170, 10)]])
    assert holds(narrow, 175, 0)
    assert not holds(narrow, 0, 0)


def test_decimals_survive_the_turn() -> None:
    area = cap_area([[(179.3, -17.1), (190.1, -17.1), (190.1, -16.3), (179.3, -16.3)]])
    assert holds(area, -169.9, -17.1)
    assert not holds(area, -169.8999999, -17.1)


def test_a_ring_round_the_globe_holds_its_pole() -> None:
    for sign in (1, -1):
        area = cap_area([[(lon, sign * 70.0) for lon in (-150, -50, 30, 100, 170)]])
        assert holds(area, 12.0, sign * 90.0)
        assert holds(area, 179.0, sign * 71.0)
        assert holds(area, -179.0, sign * 70.0)
        assert not holds(area, 12.0, sign * 69.0)
        assert not holds(area, 12.0, -sign * 90.0)


def test_several_polygons_are_a_union_and_a_second_one_inside_is_no_hole() -> None:
    outer, inner = [(0, 0), (10, 0), (10, 10), (0, 10)], [(4, 4), (6, 4), (6, 6), (4, 6)]
    area = cap_area([outer, inner], [(20, 0, 100)])
    assert holds(area, 5, 5)
    assert holds(area, 20.5, 0.5)
    assert not holds(area, 20.9, 0.9)
    drawn = area_from_geojson({"type": "Polygon", "coordinates": [[*outer, outer[0]], [*inner, inner[0]]]})
    assert holds(drawn, 1, 1)
    assert holds(drawn, 4, 5)
    assert not holds(drawn, 5, 5)


def test_an_outline_that_crosses_itself_is_mended_and_nothing_is_no_area() -> None:
    bow = cap_area([[(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]])
    assert holds(bow, 9, 5)
    assert holds(bow, 1, 5)
    assert cap_area([]) is None
    assert inside(None, np.zeros(3), np.zeros(3)).tolist() == [False] * 3


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (1, 1), (0, 0)],
        [(0, 0), (1, 91), (2, 2)],
        [(0, 0), (541, 1), (2, 2)],
        [(0, float("nan")), (1, 1), (2, 2)],
        [1, 2, 3],
    ],
)
def test_a_ring_that_can_not_be_is_refused(ring: list[object]) -> None:
    with pytest.raises(Invalid, match=r"cap\.area"):
        ring_area(ring)  # type: ignore[arg-type]


@pytest.mark.parametrize("circle", [(0, 0, -1), (0, 0, 30000), (0, 91, 1), (float("nan"), 0, 1)])
def test_a_circle_that_can_not_be_is_refused(circle: tuple[float, float, float]) -> None:
    with pytest.raises(Invalid, match=r"cap\.area"):
        cap_area([], [circle])


_circles = st.tuples(
    st.floats(-180, 180),
    st.one_of(st.floats(-90, 90), st.sampled_from((90.0, -90.0, 89.999, 0.0))),
    st.one_of(st.floats(0.001, 50), st.floats(50, 20000)),
)


def rim(lon: float, lat: float, km: float, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Points at `km` from a point, all around."""
    bearing = np.linspace(0, 2 * np.pi, count, endpoint=False)
    angle, phi = km / RADIUS_KM, np.radians(lat)
    sine = np.clip(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing), -1, 1)
    away = np.arctan2(np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * sine)
    return (lon + np.degrees(away) + 180.0) % 360.0 - 180.0, np.degrees(np.arcsin(sine))


@_QUICK
@given(_circles, st.floats(0.5, 1.5))
def test_a_circle_holds_what_haversine_says_and_its_polygon_holds_the_circle(
    circle: tuple[float, float, float], share: float
) -> None:
    area = cap_area([], [circle])
    drawn = Polygonal(circle_polygon(*circle))
    for km in (circle[2], min(circle[2] * share, 20015.0)):
        lon, lat = rim(circle[0], circle[1], km)
        near = [haversine(circle[0], circle[1], x, y) for x, y in zip(lon, lat, strict=True)]
        found = inside(area, lon, lat)
        clear = np.abs(np.array(near) - circle[2]) > 1e-6
        assert (found == (np.array(near) <= circle[2]))[clear].all()
        assert inside(drawn, lon, lat)[found].all()


def test_a_circle_drawn_is_less_than_one_percent_larger() -> None:
    for lat, km in ((0, 100), (34, 5), (60, 800), (-75, 300)):
        box = shapely.bounds(circle_polygon(100, lat, km))
        lon, sine = np.meshgrid(
            np.linspace(box[0], box[2], 900), np.linspace(*np.sin(np.radians(box[[1, 3]])), 900)
        )  # even by area
        lat_of = np.degrees(np.arcsin(sine)).ravel()
        drawn = inside(Polygonal(circle_polygon(100, lat, km)), lon.ravel(), lat_of).sum()
        exact = inside(cap_area([], [(100, lat, km)]), lon.ravel(), lat_of).sum()
        assert 1.0 <= drawn / exact < 1.01, (lat, km)


def test_a_circle_of_no_radius_is_its_point() -> None:
    area = cap_area([], [(100.5, 13.25, 0)])
    assert holds(area, 100.5, 13.25)
    assert not holds(area, 100.5, 13.2500001)
    assert circle_polygon(190, 13, 0).equals(shapely.Point(-170, 13))


@pytest.mark.parametrize("jagged", [0.0, 0.6])
def test_many_points_are_told_as_each_one_alone(jagged: float) -> None:
    chance = np.random.default_rng(5)
    bearing = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    reach = 1.0 + 0.2 * np.sin(3 * bearing) - jagged * chance.random(1000)
    area = cap_area([np.column_stack([113 + 2 * reach * np.cos(bearing), 34 + reach * np.sin(bearing)])])
    lon, lat = chance.uniform(110, 116, 300_000), chance.uniform(32, 36, 300_000)
    found = inside(area, lon, lat)
    some = chance.choice(300_000, 20_000, replace=False)
    assert isinstance(area, Polygonal)
    assert (found[some] == shapely.intersects_xy(area.geometry, lon[some], lat[some])).all()
    assert found.sum() > 10_000
