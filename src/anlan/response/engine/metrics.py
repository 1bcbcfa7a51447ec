"""What start conditions may speak of (启动条件的指标): one vocabulary for plans, facts, explanations and editors."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple

from anlan.response.engine.numerals import plain
from anlan.response.engine.plan import Condition, Plan
from anlan.response.engine.text import Words

Kind = Literal["colour", "metres", "warning", "grade", "number", "level", "flag"]


class Metric(NamedTuple):
    """`kind` says what a condition must state: a colour (of rain), metres, hazard and colour, a grade, a number, the
    level of another plan, or nothing (`flag`: somebody reports that it is so)."""

    code: str
    name: Words
    unit: Words
    kind: Kind = "number"


_NONE = Words("", "")
_PEOPLE = Words("人", "people")
_SHARE = Words("%", "%")
_HOURS = Words("小时", "hours")
_USERS = Words("户", "households")


def _index(*metrics: Metric) -> dict[str, Metric]:
    return {metric.code: metric for metric in metrics}


METRICS = _index(
    Metric("rain_colour", Words("暴雨信号或预警", "rain signal or warning"), _NONE, "colour"),
    Metric(
        "reservoir_over_limit", Words("水库超汛限水位", "reservoir above its limit level"), Words("米", "m"), "metres"
    ),
    Metric("warning", Words("预警", "warning"), _NONE, "warning"),
    Metric("grade", Words("事件等级", "grade of the event"), _NONE, "grade"),
    Metric("upper_level", Words("其他预案的响应", "response of another plan"), _NONE, "level"),
    Metric("neighbour_level", Words("相邻地区的响应", "response of a bordering area"), _NONE, "level"),
    Metric("manual", Words("指挥机构认为需要", "the command finds it necessary"), _NONE, "flag"),
    Metric(
        "equipment_blast", Words("锅炉、压力容器或压力管道爆炸", "a boiler, vessel or pipe exploded"), _NONE, "flag"
    ),
    Metric("crane_overturn", Words("起重机械整体倾覆", "a crane overturned"), _NONE, "flag"),
    Metric("water_source_hit", Words("集中式饮用水水源受到影响", "a drinking water source is affected"), _NONE, "flag"),
    Metric("deaths", Words("死亡", "dead"), _PEOPLE),
    Metric("missing", Words("失踪", "missing"), _PEOPLE),
    Metric("dead_missing", Words("死亡和失踪", "dead and missing"), _PEOPLE),
    Metric("injured", Words("受伤", "injured"), _PEOPLE),
    Metric("seriously_injured", Words("重伤（含急性中毒）", "seriously injured (incl. acute poisoning)"), _PEOPLE),
    Metric("poisoned", Words("中毒", "poisoned"), _PEOPLE),
    Metric("trapped", Words("被困或涉险", "trapped or in danger"), _PEOPLE),
    Metric("stranded", Words("滞留", "stranded"), _PEOPLE),
    Metric("loss_wan", Words("直接经济损失", "direct loss"), Words("万元", "ten thousand yuan")),
    Metric("relocated", Words("紧急转移安置", "relocated"), _PEOPLE),
    Metric("evacuated", Words("需疏散转移", "to be evacuated"), _PEOPLE),
    Metric("threatened_people", Words("受威胁", "under threat"), _PEOPLE),
    Metric("need_relief", Words("紧急转移安置和需紧急生活救助", "relocated or needing urgent living relief"), _PEOPLE),
    Metric("houses", Words("倒塌和严重损坏房屋", "rooms collapsed or badly damaged"), Words("间", "rooms")),
    Metric(
        "households", Words("倒塌和严重损坏房屋住户", "households whose homes collapsed or are badly damaged"), _USERS
    ),
    Metric("drought_percent", Words("受旱面积占比", "share of cropland in drought"), _SHARE),
    Metric(
        "drought_relief_percent",
        Words("旱灾需救助人口占农牧业人口", "drought: share of farming people needing relief"),
        _SHARE,
    ),
    Metric("drought_relief_people", Words("旱灾需救助人口", "drought: people needing relief"), _PEOPLE),
    Metric("water_shortage_people", Words("饮水困难", "people short of drinking water"), _PEOPLE),
    Metric("water_shortage_percent", Words("城镇供水缺口", "shortfall of town water"), _SHARE),
    Metric("magnitude", Words("震级", "magnitude"), Words("级", "")),
    Metric("intensity", Words("烈度", "intensity"), Words("度", "")),
    Metric("area_ha", Words("受害森林面积", "forest burnt"), Words("公顷", "ha")),
    Metric("hours", Words("持续时间", "lasting"), _HOURS),
    Metric("power_lost_percent", Words("减供负荷", "load lost"), _SHARE),
    Metric("power_users_percent", Words("停电用户", "customers without power"), _SHARE),
    Metric("gas_users_out", Words("停气用户", "customers without gas"), _USERS),
    Metric("water_users_out", Words("停水用户", "customers without water"), _USERS),
    Metric("heat_users_out", Words("停热用户", "customers without heating"), _USERS),
    Metric("telecom_users_out", Words("通信中断用户", "customers without communications"), _USERS),
    Metric("stations_out_percent", Words("退服基站", "base stations out"), _SHARE),
    Metric("townships_cut_off", Words("全阻乡镇", "townships cut off"), Words("个", "")),
    Metric("aqi", Words("日均AQI", "daily AQI"), _NONE),
    Metric("leak_t", Words("泄漏量", "leaked"), Words("吨", "t")),
    Metric("dose_m", Words("影响半径", "radius affected"), Words("米", "m")),
    Metric("vehicles", Words("涉及车辆", "vehicles involved"), Words("辆", "")),
    Metric("traffic_stop_h", Words("中断交通或运营", "traffic or service stopped"), _HOURS),
    Metric("fire_hours", Words("未得到控制", "out of control"), _HOURS),
    Metric("systems_hit", Words("受影响重要系统", "important systems hit"), Words("个", "")),
    Metric("data_people", Words("泄露个人信息涉及", "people whose data leaked"), _PEOPLE),
)
GRADES = {
    "especially_serious": Words("特别重大", "especially serious"),
    "serious": Words("重大", "serious"),
    "relatively_serious": Words("较大", "relatively serious"),
    "ordinary": Words("一般", "ordinary"),
}
COLOURS = {
    "blue": Words("蓝色", "blue"), "yellow": Words("黄色", "yellow"), "orange": Words("橙色", "orange"),
    "red": Words("红色", "red"),
}  # fmt: skip
DENSITIES = {"dense": Words("人口密集地区", "in a densely populated area"),
             "populous": Words("人口较密集地区", "in a populated area")}  # fmt: skip


def covers(pattern: str, code: str) -> bool:
    """Does an event code of a plan ("11B00", "11B03", "12000") cover another one: itself, its class, its top class?"""
    return code.startswith(pattern.rstrip("0") or pattern) if pattern.endswith("0") else pattern == code


def conditions(plan: Plan) -> tuple[Condition, ...]:
    """Return every condition of a plan's triggers, those of all-of groups too."""
    found: list[Condition] = []
    for rule in plan.levels:
        for trigger in rule.triggers:
            for condition in trigger.any_of:
                found += [condition, *condition.also]
    return tuple(found)


