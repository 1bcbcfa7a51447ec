"""A grade's reason in words: which figure met which bound."""

from __future__ import annotations

from typing import Any

from anlan.response.engine.grading import Criterion, Graded, Value
from anlan.response.engine.numerals import grouped, plain
from anlan.response.engine.plan import Words

METRICS: dict[str, tuple[str, str, str, str]] = {  # name zh, en; unit zh, en
    "deaths": ("死亡", "dead", "人", ""),
    "dead_missing": ("死亡（含失踪）", "dead including missing", "人", ""),
    "missing": ("失踪", "missing", "人", ""),
    "seriously_injured": ("重伤", "seriously injured", "人", ""),
    "loss_wan": ("直接经济损失", "direct loss", "万元", "yuan"),
    "loss_gdp_percent": ("损失占全省上年生产总值", "loss as a share of the province's GDP", "%", "%"),
    "loss_class": ("经济损失程度", "economic loss", "", ""),
    "area_ha": ("受害森林面积", "burnt forest", "公顷", "ha"),
    "magnitude": ("震级", "magnitude", "级", ""),
    "relocated": ("紧急疏散", "people moved away", "人", ""),
    "threatened_people": ("涉险", "people in danger", "人", ""),
    "major_hazard": ("重大危险源等级", "class of the major hazard", "级", ""),
}
MONEY = ((100_000, "billion"), (100, "million"))  # in 10,000 yuan, as the law counts; English counts otherwise
WORDS: dict[str, tuple[str, str]] = {
    "severe": ("严重", "severe"),
    "considerable": ("较重", "considerable"),
    "some": ("一定", "some"),
    "dense": ("人口密集地区", "densely peopled"),
    "populous": ("人口较密集地区", "fairly densely peopled"),
}


def bound(one: Criterion) -> Words:
    """Say a criterion: “死亡 10人以上30人以下”, "dead: 10 or more, under 30"."""
    zh, en, unit, unit_en = METRICS[one.metric]
    where = [WORDS.get(value, (value, value)) for value in one.where.values()]
    zh_where = "".join(f"{word[0]}，" for word in where)
    en_where = "".join(f"{word[1]}, " for word in where)
    if one.equals is not None:
        word = WORDS.get(one.equals, (one.equals, one.equals))
        return Words(f"{zh_where}{zh}：{word[0]}{unit}", f"{en_where}{en}: {word[1]}")
    low = f"{plain(one.at_least)}{unit}以上" if one.at_least else ""
    high = f"{plain(one.below)}{unit}以下" if one.below is not None else ""
    parts = [
        f"{_english(one.at_least, unit_en)} or more" if one.at_least else "",
        f"under {_english(one.below, unit_en)}" if one.below else "",
    ]
    return Words(f"{zh_where}{zh}{low}{high}", f"{en_where}{en}: {', '.join(part for part in parts if part)}")


def shown(metric: str, value: Value) -> Words:
    """Say a figure: “死亡3人”, "dead: 3"."""
    zh, en, unit, unit_en = METRICS[metric]
    if isinstance(value, str):
        word = WORDS.get(value, (value, value))
        return Words(f"{zh}：{word[0]}", f"{en}: {word[1]}")
    return Words(f"{zh}{plain(value)}{unit}", f"{en}: {_english(value, unit_en)}")


def _english(value: float, unit: str) -> str:
    """A figure with its unit: “50,000”, “300 ha”, “100 million yuan”."""
    if unit != "yuan":
        return f"{grouped(value)} {unit}" if unit else grouped(value)
    least, word = next((each for each in MONEY if value >= each[0]), (0, ""))
    return f"{grouped(value / least)} {word} yuan" if least else f"{grouped(value * 10_000)} yuan"


def criterion_words(found: Graded) -> dict[str, Any]:
    """Return what a kept grade says of the criterion that decided; {} where none did."""
    one = found.criterion
    if one is None or found.value is None:
        return {}
    rule, known = bound(one), shown(one.metric, found.value)
    return {
        "metric": one.metric, "value": found.value, "at_least": one.at_least, "below": one.below, "equals": one.equals,
        "where": dict(one.where), "zh": f"{known.zh}，达到“{rule.zh}”", "en": f"{known.en} (bound: {rule.en})",
    }  # fmt: skip
