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
    "signal.opened": ("监测信号开启：{station}，{colour}", "Signal opened: {station}, {colour}"),
    "signal.raised": ("监测信号升级：{station}，{colour}", "Signal raised: {station}, {colour}"),
    "signal.cleared": ("监测信号解除：{station}", "Signal cleared: {station}"),
    "station.silent": ("测站失联：{station}", "Station silent: {station}"),
    "proposal.opened": ("提出{colour}预警建议，等待发布人", "A {colour} warning is proposed; its issuer's clock runs"),
    "proposal.escalated": ("预警建议逾时未决，上报上级", "The warning proposal was not decided in time and climbs"),
    "proposal.declined": ("预警建议未采纳", "The warning proposal was declined"),
    "proposal.lapsed": ("预警建议失效", "The warning proposal lapsed"),
    "warning.issued": ("{colour}预警发布（{number}）", "A {colour} warning is issued ({number})"),
    "warning.updated": ("预警更新（{number}）", "The warning is updated ({number})"),
    "warning.cancelled": ("预警解除（{number}）", "The warning is cancelled ({number})"),
    "calls.placed": ("叫应：第 {step} 轮向 {count} 个岗位发出", "Call-out, step {step}: {count} posts are called"),
    "channel.missing": ("必用渠道未使用：{channel}", "A required channel was not used: {channel}"),
    "level.proposed": (
        "建议启动{level_word}应急响应，等待决策人",
        "Response level {level_word} is proposed; the decider's clock runs",
    ),
    "level.escalated": ("响应建议逾时未决，上报上级", "The level proposal was not decided in time and climbs"),
    "level.undecided": ("决策人未作决定，已记录", "The decider did not decide; this is recorded"),
    "level.adopted": ("响应建议被采纳（{level_word}）", "The level proposal is adopted ({level_word})"),
    "level.declined": ("响应建议未采纳：{reason}", "The level proposal is declined: {reason}"),
    "level.started": ("启动{level_word}应急响应", "Response level {level_word} is started"),
    "level.raised": ("应急响应提升至{level_word}", "Response is raised to level {level_word}"),
    "level.lowered": ("应急响应调整至{level_word}", "Response is lowered to level {level_word}"),
    "level.ended": ("应急响应终止", "The response is ended"),
    "tasks.issued": ("下达任务 {count} 项", "{count} tasks are ordered"),
    "task.overdue": ("任务逾期：{code}", "A task is overdue: {code}"),
    "stopline.crossed": ("{place} 达到停止线：{metric} {value}", "{place} crossed its stop line: {metric} {value}"),
    "stopline.acted": ("{place} 已先行处置并报告", "{place} acted first and reported"),
    "command.unattended": ("指挥部无主", "Nobody is in command at the post"),
    "command.mismatch": ("两个指挥机构级别不一致", "Two command bodies stand at different levels"),
    "contact.lost": ("失去联系：{place}", "Contact is lost: {place}"),
    "report.breach": ("零报告逾期未报", "A 24-hour report is missing"),
    "casualty.entered": ("伤亡登记（身份可不明）", "A casualty is entered (identity may be unknown)"),
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
        return value.get(language) or value.get(LANGUAGES[0]) or MISSING
    if isinstance(value, str) and value in names:
        return names[value].get(language) or names[value].get(LANGUAGES[0]) or value
    if isinstance(value, float):
        return f"{value:g}"
    return value
