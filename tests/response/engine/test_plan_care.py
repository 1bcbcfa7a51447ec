"""Comparing versions of a plan, its clocks, and changes typed into a form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.response.engine.plan_clocks import Cycle, due, months_after
from anlan.response.engine.plan_compare import compare
from anlan.response.engine.plan_patch import added, patched, removed
from anlan.response.engine.text import Words

BODY: dict[str, Any] = {
    "version": "1",
    "name": {"zh": "甲", "en": "A"},
    "levels": [
        {"level": 1, "tasks": [{"code": "T1", "within": 30}, {"code": "T2", "within": 60}]},
        {"level": 2, "tasks": []},
    ],
}


def test_a_row_put_in_front_is_one_difference() -> None:
    new = patched(BODY, {})
    new["levels"][0]["tasks"].insert(0, {"code": "T0", "within": 5})
    found = compare(BODY, new)
    assert [(d.path, d.kind) for d in found] == [(("levels", "1", "tasks", "T0"), "added")]


def test_words_change_as_one_and_the_version_is_no_difference() -> None:
    new = patched(BODY, {"name.zh": "乙", "version": "2"})
    assert [(d.path, d.old, d.new) for d in compare(BODY, new)] == [
        (("name",), {"zh": "甲", "en": "A"}, {"zh": "乙", "en": "A"})
    ]


@given(st.lists(st.sampled_from(["T1", "T2", "T3", "T4"]), unique=True), st.integers(1, 9))
def test_equal_bodies_don_t_differ_and_order_of_rows_is_none(codes: list[str], within: int) -> None:
    one = {"levels": [{"level": 1, "tasks": [{"code": c, "within": within} for c in codes]}]}
    other = {"levels": [{"level": 1, "tasks": [{"code": c, "within": within} for c in reversed(codes)]}]}
    assert compare(one, other) == ()


def test_typed_changes_are_read_as_what_they_are() -> None:
    new = patched(
        BODY, {"levels.0.tasks.1.within": " 45 ", "levels.0.deciders": "a，b", "levels.9.tasks.0.within": "1"}
    )
    assert new["levels"][0]["tasks"][1]["within"] == 45
    assert new["levels"][0]["deciders"] == ["a", "b"]
    assert BODY["levels"][0]["tasks"][1]["within"] == 60
    assert patched(BODY, {"levels.0.tasks.0.within": "半小时"})["levels"][0]["tasks"][0]["within"] == "半小时"


def test_rows_come_and_go() -> None:
    new = removed(added(BODY, "levels.1.tasks"), "levels.0.tasks.0")
    assert [task["code"] for task in new["levels"][0]["tasks"]] == ["T2"]
    assert new["levels"][1]["tasks"][0]["within"] == 60
    assert added(BODY, "levels.7.tasks") == removed(BODY, "levels.1.tasks.4") == BODY


CYCLES = (Cycle(36, Words("三年", "three"), "G"), Cycle(12, Words("一年", "one"), "S", areas=("37",)))


@pytest.mark.parametrize(
    ("area", "stated", "today", "by", "state"),
    [
        ("4101", None, date(2026, 1, 1), date(2027, 5, 31), "ok"),
        ("3701", None, date(2025, 4, 30), date(2025, 5, 31), "soon"),
        ("3701", None, date(2025, 6, 1), date(2025, 5, 31), "overdue"),
        ("4101", date(2025, 1, 1), date(2024, 6, 1), date(2025, 1, 1), "ok"),
        ("4101", date(2024, 1, 1), date(2024, 6, 1), date(2027, 5, 31), "ok"),  # stated before the last one: met
    ],
)
def test_the_strictest_cycle_or_the_plan_s_own_day(area: str, stated: Any, today: date, by: date, state: str) -> None:
    found = due(CYCLES, area=area, hazards=["11A00"], last=date(2024, 5, 31), stated=stated, today=today, lead=60)
    assert (found.by, found.state) == (by, state)


def test_months_end_where_they_end() -> None:
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_after(date(2024, 12, 31), 2) == date(2025, 2, 28)
