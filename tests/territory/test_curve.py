"""Morton codes: bits interleaved one by one by hand say the same, and every cell is one run of the sorted codes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anlan.territory.engine import curve

numbers = st.integers(0, curve.SIDE - 1)


def by_hand(x: int, y: int) -> int:
    return sum(((x >> bit & 1) << (2 * bit)) | ((y >> bit & 1) << (2 * bit + 1)) for bit in range(curve.BITS))


@given(numbers, numbers)
def test_bits_are_interleaved_and_taken_apart_again(x: int, y: int) -> None:
    code = curve.interleave(np.array([x]), np.array([y]))
    assert int(code[0]) == by_hand(x, y)
    assert [int(v[0]) for v in curve.deinterleave(code)] == [x, y]


def test_the_corners_of_the_world_have_codes() -> None:
    code = curve.encode(np.array([-180.0, 180.0, 0.0, 180.0]), np.array([-90.0, -90.0, 0.0, 90.0]))
    assert [int(v) for v in code] == [
        0,
        by_hand(curve.SIDE - 1, 0),
        by_hand(curve.SIDE // 2, curve.SIDE // 4),
        by_hand(curve.SIDE - 1, curve.SIDE // 2),
    ]


@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(-90, 90))
def test_further_east_is_never_a_lower_column(one: float, other: float, lat: float) -> None:
    code = curve.encode(np.array(sorted([one, other])), np.array([lat, lat]))
    column = curve.deinterleave(code)[0]
    assert column[0] <= column[1]


def test_a_cell_is_one_run_of_sorted_codes() -> None:
    generator = np.random.default_rng(7)
    lon, lat = generator.uniform(-180, 180, 5000), generator.uniform(-90, 90, 5000)
    code = np.sort(curve.encode(lon, lat))
    for level in (1, 3, 6):
        cell = code >> np.uint64(2 * (curve.BITS - level))
        assert (np.diff(cell.astype(np.int64)) >= 0).all()
