"""Division codes: the forms convert into each other, and a code tells its level, parent and kind of zone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.territory import codes


@st.composite
def prefix_codes(draw: st.DrawFn) -> str:
    code = f"{draw(st.integers(11, 99)):02d}"
    for top, width in ((99, 2), (99, 2), (999, 3), (999, 3))[: draw(st.integers(0, 4))]:
        code += f"{draw(st.integers(1, top)):0{width}d}"
    return code


@given(prefix_codes())
def test_every_official_form_comes_back_as_the_prefix_form(code: str) -> None:
    assert codes.from_official(codes.to12(code)) == code
    if len(code) <= 9:
        assert codes.from_official(codes.to9(code)) == code
    if len(code) <= 6:
        assert codes.from_official(codes.to6(code)) == code
    assert codes.from_official(codes.to6(code)) == code[:6]


@given(prefix_codes())
def test_parents_are_prefixes_all_the_way_up(code: str) -> None:
    above = codes.ancestors(code)
    assert [codes.level_of(c) for c in above] == list(range(1, codes.level_of(code)))
    assert all(code.startswith(c) for c in above)
    assert codes.parent_of(code) == (above[-1] if above else "")


@pytest.mark.parametrize(
    ("official", "prefix"),
    [("410000", "41"), ("410100", "4101"), ("410181", "410181"), ("410181100", "410181100"),
     ("410181100201", "410181100201"), ("410181000000", "410181"), ("410100000", "4101")],
)  # fmt: skip
def test_known_codes(official: str, prefix: str) -> None:
    assert codes.from_official(official) == prefix


@pytest.mark.parametrize(
    "bad", ["", "4", "41018", "41018a", "000000", "410000101", "410100100", "４１０１８１", "41 181"]
)
def test_what_is_no_code_is_refused_with_the_value_named(bad: str) -> None:
    with pytest.raises(Invalid) as refusal:
        codes.from_official(bad)
    assert refusal.value.value == bad
    assert refusal.value.field == "division"


@pytest.mark.parametrize(
    ("code", "zone"),
    [("410171", True), ("410173202", True), ("410173202227", True), ("371772", True), ("410181", False),
     ("410170", False), ("4171", False), ("41", False)],
)  # fmt: skip
def test_functional_zones_are_told_by_the_county_part(code: str, zone: bool) -> None:
    assert codes.is_zone(code) is zone
