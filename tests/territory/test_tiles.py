"""Tiles say what was put in: read back by a decoder written from the specification, not from our encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine.mvt import Coded, PointLayer, encode_layers
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.tiles import points_tile, tile_box
from tests.territory.tile_reading import decode

NAMES = ["plant", "school", "depot"]


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(0, 10**6))
def test_what_is_encoded_is_decoded(count: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = ["化工厂", "", "a" * 200, 7, -7, 2**40, 0, 2.5, -0.0, True, False]
    x, y = generator.integers(-5000, 5000, (2, count))
    ids = generator.integers(0, 2 ** generator.integers(1, 63), count)
    codes, others = generator.integers(-1, len(values), count), generator.integers(-1, 2, count)
    given = {"种类": Coded(codes, values), "b": Coded(others, [7, "化工厂"])}
    layers = [
        PointLayer("one", x, y, ids, given),
        PointLayer("two", x, y, ids),
        PointLayer("none", x[:0], y[:0], ids[:0]),
    ]
    wanted = []
    for i in range(count):
        own = {"种类": values[codes[i]]} if codes[i] >= 0 else {}
        own |= {"b": [7, "化工厂"][others[i]]} if others[i] >= 0 else {}
        wanted.append((ids[i], x[i], y[i], own))
    found = decode(encode_layers(layers))
    assert found == {"one": wanted, "two": [(*row[:3], {}) for row in wanted]}
    assert all(type(a[3][k]) is type(b[3][k]) for a, b in zip(found["one"], wanted, strict=True) for k in a[3])


def test_more_properties_than_one_byte_can_number() -> None:
    given = {f"p{i}": Coded(np.array([0]), [f"v{i}"]) for i in range(150)}
    layer = PointLayer("many", np.array([1]), np.array([2]), np.array([3]), given)
    assert decode(encode_layers([layer]))["many"] == [(3, 1, 2, {f"p{i}": f"v{i}" for i in range(150)})]


def index_of(count: int, seed: int = 1) -> PointIndex:
    generator = np.random.default_rng(seed)
    lon, lat = generator.uniform(112, 115, count), generator.uniform(33, 36, count)
    return PointIndex.build(lon, lat, generator.integers(0, 3, count), 3)[0]


def mercator(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Where a point lies among the tiles of a zoom, by the formula every web map uses."""
    phi = np.radians(lat)
    return (lon + 180) / 360 * 2**z, (1 - np.log(np.tan(phi) + 1 / np.cos(phi)) / np.pi) / 2 * 2**z


INDEX = index_of(3000)


@pytest.mark.parametrize(("z", "x", "y"), [(5, 26, 12), (6, 52, 25), (8, 209, 101), (9, 418, 204), (0, 0, 0)])
def test_a_tile_of_points_has_each_point_in_it_where_it_is(z: int, x: int, y: int) -> None:
    found = {row[0]: row for row in decode(points_tile(INDEX, z, x, y, classes=NAMES)).get("points", [])}
    margin, near = 64 / 4096, 2 / 4096
    for position in range(len(INDEX)):
        across, down = mercator(INDEX.lon[position], INDEX.lat[position], z)
        across, down = across - x, down - y
        within = min(across, down, 1 - across, 1 - down)
        if within > -margin + near:
            _, px, py, own = found[position]
            assert abs(px - across * 4096) < 1.001 and abs(py - down * 4096) < 1.001
            assert own == {"class": NAMES[INDEX.classes[position]]}
        elif within < -margin - near:
            assert position not in found


def test_ids_properties_and_what_is_kept() -> None:
    keep = np.arange(len(INDEX)) % 3 == 0
    ids = np.arange(len(INDEX)) + 10**12
    size = Coded(np.arange(len(INDEX)) % 2 - 1, ["large"])
    rows = decode(points_tile(INDEX, 5, 26, 12, keep=keep, ids=ids, properties={"size": size}))["points"]
    assert rows and all((row[0] - 10**12) % 3 == 0 for row in rows)
    assert all(("size" in row[3]) == ((row[0] - 10**12) % 2 == 1) for row in rows)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("z", [0, 4, 6, 7])
def test_clusters_of_all_tiles_together_count_every_point_once(z: int, masked: bool) -> None:
    keep = np.arange(len(INDEX)) % 4 > 0 if masked else None
    total: Counter[str] = Counter()
    west, north = (int(v) for v in mercator(111.9, 36.1, z))
    east, south = (int(v) for v in mercator(115.1, 32.9, z))
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            for _, px, py, own in decode(points_tile(INDEX, z, x, y, keep=keep, classes=NAMES, limit=0)).get(
                "clusters", []
            ):
                counts = {name: own.get(f"n_{name}", 0) for name in NAMES}
                assert sum(counts.values()) == own["count"] and counts[own["class"]] == max(counts.values())
                assert -256 <= px <= 4352 and -256 <= py <= 4352
                total.update(counts)
    kept = INDEX.classes if keep is None else INDEX.classes[keep]
    assert total == Counter(dict(enumerate_named(np.bincount(kept, minlength=3).tolist())))


def enumerate_named(counts: list[int]) -> Iterator[tuple[str, int]]:
    yield from zip(NAMES, counts, strict=True)


def test_points_above_the_limit_become_clusters_and_a_filter_brings_them_back() -> None:
    assert set(decode(points_tile(INDEX, 5, 26, 12, limit=3000))) == {"points"}
    assert set(decode(points_tile(INDEX, 5, 26, 12, limit=1000))) == {"clusters"}
    keep = np.arange(len(INDEX)) % 10 == 0
    assert set(decode(points_tile(INDEX, 5, 26, 12, limit=1000, keep=keep))) == {"points"}


def test_a_crowd_in_one_place_is_one_cluster_at_the_deepest_zoom() -> None:
    index, _ = PointIndex.build(np.full(500, 113.5), np.full(500, 34.5), np.zeros(500, int), 1)
    z = 22
    x, y = (int(v) for v in mercator(113.5, 34.5, z))
    rows = decode(points_tile(index, z, x, y, limit=100))["clusters"]
    assert [row[3] for row in rows] == [{"count": 500, "class": "0", "n_0": 500}]


def test_tiles_at_the_poles_and_where_there_is_nothing() -> None:
    index, _ = PointIndex.build(np.array([0.0, 10, 10]), np.array([90.0, -90, 85]), np.zeros(3, int), 1)
    assert points_tile(INDEX, 8, 0, 0) == b""
    assert [index.lat[row[0]] for row in decode(points_tile(index, 0, 0, 0))["points"]] == [85]
    assert sum(row[3]["count"] for row in decode(points_tile(index, 0, 0, 0, limit=0))["clusters"]) == 3


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (0, 1, 0), (3, 0, 8), (3, -1, 0), (31, 0, 0)])
def test_a_tile_that_does_not_exist_is_refused(z: int, x: int, y: int) -> None:
    with pytest.raises(ValueError):
        points_tile(INDEX, z, x, y)


def test_the_box_of_a_tile() -> None:
    assert tile_box(0, 0, 0) == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))
    assert tile_box(1, 1, 0) == pytest.approx((0, 0, 180, 85.0511287798066))
