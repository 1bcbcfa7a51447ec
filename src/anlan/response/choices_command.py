"""Codes of on-site command with Chinese and English labels."""

from __future__ import annotations

from anlan.response.choices import Choice


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


COMMAND_POST_STATES = _index(Choice("active", "运行中", "Active"), Choice("closed", "已撤销", "Closed"))

TERM_STATES = _index(
    Choice("offered", "移交待接", "Offered, not yet signed"),
    Choice("current", "现任", "In command"),
    Choice("ended", "已移交", "Handed over"),
    Choice("withdrawn", "已收回", "Offer withdrawn"),
)

# The keys of the typed entry form follow this order.
LOG_KINDS = _index(
    Choice("decision", "决策", "Decision"),
    Choice("order", "命令", "Order"),
    Choice("request", "请示请求", "Request"),
    Choice("report", "报告", "Report"),
    Choice("arrival", "到场", "Arrival"),
    Choice("departure", "离场", "Departure"),
    Choice("hazard", "险情", "Hazard"),
    Choice("withdrawal", "撤离", "Withdrawal"),
    Choice("radio", "电台通联", "Radio"),
    Choice("note", "记事", "Note"),
)

LOG_CHANNELS = _index(
    Choice("face", "当面", "Face to face"),
    Choice("radio", "电台", "Radio"),
    Choice("phone", "电话", "Telephone"),
    Choice("satellite", "卫星电话", "Satellite telephone"),
    Choice("video", "视频", "Video"),
    Choice("paper", "书面", "Paper"),
    Choice("system", "系统", "System"),
)

# 突发事件应对法 art. 24, 39: kinds of rescue teams
TEAM_KINDS = _index(
    Choice("fire", "国家综合性消防救援队伍", "National fire and rescue"),
    Choice("professional", "专业应急救援队伍", "Professional team"),
    Choice("enterprise", "企业救援队伍", "Team of an enterprise"),
    Choice("grassroots", "基层应急救援队伍", "Township or village team"),
    Choice("social", "社会应急力量", "Social rescue team"),
    Choice("military", "军队、武警、民兵", "Military or militia"),
    Choice("medical", "医疗救援队伍", "Medical team"),
)

TEAM_DECISIONS = _index(
    Choice("waiting", "待决定", "Waiting for a decision"),
    Choice("accept", "接纳", "Accepted"),
    Choice("hold", "待命", "On hold"),
    Choice("decline", "婉拒", "Declined"),
    Choice("left", "已离场", "Left"),
)

WITHDRAWAL_STATES = _index(
    Choice("open", "撤离中", "Withdrawing"),
    Choice("complete", "全部撤出", "Everybody out"),
    Choice("lifted", "已解除", "Lifted"),
)

NOTICE_STATES = _index(
    Choice("draft", "草稿", "Draft"),
    Choice("released", "已发布", "Released"),
    Choice("withdrawn", "已撤回", "Withdrawn"),
)

RESCUE_PLAN_STATES = _index(
    Choice("draft", "拟订", "Draft"),
    Choice("in_force", "执行中", "In force"),
    Choice("replaced", "已更新", "Replaced"),
)

# Ready words of the radio log: with a group's number, two keys make an entry.
RADIO_WORDS = _index(
    Choice("arrived", "已到位", "In place"),
    Choice("received", "收到", "Received"),
    Choice("started", "开始作业", "Work begun"),
    Choice("done", "任务完成", "Task done"),
    Choice("need_help", "请求支援", "Asks for help"),
    Choice("hazard", "发现险情", "Danger seen"),
    Choice("no_contact", "呼叫未应答", "Called, no answer"),
    Choice("check", "通联正常", "Radio check, all well"),
)
TIERS = _index(
    Choice("0", "国家", "Nation"),
    Choice("2", "省", "Province"),
    Choice("4", "市", "City"),
    Choice("6", "县（区）", "County"),
    Choice("9", "乡镇", "Township"),
)
