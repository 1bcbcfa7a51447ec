"""Codes of papers (文书) with Chinese and English label: kinds with their form, states."""

from __future__ import annotations

from typing import Final

from anlan.response.choices import Choice


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


PAPER_KINDS: Final = _index(
    Choice("duty_flash", "值班快报", "Duty flash"),
    Choice("duty_daily", "值班日报", "Duty daily"),
    Choice("special", "突发事件信息专报", "Special report"),
    Choice("level_start", "启动响应通知", "Notice of a started response"),
    Choice("level_change", "响应变更通知", "Notice of a changed response"),
    Choice("level_end", "响应终止通知", "Notice of an ended response"),
    Choice("order", "应急指令", "Order"),
    Choice("situation", "情况汇总", "Situation summary"),
    Choice("after_action", "总结评估报告", "After-action report"),
    Choice("rollup", "灾情通报", "Disaster bulletin"),
    Choice("public_notice", "公众通报（草稿）", "Public notice (draft)"),
    Choice("manual", "应急响应手册", "Response manual"),
    Choice("cards", "岗位响应卡", "Post cards"),
)
# How each kind is laid out (GB/T 9704-2012 §7 document, §10 letter, order, minutes; bulletins by custom).
FORMS: Final = {
    "duty_flash": "bulletin", "duty_daily": "bulletin", "special": "bulletin", "level_start": "document",
    "level_change": "document", "level_end": "document", "order": "order", "situation": "bulletin",
    "after_action": "document", "rollup": "bulletin", "public_notice": "letter", "manual": "document", "cards": "cards",
}  # fmt: skip
# What a paper of the kind is filled from: an incident, a level, a plan, or a division and its day.
ABOUT: Final = {
    "duty_flash": "incident", "special": "incident", "after_action": "incident", "public_notice": "incident",
    "situation": "division", "rollup": "division", "duty_daily": "division", "level_start": "level",
    "level_change": "level", "level_end": "level", "order": "task", "manual": "plan", "cards": "plan",
}  # fmt: skip

PAPER_STATES: Final = _index(
    Choice("drafted", "已拟稿，待审核", "Drafted, to be checked", "#b45f06"),
    Choice("checked", "已审核，待签发", "Checked, to be signed", "#2a6f97"),
    Choice("signed", "已签发，待印发", "Signed, to be issued", "#2f6b3c"),
    Choice("issued", "已印发", "Issued", "#2f6b3c"),
    Choice("withdrawn", "已撤回", "Withdrawn", "#8c1c3a"),
)
OPEN_STATES: Final = ("drafted", "checked", "signed")
LANGUAGES: Final = ("zh", "en")
