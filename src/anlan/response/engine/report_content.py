"""What a first report says (报告内容), and which items are not there yet. What is missing never delays it: it is sent
with what is known, and the form says what to add (情况不清先报已掌握)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Item(NamedTuple):
    """One item of the content: its field, and its name in both languages."""

    field: str
    zh: str
    en: str


# 生产安全事故报告和调查处理条例（国务院令第493号）第十二条
ACCIDENT = (
    Item("unit", "事故发生单位概况", "The unit concerned"),
    Item("where_when", "时间、地点和现场情况", "Time, place and scene"),
    Item("course", "简要经过", "What happened, in short"),
    Item(
        "casualties",
        "伤亡（含下落不明）人数和初步估计的直接经济损失",
        "Casualties (the missing too) and loss, estimated",
    ),
    Item("measures", "已经采取的措施", "Measures taken"),
    Item("other", "其他应当报告的情况", "Anything else"),
)
# 河南省信息报告要求另列各项
HENAN = (
    *ACCIDENT,
    Item("state", "目前状态", "State now"),
    Item("cause", "起因和性质", "Cause and nature"),
    Item("scope", "影响范围", "Extent"),
    Item("trend", "发展趋势", "Trend"),
    Item("requests", "请求事项和工作建议", "Requests and proposals"),
    Item("commander", "现场指挥负责人姓名、职务、联系方式", "Who commands on the spot: name, post, telephone"),
)
WORKS = (
    Item("works", "工程名称", "Name of the works"),
    Item("part", "出险部位", "Part in danger"),
    Item("danger", "险情种类", "Kind of danger"),
    Item("threat", "威胁对象", "What it threatens"),
    Item("measures", "已经采取的措施", "Measures taken"),
)
LISTS: dict[str, tuple[Item, ...]] = {"accident_first": ACCIDENT, "henan_first": HENAN, "works_first": WORKS}


def items(name: str) -> tuple[Item, ...]:
    """Return the items a rule's content list asks for; none where it names no list."""
    return LISTS.get(name, ())


def missing(name: str, content: Mapping[str, str]) -> tuple[Item, ...]:
    """Return the items not yet told, "anything else" left out: there need be nothing else."""
    return tuple(item for item in items(name) if item.field != "other" and not content.get(item.field, "").strip())
