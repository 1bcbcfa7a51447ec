"""Division codes: the forms convert into each other, and a code tells its level, parent and kind of zone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.territory import codes
from anlan.territory.sources import embedded


@st.composite
def prefix_codes(draw: st.DrawFn) -> str:
    """Codes of all levels, every fourth one or so in a prefecture without counties."""
    code = f"{draw(st.integers(11, 99)):02d}"
    level = draw(st.integers(0, 4))
    for rung, (top, width) in enumerate(((99, 2), (99, 2), (999, 3), (999, 3))[:level]):
        bare = rung == 1 and level > 2 and draw(st.integers(0, 3)) == 0
        code += "00" if bare else f"{draw(st.integers(1, top)):0{width}d}"
    return code


@given(prefix_codes())
def test_every_official_form_comes_back_as_the_prefix_form(code: str) -> None:
    assert codes.from_official(codes.to12(code)) == code
    assert codes.any_form(codes.to12(code)) == codes.any_form(code) == code
    if len(code) <= 9:
        assert codes.from_official(codes.to9(code)) == code
    if len(code) <= 6:
        assert codes.from_official(codes.to6(code)) == code
    county = codes.from_official(codes.to6(code))
    assert county == (code[:4] if codes.without_county(code) else code[:6])


@given(prefix_codes())
def test_parents_are_prefixes_all_the_way_up(code: str) -> None:
    above = codes.ancestors(code)
    levels = [codes.level_of(c) for c in above]
    whole = list(range(1, codes.level_of(code)))
    assert levels == ([level for level in whole if level != codes.COUNTY] if codes.without_county(code) else whole)
    assert all(code.startswith(c) for c in above)
    assert codes.parent_of(code) == (above[-1] if above else "")


@pytest.mark.parametrize(
    ("official", "prefix"),
    [("410000", "41"), ("410100", "4101"), ("410181", "410181"), ("410181100", "410181100"),
     ("410181100201", "410181100201"), ("410181000000", "410181"), ("410100000", "4101"),
     # townships right below a prefecture: Dongguan, Danzhou, Jiayuguan
     ("441900003000", "441900003"), ("441900003", "441900003"), ("441900003007", "441900003007"),
     ("441900000000", "4419"), ("460400100000", "460400100"), ("620201100000", "620201100"),
     # directly under the province; municipalities; the corps' cities in Xinjiang
     ("419001", "419001"), ("429004001000", "429004001"), ("469021", "469021"), ("659001500000", "659001500"),
     ("110101", "110101"), ("110100", "1101"), ("500200", "5002")],
)  # fmt: skip
def test_known_codes(official: str, prefix: str) -> None:
    assert codes.from_official(official) == prefix


@pytest.mark.parametrize(
    "bad", ["", "4", "41018", "41018a", "000000", "410000101", "410081", "410181000201", "410100000201", "４１０１８１",
            "41 181", "000100"]
)  # fmt: skip
def test_what_is_no_code_is_refused_with_the_value_named(bad: str) -> None:
    with pytest.raises(Invalid) as refusal:
        codes.from_official(bad)
    assert refusal.value.value == bad
    assert refusal.value.field == "division"


@pytest.mark.parametrize("bad", ["410100", "4100", "410000100", "410181000", "410181100000", "00", "410000"])
def test_a_prefix_form_names_every_part(bad: str) -> None:
    with pytest.raises(Invalid):
        codes.level_of(bad)


@pytest.mark.parametrize(
    ("code", "parent", "legal"),
    [("441900003", "4419", "4419"), ("441900003007", "441900003", "441900003"), ("419001", "4190", "41"),
     ("419001100", "419001", "419001"), ("659001", "6590", "65"), ("110105", "1101", "11"), ("500229", "5002", "50"),
     ("1101", "11", "11"), ("410181", "4101", "4101"), ("410171", "4101", "4101"), ("41", "", "")],
)  # fmt: skip
def test_the_statistical_and_the_legal_parent(code: str, parent: str, legal: str) -> None:
    assert (codes.parent_of(code), codes.legal_parent_of(code)) == (parent, legal)


@pytest.mark.parametrize(
    ("code", "zone"),
    [("410171", True), ("410173202", True), ("410173202227", True), ("371772", True), ("410181", False),
     ("410170", False), ("4171", False), ("41", False), ("441900071", False)],
)  # fmt: skip
def test_functional_zones_are_told_by_the_county_part(code: str, zone: bool) -> None:
    assert codes.is_zone(code) is zone


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [("44", "广东省", "province"), ("4419", "东莞市", "prefecture"), ("441900003", "东城街道", "subdistrict"),
     ("441900101", "石碣镇", "town"), ("4190", "省直辖县级行政区划", "placeholder"), ("1101", "市辖区", "placeholder"),
     ("3502", "厦门市", "prefecture"), ("419001", "济源市", "county_city"), ("469021", "定安县", "county"),
     ("659001", "石河子市", "county_city"), ("659001500", "一五二团", "quasi"), ("410101", "市辖区", "placeholder"),
     ("441900003007", "牛山社区", "community"), ("410181100201", "东竹园村", "village")],
)  # fmt: skip
def test_code_and_name_tell_the_kind(code: str, name: str, kind: str) -> None:
    assert codes.kind_of(code, name) == kind


def test_the_shipped_list_agrees_with_what_its_codes_tell() -> None:
    listed = embedded.divisions()
    told = {code: (item.parent or "", item.unit.kind) for code, item in listed.items()}
    assert {code: (codes.parent_of(code), codes.kind_of(code, listed[code].unit.name_zh)) for code in listed} == told
    other = {code for code, item in listed.items() if (item.legal_parent or "") != codes.legal_parent_of(code)}
    assert other == {"410171", "410172", "410173"}  # zones whose legal division the list knows
