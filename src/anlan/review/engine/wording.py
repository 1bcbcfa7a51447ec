"""What a journal entry says, in one sentence per language. The page, the print and the findings share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.review.engine.rows import Entry

Names = Mapping[str, Mapping[str, str]]
LANGUAGES = ("zh", "en")
COLOURS = {
    "blue": {"zh": "蓝色", "en": "blue"},
    "yellow": {"zh": "黄色", "en": "yellow"},
    "orange": {"zh": "橙色", "en": "orange"},
    "red": {"zh": "红色", "en": "red"},
}
LEVELS = {
    0: {"zh": "无", "en": "none"},
    1: {"zh": "Ⅰ级", "en": "I"},
    2: {"zh": "Ⅱ级", "en": "II"},
    3: {"zh": "Ⅲ级", "en": "III"},
    4: {"zh": "Ⅳ级", "en": "IV"},
}
MISSING = "—"

# kind → (zh, en). Fields in braces come from the event's data; a field that isn't there shows as a dash.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "signal.opened": ("{name}：{colour}信号开启（{value} {unit}）", "{name}: {colour} signal opened ({value} {unit})"),
    "signal.raised": (
        "{name}：信号升为{colour}（{value} {unit}）",
        "{name}: signal raised to {colour} ({value} {unit})",
    ),
    "signal.cleared": ("{name}：信号解除", "{name}: signal cleared"),
    "incident.contradicted": (
        "关于“{topic}”的说法互相矛盾，已并列保存并派人核实",
        "Statements on “{topic}” contradict each other; both are kept, and somebody is told to verify",
    ),
    "station.silent": ("测站无数据：{name}", "Station silent: {name}"),
    "proposal.opened": (
        "建议{place}发布{colour}预警：{explanation}",
        "{colour} warning proposed for {place}: {explanation}",
    ),
    "proposal.escalated": (
        "预警建议逾时未决，上报 {decider}",
        "The warning proposal was not decided in time; it climbs to {decider}",
    ),
    "proposal.declined": ("预警建议未采纳：{reason}", "The warning proposal was declined: {reason}"),
    "proposal.lapsed": ("预警建议无人决定，失效", "Nobody decided on the warning proposal; it lapsed"),
    "warning.issued": ("{colour}预警发布：{headline}", "Warning issued ({colour}): {headline}"),
    "warning.updated": ("预警 {number} 被更新", "The warning {number} gave way to a later message"),
    "warning.cancelled": ("预警 {number} 解除：{reason}", "The warning {number} is cancelled: {reason}"),
    "warning.expired": ("预警 {number} 到期", "The warning {number} expired"),
    "calls.placed": ("叫应责任人 {count} 名", "{count} holders of duties are called"),
    "channel.missing": (
        "预警 {number} 未使用必用渠道：{channel}",
        "Warning {number} did not use a required channel: {channel}",
    ),
    "level.proposed": (
        "建议启动{level_word}响应：{explanation}",
        "Response level {level_word} is proposed: {explanation}",
    ),
    "level.undecided": (
        "{post} 逾时 {minutes} 分钟未作决定，已记录",
        "{post} has not decided after {minutes} min; this is recorded",
    ),
    "level.escalated": ("响应建议上报：{from_post} → {to_post}", "The level proposal climbs: {from_post} → {to_post}"),
    "level.seen": (
        "{post} 经电话知悉{level_word}响应建议，尚未决定",
        "{post} was rung and has seen the proposal of level {level_word}; it is not decided",
    ),
    "level.adopted": (
        "{post} 采纳{level_word}响应建议（{minutes} 分钟）",
        "{post} adopts level {level_word} (after {minutes} min)",
    ),
    "level.declined": ("{post} 未采纳{level_word}响应建议：{reason}", "{post} declines level {level_word}: {reason}"),
    "level.started": ("启动{level_word}应急响应", "Response level {level_word} is started"),
    "level.raised": ("应急响应提升至{level_word}", "Response is raised to level {level_word}"),
    "level.lowered": ("应急响应调整至{level_word}", "Response is lowered to level {level_word}"),
    "level.ended": ("应急响应终止", "The response is ended"),
    "tasks.issued": ("下达任务 {count} 项：{codes}", "{count} tasks are ordered: {codes}"),
    "task.overdue": ("任务 {code} 逾期：{post}", "Task {code} is overdue: {post}"),
    "task.escalated": ("任务 {code} 上报：{from_post} → {to_post}", "Task {code} climbs: {from_post} → {to_post}"),
    "stopline.crossed": (
        "{place} 到达停止线（{value} {unit}，限 {limit}）",
        "{place} reached its stop-line ({value} {unit}, limit {limit})",
    ),
    "stopline.acted": ("{place} 先处置后报告：{action}", "{place} acted first and reported after: {action}"),
    "command.unattended": (
        "指挥部无主：{leaders} 位领导无人在位（{site}）",
        "Nobody in the command post: all {leaders} leaders are away ({site})",
    ),
    "command.attended": (
        "{post} 到指挥部坐镇，空缺 {minutes} 分钟",
        "{post} is in the command post; it stood empty for {minutes} min",
    ),
    "command.level_set": ("{body} 级别：{level_word}", "{body} stands at level {level_word}"),
    "command.mismatch": (
        "两个指挥机构级别不一致：{lead} 与 {body}",
        "Two command bodies stand at different levels: {lead} and {body}",
    ),
    "command.matched": (
        "{body} 级别不一致已解决，历时 {minutes} 分钟",
        "{body}: the mismatch ended after {minutes} min",
    ),
    "contact.lost": (
        "{name} 失联 {silent_min} 分钟，开启侦察",
        "{name}: no contact for {silent_min} min; reconnaissance is opened",
    ),
    "contact.found": ("{place} 恢复联系，失联 {minutes} 分钟", "{place} is in contact again after {minutes} min"),
    "report.breach": (
        "{place} 二十四小时报告缺报，连续 {in_a_row} 次",
        "{place}: the 24-hour report is missing, {in_a_row} in a row",
    ),
    "casualty.entered": ("{place}：登记伤亡 1 人", "{place}: one casualty is entered"),
    "incident.opened": ("险情：{title}", "Incident: {title}"),
    "drill.fact_noted": ("{actor}：{what}", "{actor}: {what}"),
}


def sentence(entry: Entry, names: Names | None = None) -> dict[str, str]:
    """Return `{"zh", "en"}` for one entry; `names` maps ids and codes found in the data to `{"zh", "en"}` names."""
    forms = dict(zip(LANGUAGES, SENTENCES.get(entry.kind, (entry.kind, entry.kind)), strict=True))
    return {language: forms[language].format_map(_fields(entry, names or {}, language)) for language in LANGUAGES}


class _Fields(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return MISSING


def _fields(entry: Entry, names: Names, language: str) -> _Fields:
    data = _Fields({key: _say(value, names, language) for key, value in entry.data.items() if value not in (None, "")})
    colour = str(entry.data.get("colour") or entry.data.get("level") or "")
    if colour in COLOURS:
        data["colour"] = COLOURS[colour][language]
    level = entry.data.get("level")
    if isinstance(level, int) and level in LEVELS:
        data["level_word"] = LEVELS[level][language]
    data.setdefault("place", _say(entry.division, names, language))
    return data


def _say(value: Any, names: Names, language: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(language) or value.get(LANGUAGES[0]) or " ".join(sorted(value)) or MISSING
    if isinstance(value, str) and value in names:
        return names[value].get(language) or names[value].get(LANGUAGES[0]) or value
    if isinstance(value, float):
        return f"{value:g}"
    return value
