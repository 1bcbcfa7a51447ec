"""What the benches share: percentiles and the page they write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.site.bench import HEAD, machine, percentile, put, table
from tests.architecture.house import ROOT


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_the_least_value_that_the_share_does_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert all(sum(w <= v for w in values) < share * len(values) for v in values if v < found)


def test_a_second_run_takes_the_place_of_the_first() -> None:
    first = put(HEAD, table("start", "Start", ("a",), [(1,)]), "start")
    other = put(first, table("memory", "Memory", ("a",), [(3,)]), "memory")
    again = put(other, table("start", "Start", ("a",), [(2,)]), "start")
    assert again.count("bench:start -->") == 2
    assert "| 1 |" not in again
    assert "| 2 |" in again
    assert "| 3 |" in again


def test_the_machine_is_told_without_its_name() -> None:
    import socket

    assert "cores" in machine()
    assert socket.gethostname() not in machine()


@pytest.mark.parametrize("name", ["start", "drill", "pages", "memory"])
def test_every_bench_of_the_list_exists(name: str) -> None:
    assert (ROOT / "benchmarks" / f"{name}.py").is_file()
    assert f"`{name}`" in (ROOT / "benchmarks" / "README.md").read_text("utf-8")
