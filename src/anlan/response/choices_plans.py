"""Codes of keeping plans, with Chinese and English label."""

from __future__ import annotations

from anlan.territory.choices import Choice, indexed

DRAFT_STATES = indexed(
    Choice("writing", "起草中", "Being written"),
    Choice("circulated", "会签中", "Sent round"),
    Choice("in_use", "已印发", "In use"),
    Choice("dropped", "已放弃", "Dropped"),
)
COSIGN_STATES = indexed(
    Choice("waiting", "待会签", "Waiting"),
    Choice("agreed", "同意", "Agreed"),
    Choice("objected", "有意见", "Objects"),
    Choice("answered", "意见已处理", "Objection answered"),
    Choice("void", "稿件已改，须重签", "Draft changed, sign again"),
)
RECORD_KINDS = indexed(
    Choice("review", "评估", "Review"),
    Choice("drill", "演练", "Drill"),
    Choice("filing", "备案", "Filed"),
)
# 生产安全事故应急条例 (令708) art. 6 names the six; an upper plan's new version is the sixth spelled out.
MARK_CAUSES = indexed(
    Choice("law", "法律法规规章标准变化", "Law or standard changed"),
    Choice("command", "指挥机构及职责调整", "Command or duties changed"),
    Choice("risk", "面临的风险变化", "Risk changed"),
    Choice("resource", "重要应急资源变化", "Key resources changed"),
    Choice("lesson", "演练或救援中发现问题", "Found in a drill or rescue"),
    Choice("upper", "上位预案修订", "Upper plan revised"),
    Choice("other", "其他", "Other"),
)
