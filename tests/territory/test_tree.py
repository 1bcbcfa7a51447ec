"""A list as a tree: what hangs where, what is missing, the core of a name, the lowest division that holds a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.territory.codes import parent_of
from anlan.territory.engine.tree import Listed, TreeFault, children_of, common, extent, levels_of, stem, tree_faults
from anlan.territory.sources import embedded

SHIPPED = sorted(embedded.divisions())


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [("偃师市", "偃师区", 3), ("城关镇", "城关街道", 4), ("八千乡", "八千街道办事处", 4), ("双庙村委会", "双庙社区居民委员会", 5),
     ("袁老家回族乡", "袁老家回族镇", 4), ("朱 曲 镇", "朱曲镇", 4)],
)  # fmt: skip
def test_a_change_of_rank_leaves_the_core_of_the_name(one: str, two: str, level: int) -> None:
    assert stem(one, level) == stem(two, level)


def test_a_name_that_is_nothing_but_rank_stays_whole() -> None:
    assert (stem("镇", 4), stem("", 4), stem("曹县", 3)) == ("镇", "", "曹")


def test_townships_of_a_prefecture_without_counties_hang_under_it() -> None:
    assert children_of(["44", "4419", "441900003", "441900101", "441900003001"]) == {
        "": ("44",), "44": ("4419",), "4419": ("441900003", "441900101"), "441900003": ("441900003001",),
    }  # fmt: skip


@given(st.lists(st.sampled_from(SHIPPED), max_size=30, unique=True))
def test_children_are_a_partition_of_the_list(codes: list[str]) -> None:
    below = children_of(codes)
    assert sorted(code for row in below.values() for code in row) == sorted(codes)
    assert all(parent_of(code) == parent for parent, row in below.items() for code in row)


@given(st.lists(st.sampled_from(SHIPPED), min_size=1, max_size=5))
def test_the_extent_holds_every_code_and_no_lower_division_does(codes: list[str]) -> None:
    found = extent(codes)
    assert all(code.startswith(found) for code in codes)
    assert not any(all(code.startswith(low) for code in codes) for low in children_of(SHIPPED).get(found, ()))
    assert common(codes[0], codes[-1]) == common(codes[-1], codes[0])


def test_what_keeps_a_list_from_being_a_tree_is_named() -> None:
    rows = [Listed("41", "河南省"), Listed("410181", "巩义市"), Listed("4103", "洛阳市", legal_parent="42"),
            Listed("410171", "郑州经济技术开发区"), Listed("410371", "洛阳高新区", legal_parent="410305")]  # fmt: skip
    assert tree_faults(rows, known=["4101"]) == (
        TreeFault("zone_without_legal", "410171"),
        TreeFault("legal_orphan", "4103", "42"),
        TreeFault("legal_orphan", "410371", "410305"),
    )
    assert TreeFault("orphan", "410181", "4101") in tree_faults(rows)
    assert levels_of(row.code for row in rows) == {1, 2, 3}


def test_the_shipped_list_is_a_tree_but_for_zones_whose_legal_division_nobody_told() -> None:
    rows = [
        Listed(code, item.unit.name_zh, legal_parent=item.legal_parent or "")
        for code, item in embedded.divisions().items()
    ]
    faults = tree_faults(rows)
    assert {fault.kind for fault in faults} == {"zone_without_legal"}
    assert "410171" not in {fault.code for fault in faults}
