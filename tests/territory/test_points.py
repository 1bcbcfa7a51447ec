"""The point index gives what trying every point gives: areas of all kinds, tidy coordinates, edges, poles, the date line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from anlan.territory.engine import circles, polygons
from anlan.territory.engine.area import (
    Area,
    Near,
    Polygonal,
    Several,
    area_from_geojson,
    area_of,
    box,
    buffered,
    circle,
)
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.sphere import great_circle_km

CLASSES = 5
# Multiples of this are borders of quadtree cells of level 9 and coarser.
CELL = 360.0 / 512.0


def index_of(lon: Any, lat: Any) -> tuple[PointIndex, np.ndarray]:
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    classes = (np.arange(len(lon)) * 7 % CLASSES).astype(np.uint8)
    return PointIndex.build(
        lon, lat, classes, CLASSES, {"staff": np.arange(len(lon)) % 97, "debt": -np.arange(len(lon))}
    )


def check(index: PointIndex, area: Area) -> int:
    """Compare everything the index says about an area with trying every point; return how many are inside."""
    inside = np.flatnonzero(area.covers(index.lon, index.lat))
    found = index.find(area)
    assert found.positions().tolist() == inside.tolist()
    assert found.total == len(inside) == index.count(area)
    counts, sums = index.counts_and_sums(area)
    assert counts.tolist() == np.bincount(index.classes[inside], minlength=CLASSES).tolist()
    assert sums == {name: int(np.diff(run)[inside].sum()) for name, run in index.weights.items()}
    if isinstance(area, Polygonal | Near):
        direct = (
            polygons.covered(area, index.sorted) if isinstance(area, Polygonal) else circles.covered(area, index.sorted)
        )
        assert direct.positions().tolist() == inside.tolist()
    return len(inside)


def cloud(seed: int, count: int, west: float, south: float, east: float, north: float, step: float = 0.0) -> PointIndex:
    """Points half spread evenly, half in a few towns; with `step` on a lattice."""
    generator = np.random.default_rng(seed)
    lon, lat = generator.uniform(west, east, count), generator.uniform(south, north, count)
    town = generator.integers(0, 5, count // 2)
    lon[: count // 2] = lon[town] + generator.normal(0, (east - west) / 80, count // 2)
    lat[: count // 2] = lat[town] + generator.normal(0, (north - south) / 80, count // 2)
    lon, lat = np.clip(lon, west, east), np.clip(lat, south, north)
    if step:
        lon, lat = np.round(lon / step) * step, np.round(lat / step) * step
    return index_of(lon, lat)[0]


def star(seed: int, corners: int, lon: float, lat: float, size: float, step: float = 0.0) -> BaseGeometry:
    generator = np.random.default_rng(seed)
    angle = np.sort(generator.uniform(0, 2 * np.pi, corners))
    radius = size * generator.uniform(0.3, 1.0, corners)
    points = np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle)])
    if step:
        points = np.round(points / step) * step
    shape = shapely.Polygon(points)
    return area_of(shape).geometry


EVEN = cloud(1, 6000, 110, 31, 117, 37)
TIDY = cloud(2, 6000, 110, 31, 117, 37, step=0.125)
ON_CELLS = cloud(3, 6000, 110, 31, 117, 37, step=CELL / 8)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(3, 300), st.floats(110, 117), st.floats(31, 37), st.floats(0.01, 6))
def test_random_polygons(seed: int, corners: int, lon: float, lat: float, size: float) -> None:
    check(EVEN, Polygonal(star(seed, corners, lon, lat, size)))


@settings(max_examples=60)
@given(
    st.integers(0, 10**6), st.integers(3, 40), st.sampled_from([(TIDY, 0.125), (ON_CELLS, CELL / 8), (ON_CELLS, CELL)])
)
def test_polygons_whose_corners_and_edges_run_through_points_and_cell_borders(
    seed: int, corners: int, lattice: tuple[PointIndex, float]
) -> None:
    index, step = lattice
    check(index, Polygonal(star(seed, corners, 113.0, 34.0, 3.0, step)))


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.125, CELL / 8]))
def test_multipolygons_with_holes(seed: int, step: float) -> None:
    generator = np.random.default_rng(seed)
    shells = [star(seed + i, 20, *generator.uniform([110, 31], [117, 37]), 2.0, step) for i in range(4)]
    holes = [star(seed + 9 + i, 9, *generator.uniform([110, 31], [117, 37]), 0.9, step) for i in range(4)]
    shape = shapely.difference(shapely.union_all(shells), shapely.union_all(holes))
    for index in (EVEN, TIDY, ON_CELLS):
        check(index, area_of(shape))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.sampled_from([(TIDY, 0.125), (ON_CELLS, CELL / 8)]))
def test_boxes_on_the_points_count_their_borders(sides: list[int], lattice: tuple[PointIndex, float]) -> None:
    index, step = lattice
    west, east = sorted(np.round(111 / step) * step + side * step for side in sides[:2])
    south, north = sorted(np.round(32 / step) * step + side * step for side in sides[2:])
    if west == east or south == north:
        return
    found = check(index, box(west, south, east, north))
    own = (index.lon >= west) & (index.lon <= east) & (index.lat >= south) & (index.lat <= north)
    assert found == own.sum() == len(index.in_box(west, south, east, north))


def test_a_polygon_of_many_corners_and_one_as_fine_as_hair() -> None:
    assert check(EVEN, Polygonal(star(5, 20_000, 113.5, 34, 2.5))) > 100
    hair = shapely.LineString([(110, 31), (113.3, 35), (117, 32)]).buffer(1e-9)
    check(EVEN, Polygonal(hair))
    check(TIDY, Polygonal(shapely.LineString([(110, 31), (117, 38)]).buffer(1e-12, cap_style="flat")))


def test_crowds_in_one_cell_on_the_border_are_divided() -> None:
    generator = np.random.default_rng(4)
    lon = np.concatenate([generator.normal(113.5, 1e-4, 20_000), generator.uniform(110, 117, 500)])
    lat = np.concatenate([generator.normal(34.5, 1e-4, 20_000), generator.uniform(31, 37, 500)])
    index, _ = index_of(lon, lat)
    assert check(index, Polygonal(shapely.Polygon([(111, 32), (113.5, 34.5), (116, 36), (116, 32)]))) > 5000


def test_points_all_in_one_place() -> None:
    index, _ = index_of(np.full(5000, 113.625), np.full(5000, 34.75))
    assert check(index, box(113.625, 34.75, 114, 35)) == 5000
    assert check(index, box(113.626, 34.75, 114, 35)) == 0
    assert check(index, Polygonal(shapely.Polygon([(113, 34), (114, 35.5), (113, 35.5)]))) == 0
    assert check(index, circle(113.625, 34.75, 0.0)) == 5000


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 129])
def test_few_points(count: int) -> None:
    index, order = index_of(np.linspace(112, 114, count), np.linspace(33, 35, count))
    assert sorted(order.tolist()) == list(range(count)) and len(index) == count
    assert check(index, box(111, 32, 115, 36)) == count
    assert check(index, box(0, 0, 1, 1)) == 0
    assert check(index, circle(113, 34, 500)) == count


def test_the_whole_world_its_poles_and_its_date_line() -> None:
    lon = np.array([-180, 180, -180, 180, 179.999, -179.999, 0, 0, 90, -90] * 60, float)
    lat = np.array([0, 0, 90, -90, 10, 10, 90, -90, 89.9999, -89.9999] * 60, float)
    index, _ = index_of(lon, lat)
    assert check(index, box(-180, -90, 180, 90)) == len(lon)
    assert check(index, box(170, -5, 180, 5)) == 120  # -180 is the same meridian
    assert check(index, box(170, -20, -170, 20)) == 240  # across longitude 180
    assert check(index, box(-180, 80, 180, 90)) == 180
    assert check(index, circle(123.0, 90.0, 1.0)) == 180  # the pole has every longitude
    assert check(index, circle(180.0, 0.0, 1.0)) == check(index, circle(-180.0, 0.0, 1.0)) == 120
    assert check(index, circle(0.0, 0.0, 20_100.0)) == len(lon)


@settings(max_examples=40)
@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 20_100))
def test_circles_anywhere(lon: float, lat: float, km: float) -> None:
    index = WORLD
    inside = great_circle_km(index.lon, index.lat, lon, lat) <= km
    assert check(index, circle(lon, lat, km)) == inside.sum()


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 12), st.floats(0, 3000))
def test_buffers_of_lines_anywhere(seed: int, corners: int, km: float) -> None:
    generator = np.random.default_rng(seed)
    line = shapely.LineString(generator.uniform([-180, -90], [180, 90], (corners + 1, 2)))
    check(WORLD, buffered(line, km))


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 60), st.floats(0, 120), st.floats(0.001, 0.3))
def test_buffers_of_rivers_and_roads(seed: int, corners: int, km: float, stride: float) -> None:
    generator = np.random.default_rng(seed)
    steps = np.cumsum(generator.uniform(-stride, stride, (corners + 1, 2)), axis=0)
    check(EVEN, buffered(shapely.LineString(steps + np.array([113.5, 34.0])), km))


WORLD = cloud(6, 3000, -180, -90, 180, 90)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_a_buffer_is_what_lies_near_points_set_densely_along_the_great_circles(seed: int) -> None:
    generator = np.random.default_rng(seed)
    corners = np.column_stack(
        [np.cumsum(generator.uniform(-3, 3, 4)) + 179, np.cumsum(generator.uniform(-3, 3, 4)) + 60]
    )
    area = buffered(shapely.LineString(corners), 40.0)
    lon, lat = generator.uniform(170, 190, 200), generator.uniform(50, 70, 200)
    dense = np.full(200, np.inf)
    for lon1, lat1, lon2, lat2 in area.ends:
        a, b = (np.array(_vector(*p)) for p in ((lon1, lat1), (lon2, lat2)))
        for t in np.linspace(0, 1, 400):
            v = a * (1 - t) + b * t
            on = np.degrees(np.arctan2(v[1], v[0])), np.degrees(np.arcsin(v[2] / np.linalg.norm(v)))
            dense = np.minimum(dense, great_circle_km(lon, lat, *on))
    # 400 steps over at most 500 km: the dense points miss the nearest place by less than 10 m at this distance.
    clear = np.abs(dense - 40.0) > 0.05
    assert (area.covers(lon, lat)[clear] == (dense <= 40.0)[clear]).all()


def _vector(lon: float, lat: float) -> tuple[float, float, float]:
    x, y = np.radians(lon), np.radians(lat)
    return float(np.cos(y) * np.cos(x)), float(np.cos(y) * np.sin(x)), float(np.sin(y))


def test_several_areas_count_what_lies_in_two_of_them_once() -> None:
    parts = (box(112, 33, 114, 35), circle(114, 34, 60), buffered(shapely.LineString([(111, 32), (116, 36)]), 10))
    both = check(EVEN, Several(parts))
    assert max(EVEN.count(part) for part in parts) < both < sum(EVEN.count(part) for part in parts)


def test_codes_are_counted_within_an_area_and_a_mask() -> None:
    codes = np.arange(len(EVEN)) % 3
    keep = np.arange(len(EVEN)) % 2 == 0
    area = box(112, 33, 114, 35)
    inside = area.covers(EVEN.lon, EVEN.lat)
    assert EVEN.count_where(area, codes, 4).tolist() == np.bincount(codes[inside], minlength=4).tolist()
    assert EVEN.count_where(area, codes, 4, keep).tolist() == np.bincount(codes[inside & keep], minlength=4).tolist()


def test_runs_are_counted_one_by_one() -> None:
    low = np.array([0, 5, 64, 100, 5999, 6000])
    high = np.array([0, 70, 128, 5000, 6000, 6000])
    wanted = [np.bincount(EVEN.classes[a:b], minlength=CLASSES).tolist() for a, b in zip(low, high, strict=True)]
    assert EVEN.counts_by_run(low, high).tolist() == wanted


def test_an_index_kept_in_files_answers_from_memory_maps(tmp_path: Path) -> None:
    for name, values in EVEN.arrays().items():
        np.save(tmp_path / f"{name}.npy", values)
    mapped = {path.stem: np.load(path, mmap_mode="r") for path in tmp_path.glob("*.npy")}
    index = PointIndex.from_arrays(mapped)
    area = Polygonal(star(8, 50, 113, 34, 2))
    assert check(index, area) == check(EVEN, area) > 0


def test_order_tells_the_input_row_and_equal_points_keep_theirs() -> None:
    lon, lat = np.array([3.0, 1.0, 3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0, 1.0, 1.0])
    index, order = index_of(lon, lat)
    assert (index.lon == lon[order]).all() and order.tolist() == [1, 3, 4, 0, 2]


@pytest.mark.parametrize(
    ("lon", "lat", "classes"),
    [
        ([np.nan], [1.0], [0]), ([1.0], [np.inf], [0]), ([180.1], [0.0], [0]), ([0.0], [-90.5], [0]),
        ([0.0], [0.0], [CLASSES]), ([0.0], [0.0], [-1]), ([0.0, 1.0], [0.0], [0]),
    ],
)  # fmt: skip
def test_what_is_no_point_is_refused(lon: list[float], lat: list[float], classes: list[int]) -> None:
    with pytest.raises(ValueError):
        PointIndex.build(np.array(lon), np.array(lat), np.array(classes), CLASSES)


def test_more_than_256_classes() -> None:
    classes = np.arange(1000) % 300
    index, order = PointIndex.build(np.linspace(110, 112, 1000), np.linspace(33, 34, 1000), classes, 300)
    area = box(110.5, 33, 111.5, 34)
    inside = area.covers(index.lon, index.lat)
    assert index.count_by_class(area).tolist() == np.bincount(classes[order][inside], minlength=300).tolist()


def test_an_area_from_geojson_is_answered_like_any_other() -> None:
    ring = [[170, -20], [190, -20], [190, 20], [170, 20], [170, -20]]
    assert check(WORLD, area_from_geojson({"type": "Polygon", "coordinates": [ring]})) == len(
        WORLD.in_box(170, -20, -170, 20)
    )
