"""The national table of rainstorm signals as shipped, and the reasons signals are told with."""

from __future__ import annotations

import pytest

from anlan.monitoring.engine.columns import SECOND, columns
from anlan.monitoring.engine.explain import Case, Said, explain
from anlan.monitoring.engine.replay import replay
from anlan.monitoring.engine.rules import Catalogue, SeriesDef
from anlan.monitoring.rules import shipped_rules

NOON = 1_626_750_000 * SECOND
HOUR = 3600 * SECOND
GAUGE = SeriesDef(1, "g", "rain_mm", "increment", "rain", "410183108", 86_400, {})


@pytest.mark.parametrize(
    ("r12", "r6", "r3", "colour"),
    [(70, 60, 55, "orange"), (130, 120, 110, "red"), (60, 55, 10, "yellow"), (30, 20, 5, None), (50, 20, 5, "blue"),
     (49.9, 49.9, 49.9, None), (100, 100, 100, "red"), (99.9, 99.9, 99.9, "orange")],
)  # fmt: skip
def test_the_national_table(r12, r6, r3, colour):
    """Rain that amounts to so much in the last 12, 6 and 3 hours, judged at the newest reading alone."""
    rows = columns(
        [1, 1, 1], [NOON - 7 * HOUR, NOON - 4 * HOUR, NOON], [r12 - r6, r6 - r3, float(r3)],
    )  # fmt: skip
    rule = next(rule for rule in shipped_rules() if rule.code == "rainstorm")
    steps = replay(Catalogue((GAUGE,), (), (rule,)), rows).steps
    assert (steps[-1].level if steps else None) == colour


def test_the_reason_carries_numbers_window_and_citation_in_both_languages():
    case = Case("opened", Said("白寨雨量站", "Baizhai rain gauge"), Said("暴雨", "rainstorm"), Said("红色", "red"), 103.24,
                100.0, "mm", 3, Said("中国气象局令第16号", "CMA Order No. 16"), "S")  # fmt: skip
    said = explain(case)
    assert said["zh"] == "白寨雨量站3小时累计雨量103.2毫米，达到红色标准（≥100毫米）。依据：中国气象局令第16号。"
    assert said["en"].startswith("Baizhai rain gauge: rain in 3 h 103.2 mm, which reaches red (at least 100 mm).")
    assert said["numbers"] == {"value": 103.24, "threshold": 100.0, "over": 3.24, "unit": "mm", "window_h": 3}
    assert "默认值" in explain(case._replace(mark="G"))["zh"]


@pytest.mark.parametrize(
    ("more", "zh", "en"),
    [
        ({"measure": "rate", "window_h": 6, "unit": "mm/h"}, "暴雨6小时每小时变化103.24mm/h", "change per hour in 6 h"),
        ({"measure": "mean", "window_h": 0.5, "unit": "%"}, "暴雨30分钟平均", "mean in 30 min"),
        (
            {"measure": "no_data", "unit": "s", "value": 7200.0, "threshold": 7200.0},
            "无数据已达120分钟",
            "no data for 120 min",
        ),
        ({"measure": "last", "window_h": 0, "unit": "m", "below": True}, "（≤100米）", "at most 100 m"),
        ({"action": "suspect"}, "该读数可疑", "is doubtful"),
        (
            {"action": "cleared", "hold_min": 60},
            "已连续60分钟低于保持线，信号解除",
            "below the holding line for 60 minutes",
        ),
    ],
)
def test_every_measure_has_its_words(more, zh, en):
    case = Case("opened", Said("站", "Gauge"), Said("暴雨", "rainstorm"), Said("红色", "red"), 103.24, 100.0, "mm", 3,
                Said("据", "by"), "S")  # fmt: skip
    said = explain(case._replace(**more))
    assert zh in said["zh"]
    assert en in said["en"]
