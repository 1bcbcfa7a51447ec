"""Codes of the duty desk with Chinese and English label, in one place."""

from __future__ import annotations

from anlan.territory.choices import Choice


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


DUTY_ROLES = _index(
    Choice("leader", "带班领导", "Leader"), Choice("main", "主班", "Main"), Choice("second", "副班", "Second")
)
PATTERNS = _index(
    Choice("day_night", "白班夜班（08:00、20:00交接）", "Day and night (hand-over 08:00 and 20:00)"),
    Choice("full_day", "24小时班（08:00交接）", "24 hours (hand-over 08:00)"),
)
ROSTER_STATES = _index(
    Choice("draft", "草稿", "Draft"),
    Choice("published", "已发布", "Published"),
    Choice("replaced", "已替换", "Replaced"),
)
DAY_KINDS = _index(
    Choice("work", "工作日", "Working day"),
    Choice("weekend", "周末", "Weekend"),
    Choice("holiday", "节假日", "Holiday"),
)
SWAP_STATES = _index(
    Choice("asked", "待批准", "Waiting for approval"),
    Choice("approved", "已批准", "Approved"),
    Choice("refused", "未批准", "Refused"),
    Choice("withdrawn", "已撤回", "Withdrawn"),
)
SWAP_KINDS = _index(Choice("swap", "换班", "Swap"), Choice("stand_in", "替班", "Stand-in"))
CHECK_STATES = _index(
    Choice("planned", "待抽查", "Planned"),
    Choice("asked", "待应答", "Waiting for an answer"),
    Choice("answered", "已应答", "Answered"),
    Choice("missed", "未应答", "Not answered"),
)
CHECK_WAYS = _index(
    Choice("page", "值班页面", "Duty page"),
    Choice("phone", "手机页面", "Telephone page"),
    Choice("keys", "电话按键", "Telephone keys"),
    Choice("text", "短信回复", "Text reply"),
    Choice("desk", "电话核实", "Rung up"),
)
PRESENCE = _index(
    Choice("room", "值班室", "Duty room"),
    Choice("office", "办公区", "Office area"),
    Choice("reachable", "在外，可联系", "Out, within reach"),
)
FAULTS = _index(
    Choice("too_long", "连续值班过长", "Too long in a row"),
    Choice("no_rest", "休息不足", "Too little rest"),
    Choice("double", "同一时间两处值班", "In two places at once"),
)
# Entries of the duty log (值班日志). `open` ones stand until an entry closes them, and a hand-over names them.
LOG_KINDS = _index(
    Choice("note", "记事", "Note"),
    Choice("in", "接收", "Received"),
    Choice("out", "发出", "Sent"),
    Choice("instruction", "领导指示", "Instruction"),
    Choice("fault", "设备故障", "Equipment fault"),
    Choice("done", "办结", "Settled"),
    Choice("correction", "更正", "Correction"),
)
STANDING = ("instruction", "fault")
LOG_WAYS = _index(
    Choice("phone", "电话", "Telephone"),
    Choice("radio", "电台", "Radio"),
    Choice("fax", "传真", "Fax"),
    Choice("paper", "文件", "Paper"),
    Choice("message", "信息", "Message"),
    Choice("face", "当面", "Face to face"),
    Choice("system", "系统", "System"),
)
HANDOVER_STATES = _index(
    Choice("open", "交接中", "Being handed over"),
    Choice("signed", "已交接", "Handed over"),
    Choice("dropped", "已作废", "Dropped"),
)
