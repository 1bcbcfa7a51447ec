"""The nearest k are those that sorting every distance gives: anywhere on earth, with filters, with equal distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.sphere import RADIUS_KM, arc_km, great_circle_km, unit


def index_of(lon: np.ndarray, lat: np.ndarray) -> PointIndex:
    return PointIndex.build(lon, lat, np.zeros(len(lon), np.uint8), 1)[0]


def by_sorting(
    index: PointIndex, lon: float, lat: float, k: int, max_km: float | None, keep: np.ndarray | None
) -> tuple[list[int], list[float]]:
    km = great_circle_km(index.lon, index.lat, lon, lat)
    allowed = np.ones(len(index), bool) if keep is None else keep
    allowed = allowed if max_km is None else allowed & (km <= max_km)
    order = [int(i) for i in np.lexsort((np.arange(len(km)), km)) if allowed[i]][:k]
    return order, km[order].tolist()


GENERATOR = np.random.default_rng(11)
WORLD = index_of(GENERATOR.uniform(-180, 180, 4000), np.degrees(np.arcsin(GENERATOR.uniform(-1, 1, 4000))))
LATTICE = index_of(*(v.ravel().astype(float) for v in np.meshgrid(np.arange(110, 118), np.arange(31, 38))))


@settings(max_examples=80)
@given(
    st.sampled_from([WORLD, LATTICE]), st.floats(-180, 180), st.floats(-90, 90), st.integers(0, 60),
    st.none() | st.floats(0, 20_100), st.sampled_from([None, 0.5, 0.01, 0.0]),
)  # fmt: skip
def test_as_sorting_every_distance(
    index: PointIndex, lon: float, lat: float, k: int, max_km: float | None, share: float | None
) -> None:
    keep = None if share is None else np.random.default_rng(k).random(len(index)) < share
    positions, km = index.nearest(lon, lat, k, max_km=max_km, keep=keep)
    assert (positions.tolist(), km.tolist()) == by_sorting(index, lon, lat, k, max_km, keep)


def test_across_the_date_line_and_over_the_pole() -> None:
    index = index_of(np.array([179.9, -179.0, 0.0, 90.0]), np.array([0.0, 0.0, 89.0, 88.5]))
    assert index.lon[index.nearest(-179.9, 0.0, 2)[0]].tolist() == [179.9, -179.0]
    assert index.lat[index.nearest(180.0, 89.0, 2)[0]].tolist() == [88.5, 89.0]


def test_more_asked_than_there_are_and_none_at_all() -> None:
    assert len(LATTICE.nearest(113, 34, 1000)[0]) == len(LATTICE)
    assert len(index_of(np.empty(0), np.empty(0)).nearest(113, 34, 3)[0]) == 0


def test_distances_of_the_sphere() -> None:
    quarter = RADIUS_KM * np.pi / 2
    assert great_circle_km(0, 0, 90, 0) == pytest.approx(quarter)
    assert great_circle_km(0, 90, 123, 0) == pytest.approx(quarter)
    assert great_circle_km(10, 20, 190, -20) == pytest.approx(2 * quarter)
    assert great_circle_km(113.6, 34.0, 113.6, 35.0) == pytest.approx(111.195, abs=1e-3)
    start, end = unit(np.array([0.0]), np.array([0.0])), unit(np.array([90.0]), np.array([0.0]))
    assert arc_km(unit(np.array([45.0]), np.array([30.0])), start, end)[0] == pytest.approx(quarter / 3)
    assert arc_km(unit(np.array([-60.0]), np.array([0.0])), start, end)[0] == pytest.approx(quarter * 2 / 3)
    assert arc_km(unit(np.array([180.0]), np.array([0.0])), start, end)[0] == pytest.approx(quarter)
