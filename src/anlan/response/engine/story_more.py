"""Sentences of the course for what runs for an incident: reports, orders and tasks, command on site, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from anlan.response.engine.plan import NUMERALS, NUMERALS_EN, Words
from anlan.response.engine.roster import BEIJING

Data = Mapping[str, Any]
Names = Mapping[str, Words]
Teller = Callable[[Data, Names], Words]


def _said(zh: str, en: str, **tails: str) -> Teller:
    """A sentence over the entry's data; a field named in `tails` is added after a colon where it says something."""

    def told(data: Data, names: Names) -> Words:
        values = {key: _word(names, value) for key, value in data.items() if isinstance(value, str | int | float)}
        lines = [form.format_map(_Blank({key: getattr(one, lang) for key, one in values.items()}))
                 for form, lang in ((zh, "zh"), (en, "en"))]  # fmt: skip
        more = [str(data[field]).strip() for field in tails.values() if str(data.get(field) or "").strip()]
        if not more:
            return Words(lines[0], lines[1])
        return Words(f"{lines[0]}：{'，'.join(more)}", f"{lines[1]}: {', '.join(more)}")

    return told


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _word(names: Names, value: str | float) -> Words:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return names.get(text, Words(text, text))


def _moment(text: Any) -> str:
    return datetime.fromisoformat(str(text)).astimezone(BEIJING).strftime("%m-%d %H:%M") if text else ""


def _level(zh: str, en: str, *, field: str = "") -> Teller:
    def told(data: Data, _: Names) -> Words:
        number = data.get("level", 0)
        what = (
            Words(f"{NUMERALS[number]}级响应", f"level {NUMERALS_EN[number]}")
            if number
            else Words("终止响应", "the end")
        )
        why = str(data.get(field) or "").strip() if field else ""
        tail = Words(f"：{why}" if why else "", f": {why}" if why else "")
        return Words(zh.format(what.zh) + tail.zh, en.format(what.en) + tail.en)

    return told


def _owed(zh: str, en: str) -> Teller:
    def told(data: Data, names: Names) -> Words:
        kind = _word(names, str(data.get("report_kind", ""))) if data.get("report_kind") else Words("", "")
        due = _moment(data.get("due_at"))
        until = Words(f"，{due}前" if due else "", f", by {due}" if due else "")
        return Words(zh.format(kind.zh) + until.zh, en.format(kind.en.lower()).replace("  ", " ") + until.en)

    return told


def _filed(data: Data, names: Names) -> Words:
    kind = _word(names, data["report_kind"])
    late = Words("" if data["on_time"] else "，迟报", "" if data["on_time"] else ", late")
    why = f"：{data['reason']}" if data["reason"] else ""
    return Words(f"报送{kind.zh}（第{data['seq']}期）{late.zh}{why}",
                 f"Report sent: {kind.en.lower()}, number {data['seq']}{late.en}{why.replace('：', ': ')}")  # fmt: skip


def _moved(data: Data, _: Names) -> Words:
    way = Words("进入", "went in") if data["inward"] else Words("撤出", "came out")
    return Words(f"{data['name']}{way.zh}{data['heads']}人，现场内{data['inside']}人",
                 f"{data['name']}: {data['heads']} {way.en}, {data['inside']} inside now")  # fmt: skip


