"""Codes of this stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from anlan.territory.choices import Choice, name, pairs

__all__ = ["Choice", "name", "pairs"]


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


TRACKS = _index(Choice("main", "安澜", "As Anlan proposes"), Choice("history", "史实", "As it happened"))

PROPOSAL_ACTIONS = _index(
    Choice("start", "启动", "Start"),
    Choice("raise", "提升", "Raise"),
    Choice("lower", "降低", "Lower"),
    Choice("end", "终止", "End"),
)

PROPOSAL_STATES = _index(
    Choice("open", "待决定", "Waiting for a decision"),
    Choice("adopted", "已采纳", "Adopted"),
    Choice("declined", "未采纳", "Declined"),
    Choice("superseded", "被更高建议取代", "Superseded"),
    Choice("lapsed", "失效", "Lapsed"),
)

TASK_STATES = _index(
    Choice("issued", "已下达", "Issued"),
    Choice("received", "已签收", "Received"),
    Choice("done", "已办结", "Done"),
    Choice("verified", "已核实", "Verified"),
    Choice("overdue", "超时", "Overdue"),
    Choice("cancelled", "已撤销", "Cancelled"),
)

STOPLINE_STATES = _index(
    Choice("watching", "监视中", "Watching"),
    Choice("crossed", "已越线", "Crossed"),
    Choice("acted", "已处置", "Acted"),
)

MISMATCH_STATES = _index(
    Choice("open", "级别不一致", "Levels differ"),
    Choice("adopted", "已跟进", "Adopted"),
    Choice("refused", "不跟进（有理由）", "Refused with a reason"),
)

INCIDENT_STATES = _index(
    Choice("open", "处置中", "Open"),
    Choice("merged", "已并入", "Merged"),
    Choice("closed", "已结束", "Closed"),
)

# Event grades (事件分级): never a warning colour, never a response level. Gravest first.
GRADES = _index(
    Choice("especially_serious", "特别重大", "Especially serious"),
    Choice("serious", "重大", "Serious"),
    Choice("relatively_serious", "较大", "Relatively serious"),
    Choice("ordinary", "一般", "Ordinary"),
)

INCIDENT_KINDS = _index(
    Choice("explosion", "爆炸", "Explosion"),
    Choice("road_flooded", "道路积水", "Road flooded"),
    Choice("piping", "大坝管涌", "Piping at a dam"),
    Choice("dam_breach", "溃坝", "Dam breach"),
    Choice("tunnel_blocked", "隧道拥堵", "Tunnel blocked"),
    Choice("tunnel_flooded", "隧道淹没", "Tunnel flooded"),
    Choice("metro_flooded", "地铁进水", "Metro flooded"),
    Choice("flash_flood", "山洪", "Flash flood"),
    Choice("landslide", "滑坡", "Landslide"),
    Choice("trapped", "人员被困", "People trapped"),
    Choice("contact_lost", "失联", "Contact lost"),
    Choice("command_unattended", "指挥部无主", "Command post unattended"),
    Choice("other", "其他", "Other"),
)

CLAIM_STATES = _index(
    Choice("unverified", "未核实", "Unverified"),
    Choice("confirmed", "属实", "Confirmed"),
    Choice("refuted", "不属实", "Refuted"),
)

CONFIDENCES = _index(
    Choice("low", "低", "Low"),
    Choice("medium", "中", "Medium"),
    Choice("high", "高", "High"),
)

CASUALTY_KINDS = _index(
    Choice("dead", "死亡", "Dead"), Choice("missing", "失踪", "Missing"), Choice("injured", "受伤", "Injured")
)

CASUALTY_STATES = _index(
    Choice("entered", "已录入", "Entered"),
    Choice("identified", "已确认身份", "Identified"),
    Choice("merged", "已并入", "Merged"),
    Choice("withdrawn", "已撤回", "Withdrawn"),
)

# 突发事件应急预案管理办法（国办发〔2024〕5号）
PLAN_KINDS = _index(
    Choice("overall", "总体预案", "Overall plan"),
    Choice("special", "专项预案", "Special plan"),
    Choice("department", "部门预案", "Department plan"),
    Choice("unit", "单位和基层预案", "Plan of a unit"),
    Choice("catastrophe", "巨灾预案", "Catastrophe plan"),
    Choice("joint", "联合预案", "Joint plan"),
    Choice("handbook", "应急工作手册", "Handbook"),
)
PLAN_STATES = _index(
    Choice("draft", "编制中", "Draft"),
    Choice("in_force", "在用", "In force"),
    Choice("withdrawn", "废止", "Withdrawn"),
)
