"""Shares add up to the total exactly and never stray from proportion by one whole or more."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.territory.engine.allot import largest_remainder, smallest

weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)


@given(st.integers(0, 10**7), weights)
def test_shares_sum_to_the_total_and_keep_quota(total: int, given_weights: list[int]) -> None:
    shares = largest_remainder(total, given_weights)
    assert sum(shares) == total
    whole = sum(given_weights)
    if whole:
        for share, weight in zip(shares, given_weights, strict=True):
            assert abs(Fraction(total * weight, whole) - share) < 1


@given(st.integers(0, 50), weights)
def test_who_weighs_nothing_gets_nothing(total: int, given_weights: list[int]) -> None:
    if any(given_weights):
        shares = largest_remainder(total, given_weights)
        assert all(share == 0 for share, weight in zip(shares, given_weights, strict=True) if weight == 0)


def test_nobody_to_receive_is_an_error() -> None:
    assert largest_remainder(0, []) == []
    with pytest.raises(ValueError, match="nobody"):
        largest_remainder(1, [])
    with pytest.raises(ValueError, match="negative"):
        largest_remainder(1, [-1])


def test_smallest_takes_the_exact_number_whatever_the_order() -> None:
    keyed = [(0.3, "c"), (0.1, "a"), (0.2, "b"), (0.1, "z")]
    assert smallest(2, keyed) == smallest(2, keyed[::-1]) == {"a", "z"}
