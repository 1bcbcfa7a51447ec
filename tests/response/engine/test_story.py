"""The course of an incident speaks Chinese to Chinese readers: every kind of entry that can be part of it has its sentence."""

from __future__ import annotations

import re

import pytest

import anlan.response.events
from anlan.kernel.journal.event import KINDS
from anlan.response.engine.plan import Words
from anlan.response.engine.story import said

PARTS = ("incident", "intake", "level", "task", "tasks")
OURS = sorted(
    kind
    for kind, event in KINDS.items()
    if event.__module__.startswith(anlan.response.events.__name__)
    and (kind.partition(".")[0] in PARTS or "incident" in event.__struct_fields__)
)
NAMES = {"first": Words("首报", "First report"), "order": Words("指令", "Order")}


@pytest.mark.parametrize("kind", OURS)
def test_each_kind_has_a_chinese_sentence(kind: str) -> None:
    event = KINDS[kind]
    filled: dict[str, object] = {name: FIELDS.get(name, "甲") for name in event.__struct_fields__}
    if not kind.startswith("incident."):
        filled["text"] = "文"
    words = said(kind, filled, names=NAMES, about=event.__doc__ or "")
    assert re.search(r"[\u4e00-\u9fff]", words.zh), words.zh
    assert words.en
    assert "{" not in words.zh + words.en


FIELDS = {
    "level": 2, "due_at": "2021-07-20T10:00:00+08:00", "report_kind": "first", "seq": 3, "on_time": False, "heads": 4, "inside": 9,
    "inward": True, "title": {"zh": "题", "en": "t"}, "text": {"zh": "文", "en": "x"}, "criterion": {"zh": "因", "en": "why"},
    "first_guess": True, "value": 3.0, "previous": 2.0, "opened": True, "word": "", "disputed": False, "number": 2, "of_kind": "order",
}  # fmt: skip


def test_sentences_name_what_counts() -> None:
    def zh(kind: str, **data: object) -> str:
        return said(kind, data, names=NAMES).zh

    late = {"report_kind": "first", "seq": 2, "on_time": False, "reason": "数字核减"}
    assert zh("report.filed", **late) == "报送首报（第2期），迟报：数字核减"
    assert zh("report.owed", report_kind="first", due_at="2021-07-20T02:00:00+00:00") == "须报送首报，07-20 10:00前"
    assert zh("level.undecided", level=1) == "在时限内未决定：Ⅰ级响应"
    assert zh("level.declined", level=0, reason="险情未除") == "不采纳建议：终止响应：险情未除"
    assert zh("order.issued", of_kind="order", number="〔2021〕3号") == "下达指令〔2021〕3号"
