"""Codes of incidents: by which door they came in, what is counted about them, how a grade came to be."""

from __future__ import annotations

from typing import NamedTuple

from anlan.response.engine.metrics import METRICS
from anlan.territory.choices import Choice, name, pairs

__all__ = [
    "CHANGES",
    "DENSITIES",
    "DOORS",
    "EVERY_FIGURE",
    "FIGURES",
    "HOW_GRADED",
    "INTAKE_STATES",
    "LOSSES",
    "OWN_SOURCES",
    "PLAN_FIGURES",
    "Figure",
    "name",
    "pairs",
    "source_words",
]


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


DOORS = _index(
    Choice("phone", "电话接报", "Telephone"),
    Choice("transfer", "110/119/120等转接", "Transfer from 110, 119, 120 …"),
    Choice("public", "群众报告", "The public"),
    Choice("sensor", "监测信号", "Sensors"),
    Choice("warning", "预警", "A warning"),
    Choice("level", "上下级通报", "Another level"),
    Choice("desk", "值班发现", "The desk itself"),
)
OWN_SOURCES = {"失联监测": "Watch over contact"}
"""What the platform itself found, as an incident's source: Chinese → English."""


def source_words(source: str) -> dict[str, str]:
    """Return an incident's source as a page says it: the door and the platform's own names in both languages, what people
    and organisations are called as they are called."""
    door, colon, who = source.partition("：")
    english = next((one.en for one in DOORS.values() if one.zh == door), OWN_SOURCES.get(door, ""))
    return {"zh": source, "en": f"{english}: {who}" if english and colon else english or source}


INTAKE_STATES = _index(
    Choice("new", "待处理", "To be decided"),
    Choice("opened", "已立为事件", "Opened an incident"),
    Choice("joined", "已并入事件", "Joined an incident"),
    Choice("dismissed", "不立（有理由）", "Dismissed with a reason"),
)
HOW_GRADED = _index(
    Choice("computed", "按表自动分级", "Computed by the table"),
    Choice("confirmed", "已确认", "Confirmed"),
    Choice("set", "人工定级（有理由）", "Set by a person with a reason"),
    Choice("kept", "维持确认的等级", "The confirmed grade stands"),
)
CHANGES = _index(Choice("merge", "并入", "Merged"), Choice("split", "拆分", "Split"))

DENSITIES = _index(
    Choice("populous", "人口较密集地区", "Fairly densely peopled"), Choice("dense", "人口密集地区", "Densely peopled")
)
LOSSES = _index(
    Choice("some", "一定经济损失", "Some economic loss"),
    Choice("considerable", "较重经济损失", "Considerable economic loss"),
    Choice("severe", "严重经济损失", "Severe economic loss"),
)
HAZARD_CLASSES = _index(
    *(Choice(str(n), f"{zh}级重大危险源", f"Major hazard of class {n}") for n, zh in enumerate("一二三四", 1))
)


class Figure(NamedTuple):
    """A metric: names, unit {zh, en}, the words it may hold (none: a number), whether it only rises without a reason."""

    zh: str
    en: str
    unit_zh: str = "人"
    unit_en: str = "people"
    words: dict[str, Choice] | None = None
    rises: bool = True
    whole: bool = True


# What is counted about an incident; the order is that of the forms.
FIGURES: dict[str, Figure] = {
    "deaths": Figure("死亡", "Dead"),
    "missing": Figure("失踪（下落不明）", "Missing"),
    "injured": Figure("受伤", "Injured"),
    "seriously_injured": Figure("其中重伤（含急性中毒）", "Of them seriously, acute poisoning included"),
    "trapped": Figure("被困", "Trapped"),
    "threatened_people": Figure("受威胁（涉险）", "In danger"),
    "relocated": Figure("紧急疏散转移", "Moved away"),
    "affected": Figure("受灾", "Affected"),
    "loss_wan": Figure("直接经济损失", "Direct loss", "万元", "10,000 yuan", whole=False),
    "gdp_wan": Figure("所在省上年地区生产总值", "Last year's GDP of the province", "万元", "10,000 yuan", rises=False, whole=False),
    "area_ha": Figure("受害森林面积", "Burnt forest", "公顷", "ha", whole=False),
    "magnitude": Figure("震级", "Magnitude", "", "", rises=False, whole=False),
    "density": Figure("震中人口密度", "How densely people live there", "", "", DENSITIES, rises=False),
    "loss_class": Figure("经济损失程度", "How great the economic loss is", "", "", LOSSES, rises=False),
    "major_hazard": Figure("重大危险源等级", "Class of the major hazard", "", "", HAZARD_CLASSES, rises=False),
}  # fmt: skip

# What else the plans' start conditions count (启动条件的指标), beside what every form asks for.
PLAN_FIGURES: dict[str, Figure] = {
    metric.code: Figure(metric.name.zh, metric.name.en, metric.unit.zh, metric.unit.en, rises=False, whole=False)
    for metric in METRICS.values()
    if metric.kind in ("number", "flag") and metric.code not in FIGURES
}
EVERY_FIGURE: dict[str, Figure] = {**FIGURES, **PLAN_FIGURES}
