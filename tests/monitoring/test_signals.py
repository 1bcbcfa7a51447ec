"""Signal decisions: the national table's cases, hysteresis and hold, and independence of batches."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.monitoring.engine.explain import Case, Said, explain
from anlan.monitoring.engine.quality import FUTURE, GOOD, JUMP, NEGATIVE, TOO_HIGH, Limits, judge, judge_hour
from anlan.monitoring.engine.signals import State, Steps, ranks, walk
from anlan.monitoring.rules import rule_for

TABLE = np.array([[50.0, 50.0, 50.0, 100.0]])  # blue 12 h, yellow 6 h, orange 3 h, red 3 h
STEPS = Steps(clear_ratio=0.9, clear_margin=0.0, hold_s=3600)


@pytest.mark.parametrize(
    ("r12", "r6", "r3", "colour"),
    [(70, 60, 55, "orange"), (130, 120, 110, "red"), (60, 55, 10, "yellow"), (30, 20, 5, None), (50, 20, 5, "blue"),
     (49.9, 49.9, 49.9, None), (100, 100, 100, "red"), (99.9, 99.9, 99.9, "orange")],
)  # fmt: skip
def test_the_national_table(r12, r6, r3, colour):
    cited = rule_for("rain", "rain_mm", "410183108", date(2021, 7, 20))
    windows = {12: r12, 6: r6, 3: r3}
    values = np.array([[windows[level.window_h] for level in cited.rule.levels]], dtype=float)
    bars = np.array([[level.threshold for level in cited.rule.levels]])
    rank = int(ranks(values, bars, STEPS)[0][0])
    assert (cited.rule.levels[rank - 1].code if rank else None) == colour


def test_a_signal_holds_through_a_pause_and_falls_after_the_hold_time():
    three = np.array([40, 60, 46, 44, 44, 46, 44, 44, 44, 44, 10, 10, 10, 10.0])
    values = np.column_stack([three, three, three, three])
    times = [600 * n for n in range(len(three))]
    ups, helds = ranks(values, TABLE, Steps(0.9, 0.0, 1800))
    state, found = walk(State(), times, ups.tolist(), helds.tolist(), 1800)
    assert [(t.action, t.at) for t in found] == [("opened", 600), ("cleared", 600 * 9)]
    assert state == State()


def test_lowering_goes_to_the_step_that_is_still_held():
    values = np.array([[160, 150, 120, 120], [160, 150, 40, 40], [160, 150, 40, 40], [160, 150, 40, 40.0]])
    ups, helds = ranks(values, TABLE, STEPS)
    state, found = walk(State(), [0, 1800, 3600, 5400], ups.tolist(), helds.tolist(), 3600)
    assert [(t.action, t.rank) for t in found] == [("opened", 4), ("lowered", 2)]
    assert state.rank == 2


def test_missing_limits_and_values_are_never_reached():
    bars = np.array([[127.5, np.nan]])
    ups, helds = ranks(np.array([[130.0, 130.0], [np.nan, np.nan]]), bars, Steps(1.0, 0.1, 0))
    assert ups.tolist() == [1, 0]
    assert helds.tolist() == [1, 0]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60), st.data())
def test_any_split_into_batches_gives_the_same_changes(steps, data):
    ups = [up for up, _ in steps]
    helds = [max(up, held) for up, held in steps]
    times = [600 * n for n in range(len(steps))]
    whole = walk(State(), times, ups, helds, 1800)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(steps)))) | {0, len(steps)})
    state, found = State(), []
    for first, last in pairwise(cuts):
        state, more = walk(state, times[first:last], ups[first:last], helds[first:last], 1800)
        found += more
    assert state == whole[0]
    assert [t[:4] for t in found] == [t[:4] for t in whole[1]]


def test_the_reason_carries_numbers_window_and_citation_in_both_languages():
    case = Case("opened", Said("白寨雨量站", "Baizhai rain gauge"), Said("暴雨", "rainstorm"), Said("红色", "red"), 103.24,
                100.0, "mm", 3, Said("中国气象局令第16号", "CMA Order No. 16"), "S")  # fmt: skip
    said = explain(case)
    assert said["zh"] == "白寨雨量站3小时累计雨量103.2毫米，达到红色标准（≥100毫米）。依据：中国气象局令第16号。"
    assert said["en"].startswith("Baizhai rain gauge: rain in 3 h 103.2 mm, which reaches red (at least 100 mm).")
    assert said["numbers"] == {"value": 103.24, "threshold": 100.0, "over": 3.24, "unit": "mm", "window_h": 3}
    assert "默认值" in explain(case._replace(mark="G"))["zh"]


def test_values_are_judged():
    limits = Limits(0.0, 350.0, 600)
    at, value = np.array([0, 0, 0, 601, 0]), np.array([1.0, -0.1, 351.0, 1.0, np.nan])
    assert judge(at, value, 0, limits).tolist() == [GOOD, NEGATIVE, TOO_HIGH, FUTURE, TOO_HIGH]
    assert judge_hour(np.array([349.0, 351.0]), np.array([GOOD, GOOD]), 350.0).tolist() == [GOOD, JUMP]
