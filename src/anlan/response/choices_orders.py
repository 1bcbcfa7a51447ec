"""Codes of orders and of what is done with them, with Chinese and English label, in one place."""

from __future__ import annotations

from typing import Final

from anlan.territory.choices import Choice, indexed

ORDER_KINDS: Final = indexed(
    Choice("order", "指令", "Order"),
    Choice("notice", "通知", "Notice"),
    Choice("request", "协助函", "Request"),
    Choice("instruction", "批示督办", "Instruction"),
)

ORDER_STATES: Final = indexed(
    Choice("drafted", "拟稿，待审核", "Drafted, to be checked"),
    Choice("checked", "已审核，待签发", "Checked, to be signed"),
    Choice("signed", "已签发，待下达", "Signed, to be sent out"),
    Choice("issued", "已下达", "Issued"),
    Choice("verified", "已办结", "Closed"),
    Choice("changed", "已变更", "Changed"),
    Choice("cancelled", "已撤销", "Cancelled"),
    Choice("dropped", "已作废", "Dropped"),
)
# What evidence is counted in, as orders and plans usually ask for it; another word stays as it was written.
COUNTED: Final = {"人": "people", "处": "places", "户": "households", "辆": "vehicles", "台": "sets", "条": "entries",
                  "座": "works", "艘": "boats", "支": "teams", "家": "firms", "米": "m", "公里": "km", "件": "items"}  # fmt: skip


def counted_words(unit: str) -> dict[str, str]:
    """Return the unit of a number asked for as evidence in both languages."""
    return {"zh": unit, "en": COUNTED.get(unit.strip(), unit)}


DRAFTS: Final = ("drafted", "checked", "signed")
OPEN: Final = (*DRAFTS, "issued")

# How far an issued order has come, worked out from its tasks; for the board.
STAGES: Final = indexed(
    Choice("draft", "待签发", "Being written"),
    Choice("issued", "待签收", "To be signed for"),
    Choice("receipted", "办理中", "In progress"),
    Choice("done", "待核实", "To be verified"),
    Choice("closing", "待交办人办结", "To be closed by who gave it"),
    Choice("over", "已结束", "Over"),
)

STEP_ACTS: Final = indexed(
    Choice("draft", "拟稿", "Drafted"),
    Choice("edit", "修改", "Edited"),
    Choice("check", "审核", "Checked"),
    Choice("return", "退回", "Sent back"),
    Choice("sign", "签发", "Signed"),
    Choice("issue", "下达", "Issued"),
    Choice("verbal", "口头下达", "Issued by word of mouth"),
    Choice("write", "补办书面", "Written form made"),
    Choice("write_late", "书面逾期", "Written form late"),
    Choice("change", "变更", "Changed"),
    Choice("cancel", "撤销", "Cancelled"),
    Choice("drop", "作废", "Dropped"),
    Choice("receive", "签收", "Signed for"),
    Choice("progress", "办理情况", "Progress"),
    Choice("help", "请求支援", "Asked for help"),
    Choice("help_over", "支援答复", "Help answered"),
    Choice("done", "反馈办结", "Reported done"),
    Choice("verify", "核实", "Verified"),
    Choice("redo", "退回重办", "Sent back to be done again"),
    Choice("late", "超时", "Overdue"),
    Choice("climb", "逐级催办", "Climbed"),
    Choice("close", "办结", "Closed"),
)

# What a task climbed for, by the state it climbed in.
CLIMBS: Final = indexed(
    Choice("issued", "未签收，催办上级", "Not signed for: the superior is told"),
    Choice("received", "未办结，催办上级", "Not done: the superior is told"),
    Choice("overdue", "超时，催办上级", "Overdue: the superior is told"),
    Choice("done", "超时未核实，报上级", "Not verified in time: the superior is told"),
)

VERBAL_WAYS: Final = indexed(
    Choice("phone", "电话", "Telephone"),
    Choice("radio", "电台", "Radio"),
    Choice("face", "当面", "Face to face"),
)

# What the journal says of one task, for its page.
TASK_KINDS: Final = indexed(
    Choice("task.received", "签收", "Signed for"),
    Choice("task.done", "反馈办结", "Reported done"),
    Choice("task.overdue", "超时", "Overdue"),
    Choice("task.escalated", "逐级催办", "Climbed"),
    Choice("task.verified", "核实", "Verified"),
    Choice("task.sent_back", "退回重办", "Sent back to be done again"),
    Choice("task.unverified", "超时未核实", "Not verified in time"),
    Choice("task.help_asked", "请求支援", "Asked for help"),
    Choice("task.help_answered", "支援答复", "Help answered"),
    Choice("task.progressed", "办理情况", "Progress"),
    Choice("attachment.added", "上传照片", "Photo added"),
    Choice("attachment.kept", "照片存档", "Photo kept for the archive"),
)