# What any kind of event may have: told apart by the event's code alone, so a code known only by its class isn't enough.
GENERAL = frozenset({
    "grade", "deaths", "missing", "dead_missing", "injured", "seriously_injured", "poisoned", "trapped", "evacuated",
    "threatened_people", "loss_wan", "hours", "manual",
})  # fmt: skip


def speaks_of(plan: Plan, condition: Condition, hazard: str) -> bool:
    """Is a fact about `hazard` one this condition is about? An event known only by its class (12P00) counts for what is
    proper to the plan's own item of it (customers without gas), not for what any event may have (deaths)."""
    patterns = condition.hazards or plan.hazards
    if any(covers(pattern, hazard) for pattern in patterns):
        return not any(covers(pattern, hazard) for pattern in plan.besides)
    return condition.metric not in GENERAL and any(covers(hazard, pattern) for pattern in patterns)


@lru_cache(maxsize=256)
def metrics_of(plan: Plan) -> frozenset[str]:
    """Return the metrics a plan's conditions speak of."""
    return frozenset(condition.metric for condition in conditions(plan))


@lru_cache(maxsize=256)
def hazards_of(plan: Plan) -> frozenset[str]:
    """Return the event codes a plan speaks of: its own, and those its conditions name."""
    return frozenset({*plan.hazards, *(hazard for condition in conditions(plan) for hazard in condition.hazards)})


def touched(plan: Plan, metrics: Collection[str], hazard: str = "") -> bool:
    """Can a fact on one of `metrics` (none named: any), about `hazard` ("" unknown), change what the plan asks for?
    Cheap: no facts are read, and the answer is kept."""
    return _touched(plan, frozenset(metrics), hazard)


@lru_cache(maxsize=4096)
def _touched(plan: Plan, metrics: frozenset[str], hazard: str) -> bool:
    asked = (condition for condition in conditions(plan) if not metrics or condition.metric in metrics)
    return any(not hazard or speaks_of(plan, condition, hazard) for condition in asked)


def condition_words(condition: Condition) -> Words:
    """Say a condition in both languages: 死亡和失踪10人以上、不足30人 / dead and missing: at least 10, below 30."""
    metric = METRICS[condition.metric]
    zh, en = _said(condition, metric)
    if condition.density:
        place = DENSITIES[condition.density]
        zh, en = f"{place.zh}{zh}", f"{en} {place.en}"
    for other in condition.also:
        said = condition_words(other)
        zh, en = f"{zh}，且{said.zh}", f"{en}, and {said.en}"
    return Words(zh, en)


def _said(condition: Condition, metric: Metric) -> tuple[str, str]:
    where_zh = f"{condition.areas}个以上县（市、区）" if condition.areas > 1 else ""
    where_en = f" in {condition.areas} counties or more" if condition.areas > 1 else ""
    if metric.kind in ("colour", "warning"):
        colour = COLOURS[condition.colour or "red"]
        return f"{where_zh}{colour.zh}及以上{metric.name.zh}", f"{metric.name.en}, {colour.en} or graver{where_en}"
    if metric.kind == "grade":
        grade = GRADES[condition.grade or "ordinary"]
        return f"{metric.name.zh}{grade.zh}及以上", f"{metric.name.en}: {grade.en} or graver"
    if metric.kind == "level":
        return (
            f"{condition.plan}启动{condition.level}级及以上响应",
            f"{condition.plan} stands at level {condition.level} or graver",
        )
    if metric.kind == "flag":
        return metric.name.zh, metric.name.en
    least = condition.metres if metric.kind == "metres" else condition.at_least
    zh, en = metric.name.zh, f"{metric.name.en}:"
    if least is not None:
        zh, en = f"{zh}{plain(least)}{metric.unit.zh}以上", f"{en} at least {plain(least)}"
    if condition.below is not None:
        zh = f"{zh}{'、' if least is not None else ''}不足{plain(condition.below)}{metric.unit.zh}"
        en = f"{en}{',' if least is not None else ''} below {plain(condition.below)}"
    return f"{where_zh}{zh}", f"{en} {metric.unit.en}".rstrip() + where_en