MORE: dict[str, Teller] = {
    "report.owed": _owed("须报送{}", "Owed: {}"),
    "report.owed_again": _owed("原应报事项恢复{}", "What was owed is owed again{}"),
    "report.no_more_owed": _said("原应报事项不再需要", "What was owed is owed no more"),
    "report.asked": _said("上级要求核实或续报", "A superior asks to verify or report", a="words"),
    "report.filed": _filed,
    "disaster.opened": _said("开始灾情统计", "Returns are asked for the disaster"),
    "casualty.entered": _said("伤亡登记：{label}", "Entered into the ledger: {label}"),
    "casualty.identified": _said("身份查明：{was} → {label}", "Identified: {was} → {label}"),
    "casualty.corrected": _said("伤亡登记更正", "The ledger was corrected", a="reason"),
    "level.adopted": _level("采纳建议：{}", "Proposal adopted: {}"),
    "level.declined": _level("不采纳建议：{}", "Proposal declined: {}", field="reason"),
    "level.escalated": _level("超时未决定，上报上一级：{}", "Not decided, goes to the next above: {}"),
    "level.undecided": _level("在时限内未决定：{}", "Its time to decide passed: {}"),
    "level.seen": _level("已知悉建议、待决定：{}", "The proposal was seen and waits for its decision: {}"),
    "level.lapsed": _level("建议失效：{}", "The proposal lapsed: {}"),
    "level.superseded": _level("建议被替代：{}", "The proposal gave way: {}"),
    "level.closed": _level("前一级别结束：{}", "The level before came to its end: {}"),
    "level.quiet": _level("启动条件是否仍成立已复核：{}", "Looked at again, do the conditions still hold: {}"),
    "command.level_set": _level("指挥机构级别：{}", "A command body stands at {}"),
    "command.mismatch": _said("关联指挥机构级别不一致", "Linked command bodies stand at different levels"),
    "command.matched": _said("指挥机构级别不一致已消除", "The command bodies agree again", a="reason"),
    "command.set_up": _said("设立现场指挥部", "On-site command post set up", a="place"),
    "command.moved": _said("现场指挥部移位", "The command post moved", a="place"),
    "command.closed": _said("现场指挥部撤销", "The command post was closed", a="reason"),
    "command.linked": _said("现场指挥部隶属关系变更", "The command post's place in the chain changed"),
    "command.group_changed": _said("工作组调整：{group}", "A working group changed: {group}"),
    "command.offered": _said("提出移交指挥权", "Command is offered"),
    "command.taken": _said("{name}接任总指挥", "{name} took command", a="reason"),
    "command.plan_in_force": _said("现场救援方案第{number}版生效", "Rescue plan version {number} is in force"),
    "command.plan_made": _said("拟订现场救援方案第{number}版", "Rescue plan version {number} was written"),
    "command.attended": _said("指挥部恢复有人", "The command post is attended again"),
    "command.crowded": _said("多名领导集中在一处：{site_name}", "Many leaders at one site: {site_name}"),
    "contact.lost": _said("红色雨区失联：{name}", "No sign of life under red rain: {name}"),
    "order.drafted": _said("拟写指令", "An order was drafted"),
    "order.checked": _said("指令已审核", "The order was checked"),
    "order.signed": _said("指令已签发", "The order was signed"),
    "order.edited": _said("指令下达前修改", "The order changed before it went out"),
    "order.returned": _said("指令退回修改", "The order was sent back", a="reason"),
    "order.dropped": _said("指令作废", "The order was dropped", a="reason"),
    "order.issued": _said("下达{of_kind}{number}", "{of_kind} {number} issued"),
    "order.changed": _said("{number}已由后令代替", "{number} gave way to a later order", a="reason"),
    "order.cancelled": _said("撤销{number}", "{number} was called off", a="reason"),
    "order.closed": _said("{number}办结", "{number} is closed", a="reason"),
    "order.through": _said("{number}各承办单位均已办完", "{number}: nothing more is waited for"),
    "order.written": _said("口头指令已补书面", "The verbal order has its written form"),
    "order.written_late": _said("{number}口头指令未按时补书面", "{number}: the written form is late"),
    "task.escalated": _said("{code} 催办并上报上级", "{code} climbed: owner and superior are called"),
    "task.help_asked": _said("{code} 请求支援", "{code}: help is asked for", a="text"),
    "task.help_answered": _said("{code} 支援请求已答复", "{code}: the request was answered", a="text"),
    "task.progressed": _said("{code} 进展", "{code}: progress", a="text"),
    "task.sent_back": _said("{code} 退回重办", "{code} was sent back", a="reason"),
    "task.unverified": _said("{code} 办结未按时核实", "{code}: done, not verified in time"),
    "task.verified": _said("{code} 已核实", "{code} was verified", a="note"),
    "tasks.cancelled": _said("取消任务{count}项", "{count} tasks called off", a="reason"),
    "team.registered": _said("队伍登记：{name}（{people}人）", "Team registered: {name} ({people} people)"),
    "team.decided": _said("{name}：{decision}", "{name}: {decision}", a="reason"),
    "team.moved": _moved,
    "team.left": _said("{name}离场", "{name} left", a="reason"),
    "withdrawal.ordered": _said("撤离命令，现场内{heads}人", "Withdrawal ordered, {heads} people inside", a="reason"),
    "withdrawal.complete": _said("撤离清点完毕", "Everybody is counted out"),
    "withdrawal.overdue": _said("超时未撤出{heads}人", "{heads} people are not out in time"),
    "withdrawal.lifted": _said("解除撤离命令", "People may go in again", a="reason"),
    "saturation.released": _said("发布力量饱和通告", "Notice released: enough teams are here"),
    "saturation.withdrawn": _said("撤回力量饱和通告", "The notice of enough teams holds no longer"),
}
