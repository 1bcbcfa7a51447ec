"""The special plans of a city as shipped: complete, told apart, with bounds read as the law reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import yaml

from anlan.response.engine.metrics import METRICS, condition_words, conditions, covers, touched
from anlan.response.engine.plan import CLOSE_OUT, Condition, Plan, Words, law_known, law_text
from anlan.response.engine.plan_check import plan_faults
from anlan.response.engine.statutes import ERL, STATUTES, law_read
from anlan.response.engine.triggers import Fact, evaluate, verdicts
from anlan.response.engine.units import unit_name
from anlan.response.formats.packs import pack_text, plan_read, plans_shipped

PLANS = {plan.code: plan for plan in plans_shipped()}
AT = datetime(2026, 6, 1, tzinfo=UTC)


def fact(metric: str, value: float | None = None, *, incident: str = "e1", **rest: Any) -> Fact:
    told = {"areas": ("410182",), "text": Words("事实", "a fact"), **rest}
    return Fact("figure", f"figure:{metric}{value}", at=AT, metric=metric, value=value, incident=incident, **told)


def level(code: str, *facts: Fact) -> int | None:
    found = verdicts(PLANS[code], facts)
    return min(verdict.level for verdict in found.values()) if found else None


# --- complete ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_shipped_plan_is_complete(plan: Plan) -> None:
    assert plan_faults(plan) == ()
    assert [rule.level for rule in plan.levels] == [1, 2, 3, 4]
    assert all(3 <= len(rule.tasks) <= 10 for rule in plan.levels)
    assert 8 <= len(plan.groups) <= 11
    assert plan.cards
    assert plan.resources
    assert plan.pre_authorised
    assert {"final_report", "lessons"} <= {task.action for task in plan.end.tasks}
    assert {task.action for task in plan.end.tasks if task.action} <= set(CLOSE_OUT)
    assert plan.end.watch


def test_the_register_of_plans_names_each_of_the_twenty_five() -> None:
    listed = yaml.safe_load(pack_text("plan_titles.yaml"))["titles"]
    assert len(listed) == len(PLANS) == 25
    assert {item["plan"] for item in listed} == set(PLANS)


def test_no_task_code_is_used_by_two_plans() -> None:
    codes = [task.code for plan in PLANS.values() for task in plan.tasks()]
    assert len(codes) == len(set(codes))


def test_no_task_is_another_plans_with_words_swapped() -> None:
    texts = [task.text.zh for plan in PLANS.values() for rule in plan.levels for task in rule.tasks]
    assert len(texts) == len(set(texts))


def test_actions_that_close_or_move_are_the_ones_texts_are_checked_against() -> None:
    known = {"", "stop_school", "stop_work", "stop_bus", "stop_metro", "close_tunnel", "evacuate", *CLOSE_OUT}
    assert {task.action for plan in PLANS.values() for task in plan.tasks()} <= known


BROKEN: list[tuple[str, Any, str]] = [
    ("levels.0.triggers.0.law", [], "levels[0].triggers[0].law"),
    ("levels.0.triggers.0.mark", "X", "levels[0].triggers[0].mark"),
    ("levels.1.tasks.0.working_group", "nobody", "levels[1].tasks[0].working_group"),
    ("levels.1.tasks.0.owner", {"role": "department_duty"}, "levels[1].tasks[0].owner.department"),
    ("levels.1.tasks.0.owner", {"role": "wizard"}, "levels[1].tasks[0].owner.role"),
    ("levels.2.tasks.1.evidence", {"zh": "", "en": "x"}, "levels[2].tasks[1].evidence.zh"),
    ("levels.2.tasks.1.text", {"zh": "做", "en": " "}, "levels[2].tasks[1].text.en"),
    ("levels.3.deciders", [], "levels[3].deciders"),
    ("levels.3.deciders", ["king"], "levels[3].deciders"),
    ("levels.3.tasks", [], "levels[3].tasks"),
    ("levels.2.tasks.0.receipt", 9999, "levels[2].tasks[0].receipt"),
    ("levels.2.tasks.0.law", ["SG.999"], "levels[2].tasks[0].law"),
    ("groups.0.lead", "nobody", "groups[0].members"),
    ("groups", [], "groups"),
    ("end.conditions", [], "end.conditions"),
    ("end.who", [], "end.who"),
    ("end.tasks", [], "end.tasks"),
    ("cards.0.post", "wizard", "cards[0].post"),
    ("cards.0.channels", [], "cards[0].channels"),
    ("cards.0.never", [], "cards[0].never"),
    ("follows", [], "follows"),
    ("next_review", None, "next_review"),
    ("upgrade", None, "upgrade"),
    ("resources.0.quantity", 0, "resources[0]"),
]


@pytest.mark.parametrize(("path", "value", "field"), BROKEN, ids=[f"{path}={value}" for path, value, _ in BROKEN])
def test_what_a_plan_lacks_is_named_by_field(path: str, value: Any, field: str) -> None:
    raw = msgspec.to_builtins(PLANS["ZZ-HAZCHEM"])
    *way, last = path.split(".")
    at: Any = raw
    for part in way:
        at = at[int(part)] if part.isdigit() else at[part]
    at[int(last) if last.isdigit() else last] = value
    faults = plan_faults(msgspec.convert(raw, Plan))
    assert field in [fault.field for fault in faults]
    assert all(fault.zh and fault.en for fault in faults)


def test_a_lead_cannot_co_operate_with_itself() -> None:
    raw = msgspec.to_builtins(PLANS["ZZ-HAZCHEM"])
    task = raw["levels"][0]["tasks"][0]
    task["support"] = [task["owner"]]
    assert [fault.field for fault in plan_faults(msgspec.convert(raw, Plan))] == ["levels[0].tasks[0].support"]


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ("metric: deaths, at_least: 30", "metric: souls, at_least: 30", "levels[0].triggers[0].any_of[1].metric"),
        ("metric: deaths, at_least: 30", "metric: deaths", "levels[0].triggers[0].any_of[1].at_least"),
        ("at_least: 10, below: 30", "at_least: 30, below: 10", "levels[1].triggers[0].any_of[1].below"),
        ("grade: especially_serious", "areas: 1", "levels[0].triggers[0].any_of[0].grade"),
    ],
)
def test_a_condition_that_says_too_little_is_refused(good: str, bad: str, field: str) -> None:
    from anlan.kernel.problem import Invalid

    text = pack_text("plans/hazchem.yaml")
    assert good in text
    with pytest.raises(Invalid) as refused:
        plan_read(text.replace(good, bad, 1))
    assert refused.value.field == field


# --- bounds, hazards, all-of groups -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "value", "density", "wanted"),
    [
        ("dead_missing", 300, "", 1), ("dead_missing", 299, "", 2), ("dead_missing", 50, "", 2),
        ("dead_missing", 49, "", 3), ("dead_missing", 10, "", 3), ("dead_missing", 9, "", 4), ("dead_missing", 0, "", None),
        ("magnitude", 7.0, "populous", 1), ("magnitude", 6.9, "populous", 2), ("magnitude", 6.0, "populous", 2),
        ("magnitude", 5.9, "populous", 3), ("magnitude", 5.0, "populous", 3), ("magnitude", 4.9, "populous", 4),
        ("magnitude", 4.0, "populous", 4), ("magnitude", 3.9, "populous", None),
        ("magnitude", 6.0, "dense", 1), ("magnitude", 5.9, "dense", 2), ("magnitude", 5.0, "dense", 2),
        ("magnitude", 4.9, "dense", 3), ("magnitude", 4.0, "dense", 3), ("magnitude", 3.9, "dense", 4),
        ("magnitude", 2.9, "dense", None), ("magnitude", 6.5, "", None),
    ],
)  # fmt: skip
def test_earthquake_bounds(metric: str, value: float, density: str, wanted: int | None) -> None:
    assert level("ZZ-QUAKE", fact(metric, value, hazard="11C00", density=density)) == wanted


@pytest.mark.parametrize(
    ("deaths", "hurt", "loss", "wanted"),
    [(3, 0, 0, 3), (2, 10, 0, 3), (0, 0, 1000, 3), (9, 49, 4999, 3), (10, 0, 0, 2), (29, 99, 9999, 2), (1, 100, 0, 1),
     (0, 0, 10000, 1), (2, 9, 999, 4), (0, 0, 0, None)],
)  # fmt: skip
@pytest.mark.parametrize(("code", "hazard"), [("ZZ-HAZCHEM", "12D00"), ("ZZ-WORK", "12A00"), ("ZZ-MINE", "12B00")])
def test_accident_levels_follow_the_grading_oracle(
    code: str, hazard: str, deaths: int, hurt: int, loss: int, wanted: int | None
) -> None:
    facts = [fact("deaths", deaths, hazard=hazard), fact("seriously_injured", hurt, hazard=hazard)]
    assert level(code, *facts, fact("loss_wan", loss, hazard=hazard)) == wanted


def test_one_accident_is_answered_by_one_accident_plan() -> None:
    for hazard in ("12A00", "12B00", "12C00", "12D00", "12F00", "12G00", "12H00", "12J00", "12L00", "12N00", "12Q00"):
        answering = [code for code in PLANS if level(code, fact("deaths", 12, hazard=hazard))]
        assert len(answering) == 1, (hazard, answering)


def test_a_class_code_meets_only_what_is_proper_to_the_plan() -> None:
    assert level("ZZ-GAS", fact("gas_users_out", 6000, hazard="12P00")) == 3
    assert level("ZZ-GAS", fact("deaths", 12, hazard="12P00")) is None
    assert level("ZZ-GAS", fact("deaths", 12, hazard="12P03")) == 2
    assert level("ZZ-GAS", fact("gas_users_out", 6000, hazard="12P04")) is None


def test_an_all_of_group_needs_all_of_it_in_one_event() -> None:
    long, many = fact("hours", 48, hazard="12N00"), fact("stranded", 100, hazard="12N00")
    assert level("ZZ-EQUIP", many) is None
    assert level("ZZ-EQUIP", long, many) == 1
    assert level("ZZ-EQUIP", long, many._replace(value=99)) == 4  # 客运索道、游乐设施滞留不足100人
    assert level("ZZ-EQUIP", long, many._replace(incident="e2")) is None


def test_each_event_has_its_own_verdict() -> None:
    facts = [fact("deaths", 12, hazard="12D00"), fact("deaths", 3, hazard="12D00", incident="e2")]
    found = verdicts(PLANS["ZZ-HAZCHEM"], facts)
    assert {event: verdict.level for event, verdict in found.items()} == {"e1": 2, "e2": 3}
    assert all(verdict.incident == event for event, verdict in found.items())


def test_the_neighbours_response_lowers_the_relief_threshold() -> None:
    count = fact("dead_missing", 24, incident="", hazard="11A00")
    province = fact("upper_level", 1, incident="", plan="HN-RELIEF")
    assert level("ZZ-RELIEF", count) == 2
    assert level("ZZ-RELIEF", count, province) == 1
    assert level("ZZ-RELIEF", count, province._replace(value=2)) == 2


@pytest.mark.parametrize(("colour", "wanted"), [("blue", 4), ("yellow", 3), ("orange", 2), ("red", 1)])
def test_warnings_reach_only_the_plan_of_their_hazard(colour: str, wanted: int) -> None:
    told = {"11D00": "ZZ-GEO", "11B04": "ZZ-COLD", "11B06": "ZZ-WEATHER", "11A07": "ZZ-DROUGHT", "11B19": "ZZ-AIR"}
    for hazard, code in told.items():
        warned = Fact(
            "warning", "warning:1", ("4101",), AT, Words("预警", "a warning"), colour, metric="warning", hazard=hazard
        )
        assert {other: v.level for other, plan in PLANS.items() if (v := evaluate(plan, [warned]))} == {code: wanted}


def test_a_rain_warning_touches_the_flood_plan_alone() -> None:
    metrics = ("warning", "rain_colour")
    assert [code for code, plan in PLANS.items() if touched(plan, metrics, "11B03")] == ["ZZ-FLOOD"]
    assert [code for code, plan in PLANS.items() if touched(plan, ("rain_colour", "reservoir_over_limit"))] == [
        "ZZ-FLOOD"
    ]
    assert touched(PLANS["ZZ-RELIEF"], ("dead_missing",), "11A06")
    assert not touched(PLANS["ZZ-QUAKE"], (), "12D00")


def test_an_explanation_says_condition_and_citation_in_both_languages() -> None:
    verdict = evaluate(PLANS["ZZ-HAZCHEM"], [fact("deaths", 12, hazard="12D00")])
    assert verdict is not None
    assert verdict.explanation["condition"] == {
        "zh": "死亡10人以上、不足30人",
        "en": "dead: at least 10, below 30 people",
    }
    assert "国务院令第493号" in verdict.explanation["citation"]["zh"]  # type: ignore[index]
    assert "Decree 493" in verdict.explanation["citation"]["en"]  # type: ignore[index]
    assert "默认值" not in str(verdict.explanation["zh"])


# --- vocabulary -------------------------------------------------------------------------------------------------


def test_every_condition_can_be_said() -> None:
    for plan in PLANS.values():
        for condition in conditions(plan):
            said = condition_words(condition)
            assert (
                said.zh.startswith(("人口", METRICS[condition.metric].name.zh[:2]))
                or condition.colour
                or condition.plan
            )
            assert said.en.isascii()
    both = Condition("magnitude", at_least=6, density="dense", also=(Condition("hours", below=3),))
    assert condition_words(both) == Words("人口密集地区震级6级以上，且持续时间不足3小时",
                                          "magnitude: at least 6 in a densely populated area, and lasting: below 3 hours")  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "code", "held"),
    [("11B00", "11B03", True), ("11B03", "11B00", False), ("12000", "12D00", True), ("12D00", "12E00", False),
     ("11B03", "11B03", True), ("11000", "12D00", False)],
)  # fmt: skip
def test_codes_cover(pattern: str, code: str, held: bool) -> None:
    assert covers(pattern, code) is held


def test_citations_run_statute_by_statute() -> None:
    said = law_text(("SG.3", "YJ.18(2)", "SG.14", "D.QUAKE12", "67(6)"))
    assert said.zh == (
        "《生产安全事故报告和调查处理条例》（国务院令第493号）第三条、第十四条（待核）；《生产安全事故应急条例》（国务院令第708号）第十八条第二项（待核）；"
        "《国家地震应急预案》（2012年修订）；《中华人民共和国突发事件应对法》（2024年修订）第六十七条第六项"
    )
    assert said.en.endswith("Emergency Response Law of the PRC (2024), art. 67(6)")
    assert "art. 3, 14 (to be confirmed); " in said.en
    assert law_text(("D.GEO06",)) == Words(
        "《国家突发地质灾害应急预案》（2006年）（待核）", "National Geological Disaster Plan (2006) (to be confirmed)"
    )
    assert not any(law_known(item) for item in ("YJ.18(9)", "YJ.18", "SG.3(1)", "XX.1", "D.NONE", "SG.x", "D."))


def test_what_is_marked_as_sourced_cites_only_what_was_read() -> None:
    marked = [
        trigger for plan in PLANS.values() for rule in plan.levels for trigger in rule.triggers if trigger.mark == "S"
    ]
    assert marked
    assert [trigger.id for trigger in marked if not all(law_read(item) for item in trigger.law)] == []
    tasks = [task for plan in PLANS.values() for task in plan.tasks() if task.mark == "S"]
    assert [task.code for task in tasks if not all(law_read(item) for item in task.law)] == []
    for statute in (ERL, *STATUTES.values()):
        assert statute.read <= set(statute.articles)


def test_units_have_names() -> None:
    assert unit_name("fire_rescue") == Words("消防救援支队", "Fire and Rescue")
    assert unit_name("health") is not None
    assert unit_name("city_duty") is not None
    assert unit_name("nobody") is None
