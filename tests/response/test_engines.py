"""The pure rules: clocks that never lose or double a step, triggers against an oracle, differences, ledgers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.response.engine import casualty, clock
from anlan.response.engine.announcement import missing
from anlan.response.engine.attendance import POST, Whereabouts, unattended
from anlan.response.engine.indicators import Change, fallen
from anlan.response.engine.plan import Words, law_known, law_text
from anlan.response.engine.plan_diff import difference, tasks_of
from anlan.response.engine.silence import by_township, due_at
from anlan.response.engine.stopline import Reading, first_crossing
from anlan.response.engine.triggers import Fact, evaluate
from anlan.response.formats.packs import contact_rule, pack_text, plan_read
from anlan.response.formats.report_packs import indicators, report_rules

AT = datetime(2021, 7, 19, 13, 59, tzinfo=UTC)
PLAN = plan_read(pack_text("plans/zhengzhou_flood.yaml"))


# --- the decider's clock ----------------------------------------------------------------------------------------


@given(
    minutes=st.lists(st.integers(1, 600), min_size=1, max_size=6, unique=True).map(sorted),
    sweeps=st.lists(st.integers(0, 40_000), max_size=30).map(sorted),
)
def test_no_step_is_lost_or_doubled_whatever_the_sweeps(minutes: list[int], sweeps: list[int]) -> None:
    told: list[clock.Step] = []
    for second in sweeps:
        found = clock.due(AT, minutes, len(told), AT + timedelta(seconds=second))
        told += found
    last = sweeps[-1] if sweeps else -1
    wanted = [step for step in clock.steps(AT, minutes) if (step.at - AT).total_seconds() <= last]
    assert told == wanted
    assert [step.at for step in told] == [AT + timedelta(minutes=m) for m in minutes[: len(told)]]
    following = clock.next_at(AT, minutes, len(told))
    assert following == (AT + timedelta(minutes=minutes[len(told)]) if len(told) < len(minutes) else None)


def test_the_clock_runs_on_through_a_change_to_summer_time() -> None:
    opened = datetime(2021, 3, 28, 1, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    assert [(step.at - opened.astimezone(UTC)).total_seconds() for step in clock.steps(opened, [15, 30])] == [900, 1800]


def test_deadline_stays_at_the_last_step() -> None:
    assert clock.deadline(AT, [15, 30], 0) == AT + timedelta(minutes=15)
    assert clock.deadline(AT, [15, 30], 2) == AT + timedelta(minutes=30)


# --- triggers ---------------------------------------------------------------------------------------------------


def fact(colour: str, *areas: str, source: str = "signal", metres: float | None = None) -> Fact:
    return Fact(source, f"{source}:{areas}{colour}", areas, AT, Words("甲站暴雨", "gauge A"), colour, metres)  # type: ignore[arg-type]


ORACLE = [
    ([], None),
    ([fact("blue", "410181")], None),
    ([fact("yellow", "410181")], 4),
    ([fact("yellow", "410181"), fact("orange", "410182")], 3),
    ([fact("orange", "410181100"), fact("orange", "410181003"), fact("orange", "410181")], 3),  # one county three times
    ([fact("orange", "410181"), fact("orange", "410182"), fact("yellow", "410102")], 3),
    ([fact("orange", "410181"), fact("orange", "410182"), fact("orange", "410102")], 2),
    ([fact("orange", "410181"), fact("orange", "410182"), fact("red", "410102")], 1),
    ([fact("orange", "4101", source="warning")], 3),  # a city-wide warning speaks of one area
    ([fact("orange", "410181", "410182", "410183", source="warning")], 2),
    ([fact("red", "4101", source="warning")], 1),
    ([fact("red", "41", source="warning")], 1),  # the province's warning binds the city
    ([fact("red", "4102", source="warning")], None),  # another city's doesn't
    ([fact("red", "410181")], 1),
    ([fact("", "410102012", metres=0.0)], 2),  # 以上 includes the figure itself
    ([fact("", "410102012", metres=-0.01)], None),
    ([fact("", "410102012", metres=3.05), fact("yellow", "410181")], 2),
]


@pytest.mark.parametrize(("facts", "level"), ORACLE)
def test_triggers_against_the_oracle(facts: list[Fact], level: int | None) -> None:
    for order in permutations(facts) if len(facts) < 4 else [facts]:
        verdict = evaluate(PLAN, list(order))
        assert (verdict.level if verdict else None) == level


def test_a_verdict_explains_itself() -> None:
    verdict = evaluate(PLAN, [fact("red", "410181")])
    assert verdict is not None
    assert "Ⅰ级" in str(verdict.explanation["zh"])
    assert "level I " in str(verdict.explanation["en"])
    assert verdict.explanation["mark"] == "G"
    assert "默认值" in str(verdict.explanation["zh"])


@given(st.lists(st.tuples(st.sampled_from(["blue", "yellow", "orange", "red"]), st.integers(0, 15)), max_size=12))
def test_more_facts_never_lower_the_level(pairs: list[tuple[str, int]]) -> None:
    facts = [fact(colour, f"4101{number:02d}") for colour, number in pairs]
    levels = [v.level if (v := evaluate(PLAN, facts[:n])) else 5 for n in range(len(facts) + 1)]
    assert levels == sorted(levels, reverse=True)


# --- plans ------------------------------------------------------------------------------------------------------


def test_level_one_holds_the_orders_of_2021_with_half_an_hour() -> None:
    held = {task.action: task for task in tasks_of(PLAN, 1) if task.action}
    assert {"stop_school", "stop_metro", "close_tunnel", "stop_work", "evacuate"} <= set(held)
    assert all(task.within <= 30 and task.owner.role and task.law for task in held.values())


@given(st.integers(0, 4), st.integers(0, 4))
def test_difference_adds_up(old: int, new: int) -> None:
    change = difference(PLAN, old, new)
    before, after = ({t.code for t in tasks_of(PLAN, n)} for n in (old, new))
    assert {t.code for t in change.add} | {t.code for t in change.keep} == after
    assert (before - set(change.cancel)) | {t.code for t in change.add} == after
    assert not before & {t.code for t in change.add}


def test_law_items() -> None:
    assert law_known("67(6)")
    assert law_known("73(11)")
    assert not any(law_known(item) for item in ("67(9)", "66", "74(1)", "73(0)", "73(x)", ""))
    assert law_text(("67(6)", "73(11)")).zh.endswith("第六十七条第六项、第七十三条第十一项")


BROKEN = [
    ("  - level: 3\n", "  - level: 5\n", "levels"),
    ('area: "4101"', 'area: "41x"', "area"),
    ("climb: [15, 30]", "climb: [30, 15]", "clock.climb"),
    ('law: ["73(4)", "67(7)"]', 'law: ["73(12)"]', "levels[0].tasks[0].law"),
    ("code: T102", "code: T101", "levels[0].tasks[1].code"),
    ("within: 20, receipt: 5", "within: 2, receipt: 5", "levels[0].tasks[1].within"),
    ("colour: red", "colour: purple", "levels[0].triggers[0].any_of[0].colour"),
    ("deciders: [city_commander]", "deciders: []", "levels[0].deciders"),
    ("replaces: [T203, T204]", "replaces: [T999]", "levels[0].replaces"),
    ("valid_from: 2021-01-01", "valid_from: 2021-01-01\nvalid_to: 2020-01-01", "valid_to"),
    ("valid_from: 2021-01-01", "valid_from: soon", "valid_from"),
    ("quiet_h: 3", "quiet: 3", "end"),
    ("code: ZZ-FLOOD", "code: [", "line"),
]


@pytest.mark.parametrize(("good", "bad", "field"), BROKEN)
def test_a_faulty_plan_is_refused_by_field(good: str, bad: str, field: str) -> None:
    text = pack_text("plans/zhengzhou_flood.yaml")
    assert good in text
    with pytest.raises(Invalid) as refused:
        plan_read(text.replace(good, bad, 1))
    assert str(refused.value.field).startswith(field)
    assert refused.value.zh
    assert refused.value.en


@given(st.text(max_size=200))
def test_any_text_gives_a_plan_or_a_problem(text: str) -> None:
    with pytest.raises(Invalid):
        plan_read(text)


def test_shipped_packs_are_dated_and_sourced() -> None:
    for pack in (report_rules(), indicators(), contact_rule()):
        assert pack.version
        assert pack.source.zh
        assert pack.valid_from < date(2021, 7, 1)


# --- smaller rules ----------------------------------------------------------------------------------------------


def test_announcement() -> None:
    assert missing("暴雨", 1, 24, ["停运"]) == ()
    assert missing("", 0, None, []) == ("matter", "level", "expected_duration_h", "measures")


ATTENDANCE = [
    (["", "", "", ""], False),
    (["dam", "", "", ""], False),
    (["dam", "dam", "", ""], True),
    (["dam", "dam", "dam", "dam"], True),
    (["dam", "dam", "dam", POST], False),
    (["dam", "bridge", "", ""], True),
    (["dam"], True),
]


@pytest.mark.parametrize(("sites", "alarm"), ATTENDANCE)
def test_command_post_attendance(sites: list[str], alarm: bool) -> None:
    found = unattended([Whereabouts(f"post{i}", site) for i, site in enumerate(sites)])
    assert (found is not None) == alarm
    if found is not None and "bridge" not in sites:
        assert found.site == "dam"


def test_ledger() -> None:
    entries = [casualty.Entry("dead", "unknown-1", "entered"), casualty.Entry("dead", "x", "merged"),
               casualty.Entry("missing", "y", "identified"), casualty.Entry("injured", "z", "withdrawn")]  # fmt: skip
    assert casualty.totals(entries) == {"dead": 1, "missing": 1, "injured": 0}
    assert casualty.unknown_label(["unknown-1", "unknown-7", "甲"]) == "unknown-8"
    assert casualty.unknown_label([]) == "unknown-1"


def test_falling_and_frozen_figures_are_flagged() -> None:
    both = ("dead", "missing")
    assert fallen({"dead": 5}, {"dead": 3}, both) == (Change("dead", 5, 3),)
    assert fallen({"missing": 4, "dead": 1}, {"missing": 1, "dead": 4}, both) == ()  # three of them were found dead
    assert fallen({"missing": 4, "dead": 1}, {"missing": 1, "dead": 2}, both) == (Change("missing", 4, 1),)
    assert fallen({"dead": 5}, {}, both) == ()  # what is not told stands as it was
    assert casualty.frozen([{"dead": 23}] * 3) == ("dead",)
    assert casualty.frozen([{"dead": 0}] * 5) == ()
    assert casualty.frozen([{"dead": 23}] * 2) == ()


def test_stop_line_includes_the_figure_itself() -> None:
    rows = [Reading("T1", "depth_m", v, AT + timedelta(minutes=n)) for n, v in enumerate([0.26, 0.27, 0.4])]
    assert first_crossing(rows, 0.27) == rows[1]
    assert first_crossing(rows[::-1], 0.27) == rows[1]
    assert first_crossing(rows[:1], 0.27) is None


def test_silence() -> None:
    assert due_at(AT, None, 30) == AT + timedelta(minutes=30)
    assert due_at(AT, AT - timedelta(hours=1), 30) == AT + timedelta(minutes=30)
    assert due_at(AT, AT + timedelta(minutes=5), 30) == AT + timedelta(minutes=35)
    assert by_township(["410182109202", "410182109201", "410181100201"]) == {
        "410181100": ("410181100201",),
        "410182109": ("410182109201", "410182109202"),
    }
