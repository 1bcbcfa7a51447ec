"""Logic checks of returns, and what explains a difference between levels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.response.engine.casualty import doubles
from anlan.response.engine.indicators import Change, changes, fallen, standing
from anlan.response.engine.return_checks import (
    Ledger,
    ledger_checked,
    logic_checked,
    times_checked,
    values_checked,
)
from anlan.response.engine.rollup import Child, differences, explained, total
from anlan.response.formats.report_packs import indicators

KNOWN = indicators().by_code
NOW = datetime(2021, 7, 26, 4, tzinfo=UTC)


def codes(figures: dict[str, float]) -> list[tuple[str, bool, str]]:
    found = [*values_checked(figures, KNOWN), *logic_checked(figures, KNOWN)]
    return [(one.code, one.hard, one.field) for one in found]


# 2021-07-26 12:00 as published for the province: it holds together.
PUBLISHED = {"affected": 12_907_400, "dead": 69, "evacuated": 933_800, "relocated": 1_470_800, "collapsed_rooms": 38_643,
             "collapsed_households": 13_943, "severe_rooms": 115_687, "severe_households": 32_279,
             "crops_hit": 972_100, "crops_damaged": 419_900, "crops_lost": 108_900}  # fmt: skip


def test_the_published_figures_of_2021_hold_together() -> None:
    assert codes(PUBLISHED) == []


@pytest.mark.parametrize(
    ("figures", "wanted"),
    [
        ({"relocated": 10, "relocated_together": 4, "relocated_apart": 5}, ("report.sum", True, "relocated")),
        ({"affected": 5, "dead": 6}, ("report.less_than_part", True, "dead")),
        ({"affected": 5, "missing": 6}, ("report.less_than_part", True, "missing")),
        ({"affected": 5, "injured": 6}, ("report.less_than_part", True, "injured")),
        ({"affected": 5, "no_water": 6}, ("report.less_than_part", True, "no_water")),
        ({"affected": 5, "relocated": 6}, ("report.less_than_part", True, "relocated")),
        ({"affected": 5, "need_relief": 6}, ("report.less_than_part", True, "need_relief")),
        ({"injured": 1, "severely_injured": 2}, ("report.less_than_part", True, "severely_injured")),
        ({"crops_hit": 1.5, "crops_damaged": 2}, ("report.less_than_part", True, "crops_damaged")),
        ({"crops_damaged": 1, "crops_lost": 2}, ("report.less_than_part", True, "crops_lost")),
        ({"loss": 10, "loss_homes": 6, "loss_farming": 5}, ("report.parts", True, "loss")),
        ({"need_relief": 5, "need_transition": 6}, ("report.perhaps_less", False, "need_transition")),
        ({"need_transition": 5, "need_old": 6}, ("report.perhaps_less", False, "need_old")),
        ({"collapsed_rooms": 5, "collapsed_households": 6}, ("report.perhaps_less", False, "collapsed_households")),
        ({"dead": -1}, ("report.negative", True, "dead")),
        ({"dead": 1.5}, ("report.not_whole", True, "dead")),
        ({"killed": 1}, ("report.unknown_figure", True, "killed")),
        ({"affected": 3e9}, ("report.too_great", True, "affected")),
    ],
)
def test_each_rule_finds_its_fault_and_only_it(figures: dict[str, float], wanted: tuple[str, bool, str]) -> None:
    assert codes(figures) == [wanted]


def test_equal_bounds_and_untold_figures_are_no_fault() -> None:
    assert codes({"affected": 6, "dead": 6, "relocated": 6, "relocated_together": 6, "relocated_apart": 0}) == []
    assert codes({"relocated_together": 4}) == []  # the whole is not known yet
    assert codes({"need_transition": 3, "need_women": 2, "need_old": 2, "need_children": 2}) == []  # they overlap


def test_a_finding_names_field_value_and_remedy_in_both_languages() -> None:
    one = next(iter(logic_checked({"affected": 5, "dead": 6}, KNOWN)))
    assert "6" in one.zh
    assert "受灾人口" in one.zh
    assert "请改正" in one.zh
    assert "mend" in one.en
    assert one.as_dict()["value"] == 6


def test_the_ledger_equals_the_count_softly_before_and_hard_in_the_end() -> None:
    ledger = Ledger({"dead": 2, "missing": 1})
    for final in (False, True):
        found = list(ledger_checked({"dead": 3, "missing": 1}, KNOWN, ledger, final=final))
        assert [(one.field, one.hard) for one in found] == [("dead", final)]
    assert list(ledger_checked({"dead": 2}, KNOWN, ledger, final=True)) == []
    assert doubles([("张三", "甲村"), ("张三 (2)", "甲村"), ("李四", "甲村"), ("李四", "乙村")]) == ("张三",)


def test_the_order_of_times() -> None:
    hour = timedelta(hours=1)
    assert [one.code for one in times_checked(NOW, NOW + hour, NOW)] == ["report.as_of"]
    assert [one.code for one in times_checked(NOW, NOW - hour, NOW)] == ["report.as_of_before"]
    assert list(times_checked(NOW, NOW, NOW)) == []


def test_what_is_not_told_stands_and_changes_are_told() -> None:
    stood = standing({"dead": 3, "loss": 1.5}, {"dead": 4, "loss": 1.1 + 2.2})
    assert stood == {"dead": 4, "loss": 3.3}
    assert changes({"dead": 3}, stood) == (Change("dead", 3, 4), Change("loss", None, 3.3))
    assert changes({"dead": 3}, stood)[0].delta == 1


FIGURES = st.dictionaries(st.sampled_from(sorted(KNOWN)), st.integers(0, 10**6), max_size=12)


@given(before=FIGURES, told=FIGURES)
def test_a_report_that_tells_nothing_lower_never_falls(before: dict[str, float], told: dict[str, float]) -> None:
    after = standing(before, {code: max(value, before.get(code, 0)) for code, value in told.items()})
    assert fallen(before, after, KNOWN) == ()


@given(st.lists(FIGURES, max_size=6))
def test_a_level_that_reports_the_sum_differs_in_nothing(children: list[dict[str, float]]) -> None:
    below = total(children)
    assert differences(below, below) == ()
    assert all(below[code] == sum(one.get(code, 0) for one in children) for code in below)


def test_differences_and_what_explains_them() -> None:
    one = differences({"dead": 5, "missing": 1}, {"dead": 9, "missing": 1})
    assert [(d.code, d.gap) for d in one] == [("dead", -4)]
    children = [
        Child("410182001", "甲镇", {"dead": 6}, NOW + timedelta(hours=1), {"dead": 3}),
        Child("410182002", "乙镇", {"dead": 3}, NOW - timedelta(hours=1)),
        Child("410182003", "丙镇", {}, None),
    ]
    found = explained(one[0], NOW, children)
    assert [(reason.kind, reason.part) for reason in found] == [("later", -3), ("fewer", -1)]
    assert "甲镇" in found[0].zh
    more = explained(differences({"dead": 10}, {"dead": 9})[0], NOW, children[1:])
    assert [(reason.kind, reason.part) for reason in more] == [("silent", 1)]
    assert [r.kind for r in explained(differences({"dead": 10}, {"dead": 9})[0], NOW, children[1:2])] == ["more"]
