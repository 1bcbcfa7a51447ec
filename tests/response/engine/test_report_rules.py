"""The table of report clocks, row by row: which rules run for which event, and to the minute when (domain: §1.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.response.engine.report_content import items, missing
from anlan.response.engine.report_rules import (
    GRADES,
    Limit,
    Owed,
    Subject,
    applying,
    first_due,
    meets,
    next_due,
    owed,
    stepped,
    window_days,
    window_start,
)
from anlan.response.formats.packs import pack_text
from anlan.response.formats.report_packs import report_rules, report_rules_read

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 8, 3, 10, 0, tzinfo=BEIJING)
HENAN, SHANDONG, ELSEWHERE = "410182109", "370102001", "130102001"


def about(area: str, grade: str, code: str = "12D00", series: str = "accident", **more: object) -> Subject:
    return Subject(series, area, code, grade, NOON, NOON - timedelta(minutes=20), **more)  # type: ignore[arg-type]


def told(found: tuple[Owed, ...]) -> dict[str, tuple[str, tuple[str, ...], float]]:
    """rule → (who, to whom, minutes from knowing)."""
    return {one.rule.code: (one.by, one.to, (one.due_at - NOON).total_seconds() / 60) for one in found}


FIRST = {
    # Henan: 15 and 35 minutes, 1 h, 6 h, straight to the province from relatively serious upwards
    (HENAN, "especially_serious"): {"henan_phone": 15, "henan_written_serious": 35},
    (HENAN, "serious"): {"henan_phone": 15, "henan_written_serious": 35},
    (HENAN, "relatively_serious"): {"henan_written_relative": 60},
    (HENAN, "ordinary"): {"henan_written_ordinary": 360},
    (HENAN, ""): {"henan_written_ordinary": 360},  # not graded yet: the least
    # Shandong: 30 minutes for all, 1 h in writing from relatively serious upwards
    (SHANDONG, "ordinary"): {"shandong_direct": 30},
    (SHANDONG, "relatively_serious"): {"shandong_direct": 30, "shandong_written": 60},
    (SHANDONG, "serious"): {"shandong_direct": 30, "shandong_written": 60},
    # the statute elsewhere: two hours a step
    (ELSEWHERE, "ordinary"): {"department_steps": 120},
    (ELSEWHERE, "especially_serious"): {"department_steps": 120},
}


@pytest.mark.parametrize(("area", "grade"), list(FIRST))
def test_the_most_specific_area_says_when_the_first_report_is_due(area: str, grade: str) -> None:
    found = [one for one in owed(report_rules(), about(area, grade)) if one.rule.topic == "authority_first"]
    assert {one.rule.code: (one.due_at - NOON).total_seconds() / 60 for one in found} == FIRST[area, grade]
    assert {one.by for one in found} == {area[:6]}


def test_skip_level_copies_go_to_the_province_and_the_city_at_once() -> None:
    found = told(owed(report_rules(), about(HENAN, "relatively_serious")))
    assert found["henan_written_relative"][1] == ("province", "city")
    assert told(owed(report_rules(), about(HENAN, "ordinary")))["henan_written_ordinary"][1] == ("city",)
    assert told(owed(report_rules(), about(SHANDONG, "ordinary")))["shandong_direct"][1] == ("province", "city")


@pytest.mark.parametrize(
    ("grade", "highest"),
    [("ordinary", "city"), ("relatively_serious", "province"), ("serious", "state"), ("especially_serious", "state")],
)
def test_the_statutes_steps_reach_as_high_as_the_grade_says(grade: str, highest: str) -> None:
    table, subject = report_rules(), about(ELSEWHERE, grade)
    to, level, at = told(owed(table, subject))["department_steps"][1], "1301", NOON
    reached = [*to]
    while step := [one for one in stepped(table, subject, received_by=level, at=at) if one.rule.steps]:
        assert step[0].due_at - at == timedelta(hours=2)
        reached += step[0].to
        at, level = step[0].due_at, level[:2] if len(level) > 2 else ""
        if not level:
            break
    assert reached[-1] == highest


def test_the_unit_has_an_hour_and_the_province_half_an_hour_to_the_centre() -> None:
    table = report_rules()
    unit = owed(table, about(HENAN, "ordinary"), start="happened")
    first = next(one for one in unit if one.rule.code == "unit_first")
    assert first.due_at == NOON - timedelta(minutes=20) + timedelta(hours=1)
    assert (first.by, first.to) == (HENAN, ("county",))
    assert any(rule.code == "site_direct" for rule in applying(table, about(HENAN, "ordinary")))  # may, owes nothing
    step = stepped(table, about(HENAN, "serious"), received_by="41", at=NOON)
    assert told(step) == {"state_phone": ("41", ("state",), 30), "state_written": ("41", ("state",), 60)}
    assert stepped(table, about(HENAN, "relatively_serious"), received_by="41", at=NOON) == ()


def test_follow_ups() -> None:
    def days(area: str, grade: str) -> list[str]:
        limit = next(
            o.rule.limit for o in owed(report_rules(), about(area, grade)) if o.rule.topic == "accident_follow"
        )
        due, found = NOON, []
        for _ in range(3):
            due = first_due(limit, due, "Asia/Shanghai")
            found.append(due.astimezone(BEIJING).strftime("%d %H:%M"))
        return found

    assert days(HENAN, "relatively_serious") == ["03 17:00", "04 08:00", "04 17:00"]
    assert days(HENAN, "ordinary") == ["04 00:00", "05 00:00", "06 00:00"]  # Henan is silent there: once a day
    assert days(ELSEWHERE, "serious") == ["03 12:00", "04 00:00", "04 12:00"]  # twice a day
    assert days(ELSEWHERE, "relatively_serious") == ["04 00:00", "05 00:00", "06 00:00"]


def test_correction_counts_thirty_days_and_seven_for_traffic_and_fire() -> None:
    rule = report_rules().rule("correction")
    assert [window_days(rule, code) for code in ("12D00", "12H00", "12G00")] == [30, 7, 7]
    found = owed(report_rules(), about(HENAN, "ordinary"), start="figures_changed", at=NOON)
    assert told(found)["correction"] == ("410182", ("city",), 14 * 60)  # by the end of that day


@pytest.mark.parametrize(
    ("grade", "who", "days"),
    [("especially_serious", None, 30), ("serious", "41", 15), ("relatively_serious", "4101", 15),
     ("ordinary", "410182", 15)],
)  # fmt: skip
def test_investigation_60_days_decision_15_or_30_evaluation_a_year(grade: str, who: str | None, days: int) -> None:
    table, subject = report_rules(), about(HENAN, grade)
    found = [one for one in owed(table, subject, start="happened") if one.rule.code == "investigation"]
    assert [one.by for one in found] == ([who] if who else [])  # the State Council's own lies above every node
    assert [one.due_at - subject.happened_at for one in found] == [timedelta(days=60)] * len(found)
    assert table.rule("investigation").limit.extend_days == 60
    decision = applying(table, subject, start="filed:investigation")
    assert [rule.limit.days for rule in decision] == [days]
    assert decision[0].limit.extend_days == (30 if grade == "especially_serious" else 0)
    assert [rule.limit.days for rule in applying(table, subject, start="filed:approval")] == [365]


def test_the_public_is_told_within_five_hours_and_the_press_within_a_day() -> None:
    assert told(owed(report_rules(), about(HENAN, "serious", series="public"))) == {
        "public_first": ("41", (), 300), "press": ("41", (), 1440),
    }  # fmt: skip
    assert owed(report_rules(), about(HENAN, "relatively_serious", series="public")) == ()


def test_danger_at_flood_works_an_hour_and_major_danger_half_an_hour() -> None:
    works = {"code": "11A03", "series": "works"}
    assert told(owed(report_rules(), about(HENAN, "", **works))) == {"works_first": ("410182", ("city",), 60)}  # type: ignore[arg-type]
    major = owed(report_rules(), about(HENAN, "", **works, major=True))  # type: ignore[arg-type]
    assert told(major) == {"works_major": ("410182", ("city", "province"), 30)}


def test_disaster_statistics() -> None:
    table = report_rules()
    subject = about("41", "", code="", series="disaster")
    below = {"county": ["410181", "410182"], "city": ["4101"]}
    found = owed(table, subject, below=below)
    assert {(one.rule.code, one.by, (one.due_at - NOON).total_seconds() / 3600) for one in found} == {
        ("disaster_first", "410181", 2), ("disaster_first", "410182", 2),
        ("disaster_zero_county", "410181", 24), ("disaster_zero_county", "410182", 24), ("disaster_zero_city", "4101", 24),
    }  # fmt: skip
    stable = owed(table, subject, start="stable", at=NOON, below=below)
    assert {(one.by, (one.due_at - NOON).days) for one in stable} == {
        ("410181", 5),
        ("410182", 5),
        ("4101", 8),
        ("41", 11),
    }
    grave = about("410182", "", code="", series="disaster", figures={"dead_missing": 10})
    found = owed(table, grave, start="figures_changed", at=NOON)
    assert told(found) == {"disaster_serious": ("410182", ("city", "province", "state"), 120)}
    nine = about("410182", "", code="", series="disaster", figures={"dead_missing": 9})
    assert owed(table, nine, start="figures_changed", at=NOON) == ()


def test_a_limit_already_over_when_the_grade_rises_runs_from_the_rise() -> None:
    late = NOON + timedelta(hours=5)
    found = {one.rule.code: one for one in owed(report_rules(), about(HENAN, "serious"), at=late)}
    assert found["henan_phone"].due_at == late + timedelta(minutes=15)
    early = {o.rule.code: o for o in owed(report_rules(), about(HENAN, "serious"), at=NOON + timedelta(minutes=5))}
    assert early["henan_phone"].due_at == NOON + timedelta(minutes=15)


def test_which_report_meets_what() -> None:
    assert meets("first", "written", "first", "phone")
    assert not meets("first", "phone", "first", "written")
    assert not meets("first", "written", "follow", "any")
    assert meets("follow", "written", "zero", "any")
    assert not meets("recheck", "written", "verified", "any")  # the two meanings of 核报
    assert not meets("verified", "written", "recheck", "any")


def test_the_marks_say_what_was_read() -> None:
    defaults = {rule.code for rule in report_rules().rules if rule.mark == "G"}
    assert defaults == {
        "follow_twice", "follow_once", "state_phone", "state_written", "state_phone_natural", "state_written_natural",
        "correction", "public_first", "press", "works_first", "works_major", "disaster_serious", "response_zero",
        "verified_county", "verified_city", "verified_province",
    }  # fmt: skip


def test_every_row_has_its_source_and_a_bad_row_is_refused() -> None:
    table = report_rules()
    assert {rule.mark for rule in table.rules} == {"S", "G"}
    assert all(rule.basis.zh and rule.basis.en and rule.text.zh and rule.text.en for rule in table.rules)
    text = pack_text("report_rules.yaml")
    for good, bad in (("to: [county]", "to: [parish]"), ("limit: {minutes: 60}", "limit: {minutes: 60, days: 1}"),
                      ("what: first", "what: gossip"), ("code: unit_first", "code: site_direct")):  # fmt: skip
        with pytest.raises(Invalid):
            report_rules_read(text.replace(good, bad, 1))


LIMITS = st.one_of(
    st.builds(lambda hours: Limit(every_h=hours), st.integers(1, 72)),
    st.builds(
        lambda times: Limit(daily_at=tuple(sorted({f"{t // 60:02}:{t % 60:02}" for t in times}))),
        st.lists(st.integers(0, 1440), min_size=1, max_size=4),
    ),
)


@given(limit=LIMITS, minute=st.integers(0, 60 * 24 * 400))
def test_windows_of_recurring_reports_meet_without_hole_or_overlap(limit: Limit, minute: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    due = first_due(limit, start, "Asia/Shanghai")
    assert due > start
    after = next_due(limit, due, "Asia/Shanghai")
    assert after is not None
    assert window_start(limit, after, "Asia/Shanghai") == due


@given(grade=st.sampled_from(["", *GRADES]), area=st.sampled_from(["41", "4101", HENAN, SHANDONG, "37", ELSEWHERE]))
def test_what_is_owed_goes_upwards_and_lies_ahead(grade: str, area: str) -> None:
    for one in owed(report_rules(), about(area, grade)):
        assert one.due_at > one.starts_at
        assert area.startswith(one.by[: len(area)])


def test_content_of_the_first_report() -> None:
    assert [item.field for item in items("accident_first")] == [
        "unit",
        "where_when",
        "course",
        "casualties",
        "measures",
        "other",
    ]
    henan = missing(
        "henan_first",
        {"unit": "甲厂", "where_when": "今日10时", "course": "爆炸", "casualties": "3人", "measures": " "},
    )
    assert [item.field for item in henan] == ["measures", "state", "cause", "scope", "trend", "requests", "commander"]
    assert missing("", {}) == ()
